"""Whatever people type, at whichever question: words come back, and it is only ever text."""

import asyncio
import json
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handlers.web.doors import Door, event
from tests.talk import Talk
from tests.walking import ANSWERS, hand_in, sign
from tests.world import VILLAGE, World

TEMPLATES = "{{7*7}} {name} {0.__class__} {count} ${x} %s %(name)s {"
MARKUP = '<script>alert(1)</script><img src=x onerror="alert(1)"> &lt;b&gt;'
TEXTS = {
    "emoji": "😀👨‍👩‍👧‍👦🇻🇳",
    "long": "a" * 10_000,
    "long marks": "ế" * 10_000,
    "long words": "nguyen " * 1428,
    "long digits": "9" * 10_000,
    "long points": "8/" + "1" * 4000,
    "long blanks": " " * 9_999 + "x",
    "right to left": "\u202eمرحبا\u202d",
    "zalgo": "N" + "\u0301" * 500 + "guyễn",
    "markup": MARKUP,
    "templates": TEMPLATES,
    "formula": "=cmd|' /C calc'!A1",
    "sql": "'; DROP TABLE person;--",
    "control": "\x1b[31m\x07\x00\x08",
    "invisible": "\u200b\u200d\ufeff",
    "odd digits": "² ½ ٣ Ⅷ 𝟙",
    "edit far": "/sửa câu " + "9" * 4400,
    "lone mark": "\u0301",
    "not a character": "\uffff\ufdd0",
}
STEPS = ("hello", "name", "question", "photos", "summary", "submit", "home")


async def walk_to(talk: Talk, step: str) -> None:
    """Walk to one of STEPS."""
    await talk.open(place=VILLAGE)
    if step == "hello":
        return
    for choice in ("start", 1, "agree"):
        await talk.press(choice)
    if step == "name":
        return
    await talk.say("Nguyễn Văn Mẫu 1965")
    if step == "question":
        return
    for answer in ANSWERS:
        await talk.press(answer)
    for name, choice in (("photos", "none"), ("summary", "submit")):
        if step == name:
            return
        await talk.press(choice)
    if step == "home":
        await talk.say("nop")
        await talk.press("no")


@pytest.mark.parametrize("step", STEPS)
async def test_every_question_answers_every_text_quickly(world: World, step: str) -> None:
    async with Talk(world) as talk:
        await walk_to(talk, step)
        door = Door(world, talk)
        for name, words in TEXTS.items():
            world.clock.forward(seconds=10)
            before = time.perf_counter()
            answer = await door.post("events", event(text=words))
            took = time.perf_counter() - before
            assert answer.status_code == 200
            (screen,) = answer.json()["screens"]
            assert "Có lỗi phía hệ thống" not in screen["text"], name
            assert took < 1.0, (name, took)
        whole = await door.post("sessions", {})
        said = [line["mine"] for line in whole.json()["history"] if "mine" in line]
        assert TEMPLATES in said
        assert MARKUP in said


NAMES = (
    f"Nguyễn {TEMPLATES} An 1965",
    f"Nguyễn {MARKUP} An 1965",
    "=HYPERLINK(Nguyễn) An 1965",
    "+Nguyễn -An @Ba 1965",
    "Nguyễn\x00 Văn\x1b[31m An 1965",
    "Nguyễn \u202eVăn\u202c An 1965",
    "N" + "\u0301" * 500 + "guyễn Văn An 1965",
    "Nguyễn 😀 An 1965",
    "nguyen van {name} 1965",
)


@pytest.mark.parametrize("typed", NAMES, ids=range(len(NAMES)))
async def test_a_name_is_letters_for_citizen_and_officer_whatever_was_typed(
    world: World, typed: str
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await walk_to(talk, "name")
        await talk.say(typed)
        if not talk.screen["progress"]:
            await talk.say("Nguyễn Văn Mẫu 1965")
        if not talk.screen["progress"]:
            await talk.press(1)
        code = await hand_in(talk)
        await officer.enter(await world.officer_link())
        shown = (await officer.say(f"mo {code[-2:]}"))["text"]
    name = shown.partition(" · ")[2].partition(",")[0]
    assert "Nguyễn" in name.title()
    assert all(c.isalpha() or c in " '-" for c in name), name
    assert len(name) <= 60


async def test_a_typed_village_is_text_in_every_screen(world: World) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await talk.open(place="20194")  # a ward without a list of villages
        await talk.press("start")
        await talk.say(f"xóm {TEMPLATES} <b>")
        for choice in (1, "agree"):
            await talk.press(choice)
        await talk.say("Nguyễn Văn Mẫu 1965")
        code = await hand_in(talk)
        assert TEMPLATES in talk.transcript()
        await officer.enter(await world.officer_link(place="20194"))
        assert TEMPLATES in (await officer.say(f"mo {code[-2:]}"))["text"]


async def test_an_officers_words_reach_the_citizen_as_they_were_typed(world: World) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        code = await hand_in(talk)
        await officer.enter(await world.officer_link())
        await officer.say(f"mo {code[-2:]}")
        await officer.say(f"bo sung {code[-2:]} 2")
        await officer.say("6")
        await officer.say(f"{TEMPLATES} {MARKUP}")
        world.clock.forward(seconds=61)
        await world.program.jobs.once()
        await talk.say("ket qua")
        told = await talk.press("continue")
        assert f"{TEMPLATES} {MARKUP}" in told["text"]


async def test_words_too_long_for_a_reason_are_refused_kindly(world: World) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        code = await hand_in(talk)
        await officer.enter(await world.officer_link())
        await officer.say(f"mo {code[-2:]}")
        for command in ("chua dat", "duyet", "bo sung", "cham", "ten", "thon"):
            for words in TEXTS.values():
                world.clock.forward(seconds=10)
                answer = await officer.say(f"{command} {code[-2:]} {words}"[:10_000])
                assert "Có lỗi phía hệ thống" not in answer["text"]
        async with world.program.parts.database.reading() as connection:
            rows = await connection.exec_driver_sql("SELECT count(*) FROM inbox WHERE status = 2")
            assert rows.scalar_one() == 0


async def test_one_person_in_two_sessions_is_shown_to_the_officer_as_twins(world: World) -> None:
    async with Talk(world) as one, Talk(world) as two, Talk(world, "/officer/chat") as officer:
        for talk in (one, two):
            await sign(talk)
            code = await hand_in(talk)
        await officer.enter(await world.officer_link())
        shown = (await officer.say(f"mo {code[-2:]}"))["text"]
        assert "Có thể trùng với 1 phiếu khác cùng tên, năm sinh." in shown


async def test_the_same_session_never_makes_a_second_file(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        await hand_in(talk)
        for words in ("nop", "bat dau", "menu", "nop", "tiep"):
            world.clock.forward(seconds=10)
            await talk.say(words)
        await talk.open(place=VILLAGE)
        async with world.program.parts.database.reading() as connection:
            rows = await connection.exec_driver_sql("SELECT count(*), count(code) FROM declaration")
            assert tuple(rows.one()) == (1, 1)


@pytest.mark.parametrize("step", ["name", "question", "photos"])
async def test_no_text_makes_a_turn_fail(world: World, step: str) -> None:
    loop = asyncio.get_running_loop()
    async with Talk(world) as talk:
        await walk_to(talk, step)
        door = Door(world, talk)

        @settings(
            max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
        )
        @given(st.text(max_size=400))
        def holds(words: str) -> None:
            world.clock.forward(seconds=10)
            sent = json.dumps(event(text=words)).encode()
            posted = asyncio.run_coroutine_threadsafe(door.post("events", sent), loop)
            answer = posted.result(30)
            assert "Có lỗi phía hệ thống" not in answer.text

        await asyncio.to_thread(holds)
