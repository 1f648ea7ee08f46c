"""The short cut is only that: whatever is asked, the answer is the one the framework gives."""

import json

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.callers import list_routes
from tests.handlers.web.doors import event
from tests.talk import Talk
from tests.world import VILLAGE, World

EVENT = "/chat/events"
LONG = b"x" * 70_000
Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
# Requests without a session, of which none changes anything.
ASKED: tuple[tuple[str, str, bytes, dict[str, str]], ...] = (
    ("POST", EVENT, b"{}", {}),
    ("POST", EVENT, b"{}", {"Content-Type": "application/json"}),
    ("POST", EVENT, b"{}", {"Sec-Fetch-Site": "cross-site"}),
    ("POST", EVENT, b"{}", {"Origin": "https://elsewhere.example", "Accept-Language": "en"}),
    ("POST", "/chat/sessions", b"no json", {"Content-Type": "application/json"}),
    ("POST", "/chat/sessions", b"{}", {"Content-Type": "text/plain", "Accept-Language": "en"}),
    ("POST", "/chat/sessions", LONG, {"Content-Type": "application/json"}),
    ("POST", "/chat/sessions", b'{"resume":"x.y"}', {"Content-Type": "application/json"}),
    ("POST", "/chat/sessions", b'{"other":1}', {"Content-Type": "application/json"}),
    ("POST", "/officer/chat/sessions", b"{}", {"Content-Type": "application/json"}),
    ("GET", "/chat/screens", b"", {}),
    ("GET", "/officer/chat/screens?after=1.0", b"", {"Accept-Language": "en"}),
    ("GET", EVENT, b"", {}),
    ("PUT", EVENT, b"", {}),
    ("HEAD", "/chat/screens", b"", {}),
    ("POST", "/chat/screens", b"{}", {}),
    ("POST", EVENT + "/", b"{}", {}),
    ("POST", "/Chat/events", b"{}", {}),
)


def _without_short_cut(app: FastAPI) -> ASGIApp:
    """Return the same application, every middleware but the short cut around it."""
    whole = app.user_middleware
    left = [one for one in whole if "ShortCut" not in repr(one)]
    assert len(left) == len(whole) - 1
    app.user_middleware = left
    plain = app.build_middleware_stack()
    app.user_middleware = whole

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = app
        await plain(scope, receive, send)

    return called


async def _asked(app: ASGIApp, asked: tuple[str, str, bytes, dict[str, str]]) -> Answer:
    method, path, content, headers = asked
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.request(method, path, content=content, headers=headers)
        return answer.status_code, answer.headers.raw, answer.content


async def test_an_answer_is_the_same_to_the_byte_by_the_short_cut(world: World) -> None:
    app = world.program.app
    plain = _without_short_cut(app)
    by_short_cut = [await _asked(app, asked) for asked in ASKED]
    assert by_short_cut == [await _asked(plain, asked) for asked in ASKED]


async def test_a_message_sent_again_is_answered_alike_on_both_ways(world: World) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        cookie = f"khaihoc={talk.client.cookies['khaihoc']}"
    said = json.dumps(event(text="menu")).encode()
    sent = ("POST", EVENT, said, {"Content-Type": "application/json", "Cookie": cookie})
    answer = await _asked(world.program.app, sent)
    assert answer[0] == 200
    assert await _asked(_without_short_cut(world.program.app), sent) == answer


async def test_the_busy_routes_name_who_may_call_them(world: World) -> None:
    direct = {
        (route.path, *sorted(route.methods)): set(route.may_call)
        for route in list_routes(world.program.app.routes)
        if route.path.rpartition("/")[2] in ("sessions", "events", "screens")
        and "/chat/" in route.path
    }
    assert direct == {
        ("/chat/sessions", "POST"): {"anyone"},
        ("/chat/events", "POST"): {"citizen"},
        ("/chat/screens", "GET", "HEAD"): {"citizen"},
        ("/officer/chat/sessions", "POST"): {"officer"},
        ("/officer/chat/events", "POST"): {"officer"},
        ("/officer/chat/screens", "GET", "HEAD"): {"officer"},
    }
