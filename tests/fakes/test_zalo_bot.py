"""The fake Zalo bot refuses what the real one refuses, and posts what the real one posts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.fakes.faulty import Asked, Fault, Faulty, Reply, serving
from tests.fakes.listening import in_thread
from tests.fakes.zalo_bot import TOKEN, FakeZaloBot
from tests.world import Clock

ANH = "6ede9afa66b88fe6d6a9"
PICTURE = b"\xff\xd8\xffpicture"
SECRET = "the-webhook-secret"


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[tuple[FakeZaloBot, "Caller"]]:
    async with FakeZaloBot.serving(**options) as fake, httpx.AsyncClient(trust_env=False) as http:
        yield fake, Caller(fake, http)


@asynccontextmanager
async def hearing(**options: Any) -> AsyncIterator[tuple[FakeZaloBot, Faulty]]:
    """A bot whose webhook is a server of ours."""
    async with FakeZaloBot.serving(**options) as fake, serving(lambda _: Reply()) as ours:
        fake.webhook, fake.secret = f"{ours.address}/webhooks/zalo-bot", SECRET
        yield fake, ours


class Caller:
    """Calls methods of the fake."""

    def __init__(self, fake: FakeZaloBot, http: httpx.AsyncClient) -> None:
        self.url, self.http = fake.url, http

    async def __call__(self, method: str, **body: Any) -> Any:
        url = f"{self.url}/bot{TOKEN}/{method}"
        return (await self.http.post(url, json=body, timeout=20)).json()

    async def code(self, method: str, **body: Any) -> int:
        """Call what must be refused and return the code."""
        answer = await self(method, **body)
        assert answer["ok"] is False
        return int(answer.get("error_code", answer.get("errorCode")))


def bodies(ours: Faulty) -> list[Any]:
    return [json.loads(asked.body) for asked in ours.ledger]


@pytest.mark.parametrize("method", ["sendDocument", "sendFile", "sendVideo", "sendmessage", ""])
async def test_a_method_that_does_not_exist_is_not_found(method: str) -> None:
    async with calling() as (_, call):
        assert await call.code(method, chat_id=ANH) == 404


async def test_another_token_is_refused() -> None:
    async with calling() as (fake, call):
        answer = await call.http.post(f"{fake.url}/bot42:no/getMe", json={})
        assert (answer.status_code, answer.json()["error_code"]) == (200, 401)


@pytest.mark.parametrize(
    ("method", "body"),
    [
        ("sendMessage", {"chat_id": ANH, "text": "x", "reply_markup": {}}),
        ("sendMessage", {"chat_id": ANH}),
        ("sendMessage", {"chat_id": ANH, "text": ""}),
        ("sendMessage", {"chat_id": ANH, "text": "🌾" * 1000 + "a"}),
        ("sendMessage", {"chat_id": ANH, "text": 5}),
        ("sendMessage", {"chat_id": 5, "text": "x"}),
        ("sendPhoto", {"chat_id": ANH, "photo": "C:/x.jpg"}),
        ("sendPhoto", {"chat_id": ANH, "photo": "https://x", "caption": ""}),
        ("sendChatAction", {"chat_id": ANH, "action": "upload_photo"}),
        ("getMe", {"x": 1}),
        ("getUpdates", {"timeout": "soon"}),
        ("getUpdates", {"offset": 5}),
        ("setWebhook", {"url": "https://x", "secret_token": "short"}),
        ("setWebhook", {"url": "https://x"}),
    ],
)
async def test_what_no_client_should_send_is_refused_and_noted(
    method: str, body: dict[str, Any]
) -> None:
    async with calling() as (fake, call):
        await fake.says(ANH, "x")
        assert await call.code(method, **body) == 400
        assert len(fake.complaints) == 1
        assert fake.sent == []


async def test_only_json_by_post_is_taken() -> None:
    async with calling() as (fake, call):
        url = f"{fake.url}/bot{TOKEN}/getMe"
        assert (await call.http.get(url)).json()["error_code"] == 400
        assert (await call.http.post(url, data={"a": "b"})).json()["error_code"] == 400


async def test_a_text_of_two_thousand_units_is_taken() -> None:
    async with calling() as (fake, call):
        await fake.says(ANH, "x")
        assert (await call("sendMessage", chat_id=ANH, text="🌾" * 1000))["ok"] is True


async def test_who_never_wrote_or_blocked_the_bot_cannot_be_reached() -> None:
    async with calling() as (fake, call):
        assert await call.code("sendMessage", chat_id=ANH, text="x") == 410
        await fake.says(ANH, "x")
        fake.blocks(ANH)
        assert await call.code("sendMessage", chat_id=ANH, text="x") == 422
        await fake.says(ANH, "lại đây")
        assert (await call("sendMessage", chat_id=ANH, text="x"))["ok"] is True


async def test_fifty_people_are_served_and_nobody_else() -> None:
    async with calling() as (fake, call):
        for n in range(51):
            await fake.says(f"{n:020x}", "x")
        assert (len(fake.users), fake.unserved) == (50, [f"{50:020x}"])
        assert await call.code("sendMessage", chat_id=f"{50:020x}", text="x") == 410


async def test_a_month_has_a_quota_and_the_next_one_another() -> None:
    clock = Clock()
    async with calling(clock=clock.now, monthly_max=2) as (fake, call):
        await fake.says(ANH, "x")
        told = [await call("sendMessage", chat_id=ANH, text=str(n)) for n in range(3)]
        assert [answer.get("error_code") for answer in told] == [0, 0, 429]
        clock.forward(days=31)
        assert (await call("sendMessage", chat_id=ANH, text="x"))["ok"] is True


async def test_a_photo_that_cannot_be_fetched_is_refused() -> None:
    async with calling() as (fake, call):
        await fake.says(ANH, "x")
        for address in (f"{fake.url}/media/none.jpg", "http://127.0.0.1:1/x.jpg"):
            assert await call.code("sendPhoto", chat_id=ANH, photo=address) == 400
        assert (fake.sent, fake.complaints) == ([], [])


async def test_updates_are_given_once_one_a_call_and_as_an_object() -> None:
    async with calling() as (fake, call):
        for text in ("một", "hai"):
            await fake.says(ANH, text)
        told = [await call("getUpdates", timeout="0") for _ in range(3)]
        texts = [t["result"]["message"]["text"] for t in told[:2]]
        assert (texts, told[2]["error_code"]) == (["một", "hai"], 408)


async def test_updates_may_come_as_an_array_and_again_and_again() -> None:
    async with calling(updates="array", replays=True) as (fake, call):
        for text in ("một", "hai"):
            await fake.says(ANH, text)
        told = [await call("getUpdates", timeout=0) for _ in range(2)]
        texts = [[u["message"]["text"] for u in t["result"]] for t in told]
        assert texts == [["một", "hai"], ["một", "hai"]]


async def test_a_poll_waits_for_what_comes() -> None:
    async with calling() as (fake, call):
        poll = asyncio.create_task(call("getUpdates", timeout=30))
        await asyncio.sleep(0)
        await fake.says(ANH, "x")
        assert (await poll)["result"]["message"]["text"] == "x"


async def test_an_event_has_the_shape_that_was_seen() -> None:
    clock = Clock()
    async with hearing(clock=clock.now) as (fake, ours):
        await fake.says(ANH, "xin chào")
        ms = int(clock.at.timestamp() * 1000)
        who = {"id": ANH, "display_name": "Nguyễn Văn Mẫu", "is_bot": False}
        assert bodies(ours) == [
            {
                "event_name": "message.text.received",
                "message": {
                    "message_id": f"{1:020x}",
                    "date": ms,
                    "from": who,
                    "chat": {"id": ANH, "chat_type": "PRIVATE"},
                    "text": "xin chào",
                },
            }
        ]
        heard = ours.ledger[0].headers
        assert (heard["x-bot-api-secret-token"], heard["user-agent"][:5]) == (SECRET, "Java/")


async def test_an_event_may_be_wrapped_as_documented() -> None:
    async with hearing(flat=False, photo_field="photo") as (fake, ours):
        await fake.sends_photo(ANH, [PICTURE])
        (body,) = bodies(ours)
        assert body["ok"] is True
        assert "photo" in body["result"]["message"]


async def test_an_album_is_an_event_a_picture_each_at_an_address_of_its_own() -> None:
    async with hearing() as (fake, ours), httpx.AsyncClient(trust_env=False) as http:
        await fake.sends_photo(ANH, [PICTURE, PICTURE + b"2"], "bằng")
        messages = [body["message"] for body in bodies(ours)]
        found = [(await http.get(message["photo_url"])).content for message in messages]
        assert found == [PICTURE, PICTURE + b"2"]
        assert [(m["message_type"], m["caption"]) for m in messages] == [("CHAT_PHOTO", "bằng")] * 2


async def test_the_address_of_a_picture_dies() -> None:
    clock = Clock()
    async with calling(clock=clock.now) as (fake, call):
        fake.pictures.life = timedelta(days=1)
        address = fake.pictures.add(PICTURE)
        assert (await call.http.get(address)).status_code == 200
        clock.forward(days=1, seconds=1)
        assert (await call.http.get(address)).status_code == 404
        second = fake.pictures.add(PICTURE)
        fake.pictures.lose()
        assert (await call.http.get(second)).status_code == 404


async def test_everything_else_that_people_send_has_its_event() -> None:
    async with hearing() as (fake, ours):
        await fake.sends_sticker(ANH)
        await fake.sends_voice(ANH)
        await fake.sends_unsupported(ANH)
        await fake.event("user.follow", ANH, {})
        await fake.says_nothing()
        assert [json.loads(asked.body)["event_name"] for asked in ours.ledger[:4]] == [
            "message.sticker.received",
            "message.voice.received",
            "message.unsupported.received",
            "user.follow",
        ]
        assert ours.ledger[4].body == b""


async def test_events_come_twice_or_never_when_told_and_can_be_sent_again() -> None:
    async with hearing() as (fake, ours):
        fake.mail.copies = 2
        await fake.says(ANH, "hai lần")
        fake.mail.copies, fake.mail.losing = 1, True
        lost = await fake.says(ANH, "mất")
        assert (lost.taken, len(ours.ledger)) == (False, 2)
        fake.mail.losing = False
        assert await fake.mail.redeliver() == []
        assert (lost.taken, len(ours.ledger)) == (True, 3)


async def test_setting_a_webhook_tries_it_and_says_what_was_met() -> None:
    def forbid(asked: Asked) -> Reply:
        return Reply({"/403": 403, "/404": 404, "/500": 500, "/302": 302}[asked.target])

    async with calling() as (fake, call), serving(forbid) as ours:
        told = []
        for url in (*(f"{ours.address}/{n}" for n in (403, 404, 500, 302)), "http://127.0.0.1:1"):
            answer = await call("setWebhook", url=url, secret_token=SECRET)
            told.append(answer["result"]["verification"]["outcome"])
        outcomes = ["http.403", "http.404", "http.5xx", "http.other", "err.unreachable"]
        assert (told, fake.mail.posted) == (outcomes, [])
        assert await call.code("getUpdates", timeout=0) == 400


async def test_only_a_public_address_is_a_webhook_if_told_so() -> None:
    async with calling(public_only=True) as (_, call):
        assert await call.code("setWebhook", url="http://127.0.0.1", secret_token=SECRET) == 400
        assert await call.code("getWebhookInfo") == 404


async def test_faults_happen_to_the_method_they_are_for_and_the_truth_is_kept() -> None:
    async with calling() as (fake, call):
        await fake.says(ANH, "x")
        fake.fail("sendMessage", Fault("accept_then_drop"), Fault("html", 502))
        assert (await call("getMe"))["ok"] is True
        with pytest.raises(httpx.TransportError):
            await call("sendMessage", chat_id=ANH, text="đã đến")
        with pytest.raises(json.JSONDecodeError):
            await call("sendMessage", chat_id=ANH, text="không đến")
        assert (await call("sendMessage", chat_id=ANH, text="sau"))["ok"] is True
        assert [said.text for said in fake.sent_to(ANH)] == ["đã đến", "sau"]


def test_a_fake_can_live_in_a_thread() -> None:
    with in_thread(FakeZaloBot.serving()) as threaded:
        fake = threaded.fake
        threaded.run(fake.says(ANH, "x"))
        url = f"{fake.url}/bot{TOKEN}/sendMessage"
        answer = httpx.post(url, json={"chat_id": ANH, "text": "chào"}, trust_env=False)
        assert answer.json()["result"]["message_id"] == fake.sent[0].id
