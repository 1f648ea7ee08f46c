"""Asking for updates: each kept once, patient with failures, never beside a webhook."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest

from handlers.outside import open_outside
from handlers.zalo.bot import BotApi
from handlers.zalo.hearing import BOT, Ear
from handlers.zalo.intake import Intake
from handlers.zalo.polling import FIRST_PAUSE, LONGEST_PAUSE, Polling
from storage.seams import Seams
from storage.spool import Spool
from tests.fakes.faulty import Fault
from tests.fakes.zalo_bot import TOKEN, FakeZaloBot
from tests.handlers.program import Stage

ANH = "6ede9afa66b88fe6d6a9"
PICTURE = b"\xff\xd8\xffpicture"
Log = list[MutableMapping[str, Any]]


@pytest.fixture
async def zalo() -> AsyncIterator[FakeZaloBot]:
    """A bot that nobody has given a webhook."""
    async with FakeZaloBot.serving() as fake:
        yield fake


@pytest.fixture
async def polling(still: Stage, zalo: FakeZaloBot) -> AsyncIterator[Polling]:
    """Asks that bot, for a program whose turns wait."""
    async with open_outside() as http:
        yield polling_for(still, BotApi(http, zalo.url, TOKEN))


def polling_for(still: Stage, api: BotApi) -> Polling:
    """Return what a process that has just started asks with."""
    parts = still.program.parts
    spool = Spool(still.folder / "spool", Seams())
    intake = Intake(parts, still.program.door, spool)
    return Polling(intake, Ear(BOT, TOKEN.partition(":")[0], parts.secret("inbox")), api, seconds=0)


async def rows(still: Stage, query: str = "SELECT sender, status FROM inbox ORDER BY id") -> Any:
    """Return what is kept."""
    return await asyncio.to_thread(still.rows, query)


@pytest.mark.parametrize("updates", ["object", "array"])
async def test_what_people_write_is_kept(
    still: Stage, zalo: FakeZaloBot, polling: Polling, updates: Any
) -> None:
    zalo.updates = updates
    await zalo.says(ANH, "xin chào")
    await zalo.says(ANH, "2")
    assert [await polling.once(), await polling.once()] == [0.0, 0.0]
    assert await rows(still) == [(f"zb:{ANH}", 0)] * 2
    assert zalo.complaints == []


@pytest.mark.parametrize("idle", ["http", "code", "null"])
async def test_silence_is_no_failure(
    still: Stage, zalo: FakeZaloBot, polling: Polling, idle: Any, log: Log
) -> None:
    zalo.idle = idle
    assert [await polling.once() for _ in range(3)] == [0.0] * 3
    assert await rows(still) == []
    assert [one for one in log if one["event"] == "polling_failed"] == []


async def test_what_comes_again_is_kept_once_even_by_another_process(
    still: Stage, zalo: FakeZaloBot, polling: Polling
) -> None:
    zalo.replays, zalo.updates = True, "array"
    await zalo.says(ANH, "một")
    await polling.once()
    await zalo.sends_photo(ANH, [PICTURE, PICTURE], caption="giấy")
    for _ in range(3):
        await polling.once()
    async with open_outside() as http:
        await polling_for(still, BotApi(http, zalo.url, TOKEN)).once()
    # A text, and two photos each with its words.
    assert await rows(still) == [(f"zb:{ANH}", 0)] * 5


async def test_an_unknown_update_is_a_dead_letter_and_the_next_is_heard(
    still: Stage, zalo: FakeZaloBot, polling: Polling
) -> None:
    zalo.updates = "array"
    await zalo.event("message.dream.received", ANH, {})
    await zalo.says(ANH, "2")
    await polling.once()
    assert sorted(await rows(still)) == [(f"zb:{ANH}", 0), (f"zb:{ANH}", 2)]


async def test_failures_are_waited_out_longer_each_time_and_said_once(
    zalo: FakeZaloBot, polling: Polling, log: Log
) -> None:
    await polling.once()
    zalo.fail("getUpdates", *[Fault("status", status=502)] * 3)
    zalo.fail("getWebhookInfo", *[Fault("status", status=502)] * 6)
    pauses = [await polling.once() for _ in range(9)]
    assert pauses[:6] == [FIRST_PAUSE * 2**n for n in range(6)]
    assert pauses[6:] == [LONGEST_PAUSE] * 3
    assert await polling.once() == 0.0
    zalo.fail("getUpdates", Fault("status", status=502))
    assert await polling.once() == FIRST_PAUSE
    failed = [one for one in log if one["event"] == "polling_failed"]
    assert len(failed) == 1
    assert TOKEN not in str(log)


async def test_beside_a_webhook_it_does_not_ask_and_says_so_once(
    still: Stage, zalo: FakeZaloBot, polling: Polling, log: Log
) -> None:
    zalo.webhook = "http://127.0.0.1:9/webhooks/zalo-bot"
    assert [await polling.once() for _ in range(3)] == [LONGEST_PAUSE] * 3
    assert [one["channel"] for one in log if one["event"] == "polling_refused"] == [BOT]
    zalo.webhook = ""
    await zalo.says(ANH, "2")
    assert await polling.once() == 0.0
    assert await rows(still) == [(f"zb:{ANH}", 0)]


async def test_a_wrong_token_is_asked_with_once_a_minute(still: Stage, zalo: FakeZaloBot) -> None:
    async with open_outside() as http:
        polling = polling_for(still, BotApi(http, zalo.url, "1:wrong"))
        assert [await polling.once() for _ in range(3)] == [LONGEST_PAUSE] * 3
