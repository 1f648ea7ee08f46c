"""Bad requests at every route of the chat: a clear refusal, nothing lost, never a 5xx."""

import asyncio
import json
from collections.abc import AsyncIterator
from hashlib import sha256
from itertools import product
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from tests.handlers.web.doors import Door, anonymous, event, judge
from tests.talk import Talk
from tests.world import START, VILLAGE, World

NOT_JSON = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b"NaN",
    b"[" * 60_000,
    b'{"a":' * 10_000,
    b"\xff\xfe{\x00}\x00",
    b'{"text":"\xff"}',
    b'{"text":"\xed\xa0\x80"}',
    b'{"te\xed\xa0\x80":1}',
    b'{"te\\ud800":1}',
    b'{"text":"\\ud800"}',
    b'{"event_id":NaN}',
    b'{"event_id":"%s","text":Infinity}' % str(uuid4()).encode(),
)
WRONG_EVENTS: tuple[tuple[dict[str, object], str], ...] = (
    ({"event_id": 1, "text": "a"}, "event_id"),
    ({"event_id": "x", "text": "a"}, "event_id"),
    ({"text": "a"}, "body"),
    (event(text=1), "text"),
    (event(text=["a"]), "text"),
    (event(text="a", screen=1), "screen"),
    (event(text="a", admin=True), "body"),
    (event(text="a") | {"x" * 60_000: 1}, "body"),
    (event(), "text"),
    (event(text="a", choice="b"), "text"),
    (event(choice="start"), "screen"),
    (event(choice="start", screen="1" * 201), "screen"),
    (event(choice="s" * 201, screen="1"), "choice"),
    (event(text="a" * 10_001), "text"),
)
CURSORS = (
    "9" * 19 + ".0",
    "-1.0",
    "0.-1",
    "1e3.0",
    "９.１",
    "0",
    "a.b",
    "1.2.3",
    "1" * 5000 + ".0",
)
TRICKS = ("%00", "..%2f..%2fetc", "%2e%2e", "%ff", "a%0d%0ab", "%F0%9F%98%80", "9" * 5000)


@pytest.fixture
async def door(world: World) -> AsyncIterator[Door]:
    """A citizen's browser at the first question."""
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        yield Door(world, talk)


@pytest.mark.parametrize("route", ["sessions", "events"])
@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
async def test_what_is_no_json_object_is_refused(door: Door, route: str, body: bytes) -> None:
    answer = await door.post(route, body)
    assert answer.status_code == (200 if (route, body) == ("sessions", b"") else 422)


async def test_a_wrong_event_is_refused_naming_the_field(door: Door) -> None:
    for body, field in WRONG_EVENTS:
        answer = await door.post("events", body)
        assert answer.status_code == 422
        assert [e["field"] for e in answer.json()["errors"]] == [field], body


async def test_wishes_that_make_no_sense_open_the_chat_or_are_refused(door: Door) -> None:
    for wish, status in (
        ({"locale": "xx"}, 200),
        ({"place": "\x00" * 9}, 200),
        ({"place": "x" * 60_000}, 200),
        ({"resume": ""}, 200),
        ({"resume": "forged"}, 404),
        ({"resume": "a.b" * 9000}, 404),
        ({"resume": "\udcff"}, 422),
        ({"locale": 1}, 422),
        ({"unknown": 1}, 422),
    ):
        assert (await door.post("sessions", wish)).status_code == status, wish


async def test_a_body_too_large_is_refused_whether_it_says_so_or_not(door: Door) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(80):
            yield b" " * 1024

    for route in ("sessions", "events"):
        assert (await door.post(route, b" " * 70_000)).status_code == 413
        assert (await door.post(route, content=drip())).status_code == 413
        lie = {"Content-Length": "10"}
        assert (await door.post(route, content=drip(), headers=lie)).status_code == 413


async def test_another_content_type_is_refused(door: Door) -> None:
    for route in ("sessions", "events"):
        for kind in ("", "text/plain", "multipart/form-data", "application/xml"):
            answer = await door.post(route, event(text="a"), headers={"Content-Type": kind})
            assert answer.status_code == 415
    for kind in ("", "application/json", "application/x-www-form-urlencoded"):
        assert (await door.form(b"{}", kind)).status_code == 415


async def test_without_a_valid_cookie_nothing_is_taken(world: World, door: Door) -> None:
    good = door.client.cookies["khaihoc"]
    forged = (None, "", "x", "a.b.c", good[:-1], good.upper(), f"x{good}", "a" * 6000, '"";;=')
    for cookie in forged:
        client = anonymous(world)
        if cookie:
            client.headers["Cookie"] = f"khaihoc={cookie}"
        for route in ("events", "photos"):
            answer = judge(await client.post(f"/chat/{route}", json=event(text="a")))
            assert answer.status_code == 401
        assert judge(await client.get("/chat/screens")).status_code == 401
        assert judge(await client.get("/chat/evidence/x")).status_code == 401
        await client.aclose()


async def test_an_expired_cookie_is_no_cookie(world: World) -> None:
    async with Talk(world, "/officer/chat") as officer:
        await officer.enter(await world.officer_link())
        stale = _signed_long_ago(world, officer.client.cookies["khaihoc_officer"])
        client = anonymous(world)
        client.headers["Cookie"] = f"khaihoc_officer={stale}"
        answer = judge(await client.post("/officer/chat/events", json=event(text="a")))
        assert answer.status_code == 401
        await client.aclose()


class _NineHoursAgo(TimestampSigner):
    def get_timestamp(self) -> int:
        return int(START.timestamp()) - 9 * 3600


def _signed_long_ago(world: World, cookie: str) -> str:
    key = world.program.parts.secret("web-session")
    signer = _NineHoursAgo(key, salt="cookie.officer", digest_method=sha256)
    return signer.sign(cookie.partition(".")[0]).decode()


async def test_a_citizens_cookie_opens_no_officers_chat_and_the_other_way_round(
    world: World, door: Door
) -> None:
    async with Talk(world, "/officer/chat") as officer:
        await officer.enter(await world.officer_link())
        pairs = (
            ("/officer/chat", f"khaihoc_officer={door.client.cookies['khaihoc']}"),
            ("/chat", f"khaihoc={officer.client.cookies['khaihoc_officer']}"),
        )
    for base, cookie in pairs:
        client = anonymous(world)
        client.headers["Cookie"] = cookie
        answer = judge(await client.post(f"{base}/events", json=event(text="mo 2m")))
        assert answer.status_code == 401
        await client.aclose()


async def test_what_another_sites_page_sends_is_refused(world: World, door: Door) -> None:
    foreign = (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://test"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://test.evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
    )
    link = await world.officer_link()
    for headers in foreign:
        for route in ("sessions", "events"):
            answer = await door.post(route, event(text="a"), headers=headers)
            assert answer.status_code == 403
        assert judge(await door.client.post(link, headers=headers)).status_code == 403
    ours: tuple[dict[str, str], ...] = (
        {"Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://test"},
        {},
    )
    for headers in ours:
        assert (await door.post("events", event(text="a"), headers=headers)).status_code == 200
    assert (await door.client.post(link, headers=ours[0])).status_code == 303


async def test_an_event_id_of_another_session_is_that_persons_own_event(world: World) -> None:
    async with Talk(world) as first, Talk(world) as second:
        await first.open(place=VILLAGE)
        await second.open(place=VILLAGE)
        same = event(text="bat dau")
        answers = [await Door(world, talk).post("events", same) for talk in (first, second, first)]
    assert answers[0].json()["screens"] == answers[2].json()["screens"]
    assert [a.json()["screens"][0]["id"] for a in answers] == ["2", "2", "2"]
    async with world.program.parts.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE said = 'bat dau'")
        assert rows.scalar_one() == 2


async def test_the_same_event_twice_at_once_is_one_event(door: Door) -> None:
    same = event(choice="start", screen="1")
    answers = await asyncio.gather(*(door.post("events", same) for _ in range(5)))
    assert len({json.dumps(a.json()["screens"]) for a in answers}) == 1


async def test_choices_of_no_or_another_screen_ask_the_present_question(
    world: World, door: Door
) -> None:
    sent = product(
        ("start", "agree", "9", "' OR 1=1", "\x00", "name0"), ("1", "0", "r1-0", "9" * 30)
    )
    for choice, screen in sent:
        world.clock.forward(seconds=1)
        answer = await door.post("events", event(choice=choice, screen=screen))
        assert answer.status_code == 200
        assert answer.json()["screens"][-1]["choices"] or answer.json()["screens"][-1]["note"]


async def test_a_cursor_that_is_none_is_refused(door: Door) -> None:
    for cursor in CURSORS:
        answer = await door.client.get("/chat/screens", params={"after": cursor})
        assert judge(answer).status_code == 422


async def test_tricks_in_paths_find_nothing(world: World, door: Door) -> None:
    for trick in TRICKS:
        for path in ("/go/", "/officer/", "/chat/evidence/", "/static/"):
            for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"):
                answer = await door.client.request(method, path + trick)
                assert answer.status_code in (404, 405), (method, path, trick)
                assert b"root:" not in answer.content


async def test_pages_answer_head_and_refuse_other_methods(door: Door) -> None:
    assert (await door.client.head("/")).status_code == 200
    assert (await door.client.head(f"/go/{VILLAGE}")).status_code == 303
    for path in ("/", "/chat/events", "/chat/sessions", "/chat/photos"):
        assert judge(await door.client.put(path)).status_code == 405
        assert judge(await door.client.options(path)).status_code == 405


async def test_looking_at_an_officers_link_never_spends_it(world: World, door: Door) -> None:
    link = await world.officer_link()
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        await door.client.request(method, link)
    assert (await door.client.post(link)).status_code == 303
    assert (await door.client.post(link)).status_code == 410


async def test_problems_speak_the_language_asked_for(door: Door) -> None:
    english = await door.post("events", event(), headers={"Accept-Language": "en-GB,en;q=0.8"})
    vietnamese = await door.post("events", event(), headers={"Accept-Language": "fr, vi"})
    assert english.json()["detail"] != vietnamese.json()["detail"]
    assert english.headers["content-language"] == "en"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
NEARLY_EVENTS = st.fixed_dictionaries(
    {},
    optional={
        "event_id": st.uuids().map(str) | ANY_JSON,
        "screen": st.text(max_size=30) | ANY_JSON,
        "choice": st.text(max_size=30) | ANY_JSON,
        "text": st.text(max_size=300) | ANY_JSON,
    },
)


async def test_no_json_makes_the_server_fail(world: World) -> None:
    loop = asyncio.get_running_loop()
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        door = Door(world, talk)

        @settings(
            max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(ANY_JSON | NEARLY_EVENTS)
        def holds(body: object) -> None:
            async def post_both() -> None:
                world.clock.forward(seconds=10)
                sent = json.dumps(body).encode()
                await door.post("events", sent)
                await door.post("sessions", sent)

            asyncio.run_coroutine_threadsafe(post_both(), loop).result(30)

        await asyncio.to_thread(holds)
    assert await _dead(world) == 0


async def _dead(world: World) -> int:
    async with world.program.parts.database.reading() as connection:
        rows = await connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE status = 2")
        number: int = rows.scalar_one()
    return number
