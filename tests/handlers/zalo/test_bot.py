"""The client of the Bot API says what Zalo takes, and names every way in which it may not go."""

import json
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable, Wrong
from handlers.outside import open_outside
from handlers.zalo.bot import BotApi, Me, Verification, Webhook
from tests.fakes.faulty import Asked, Fault, Kind, Reply, serving
from tests.fakes.zalo_bot import TOKEN, FakeZaloBot

ANH = "6ede9afa66b88fe6d6a9"
PICTURE = b"\xff\xd8\xffpicture"
GONE = "http://127.0.0.1:1"


@asynccontextmanager
async def talking(**options: Any) -> AsyncIterator[tuple[FakeZaloBot, BotApi]]:
    """A bot to which one person wrote, and our client."""
    async with (
        FakeZaloBot.serving(**options) as fake,
        open_outside() as http,
    ):
        await fake.says(ANH, "xin chào")
        fake.queue.clear()
        yield fake, BotApi(http, fake.url, TOKEN)


@asynccontextmanager
async def answered(body: object, status: int = 200) -> AsyncIterator[BotApi]:
    """Our client before a server that always says the same."""
    told = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with (
        serving(lambda _: Reply(status, told)) as faulty,
        open_outside() as http,
    ):
        yield BotApi(http, faulty.address, TOKEN)


async def refused(api: BotApi) -> NotSent:
    with pytest.raises(NotSent) as found:
        await api.send_message(ANH, "Đã ghi: hằng tuần.")
    return found.value


async def test_a_text_arrives_and_its_id_comes_back() -> None:
    async with talking() as (fake, api):
        id = await api.send_message(ANH, "1. Đồng ý <b> *x* 🌾")
        assert [(said.id, said.user, said.text) for said in fake.sent] == [
            (id, ANH, "1. Đồng ý <b> *x* 🌾")
        ]
        assert fake.complaints == []


async def test_a_photo_is_fetched_by_zalo_and_arrives_with_its_caption() -> None:
    async with talking() as (fake, api):
        address = fake.pictures.add(PICTURE)
        await api.send_photo(ANH, address, "Ảnh 1")
        await api.send_photo(ANH, address)
        assert [(said.text, said.photo, said.picture) for said in fake.sent] == [
            ("Ảnh 1", address, PICTURE),
            ("", address, PICTURE),
        ]


async def test_typing_is_shown_and_is_no_message() -> None:
    async with talking() as (fake, api):
        await api.send_chat_action(ANH)
        assert (fake.typing, fake.sent) == ([ANH], [])


async def test_the_bot_says_who_it_is() -> None:
    async with talking() as (_, api):
        me = await api.get_me()
        assert me == Me("4242424242", "bot.khaihoc", "BASIC", False)
        assert me.id == "4242424242"


async def test_an_id_that_comes_as_a_number_is_text() -> None:
    async with answered({"ok": True, "result": {"id": 42424242424242424242}}) as api:
        assert (await api.get_me()).id == "42424242424242424242"
    async with answered({"ok": True, "result": {"message_id": 12}}) as api:
        assert await api.send_message(ANH, "x") == "12"


@pytest.mark.parametrize("result", [None, {}, [], {"message_id": None}, "sent"])
async def test_a_message_that_was_taken_stays_taken_without_an_id(result: object) -> None:
    async with answered({"ok": True, "result": result}) as api:
        assert await api.send_message(ANH, "x") == ""


async def test_a_webhook_is_set_seen_tried_and_taken_away() -> None:
    async with talking() as (_, api), serving(lambda _: Reply()) as ours:
        assert await api.get_webhook_info() is None
        verified = Verification(True, ours.address, "webhook.ok", "")
        webhook = await api.set_webhook(ours.address, "12345678")
        assert webhook == Webhook(ours.address, webhook.updated_at, verified)
        info = await api.get_webhook_info()
        assert info == Webhook(ours.address, webhook.updated_at)
        assert await api.test_webhook() == verified
        await api.delete_webhook()
        assert await api.get_webhook_info() is None


async def test_a_webhook_that_zalo_cannot_reach_is_set_and_says_so() -> None:
    async with talking() as (_, api):
        webhook = await api.set_webhook(GONE, "12345678")
        assert webhook.verification == Verification(False, GONE, "err.unreachable", "")


async def test_trying_the_webhook_too_often_is_for_later() -> None:
    async with talking() as (_, api), serving(lambda _: Reply()) as ours:
        await api.set_webhook(ours.address, "12345678")
        for _n in range(5):
            await api.test_webhook()
        with pytest.raises(Later, match="426"):
            await api.test_webhook()


@pytest.mark.parametrize("updates", ["object", "array"])
async def test_updates_come_as_they_were_sent(updates: str) -> None:
    async with talking(updates=updates) as (fake, api):
        posted = [await fake.says(ANH, text) for text in ("một", "hai")]
        found: list[bytes] = []
        while len(found) < 2:
            found += await api.get_updates(0)
        assert [json.loads(each) for each in found] == [json.loads(each.body) for each in posted]


@pytest.mark.parametrize("idle", ["http", "code", "null"])
async def test_no_update_is_no_failure_however_zalo_says_it(idle: str) -> None:
    async with talking(idle=idle) as (_, api):
        assert await api.get_updates(0) == ()


@pytest.mark.parametrize("body", [{"ok": True}, {"ok": True, "result": []}])
async def test_an_empty_answer_to_a_poll_is_no_update(body: object) -> None:
    async with answered(body) as api:
        assert await api.get_updates(0) == ()


async def test_a_poll_while_a_webhook_is_set_is_our_mistake() -> None:
    async with talking() as (_, api):
        await api.set_webhook(GONE, "12345678")
        with pytest.raises(Wrong, match="400"):
            await api.get_updates(0)


@pytest.mark.parametrize("http_failures", [False, True])
async def test_a_failure_is_one_with_http_200_too(http_failures: bool) -> None:
    async with talking(http_failures=http_failures) as (fake, api):
        fake.blocks(ANH)
        assert isinstance(await refused(api), Unreachable)


async def test_a_chat_that_is_gone_stops_the_contact() -> None:
    async with talking() as (fake, api):
        with pytest.raises(Unreachable) as unknown:
            await api.send_message("0" * 20, "x")
        fake.blocks(ANH)
        blocked = await refused(api)
        assert isinstance(blocked, Unreachable)
        assert [(e.code, e.stops) for e in (unknown.value, blocked)] == [
            ("410", True),
            ("422", True),
        ]


async def test_a_spent_quota_pauses_the_whole_bot() -> None:
    async with talking(monthly_max=1) as (_, api):
        await api.send_message(ANH, "một")
        failure = await refused(api)
        assert isinstance(failure, Later)
        assert (failure.code, failure.seconds, failure.pauses) == ("429", None, True)


async def test_a_wrong_token_or_address_needs_a_human() -> None:
    async with talking() as (fake, _), open_outside() as http:
        for base, token, code in (
            (fake.url, "1:wrong", "401"),
            (fake.url + "/v9", TOKEN, "404"),
        ):
            failure = await refused(BotApi(http, base, token))
            assert (type(failure), failure.code) == (HumanNeeded, code)


@pytest.mark.parametrize("text", ["", "a" * 2001, "🌾" * 1001])
async def test_a_text_of_a_wrong_length_is_our_mistake(text: str) -> None:
    async with talking() as (fake, api):
        with pytest.raises(Wrong, match="400"):
            await api.send_message(ANH, text)
        assert fake.complaints == ["sendMessage: text"]


@pytest.mark.parametrize(
    ("fault", "kind", "code", "taken"),
    [
        (Fault("status", 500), Later, "500", 0),
        (Fault("status", 503), Later, "503", 0),
        (Fault("status", 408), Later, "408", 0),
        (Fault("status", 403), Later, "403", 0),
        (Fault("status", 429), Later, "429", 0),
        (Fault("html", 502), Unclear, "http_502", 0),
        (Fault("html", 200), Unclear, "http_200", 0),
        (Fault("html", 503), Later, "503", 0),
        (Fault("html", 429), Later, "429", 0),
        (Fault("html", 404), HumanNeeded, "404", 0),
        (Fault("html", 413), Wrong, "http_413", 0),
        (Fault("half_json"), Unclear, "http_200", 1),
        (Fault("drop"), Unclear, "broken", 0),
        (Fault("accept_then_drop"), Unclear, "broken", 1),
        (Fault("accept_then_reset"), Unclear, "broken", 1),
        (Fault("delay", seconds=60), Unclear, "timeout", 1),
        (Fault("slow_loris", seconds=60), Unclear, "timeout", 1),
        (Fault("long_length"), Unclear, "broken", 1),
        (Fault("short_length"), Unclear, "broken", 1),
    ],
)
async def test_every_fault_on_the_way_has_its_name(
    fault: Fault, kind: type[NotSent], code: str, taken: int
) -> None:
    seconds = 1.0 if fault.seconds else 20.0
    async with FakeZaloBot.serving() as fake, open_outside(total_seconds=seconds) as http:
        await fake.says(ANH, "xin chào")
        fake.fail("sendMessage", fault)
        failure = await refused(BotApi(http, fake.url, TOKEN))
        assert (type(failure), failure.code, len(fake.sent)) == (kind, code, taken)


async def test_where_nobody_listens_the_message_goes_later() -> None:
    async with open_outside() as http:
        failure = await refused(BotApi(http, GONE, TOKEN))
        assert (type(failure), failure.code) == (Later, "connection")


@pytest.mark.parametrize("fault", [Fault("accept_then_drop"), Fault("html", 502)])
async def test_what_delivers_nothing_is_never_unclear(fault: Fault) -> None:
    async with talking() as (fake, api):
        for method, call in (("getMe", api.get_me), ("getUpdates", api.get_updates)):
            fake.fail(method, fault)
            with pytest.raises(Later):
                await call()


async def test_an_answer_without_what_it_should_tell_is_for_later() -> None:
    async with answered({"ok": True, "result": "?"}) as api:
        with pytest.raises(Later, match="unreadable"):
            await api.get_me()


async def test_a_refusal_without_a_code_is_what_its_status_says() -> None:
    async with answered({"ok": False}, 422) as api:
        assert isinstance(await refused(api), Unreachable)
    async with answered({"ok": False, "error_code": "410"}) as api:
        assert isinstance(await refused(api), Unreachable)
    async with answered({"ok": False, "error_code": 999_999}) as api:
        assert isinstance(await refused(api), Later)


@pytest.mark.parametrize("kind", ["delay", "drop", "half_json", "html", "status", "none"])
async def test_the_token_is_in_no_failure_and_no_log(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(asked: Asked) -> Reply:
        """Quote the address, as some servers' errors do."""
        told = {"ok": False, "error_code": 401, "description": f"bad {asked.target}"}
        return Reply(401, json.dumps(told).encode())

    async with (
        serving(echo, lambda _: Fault(kind, 502, 60.0)) as faulty,
        open_outside(total_seconds=1.0) as http,
    ):
        api = BotApi(http, faulty.address, TOKEN)
        failure = await refused(api)
        said = "".join(traceback.format_exception(failure)) + repr((api, failure, failure.args))
    assert TOKEN.partition(":")[2] not in said + caplog.text
