"""A period that an operator closes, as people at the chat meet it; and midnight, to the second."""

import asyncio
from datetime import UTC, datetime

from dialogs.periods import close_period
from storage.database import Connection
from storage.periods import get_period, set_period
from storage.seams import to_ms
from tests.handlers.program import Stage, to_first_question, to_submit
from tests.talk import Talk

MIDNIGHT = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


async def close(stage: Stage, year: int = 2026, province: str = "") -> None:
    """Close a period as another process would: only rows tell of it."""

    async def work(connection: Connection) -> None:
        before = await get_period(connection, "citizen", year, province)
        after = close_period(before, seen=before.version)
        await set_period(connection, after, officer_id=None, at_ms=to_ms(stage.clock.at))

    await stage.program.parts.database.write(work)


async def test_a_closed_period_takes_no_new_form_and_says_when_the_next_opens(stage: Stage) -> None:
    await close(stage)
    async with Talk(stage) as talk:
        await talk.open(place="20242-012")
        await talk.press("start")
        assert talk.screen["text"].split("\n") == [
            "Hiện ở đây chưa nhận phiếu mới.",
            "Phiếu năm 2027 nhận từ ngày 01/01/2027.",
        ]
        assert [c["id"] for c in talk.screen["choices"]] == ["later"]


async def test_a_draft_of_a_closed_period_is_kept_and_waits(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        await to_submit(talk)
        await close(stage, province="48")
        said = await talk.say("nộp")
        assert said["text"].startswith("Phiếu này của năm 2026. Hiện không nhận phiếu năm 2026")
        assert [c["id"] for c in said["choices"]] == ["read", "mydata"]
        assert len(stage.answers(talk)) == 10


async def test_another_provinces_close_touches_nobody_here(stage: Stage) -> None:
    await close(stage, province="01")
    async with Talk(stage) as talk:
        await to_first_question(talk)
        await to_submit(talk)
        said = await talk.say("nộp")
        assert said["text"].startswith("Đã nộp.")


async def test_a_word_that_came_before_midnight_is_in_time_though_answered_after(
    still: Stage,
) -> None:
    talk = Talk(still)
    await still.pump(to_first_question(talk))
    await still.pump(to_submit(talk))
    still.clock.at = MIDNIGHT.replace(hour=16, minute=59, second=59)
    asked = asyncio.ensure_future(talk.say("nộp"))
    await still.kept(1)
    still.clock.forward(seconds=2)
    await still.program.turns.once()
    said = await asked
    assert said["text"].startswith("Đã nộp. Mã phiếu: KH26")
    await talk.client.aclose()
