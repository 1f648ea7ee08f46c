"""Sums of places are what the files give, after every step, whatever happens and at once."""

import asyncio
from collections.abc import Sequence
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError

from dialogs import effects as e
from dialogs.figures import Figures
from dialogs.model import Counts
from storage import recount, sums
from storage.database import Connection, Database
from storage.models import audit, declaration, place_sum
from storage.recount import Difference
from storage.seams import Seams
from storage.sums import Key, Wanted
from tests.storage.town import Done, Said, Town, settle
from tests.world import COMMUNE, World

PEOPLE = 5
WHO, CHOICE = st.integers(0, PEOPLE - 1), st.integers(0, 11)
# What leads somewhere comes more often than what ends it.
SAID = (*get_args(Said), "begin", "submit", "submit", "submit")
SPOKEN = st.lists(
    st.tuples(WHO, st.sampled_from(SAID), CHOICE),
    min_size=1,
    unique_by=lambda turn: turn[0],
)
DONE = st.tuples(WHO, st.sampled_from(get_args(Done)), CHOICE)


async def test_sums_equal_a_recount_after_every_step(world: World) -> None:
    town, loop = await settle(world), asyncio.get_running_loop()
    seen: set[str] = set()

    async def play(steps: Sequence[object]) -> None:
        for step in steps:
            if isinstance(step, list):
                await town.speak(step)
            else:
                await town.do(*step)  # type: ignore[misc]
            assert await town.list_wrong() == []
            seen.update(await _statuses(town))

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(SPOKEN | DONE, min_size=5, max_size=40))
    def holds(steps: Sequence[object]) -> None:
        asyncio.run_coroutine_threadsafe(play(steps), loop).result(60)

    await asyncio.to_thread(holds)
    # The steps are no idle ones.
    assert seen >= {"draft", "submitted", "approved", "returned", "rejected"}


async def _statuses(town: Town) -> set[str]:
    async with town.database.reading() as connection:
        rows = await connection.execute(select(declaration.c.status).distinct())
        return {status for (status,) in rows}


async def test_two_processes_at_once_lose_nothing(world: World) -> None:
    town, other = await settle(world), Database(world.program.parts.database.url, Seams())
    await other.start()
    everybody = range(24)
    await town.speak([(person, "begin", 0) for person in everybody])
    both = (town.database, other)
    try:
        for action in ("submit", "withdraw", "submit"):
            turns = [town.speak([(p, action, 0)], both[p % 2]) for p in everybody]
            await asyncio.gather(*turns)
        await asyncio.gather(*(town.do(p, "approve", 0, both[p % 2]) for p in everybody))
    finally:
        await other.stop()
    assert await town.list_wrong() == []
    async with town.database.reading() as connection:
        found = await sums.list_place(connection, COMMUNE, Wanted(2025))
    assert found == {"citizen": {COMMUNE: Figures(approved=24)}}


async def test_a_typed_village_counts_in_the_commune_alone_until_it_is_mapped(
    world: World,
) -> None:
    town = await settle(world)
    await town.speak([(0, "begin", 0)])
    await town.speak([(0, "submit", 0)])

    async def look() -> tuple[sums.Sums, sums.Sums]:
        async with town.database.reading() as connection:
            whole = await sums.list_place(connection, COMMUNE, Wanted(2025))
            return whole, await sums.list_parts(connection, COMMUNE, Wanted(2025))

    one = Figures(submitted=1)
    assert await look() == ({"citizen": {COMMUNE: one}}, {})
    await town.do(0, "correct", 0)
    mapped = {"citizen": {f"{COMMUNE}-001": one}}
    assert await look() == ({"citizen": {COMMUNE: one}}, mapped)


async def test_the_demo_is_counted_apart(world: World) -> None:
    town = await settle(world)
    await town.speak([(person, "begin", 0) for person in range(3)])
    await town.speak([(person, "submit", 0) for person in range(3)])
    await town.do(1, "demo", 0)
    async with town.database.reading() as connection:
        real = await sums.list_place(connection, COMMUNE, Wanted(2025))
        demo = await sums.list_place(connection, COMMUNE, Wanted(2025, demo=True))
        at_desk = await sums.count_by_status(connection, scope=COMMUNE, period=2025)
    assert real == {"citizen": {COMMUNE: Figures(submitted=2)}}
    assert demo == {"citizen": {COMMUNE: Figures(submitted=1)}}
    assert at_desk == Counts(COMMUNE, 2025, {"submitted": 3})


@pytest.mark.parametrize("scope", ["48", COMMUNE, f"{COMMUNE}-001", "01"])
async def test_statistics_are_what_counting_files_handed_in_gives(world: World, scope: str) -> None:
    town = await settle(world)
    await town.speak([(person, "begin", person) for person in range(12)])
    await town.speak([(person, "submit", 0) for person in range(11)])
    await town.speak([(person, "withdraw", 0) for person in range(0, 11, 3)])
    for person in range(0, 11, 2):
        await town.do(person, "approve", 0)
    await town.speak([(4, "erase", 0)])
    for period in (2025, 2026):
        async with town.database.reading() as connection:
            told = await sums.count_by_status(connection, scope=scope, period=period)
            counted = await _count_files(connection, scope, period)
        assert told == Counts(scope, period, counted)


async def _count_files(connection: Connection, scope: str, period: int) -> dict[str, int]:
    """Count the plain way, for all titles: every file that ever got its receipt code."""
    c = declaration.c
    column = {2: c.province, 5: c.commune, 9: c.village}[len(scope)]
    query = select(c.status, func.count()).where(
        column == scope, c.period == period, c.code.is_not(None)
    )
    return {row[0]: row[1] for row in await connection.execute(query.group_by(c.status))}


async def test_provinces_are_their_communes_added(world: World) -> None:
    town = await settle(world)
    await town.speak([(person, "begin", 2 * person) for person in range(9)])
    async with town.database.reading() as connection:
        provinces = await sums.list_provinces(connection, ["01", "48"], Wanted(2025))
        communes = await sums.list_parts(connection, "48", Wanted(2025))
    assert provinces == {"citizen": {"01": Figures(begun=3), "48": Figures(begun=6)}}
    assert communes == {"citizen": {COMMUNE: Figures(begun=3), "20194": Figures(begun=3)}}


def test_an_answer_touches_no_sum() -> None:
    assert sums.list_touched([e.SaveAnswer(1, "A1", 2), e.NoticeTold(1)]) is None


async def test_a_sum_below_nothing_is_refused(world: World) -> None:
    town = await settle(world)
    await town.speak([(0, "begin", 0)])
    with pytest.raises(IntegrityError):
        await town.database.write(lambda c: c.execute(update(place_sum).values(begun=-1)))


async def test_recount_names_what_is_wrong_and_repair_sets_it(world: World) -> None:
    town = await settle(world)
    await town.speak([(0, "begin", 3), (1, "begin", 3), (2, "begin", 1)])
    whole, village = COMMUNE, f"{COMMUNE}-003"

    async def spoil(connection: Connection) -> None:
        await connection.execute(text(f"DELETE FROM place_sum WHERE place = '{village}'"))
        await connection.execute(
            text(f"UPDATE place_sum SET begun = 7, approved = 1 WHERE place = '{whole}'")
        )
        await connection.execute(
            text(
                "INSERT INTO place_sum SELECT '00070', period, '00070-009', title, demo, begun, "
                "taken_back, submitted, returned, approved, rejected, withdrawn FROM place_sum "
                f"WHERE place = '{whole}'"
            )
        )

    await town.database.write(spoil)
    wrong = [
        Difference(
            Key("00070", 2026, "00070-009", "citizen", False), Figures(7, approved=1), Figures()
        ),
        Difference(Key(whole, 2026, village, "citizen", False), Figures(), Figures(begun=2)),
        Difference(
            Key("48", 2026, whole, "citizen", False), Figures(7, approved=1), Figures(begun=2)
        ),
    ]
    assert await town.list_wrong() == wrong
    assert await town.database.write(lambda c: recount.repair(c, at_ms=5)) == wrong
    assert await town.list_wrong() == []
    assert await town.database.write(lambda c: recount.repair(c, at_ms=6)) == []
    async with town.database.reading() as connection:
        query = select(audit.c.at_ms, audit.c.via, audit.c.details)
        lines = await connection.execute(query.where(audit.c.action == "recount_repair"))
        assert [tuple(line) for line in lines] == [(5, "command", '{"sums":3}')]
