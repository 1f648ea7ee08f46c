"""Dead letters beside a running program: replayed once, answered as fresh, or given up for good."""

import asyncio

import pytest

from handlers.web.read import ChosenRaw, PhotosRaw, TypedRaw, encode
from storage import dead_letters, inbox, retention
from storage.database import Connection
from storage.inbox import Arrival
from storage.seams import to_ms
from tests.handlers.program import Stage, to_first_question
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("log")


async def bury(stage: Stage, talk: Talk, raw: str, id: str = "lost") -> int:
    """Keep a message of this person as one that could not be answered; return its number."""

    async def work(connection: Connection) -> int:
        at_ms = to_ms(stage.clock.at)
        kept = await inbox.add(connection, [Arrival("web", talk.sender, id, raw, at_ms)])
        number = kept[id][0]
        await inbox.count_attempt(connection, [number])
        await inbox.set_dead(connection, number, "ValueError")
        return number

    return await stage.program.parts.database.write(work)


def press(talk: Talk, choice: str) -> str:
    """Return a pressed button in the form in which the door keeps it."""
    return encode(ChosenRaw(talk.screen["id"], choice))


async def replay(stage: Stage, number: int) -> int | None:
    at_ms = to_ms(stage.clock.at)
    again = await stage.program.parts.database.write(
        lambda c: dead_letters.replay(c, number, at_ms=at_ms)
    )
    stage.program.parts.wake.turns.ring()
    return again


async def drop(stage: Stage, number: int) -> bool:
    at_ms = to_ms(stage.clock.at)
    return await stage.program.parts.database.write(
        lambda c: dead_letters.drop(c, number, at_ms=at_ms)
    )


async def listed(stage: Stage, **narrowed: str) -> list[tuple[int, str, bool]]:
    async with stage.program.parts.database.reading() as connection:
        found = await dead_letters.list_letters(connection, **narrowed)  # type: ignore[arg-type]
    return [(one.id, one.error, one.empty) for one in found]


def journal(stage: Stage) -> list[tuple[str, str]]:
    return stage.rows("SELECT action, details FROM audit WHERE action LIKE 'letter%' ORDER BY id")


async def test_a_replayed_letter_is_answered_as_if_it_had_just_come(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, press(talk, "2"))
        assert await listed(stage) == [(number, "ValueError", False)]
        message = await replay(stage, number)
        (heard,) = await talk.hear()
        assert heard["progress"] == {"step": 2, "of": 10}
        assert stage.answers(talk) == {"A1": 2}
        assert await listed(stage) == []
        assert journal(stage) == [
            ("letter_replay", f'{{"letter":{number},"message":{message}}}'),
        ]


async def test_replaying_twice_even_at_once_replays_once(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, press(talk, "2"))
        done = await asyncio.gather(*(replay(stage, number) for _ in range(5)))
        assert sorted(one is not None for one in done) == [False, False, False, False, True]
        assert await replay(stage, number) is None
        await talk.hear()
        assert stage.rows("SELECT count(*) FROM inbox WHERE external_id LIKE 'replay:%'") == [(1,)]
        assert len(journal(stage)) == 1


async def test_a_letter_to_a_question_long_answered_changes_nothing(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, press(talk, "3"))
        await talk.press("1")
        await talk.press("2")
        assert await replay(stage, number) is not None
        (heard,) = await talk.hear()
        assert heard["progress"] == {"step": 3, "of": 10}
        assert stage.answers(talk) == {"A1": 1, "A2": 2}


async def test_one_that_fails_again_is_a_new_letter(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, '{"t": "nothing we know"}')
        message = await replay(stage, number)
        assert message is not None
        await talk.hear()
        assert await listed(stage) == [(message, "Unreadable", False)]


async def test_a_dropped_letter_is_gone_with_its_words(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, encode(TypedRaw("lời riêng")))
        assert await drop(stage, number)
        assert not await drop(stage, number)
        assert await replay(stage, number) is None
        assert await listed(stage) == []
        assert stage.rows("SELECT raw, said FROM inbox WHERE id = ?", number) == [(None, None)]
        details = f'{{"letter":{number},"error":"ValueError"}}'
        assert journal(stage) == [("letter_drop", details)]


async def test_a_letter_past_its_time_is_empty_and_can_only_be_dropped(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        number = await bury(stage, talk, encode(PhotosRaw(("upload",))))
        await stage.program.parts.database.write(
            lambda c: retention.empty_dead(c, letters=[number])
        )
        assert await listed(stage) == [(number, "ValueError", True)]
        assert await replay(stage, number) is None
        assert await drop(stage, number)


async def test_letters_are_listed_oldest_first_and_by_error(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        first = await bury(stage, talk, "{}", "one")
        second = await bury(stage, talk, "{}", "two")
        await stage.program.parts.database.write(lambda c: inbox.set_dead(c, second, "KeyError"))
        assert [number for number, *_ in await listed(stage)] == [first, second]
        assert await listed(stage, error="KeyError") == [(second, "KeyError", False)]
        async with stage.program.parts.database.reading() as connection:
            one = await dead_letters.get_letter(connection, first)
            none = await dead_letters.get_letter(connection, first - 1)
        assert none is None
        assert one is not None
        talks = stage.rows("SELECT id FROM conversation WHERE sender = ?", talk.sender)
        assert [(one.conversation,)] == talks
        assert (one.channel, one.attempts) == ("web", 1)
