"""One person on several channels: who gets in, who does not, and turns that cross each other."""

import asyncio
import re
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import pytest

from handlers.watch import Watch
from storage import conversations
from storage.effects import Conflict, TurnWrite, apply_turns
from storage.seams import to_ms
from tests.handlers.program import Stage, post, pressing, sender_of, to_first_question, to_submit
from tests.talk import Talk
from tests.world import VILLAGE

MINUTE = 60
PEOPLE = "SELECT count(*) FROM person"
OF = "SELECT person_id FROM conversation WHERE sender = ?"


async def code_from(talk: Talk) -> str:
    """Ask for a code and return its six digits."""
    await talk.say("nối")
    code: str = re.findall(r"\b\d{6}\b", talk.transcript())[-1]
    return code


def long_in(talk: Talk) -> str:
    """Return the long word that a talker was given last."""
    return talk.transcript().rpartition("#join=")[2][:32]


def typing(text: str) -> dict[str, Any]:
    """Return the event of typing something."""
    return {"text": text}


def wrong(code: str) -> str:
    """Return a code that is not `code`."""
    return f"{(int(code) + 1) % 10**6:06d}"


@pytest.fixture
async def phones(still: Stage) -> AsyncIterator[list[Talk]]:
    """Somebody at the first question, and two phones with nothing on them."""
    talks = [Talk(still) for _ in range(3)]
    await still.pump(to_first_question(talks[0]))
    for talk in talks[1:]:
        await still.pump(talk.open(place=VILLAGE))
    yield talks
    for talk in talks:
        await talk.client.aclose()


async def joined(still: Stage, first: Talk, other: Talk) -> None:
    """Let `other` join the person of `first`, who is told."""
    code = await still.pump(code_from(first))
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(first)) == still.rows(OF, sender_of(other))
    await still.program.turns.once()


async def test_of_two_who_use_one_code_at_once_exactly_one_gets_in(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, third = phones
    code = await still.pump(code_from(first))
    await still.at_once(post(other, typing(f"nối {code}")), post(third, typing(f"nối {code}")))
    whose = [still.rows(OF, sender_of(talk))[0][0] for talk in phones]
    assert whose[0] is not None
    assert sorted(whose[1:], key=str) == sorted((whose[0], None), key=str)
    assert still.rows("SELECT count(*) FROM link_try") == [(1,)]
    assert still.dead() == []


async def test_a_code_is_good_once_and_for_fifteen_minutes(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, third = phones
    late = await still.pump(code_from(first))
    still.clock.forward(seconds=15 * MINUTE)
    await still.pump(other.say(f"nối {late}"))
    assert still.rows(OF, sender_of(other)) == [(None,)]
    code = await still.pump(code_from(first))
    still.clock.forward(seconds=15 * MINUTE - 1)
    await still.pump(other.say(f"nối {code}"))
    await still.pump(third.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == still.rows(OF, sender_of(first))
    assert still.rows(OF, sender_of(third)) == [(None,)]


async def test_of_the_codes_of_a_person_the_newest_alone_is_good_and_none_is_kept(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    old = await still.pump(code_from(first))
    new = await still.pump(code_from(first))
    await still.pump(other.say(f"nối {old}"))
    assert still.rows(OF, sender_of(other)) == [(None,)]
    kept = repr(still.rows("SELECT * FROM link"))
    assert [word in kept for word in (old, new, long_in(first))] == [False, False, False]
    await still.pump(other.say(f"nối {new}"))
    assert still.rows(OF, sender_of(other)) == still.rows(OF, sender_of(first))


async def test_after_five_wrong_codes_only_the_long_link_works_for_an_hour(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, third = phones
    code = await still.pump(code_from(first))
    for _ in range(5):
        await still.pump(other.say(f"nối {wrong(code)}"))
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == [(None,)]
    still.clock.forward(seconds=60 * MINUTE - 1)
    code = await still.pump(code_from(first))
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == [(None,)]
    still.clock.forward(seconds=1)
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == still.rows(OF, sender_of(first))
    for _ in range(5):
        await still.pump(third.say(f"nối {wrong(code)}"))
    await still.pump(code_from(first))
    await still.pump(third.open(join=long_in(first)))
    assert still.rows(OF, sender_of(third)) == still.rows(OF, sender_of(first))


async def test_codes_tried_slowly_are_each_counted_for_a_quarter_of_an_hour(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    code = await still.pump(code_from(first))
    for _ in range(7):
        still.clock.forward(seconds=4 * MINUTE)
        await still.pump(other.say(f"nối {wrong(code)}"))
    assert still.rows("SELECT count(*) FROM link_try") == [(7,)]


async def test_sixty_wrong_codes_everywhere_let_codes_rest_and_wake_the_operator(
    still: Stage, phones: list[Talk], log: list[MutableMapping[str, Any]]
) -> None:
    first, other, third = phones
    code = await still.pump(code_from(first))
    at_ms = to_ms(still.clock.at)
    watch = Watch(still.program.parts)
    for n in range(60):
        await watch.once()
        query = "INSERT INTO link_try (id, conversation_id, at_ms) VALUES (?, ?, ?)"
        still.spoil(query, 1000 + n, 5000 + n, at_ms)
    assert [one for one in log if one["event"] == "link_guessing"] == []
    await watch.once()
    assert [one["part"] for one in log if one["event"] == "link_guessing"] == ["links"]
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == [(None,)]
    await still.pump(third.open(join=long_in(first)))
    assert still.rows(OF, sender_of(third)) == still.rows(OF, sender_of(first))
    still.clock.forward(seconds=15 * MINUTE)
    await watch.once()
    assert log[-1]["event"] == "alarm_over"
    code = await still.pump(code_from(first))
    await still.pump(other.say(f"nối {code}"))
    assert still.rows(OF, sender_of(other)) == still.rows(OF, sender_of(first))


async def test_who_hands_in_and_who_answers_at_the_same_time_do_not_cross(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    await joined(still, first, other)
    await still.pump(to_submit(first))
    answered = still.answers(first)
    await still.at_once(post(first, typing("nộp")), post(other, pressing(other, "0")))
    assert still.rows("SELECT status FROM declaration") == [("submitted",)]
    assert still.answers(first) == answered
    assert still.dead() == []


async def test_a_question_that_was_settled_on_another_phone_is_asked_no_more(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    await joined(still, first, other)
    await still.pump(to_submit(first))
    await still.pump(first.say("nộp"))
    answered = still.answers(first)
    screen = await still.pump(other.press(1))
    assert screen["choices"][0]["id"] == "refresh"
    assert still.answers(first) == answered


async def test_erasing_on_one_phone_erases_on_all(still: Stage, phones: list[Talk]) -> None:
    first, other, _ = phones
    await joined(still, first, other)
    await still.pump(other.say("/xoa"))
    await still.pump(other.say("xóa hết"))
    assert still.rows(PEOPLE) == [(0,)]
    assert still.rows("SELECT count(*) FROM link") == [(0,)]
    assert still.rows("SELECT count(*) FROM conversation WHERE linked_ms IS NOT NULL") == [(0,)]
    query = """SELECT count(*) FROM outbox o, conversation c
        WHERE o.conversation_id = c.id AND c.sender = ?"""
    assert still.rows(query, sender_of(first)) == [(0,)]
    await still.pump(first.say("dữ liệu"))
    assert "Hoa" not in first.screen["text"]


async def test_who_is_cut_off_while_asking_sees_nothing_any_more(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    await joined(still, first, other)
    await still.pump(first.say("bỏ nối"))
    cut, asked = await still.at_once(
        post(first, pressing(first, "others")), post(other, typing("dữ liệu"))
    )
    assert cut.status_code == asked.status_code == 200
    assert "1965" not in asked.text
    assert still.rows(OF, sender_of(other)) == [(None,)]
    assert still.rows("SELECT version FROM person") == [(None,)]


async def test_a_person_with_one_conversation_is_not_counted(
    still: Stage, phones: list[Talk]
) -> None:
    first, other, _ = phones
    await still.pump(first.press(1))
    assert still.rows("SELECT version FROM person") == [(None,)]
    await joined(still, first, other)
    (before,) = still.rows("SELECT version FROM person")
    await still.pump(first.press(1))
    assert still.rows("SELECT version FROM person") == [(before[0] + 1,)]


async def test_of_two_turns_decided_on_the_same_person_one_is_written(
    still: Stage, phones: list[Talk]
) -> None:
    """Two processes: the second waits for the first (PostgreSQL), and then decides again."""
    first, other, _ = phones
    await joined(still, first, other)
    database, now = still.program.parts.database, still.clock.at
    senders = [sender_of(first), sender_of(other)]
    async with database.reading() as connection:
        found = await conversations.load(connection, senders)
    writes = [
        TurnWrite(0, c.id, c.version, c.state, (), (), None, c.counted)
        for c in (found[sender] for sender in senders)
    ]

    async def late() -> None:
        async with database.claim() as claim:
            await claim.write(lambda c: apply_turns(c, writes[1:], now=now))

    async with database.claim() as claim:
        await claim.write(lambda c: apply_turns(c, writes[:1], now=now))
        waiting = asyncio.create_task(late())
        await asyncio.sleep(0)
    with pytest.raises(Conflict):
        await waiting


async def test_an_old_link_says_so_and_a_digit_too_few_is_no_try(
    still: Stage, phones: list[Talk]
) -> None:
    _, other, _ = phones
    await still.pump(other.open(join="0" * 32))
    await still.pump(other.say("nối 12345"))
    assert still.rows("SELECT count(*) FROM link_try") == [(0,)]
    assert "15 phút" in other.transcript()
