"""Whoever leaves, whoever is blocked, and days on which the database is away: nothing is lost."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from storage import blocks
from storage.blocks import Whom
from storage.database import Connection
from storage.seams import to_ms
from tests.handlers.zalo.calls import ACCOUNT, PERSON, Zalo, event, said, update

Log = list[MutableMapping[str, Any]]


async def test_whoever_leaves_is_not_written_to_and_keeps_everything(zalo: Zalo) -> None:
    assert await zalo.oa(said()) == 200
    zalo.stage.clock.forward(minutes=1)
    at_ms = to_ms(zalo.stage.clock.at)
    left = event("unfollow", follower={"id": PERSON}, oa_id=ACCOUNT, timestamp=at_ms)
    assert await zalo.oa(left) == 200
    stopped = "SELECT sender, stopped, stopped_ms FROM contact"
    assert await zalo.rows(stopped) == [(f"zo:{PERSON}", "unfollowed", at_ms)]
    assert await zalo.rows() == [(f"zo:{PERSON}", 0, None)]
    zalo.stage.clock.forward(minutes=1)
    assert await zalo.oa(said(number=2)) == 200
    assert await zalo.rows(stopped) == [(f"zo:{PERSON}", None, None)]


async def test_a_leave_that_comes_after_the_return_changes_nothing(zalo: Zalo) -> None:
    at_ms = to_ms(zalo.stage.clock.at)
    zalo.stage.clock.forward(minutes=1)
    assert await zalo.oa(event("follow", follower={"id": PERSON})) == 200
    left = event("unfollow", follower={"id": PERSON}, oa_id=ACCOUNT, timestamp=at_ms)
    assert await zalo.oa(left) == 200
    assert await zalo.rows("SELECT sender, stopped FROM contact") == [(f"zo:{PERSON}", None)]


async def test_whoever_is_blocked_is_not_kept_but_may_ask_to_be_erased(zalo: Zalo) -> None:
    parts, now_ms = zalo.stage.program.parts, to_ms(zalo.stage.clock.at)
    whom, until_ms = Whom(sender=f"zo:{PERSON}"), now_ms + 3_600_000

    async def work(connection: Connection) -> int:
        return await blocks.set_block(
            connection, whom, reason="flood", until_ms=until_ms, at_ms=now_ms
        )

    await parts.database.write(work)
    parts.blocks.forget()
    assert [await zalo.oa(said()), await zalo.oa(event("follow", 2))] == [200, 200]
    assert await zalo.rows() == []
    assert zalo.outcomes() == {"zalo_oa kept": 2, "zalo_oa blocked": 2}
    assert await zalo.oa(event("user_withdraw")) == 200
    assert await zalo.oa({**said(), "sender": {"id": "5"}}) == 200
    assert await zalo.rows() == [(f"zo:{PERSON}", 0, None), ("zo:5", 0, None)]


async def test_while_the_database_is_away_events_wait_on_disk(zalo: Zalo, log: Log) -> None:
    async with zalo.stage.locked():
        async with asyncio.timeout(2):
            assert await zalo.oa(said("một", 1)) == 200
        asked = [zalo.oa(said("hai", 2)), zalo.oa(said("một", 1)), zalo.bot(update())]
        async with asyncio.timeout(2):
            assert await asyncio.gather(*asked) == [200] * 3
        left = event("unfollow", follower={"id": "9"}, oa_id=ACCOUNT)
        assert await zalo.oa(left) == 200
    senders = [sender for sender, status, _ in await zalo.rows() if status == 0]
    assert senders == [f"zo:{PERSON}", f"zo:{PERSON}", "zb:6ede9a"]
    stopped = await zalo.rows("SELECT sender, stopped FROM contact WHERE stopped IS NOT NULL")
    assert stopped == [("zo:9", "unfollowed")]
    assert list((zalo.stage.folder / "spool").iterdir()) == []
    assert [one["event"] for one in log if one["event"].startswith("spool")] == [
        "spooling", "spool_drained",
    ]  # fmt: skip
    assert await zalo.oa(said("ba", 3)) == 200
    assert len(await zalo.rows()) == 4


async def test_with_no_room_anywhere_zalo_is_asked_to_come_again(zalo: Zalo) -> None:
    (zalo.stage.folder / "spool").write_text("no folder")
    async with zalo.stage.locked():
        assert await zalo.oa(said()) == 503
    (zalo.stage.folder / "spool").unlink()
    await zalo.intake.drain()
    assert await zalo.oa(said()) == 200
    assert len(await zalo.rows()) == 1
