"""What comes to the door of a process that takes turns: kept and answered by one commit."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from storage.database import DatabaseGone
from tests.handlers.program import PATIENCE, Stage, post, pressing
from tests.talk import Talk

pytestmark = pytest.mark.usefixtures("log")


@pytest.fixture
async def together(still: Stage, three: list[Talk]) -> AsyncIterator[list[Talk]]:
    """Three people whose messages are left to the turn loop as soon as they come."""
    while still.program.turns.careful:
        await still.program.turns.once()
    with still.program.door.carried():
        yield three


async def came(still: Stage, count: int) -> None:
    """Wait until `count` messages are at the door."""
    for _ in range(int(PATIENCE / 0.001)):
        if still.program.door.waiting == count:
            return
        await asyncio.sleep(0.001)
    raise TimeoutError(f"there are never {count} messages at the door")


async def test_what_comes_is_kept_and_answered_by_one_commit(
    still: Stage, together: list[Talk]
) -> None:
    passed: list[str] = []

    def note(name: str) -> None:
        def happen() -> None:
            passed.append(name)
            note(name)

        still.at_point[name] = [happen]

    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in together]
    await came(still, 3)
    for name in ("commit.before", "commit.after", "door.kept", "turns.applied"):
        note(name)
    assert await still.program.turns.together() == 3
    replies = await asyncio.gather(*tasks)
    assert passed == ["commit.before", "commit.after", "door.kept", "turns.applied"]
    assert [still.answers(talk) for talk in together] == [{"A1": 2}] * 3
    assert [r.json()["screens"][0]["progress"] for r in replies] == [{"step": 2, "of": 10}] * 3


async def test_what_cannot_be_answered_at_once_is_kept_first_and_answered_then(
    still: Stage, together: list[Talk]
) -> None:
    def fail() -> None:
        raise ValueError("once")

    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in together]
    await came(still, 3)
    still.at_point["turns.apply"] = [fail]
    assert await still.program.turns.together() == 3
    await asyncio.gather(*tasks)
    assert [still.answers(talk) for talk in together] == [{"A1": 2}] * 3
    assert still.dead() == []


async def test_while_the_database_is_away_what_comes_is_refused_at_once(
    still: Stage, together: list[Talk]
) -> None:
    def away() -> None:
        raise DatabaseGone("away")

    first = together[0]
    id, event = str(uuid4()), pressing(first, "2")
    asked = asyncio.create_task(post(first, event, id))
    await came(still, 1)
    still.at_point["commit.before"] = [away]
    with pytest.raises(DatabaseGone):
        await still.program.turns.together()
    assert (await asked).status_code == 503
    again = asyncio.create_task(post(first, event, id))
    await came(still, 1)
    await still.program.turns.together()
    assert (await again).status_code == 200
    assert still.answers(first) == {"A1": 2}


async def test_a_stopping_turn_loop_tells_what_came_of_its_last_batch(
    still: Stage, together: list[Talk]
) -> None:
    asked = asyncio.create_task(post(together[0], pressing(together[0], "2")))
    await came(still, 1)
    batch = asyncio.create_task(still.program.turns.together())
    await asyncio.sleep(0)
    batch.cancel()
    with pytest.raises(asyncio.CancelledError):
        await batch
    assert (await asked).status_code == 200
    assert still.answers(together[0]) == {"A1": 2}


async def test_what_waits_when_the_turn_loop_ends_is_kept_all_the_same(
    still: Stage, three: list[Talk]
) -> None:
    with still.program.door.carried():
        asked = asyncio.create_task(post(three[0], pressing(three[0], "2")))
        await came(still, 1)
    await still.kept(1)
    await still.program.turns.once()
    assert (await asked).status_code == 200
