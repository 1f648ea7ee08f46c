"""The clock jumps an hour back in the middle of everything: nothing lost, doubled or refused."""

import pytest

from handlers.retention import EVERY
from tests.handlers.program import CODES, Stage, to_first_question
from tests.handlers.web.doors import Door
from tests.photos_made import page, saved
from tests.talk import Talk
from tests.walking import hand_in

PHOTO = saved(page(900, 1200), "JPEG")
pytestmark = pytest.mark.usefixtures("log")


async def test_a_citizen_walks_on_while_the_clock_goes_back_an_hour(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        for _ in CODES[:5]:
            await talk.press("2")
        stage.clock.forward(hours=-1)
        for _ in CODES[5:]:
            await talk.press("2")
        assert stage.answers(talk) == dict.fromkeys(CODES, 2)
        await talk.send(PHOTO)
        stage.clock.forward(hours=-1)
        if talk.screen["choices"][0]["id"].partition(":")[0] == "again":
            await talk.press("keep")
        await talk.press("submit")
        await talk.say("nop")
        assert stage.rows("SELECT status, photos FROM declaration") == [("submitted", 1)]
        assert stage.rows("SELECT count(*) FROM evidence") == [(1,)]
        assert stage.dead() == []


async def test_a_session_and_its_page_outlive_the_jump(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        stage.clock.forward(hours=-1)
        door = Door(stage, talk)
        assert (await door.post("sessions", {})).status_code == 200
        await talk.press("3")
        assert stage.answers(talk) == {"A1": 3}


async def test_a_notice_comes_later_by_the_jump_and_once(stage: Stage) -> None:
    async with Talk(stage) as talk, Talk(stage, "/officer/chat") as officer:
        await to_first_question(talk)
        await hand_in(talk)
        ((code,),) = stage.rows("SELECT code FROM declaration")
        await officer.enter(await stage.officer_link())
        await officer.say(f"mở {code}")
        await officer.say(f"duyệt {code}")
        if stage.rows("SELECT status FROM declaration") != [("approved",)]:
            await officer.press(1)
        assert stage.rows("SELECT status FROM declaration") == [("approved",)]
        stage.clock.forward(hours=-1)
        await stage.program.jobs.once()
        assert stage.rows("SELECT done_ms FROM due WHERE kind = 'notice'") == [(None,)]
        stage.clock.forward(hours=1, seconds=61)
        await stage.program.jobs.once()
        await stage.program.jobs.once()
        notices = stage.rows("SELECT outcome FROM due WHERE kind = 'notice'")
        assert notices == [("sent",)]
        told = await talk.hear()
        assert len(told) >= 1
        assert stage.rows("SELECT count(*) FROM inbox WHERE external_id LIKE 'due:%'") == [(1,)]


async def test_retention_is_neither_put_off_for_long_nor_done_over_and_over(stage: Stage) -> None:
    retention = stage.program.jobs._retention
    await retention.daily()
    first = retention._next
    stage.clock.forward(hours=-1)
    await retention.daily()
    assert retention._next == first
    # A year ahead by mistake, and back: the next day's work is not a year away.
    stage.clock.forward(days=-365)
    await retention.daily()
    assert retention._next == stage.clock.at + EVERY
