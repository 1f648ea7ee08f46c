"""The fake Official Account refuses what the real one refuses, and signs what it posts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from tests.fakes.faulty import Asked, Fault, Faulty, Reply, serving
from tests.fakes.listening import in_thread
from tests.fakes.zalo import LADDER
from tests.fakes.zalo_oa import APP_SECRET, FakeZaloOa
from tests.world import Clock

HOA = "7421907845123456789"
JPEG = b"\xff\xd8\xff" + bytes(100)
CS, TEMPLATE = "/v3.0/oa/message/cs", "/v3.0/oa/message/template"
UPLOAD, OAUTH = "/v2.0/oa/upload/image", "/v4/oa/access_token"
GONE = "http://127.0.0.1:1"


class Caller:
    """Calls the fake."""

    def __init__(self, fake: FakeZaloOa, http: httpx.AsyncClient) -> None:
        self.fake, self.http = fake, http

    async def __call__(self, path: str, body: Any, token: str | None = None) -> Any:
        headers = {"access_token": token or self.fake.access}
        return (await self.http.post(self.fake.url + path, json=body, headers=headers)).json()

    async def send(self, message: Any, user: Any = HOA) -> Any:
        """Send a consultation message and return the answer."""
        return await self(CS, {"recipient": {"user_id": user}, "message": message})

    async def upload(self, data: bytes, part: str = "file") -> Any:
        """Upload a picture and return the answer."""
        headers = {"access_token": self.fake.access}
        files = {part: ("photo.jpg", data, "image/jpeg")}
        answer = await self.http.post(self.fake.url + UPLOAD, files=files, headers=headers)
        return answer.json()

    async def refresh(self, token: str) -> Any:
        """Spend a refresh token and return the answer."""
        form = {"refresh_token": token, "app_id": self.fake.app_id, "grant_type": "refresh_token"}
        headers = {"secret_key": APP_SECRET}
        url = self.fake.url + OAUTH
        return (await self.http.post(url, data=form, headers=headers)).json()


@asynccontextmanager
async def calling(**options: Any) -> AsyncIterator[tuple[FakeZaloOa, Caller]]:
    """An account to which one person wrote."""
    async with FakeZaloOa.serving(**options) as fake, httpx.AsyncClient(trust_env=False) as http:
        await fake.says(HOA, "xin chào")
        yield fake, Caller(fake, http)


@asynccontextmanager
async def hearing(**options: Any) -> AsyncIterator[tuple[FakeZaloOa, Faulty]]:
    """An account whose webhook is a server of ours."""
    async with FakeZaloOa.serving(**options) as fake, serving(lambda _: Reply()) as ours:
        fake.webhook = f"{ours.address}/webhooks/zalo-oa"
        yield fake, ours


def bodies(ours: Faulty) -> list[Any]:
    return [json.loads(asked.body) for asked in ours.ledger]


def buttons(*shown: Any) -> Any:
    return {"text": "?", "attachment": {"type": "template", "payload": {"buttons": [*shown]}}}


def media(**element: str) -> Any:
    payload = {"template_type": "media", "elements": [{"media_type": "image", **element}]}
    return {"attachment": {"type": "template", "payload": payload}}


BUTTON = {"title": "Đúng", "type": "oa.query.hide", "payload": "#d:1:1"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"text": ""}, -201),
        ({"text": 5}, -201),
        ({}, -201),
        ({"text": "x", "quote": "y"}, -201),
        ({"text": "a" * 2001}, -210),
        ({"text": "🌾" * 1001}, -210),
        (buttons(*[BUTTON] * 6), -201),
        (buttons(), -201),
        (buttons({**BUTTON, "title": "a" * 101}), -201),
        (buttons({**BUTTON, "payload": "a" * 1001}), -201),
        (buttons({**BUTTON, "type": "oa.open.nothing"}), -201),
        (buttons({**BUTTON, "colour": "red"}), -201),
        (media(token="x"), -201),
        (media(attachment_id="x", url="https://x"), -201),
    ],
)
async def test_what_no_client_should_send_is_refused_and_noted(message: Any, code: int) -> None:
    async with calling() as (fake, call):
        answer = await call.send(message)
        assert (answer["error"], len(fake.complaints), fake.sent) == (code, 1, [])


async def test_five_buttons_of_a_hundred_letters_are_taken() -> None:
    async with calling() as (fake, call):
        shown = {"title": "a" * 100, "type": "oa.query.hide", "payload": "p" * 1000}
        answer = await call.send(buttons(*[shown] * 5))
        assert answer["error"] == 0
        assert fake.sent[0].buttons == (("a" * 100, "p" * 1000),) * 5


async def test_ids_are_text() -> None:
    async with calling() as (fake, call):
        assert (await call.send({"text": "x"}, int(HOA)))["error"] == -201
        assert fake.complaints == ["user_id is no text"]


@pytest.mark.parametrize("path", ["/v3.0/oa/message/transaction", "/v2.0/oa/message", "/"])
async def test_a_call_that_does_not_exist_is_not_found(path: str) -> None:
    async with calling() as (fake, call):
        answer = await call.http.post(fake.url + path, json={})
        assert (answer.status_code, len(fake.complaints)) == (404, 1)


async def test_a_token_is_taken_in_its_header_and_noted_anywhere_else() -> None:
    async with calling() as (fake, call):
        body = {"recipient": {"user_id": HOA}, "message": {"text": "x"}}
        url = f"{fake.url}{CS}?access_token={fake.access}"
        assert (await call.http.post(url, json=body)).json()["error"] == -216
        bearer = {"authorization": f"Bearer {fake.access}"}
        assert (await call.http.post(fake.url + CS, json=body, headers=bearer)).json()["error"]
        assert fake.complaints == ["a token in an address", "a token as Authorization"]


async def test_an_access_token_lives_for_25_hours() -> None:
    clock = Clock()
    async with calling(clock=clock.now) as (_, call):
        clock.forward(hours=24, minutes=59)
        assert (await call.send({"text": "x"}))["error"] == 0
        clock.forward(minutes=2)
        assert (await call.send({"text": "x"}))["error"] == -220


async def test_a_refresh_token_is_good_once_and_kills_the_old_access_token() -> None:
    async with calling() as (fake, call):
        old, first = fake.access, fake.first["refresh_token"]
        answers = await asyncio.gather(*(call.refresh(first) for _ in range(3)))
        assert sorted(answer.get("error", 0) for answer in answers) == [-14020, -14020, 0]
        body = {"recipient": {"user_id": HOA}, "message": {"text": "x"}}
        assert (await call(CS, body, old))["error"] == -216
        assert (await call(CS, body))["error"] == 0


async def test_a_dead_token_may_be_said_with_401() -> None:
    async with calling(unauthorized=True) as (fake, call):
        answer = await call.http.post(fake.url + CS, json={}, headers={"access_token": "old"})
        assert (answer.status_code, answer.json()["error"]) == (401, -216)


async def test_too_many_calls_a_minute_are_refused_until_the_next() -> None:
    clock = Clock()
    async with calling(clock=clock.now, rate_max=2) as (_, call):
        told = [(await call.send({"text": "x"}))["error"] for _ in range(3)]
        clock.forward(minutes=1)
        assert [*told, (await call.send({"text": "x"}))["error"]] == [0, 0, -32, 0]


async def test_a_message_is_free_then_paid_then_impossible() -> None:
    clock = Clock()
    async with calling(clock=clock.now, pays=1) as (fake, call):
        told = []
        for hours in (48, 1, 0, 119, 1):
            clock.forward(hours=hours)
            fake.oauth.consent()
            answer = await call.send({"text": "x"})
            told.append(answer["data"]["quota"]["quota_type"] if not answer["error"] else answer)
        assert [t if isinstance(t, str) else t["error"] for t in told] == [
            "reply",
            "paid",
            -211,
            -211,
            -230,
        ]
        assert fake.cost == 55


async def test_only_acting_opens_the_window() -> None:
    clock = Clock()
    async with calling(clock=clock.now) as (fake, call):
        assert (await call.send({"text": "x"}, "1"))["error"] == -232
        await fake.sees("1", "m")
        await fake.receives("1", "m")
        await fake.unfollows("1")
        await fake.withdraws("1")
        assert (await call.send({"text": "x"}, "1"))["error"] == -232
        for act in (fake.follows("1"), fake.presses("2", "#d:1:1")):
            await act
        assert [(await call.send({"text": "x"}, user))["error"] for user in "12"] == [0, 0]


async def test_a_person_may_be_refused_for_any_reason() -> None:
    async with calling(refuses={HOA: -244}) as (_, call):
        assert (await call.send({"text": "x"}))["error"] == -244


async def test_an_upload_is_a_picture_under_a_megabyte_and_lives_for_seven_days() -> None:
    clock = Clock()
    async with calling(clock=clock.now) as (fake, call):
        id = (await call.upload(JPEG))["data"]["attachment_id"]
        assert (await call.send(media(attachment_id=id)))["error"] == 0
        assert (await call.send(media(attachment_id="none")))["error"] == -100
        clock.forward(days=7, seconds=1)
        fake.oauth.consent()
        await fake.says(HOA, "x")
        assert (await call.send(media(attachment_id=id)))["error"] == -100
        assert fake.complaints == []
        for data, part in ((b"text", "file"), (JPEG + bytes(1 << 20), "file"), (JPEG, "image")):
            assert (await call.upload(data, part))["error"] == -201
        assert len(fake.complaints) == 3


async def test_a_template_must_be_approved_and_filled_in() -> None:
    async with calling(templates={"1": frozenset({"code"})}) as (fake, call):
        told = []
        for template, values in (("2", {"code": "a"}), ("1", {"name": "a"}), ("1", {"code": "a"})):
            body = {"user_id": HOA, "template_id": template, "template_data": values}
            told.append((await call(TEMPLATE, body))["error"])
        assert (told, len(fake.sent)) == ([-131, -1122, 0], 1)


async def test_a_text_event_is_signed_and_has_the_documented_shape() -> None:
    clock = Clock()
    async with hearing(clock=clock.now) as (fake, ours):
        await fake.says(HOA, "xin chào")
        stamp = str(int(clock.at.timestamp() * 1000))
        assert bodies(ours) == [
            {
                "event_name": "user_send_text",
                "app_id": fake.app_id,
                "timestamp": stamp,
                "sender": {"id": HOA},
                "recipient": {"id": fake.oa_id},
                "user_id_by_app": f"9{HOA}",
                "message": {"text": "xin chào", "msg_id": f"{1:016x}"},
            }
        ]
        heard = ours.ledger[0]
        whole = fake.app_id.encode() + heard.body + (stamp + fake.webhook_secret).encode()
        assert heard.headers["x-zevent-signature"] == f"mac={sha256(whole).hexdigest()}"


async def test_the_signature_may_begin_with_the_account_and_stamps_may_be_numbers() -> None:
    async with hearing(signed_id="oa", stamped="number") as (fake, ours):
        await fake.says(HOA, "x")
        heard = ours.ledger[0]
        stamp = json.loads(heard.body)["timestamp"]
        whole = fake.oa_id.encode() + heard.body + f"{stamp}{fake.webhook_secret}".encode()
        assert isinstance(stamp, int)
        assert heard.headers["x-zevent-signature"] == f"mac={sha256(whole).hexdigest()}"


async def test_an_album_is_one_event_with_pictures_that_can_be_fetched() -> None:
    async with hearing() as (fake, ours), httpx.AsyncClient(trust_env=False) as http:
        await fake.sends_photo(HOA, [JPEG, JPEG + b"2"], "bằng")
        (body,) = bodies(ours)
        found = body["message"]["attachments"]
        urls = [each["payload"]["url"] for each in found if each["type"] == "image"]
        assert [(await http.get(url)).content for url in urls] == [JPEG, JPEG + b"2"]
        assert body["message"]["text"] == "bằng"


async def test_everything_else_that_people_do_has_its_event() -> None:
    async with hearing() as (fake, ours):
        await fake.sends_file(HOA, "giấy khen.pdf", b"%PDF")
        await fake.sends_sticker(HOA)
        await fake.sends_voice(HOA)
        await fake.sends_location(HOA, "16.05", "108.2")
        await fake.sends_unsupported(HOA)
        await fake.submits_info(HOA, {"phone": "84900000000"})
        await fake.follows(HOA)
        await fake.unfollows(HOA)
        await fake.withdraws(HOA)
        await fake.sees(HOA, "m1", "m2")
        await fake.receives(HOA, "m1")
        await fake.echoes(HOA, "Chào bà", admin="77")
        await fake.event("something_new", {})
        names = [body["event_name"] for body in bodies(ours)]
        assert names == [
            "user_send_file",
            "user_send_sticker",
            "user_send_audio",
            "user_send_location",
            "user_send_business_card",
            "user_submit_info",
            "follow",
            "unfollow",
            "user_withdraw",
            "user_seen_message",
            "user_received_message",
            "oa_send_text",
            "something_new",
        ]
        assert bodies(ours)[6]["follower"] == {"id": HOA}


async def test_saving_the_webhook_posts_an_unsigned_nothing() -> None:
    async with hearing() as (fake, ours):
        assert await fake.saves_webhook(fake.webhook)
        assert ours.ledger[0].body == b"{}"
        assert "x-zevent-signature" not in ours.ledger[0].headers
        assert not await fake.saves_webhook(GONE)
        assert fake.mail.posted == []


async def test_a_post_that_met_nobody_climbs_the_ladder_and_then_the_app_hears_nothing() -> None:
    clock = Clock()
    async with FakeZaloOa.serving(clock=clock.now) as fake:
        fake.webhook = GONE
        posted = await fake.says(HOA, "x")
        for step, pause in enumerate(LADDER, 1):
            clock.at += pause - timedelta(seconds=1)
            await fake.mail.retry_due()
            assert posted.failures == step
            clock.forward(seconds=1)
            await fake.mail.retry_due()
            assert posted.failures == step + 1
        assert fake.mail.unsubscribed
        assert (await fake.says(HOA, "y")).statuses == []


async def test_a_retry_says_its_number_and_is_the_same_event() -> None:
    clock = Clock()
    async with hearing(clock=clock.now) as (fake, ours):
        url, fake.webhook = fake.webhook, GONE
        posted = await fake.says(HOA, "x")
        fake.webhook = url
        clock.forward(seconds=30)
        await fake.mail.retry_due()
        await fake.mail.retry_due()
        assert posted.statuses == [None, 200]
        assert [(a.headers["num_retry"], a.body) for a in ours.ledger] == [("1", posted.body)]


async def test_an_answer_slower_than_allowed_counts_as_none() -> None:
    def slow(_: Asked) -> Fault:
        return Fault("delay", seconds=60)

    async with FakeZaloOa.serving() as fake, serving(lambda _: Reply(), slow) as ours:
        fake.webhook, fake.mail.patience = ours.address, 0.2
        assert (await fake.says(HOA, "x")).statuses == [None]


async def test_a_5xx_is_not_repeated_by_itself() -> None:
    clock = Clock()

    def broken(_: Asked) -> Fault:
        return Fault("status", 500)

    async with FakeZaloOa.serving(clock=clock.now) as fake, serving(lambda _: Reply(), broken) as o:
        fake.webhook = o.address
        posted = await fake.says(HOA, "x")
        clock.forward(hours=2)
        await fake.mail.retry_due()
        assert (posted.statuses, posted.taken) == ([500], False)


async def test_faults_happen_to_the_call_they_are_for_and_the_truth_is_kept() -> None:
    async with calling() as (fake, call):
        fake.fail("message/cs", Fault("accept_then_reset"), Fault("status", 500))
        with pytest.raises(httpx.TransportError):
            await call.send({"text": "đã đến"})
        assert (await call.send({"text": "không đến"}))["error"] == -200
        assert (await call.send({"text": "sau"}))["error"] == 0
        assert [said.text for said in fake.sent_to(HOA)] == ["đã đến", "sau"]


def test_a_fake_can_live_in_a_thread() -> None:
    with in_thread(FakeZaloOa.serving()) as threaded:
        fake = threaded.fake
        threaded.run(fake.says(HOA, "x"))
        headers = {"access_token": fake.access}
        body = {"recipient": {"user_id": HOA}, "message": {"text": "chào"}}
        answer = httpx.post(fake.url + CS, json=body, headers=headers, trust_env=False).json()
        assert answer["data"]["message_id"] == fake.sent[0].id
