"""Alarms: raised when something begins to be wrong, again each hour, and over when it is over."""

import shutil
from collections.abc import AsyncIterator, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app import build_parts
from handlers import watch as watching
from handlers.parts import Parts
from handlers.watch import Watch
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival
from storage.seams import Seams, to_ms
from tests.databases import Template
from tests.world import START, Clock, settings_in

Log = list[MutableMapping[str, Any]]


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
async def parts(tmp_path: Path, template: Template, clock: Clock) -> AsyncIterator[Parts]:
    """The parts of a program whose loops do not run."""
    template.put(tmp_path)
    parts = await build_parts(settings_in(tmp_path), Seams(now=clock.now))
    yield parts
    await parts.database.stop()


def raised(log: Log) -> list[tuple[str, str]]:
    """Return what was raised or ended since the last look: event and part."""
    named = ("alarm_over", *watching.PARTS.values(), "stuck_conversation", "clock_back")
    found = [(one["event"], one["part"]) for one in log if one["event"] in named]
    log.clear()
    return found


async def keep(parts: Parts, at_ms: int) -> None:
    lost = Arrival("web", "sender", "e", "{}", at_ms)
    await parts.database.write(lambda c: inbox.add(c, [lost]))


async def test_a_sound_program_raises_nothing(parts: Parts, log: Log) -> None:
    watch = Watch(parts)
    await watch.once()
    await watch.once()
    assert raised(log) == []


async def test_a_message_that_waits_is_first_old_then_stuck_then_over(
    parts: Parts, clock: Clock, log: Log
) -> None:
    watch = Watch(parts)
    await keep(parts, to_ms(START))
    steps = []
    for seconds in (60, 1, 239, 1, 30):
        clock.forward(seconds=seconds)
        await watch.once()
        steps.append(raised(log))
    assert steps == [
        [],
        [("queue_old", "turns")],
        [],
        [("stuck_conversation", "turns")],
        [],
    ]
    clock.forward(hours=1)
    await watch.once()
    assert raised(log) == [("queue_old", "turns"), ("stuck_conversation", "turns")]
    await parts.database.write(lambda c: inbox.set_dead(c, 1, "x"))
    await watch.once()
    assert sorted(raised(log)) == [("alarm_over", "turns"), ("alarm_over", "turns")]


async def test_a_database_that_is_gone_is_one_alarm_and_no_other(
    parts: Parts, tmp_path: Path, log: Log
) -> None:
    gone = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", Seams())
    watch = Watch(replace(parts, database=gone))
    await watch.once()
    await gone.stop()
    assert raised(log) in ([("database_unavailable", "database")], [])


async def test_a_photo_store_and_a_folder_that_are_gone_are_alarms(
    parts: Parts, tmp_path: Path, clock: Clock, log: Log
) -> None:
    watch = Watch(parts)
    shutil.rmtree(tmp_path / "photos")
    (tmp_path / "photos").write_text("in the way")
    await watch.once()
    assert raised(log) == [("photo_store_away", "photos")]
    (tmp_path / "photos").unlink()
    (tmp_path / "photos").mkdir()
    clock.forward(minutes=1)
    await watch.once()
    assert raised(log) == [("alarm_over", "photos")]
    shutil.rmtree(tmp_path / "incoming")
    clock.forward(minutes=1)
    await watch.once()
    assert ("disk_almost_full", "disk") in raised(log)


async def test_a_clock_set_back_is_told_once(parts: Parts, clock: Clock, log: Log) -> None:
    watch = Watch(parts)
    await watch.once()
    clock.forward(seconds=-59)
    await watch.once()
    assert raised(log) == []
    clock.forward(hours=-1)
    await watch.once()
    await watch.once()
    assert raised(log) == [("clock_back", "clock")]


async def test_a_clock_that_starts_before_the_data_is_told(
    parts: Parts, clock: Clock, log: Log
) -> None:
    await keep(parts, to_ms(START) + 3_600_000)
    await Watch(parts).once()
    assert raised(log) == [("clock_back", "clock")]


async def test_alarms_are_counted_by_name(parts: Parts, clock: Clock, log: Log) -> None:
    await keep(parts, to_ms(START) - 61_000)
    await Watch(parts).once()
    (family,) = [f for f in parts.measures.collect() if f.name == "khaihoc_alarms"]
    assert [(s.labels, s.value) for s in family.samples] == [({"alarm": "queue_old"}, 1)]
    assert raised(log) == [("queue_old", "turns")]
