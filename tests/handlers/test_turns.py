"""What is said is kept, answered once and in order, whatever happens to the others."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.databases import Template
from tests.handlers.program import (
    CODES,
    STILL,
    Stage,
    post,
    pressing,
    sender_of,
    staged,
    to_first_question,
    to_submit,
)
from tests.talk import Talk
from tests.world import Chance

SORRY = "Có lỗi phía hệ thống"
pytestmark = pytest.mark.usefixtures("log")


async def test_the_same_event_twice_at_once_is_one_answer(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        event, id = pressing(talk, "2"), str(uuid4())
        first, second = await asyncio.gather(post(talk, event, id), post(talk, event, id))
        later = await post(talk, event, id)
        assert first.json() == second.json() == later.json()
        assert stage.answers(talk) == {"A1": 2}
        assert first.json()["screens"][0]["progress"] == {"step": 2, "of": 10}


async def test_twenty_messages_at_once_are_answered_in_order(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        said = ["3", "4", "3", "2", "1", "2", "3", "4", "2", "3", *["?"] * 10]
        replies = await asyncio.gather(*(post(talk, {"text": text}) for text in said))
        first = int(talk.screen["id"])
        numbers = [int(reply.json()["screens"][0]["id"]) for reply in replies]
        assert numbers == list(range(first + 1, first + 21))
        expected = dict(zip(CODES, [int(text) - 1 for text in said[:10]], strict=True))
        assert stage.answers(talk) == expected


async def test_nobody_is_told_of_what_is_not_on_disk(still: Stage, three: list[Talk]) -> None:
    passed: list[str] = []

    def note(name: str) -> None:
        def happen() -> None:
            passed.append(name)
            note(name)

        still.at_point[name] = [happen]

    for name in ("commit.before", "commit.after", "door.kept", "turns.applied"):
        note(name)
    await still.at_once(post(three[0], pressing(three[0], "2")))
    commit = ["commit.before", "commit.after"]
    assert passed == [*commit, "door.kept", *commit, "turns.applied"]


async def test_a_conversation_that_moved_on_meanwhile_is_decided_again(
    still: Stage, three: list[Talk]
) -> None:
    moved = sender_of(three[1])
    state = "SELECT state, version FROM conversation WHERE sender = ?"
    ((before, version),) = still.rows(state, moved)

    def move_on() -> None:
        english = json.dumps({**json.loads(before), "locale": "en"})
        anew = "UPDATE conversation SET version = version + 1, state = ? WHERE sender = ?"
        still.spoil(anew, english, moved)

    still.at_point["turns.apply"] = [move_on]
    await still.at_once(*(post(talk, pressing(talk, "2")) for talk in three))
    assert [still.answers(talk) for talk in three] == [{"A1": 2}] * 3
    ((after, at),) = still.rows(state, moved)
    assert (json.loads(after)["locale"], at) == ("en", version + 2)


POISONS = {
    "unreadable state": "UPDATE conversation SET state = '{' WHERE sender = ?",
    "unknown field": """UPDATE conversation SET state = '{"nobody": 1}' WHERE sender = ?""",
    "unknown step": """UPDATE conversation SET state = '{"step": "gone"}' WHERE sender = ?""",
    "lost criteria": """UPDATE declaration SET criteria = 'gone' WHERE person_id =
        (SELECT person_id FROM conversation WHERE sender = ?)""",
    "wrong date": """UPDATE declaration SET return_by = 'soon' WHERE person_id =
        (SELECT person_id FROM conversation WHERE sender = ?)""",
}


@pytest.mark.parametrize("poison", POISONS)
async def test_a_poisoned_turn_hurts_nobody_else(
    still: Stage, three: list[Talk], poison: str
) -> None:
    first, poisoned, last = three
    still.spoil(POISONS[poison], sender_of(poisoned))
    replies = await still.at_once(*(post(talk, pressing(talk, "2")) for talk in three))
    assert [still.answers(talk) for talk in (first, last)] == [{"A1": 2}] * 2
    assert [r.json()["screens"][0]["progress"] for r in (replies[0], replies[2])] == [
        {"step": 2, "of": 10}
    ] * 2
    assert SORRY in replies[1].json()["screens"][0]["text"]
    assert still.answers(poisoned) == {}
    assert [sender for sender, _ in still.dead()] == [sender_of(poisoned)]


SPOILT = {
    "not understood": ("raw", '{"t": "nonsense"}'),
    "no JSON": ("raw", "nonsense"),
    "an unknown event of ours": ("raw", '{"internal": "nonsense"}'),
    "another channel": ("channel", "pigeon"),
}


@pytest.mark.parametrize("spoilt", SPOILT)
async def test_a_spoilt_message_is_a_dead_letter_and_hurts_nobody_else(
    still: Stage, three: list[Talk], spoilt: str
) -> None:
    column, value = SPOILT[spoilt]
    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in three]
    await still.kept(3)
    still.spoil(
        f"UPDATE inbox SET {column} = ? WHERE sender = ? AND status = 0", value, sender_of(three[1])
    )
    await still.program.turns.once()
    await asyncio.gather(tasks[0], tasks[2])
    tasks[1].cancel()
    assert [still.answers(talk) for talk in three] == [{"A1": 2}, {}, {"A1": 2}]
    assert [sender for sender, _ in still.dead()] == [sender_of(three[1])]


async def test_a_state_of_a_newer_program_waits_for_it_and_hurts_nobody_else(
    still: Stage, three: list[Talk]
) -> None:
    newer = three[1]
    still.spoil("UPDATE conversation SET state_version = 99 WHERE sender = ?", sender_of(newer))
    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in three]
    await still.kept(3)
    assert await still.program.turns.once() == 2
    assert await still.program.turns.once() == 0
    await asyncio.gather(tasks[0], tasks[2])
    still.spoil("UPDATE conversation SET state_version = 1 WHERE sender = ?", sender_of(newer))
    await still.pump(tasks[1])
    assert [still.answers(talk) for talk in three] == [{"A1": 2}] * 3
    assert still.dead() == []


@dataclass(slots=True)
class SameCode(Chance):
    """Chance that gives the next tokens twice the same, then is itself again."""

    same: int = 0

    def token(self) -> str:
        """Return the same token while told to."""
        if self.same:
            self.same -= 1
            return "ab" * 32
        return Chance.token(self)


async def test_a_receipt_code_drawn_twice_brings_nobody_down(
    tmp_path: Path, template: Template
) -> None:
    chance = SameCode()
    async with (
        staged(tmp_path / "var", template, roles=STILL, chance=chance) as still,
        Talk(still) as one,
        Talk(still) as two,
        Talk(still) as other,
    ):
        for talk in (one, two, other):
            await still.pump(to_first_question(talk))
        for talk in (one, two):
            await still.pump(to_submit(talk))
        chance.same = 3
        word = {"text": "nộp"}
        events = ((one, word), (other, pressing(other, "2")), (two, word))
        replies = await still.at_once(*(post(talk, event) for talk, event in events))
        codes = still.rows("SELECT code FROM declaration WHERE code IS NOT NULL ORDER BY id")
        assert len(set(codes)) == 2
        assert codes[0][0] in replies[0].json()["screens"][0]["text"]
        assert codes[1][0] in replies[2].json()["screens"][0]["text"]
        assert still.answers(other) == {"A1": 2}
        assert still.dead() == []


async def test_a_decision_in_between_is_seen_and_brings_nobody_down(
    still: Stage, three: list[Talk]
) -> None:
    handing_in, others = three[0], three[1:]
    await still.pump(to_submit(handing_in))

    def decide() -> None:
        still.spoil("UPDATE declaration SET version = version + 1 WHERE status = 'draft'")

    still.at_point["turns.apply"] = [decide]
    presses = [post(talk, pressing(talk, "2")) for talk in others]
    replies = await still.at_once(post(handing_in, {"text": "nộp"}), *presses)
    assert [still.answers(talk) for talk in others] == [{"A1": 2}] * 2
    ((code, version),) = still.rows(
        "SELECT code, version FROM declaration WHERE status = 'submitted'"
    )
    assert (version, code in replies[0].json()["screens"][0]["text"]) == (3, True)
    assert still.rows("SELECT action FROM audit") == [("submit",)]
    assert still.dead() == []


@pytest.mark.parametrize(("attempts", "dead"), [(0, 0), (2, 0), (3, 1)])
async def test_after_a_kill_a_message_is_tried_three_times_at_most(
    tmp_path: Path, template: Template, attempts: int, dead: int
) -> None:
    folder, id = tmp_path / "var", str(uuid4())
    async with staged(folder, template, roles=STILL) as before, Talk(before) as talk:
        await before.pump(to_first_question(talk))
        event = pressing(talk, "2")
        asked = asyncio.create_task(post(talk, event, id))
        await before.kept(1)
        asked.cancel()
    before.spoil("UPDATE inbox SET attempts = ? WHERE status = 0", attempts)
    before.spoil("UPDATE note SET value = 'no' WHERE name = 'stopped'")
    async with staged(folder, template) as after, Talk(after) as again:
        again.client.cookies = talk.client.cookies
        reply = await post(again, event, id)
        assert (SORRY in reply.json()["screens"][0]["text"]) == bool(dead)
        assert after.answers(again) == ({} if dead else {"A1": 2})
        status = "SELECT status, attempts FROM inbox ORDER BY id DESC LIMIT 1"
        assert after.rows(status) == [(2 if dead else 1, attempts + 1)]


@pytest.mark.parametrize("later", [{"seconds": 0}, {"days": 30}])
async def test_a_button_pressed_again_gets_the_present_question(
    stage: Stage, later: dict[str, int]
) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        old = pressing(talk, "2")
        await talk.press("2")
        await talk.press("3")
        stage.clock.forward(**later)
        reply = (await post(talk, {**old, "choice": "0"})).json()["screens"][0]
        assert reply["progress"] == {"step": 3, "of": 10}
        assert stage.answers(talk) == {"A1": 2, "A2": 3}


@pytest.mark.parametrize(("pause", "name"), [(2, "Trần Văn Tư"), (4, None)])
async def test_a_second_text_soon_after_belongs_to_the_first(
    stage: Stage, pause: int, name: str | None
) -> None:
    async with Talk(stage) as talk:
        await talk.open(place="20242-012")
        for choice in ("start", "citizen", "agree"):
            await talk.press(choice)
        asked = talk.screen["id"]
        await talk.say("Trần Văn")
        stage.clock.forward(seconds=pause)
        await post(talk, {"screen": asked, "text": "Tư 1965"})
        assert stage.rows("SELECT name FROM person") == [(name,)]


async def test_what_is_pending_is_answered_under_the_same_id(
    still: Stage, three: list[Talk]
) -> None:
    talk, id = three[0], str(uuid4())
    event = pressing(talk, "2")
    pending = await post(talk, event, id)
    assert (pending.status_code, pending.json()) == (202, {"screens": [], "pending": True})
    await still.program.turns.once()
    answered = await post(talk, event, id)
    assert answered.status_code == 200
    assert answered.json()["screens"][0]["progress"] == {"step": 2, "of": 10}
    assert still.answers(talk) == {"A1": 2}


async def test_a_page_hears_everything_since_its_cursor_in_order(stage: Stage) -> None:
    async with Talk(stage) as talk, Talk(stage) as tab:
        await to_first_question(talk)
        tab.client.cookies, tab.cursor = talk.client.cookies, talk.cursor
        hearing = asyncio.create_task(tab.hear())
        await talk.press("2")
        heard = list(await hearing)
        for _ in range(3):
            await talk.press("2")
        heard += await tab.hear()
        assert [screen["progress"]["step"] for screen in heard] == [2, 3, 4, 5]
        assert tab.cursor == talk.cursor


async def test_a_stop_lets_waiting_pages_go(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        hearing = asyncio.create_task(talk.hear())
        await asyncio.sleep(0.05)
        stage.program.parts.wake.stopping.set()
        async with asyncio.timeout(2):
            assert await hearing == []
