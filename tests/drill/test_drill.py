"""Twenty kills: nothing acknowledged is lost, nothing answered is asked again."""

import asyncio
import random
import signal
import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.databases import url_in
from tests.drill.drill import POINTS, Drill, Figures, free_port, plan
from tests.drill.page import Counts, Page
from tests.drill.pictures import photo, read_number
from tests.drill.server import Server
from tests.world import VILLAGE, make_template

SEED = 7
KILLS = 20


@dataclass(frozen=True, slots=True)
class Done:
    """A drill that has ended."""

    drill: Drill
    figures: Figures


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """The drill of the gate: every crash point once, the other kills at random moments."""
    drill = Drill(tmp_path_factory.mktemp("drill"), SEED, plan(KILLS, SEED))
    return Done(drill, asyncio.run(drill.run()))


def test_nothing_is_lost_asked_again_doubled_or_stuck(done: Done) -> None:
    print("\n".join(done.figures.lines()))
    assert done.figures.sound, "\n".join(done.figures.lines())
    assert (done.figures.kills, set(done.figures.points)) == (KILLS, set(POINTS))
    assert done.figures.walks == len(done.drill.reference.people) > 0
    assert done.figures.acknowledged >= 10 * done.figures.walks


BROKEN = {
    "lost": "UPDATE answer SET option = 0 WHERE declaration_id = 1 AND criterion = 'B2'",
    "doubled": """INSERT INTO audit (at_ms, action, declaration_id, via, details, seq, digest)
        SELECT at_ms, action, declaration_id, via, details, -1, '' FROM audit WHERE id = 1""",
    "stuck": "UPDATE due SET done_ms = NULL WHERE id = (SELECT min(id) FROM due)",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_drill_sees_what_is_broken(done: Done, kind: str) -> None:
    reference = deepcopy(done.drill.reference)
    file = reference.folder / "khaihoc.db"
    whole = file.read_bytes()
    try:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(BROKEN[kind])
        reference.check_end()
    finally:
        file.write_bytes(whole)
    assert getattr(reference, kind)


def test_the_drill_sees_a_photo_that_is_another(done: Done) -> None:
    reference = deepcopy(done.drill.reference)
    known = next(known for known in reference.people if known.photos)
    for digest in known.photos:
        known.photos[digest] += 1
    reference.check_end()
    assert any("another content" in what for what in reference.lost)


@pytest.mark.parametrize("number", [0, 1, 0b1010_1010_1010_1010_1010, 2**20 - 1])
def test_a_photo_carries_its_number(number: int) -> None:
    assert read_number(photo(number)) == number


def test_a_plan_is_the_same_for_the_same_seed() -> None:
    assert plan(200, 3) == plan(200, 3) != plan(200, 4)
    assert {kill.point for kill in plan(len(POINTS), 3)} == set(POINTS)
    assert sum(kill.point == "-" for kill in plan(200, 3)) > 100


async def test_a_stop_lets_waiting_pages_go_and_loses_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "var").mkdir()
    await make_template(url_in(tmp_path / "var"))
    server = Server(tmp_path / "var", free_port())
    await server.start()
    pages = [Page(server, "/chat", random.Random(n), Counts()) for n in range(8)]
    try:
        assert await server.ready()
        for page in pages:
            await page.open(place=VILLAGE)
        waiting = asyncio.create_task(pages[0].once("wait", "/chat/screens", None))
        await asyncio.gather(*(page.press("start") for page in pages[1:]))
        said = [asyncio.create_task(page.press("citizen")) for page in pages[1:]]
        async with asyncio.timeout(15):
            assert await server.kill(signal.SIGTERM) == 0
            assert await waiting == {"screens": []}
        await server.start()
        screens = await asyncio.gather(*said)
        assert [screen["choices"][0]["id"] for screen in screens] == ["agree"] * 7
    finally:
        for page in pages:
            await page.client.aclose()
        await server.close()
