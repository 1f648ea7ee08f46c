"""One race from its beginning to its verdict."""

import json
import os
import random
import signal
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from storage.migrate import migrate
from tests.crash.engines import Engine
from tests.crash.mother import run_child
from tests.zalo_tokens.judging import Verdict, judge, read_said
from tests.zalo_tokens.parties import Death, draw_death, operate, work
from tests.zalo_tokens.world import LEDGER, Clock, Place, fork, fork_zalo

HOUR = 3600.0
# An access token lives for a second of the machine, whatever the speed.
LIFE_SECONDS = 1.0
SETTLE_SECONDS = 3.0
# However slow the machine: so many must have died by a process that races, before it ends.
LEAST_KILLS = 0.5
PATIENCE_SECONDS = 120.0
OUTSIDE_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run; `speed` is how fast its clock runs."""

    processes: int
    tasks: int
    hours: float
    seed: int
    speed: float


@dataclass(slots=True)
class Crowd:
    """The processes that send; whoever dies is followed by another."""

    place: Place
    asked: Asked
    chance: random.Random
    alive: dict[int, float] = field(default_factory=dict)
    killed: dict[int, float] = field(default_factory=dict)
    begun: int = 0
    dead: int = 0

    def go_on(self) -> bool:
        """Tell whether the hours are not over yet, or too few have died in them."""
        if self.place.clock.passed() < self.asked.hours * HOUR:
            return True
        return self.dead < max(3, self.asked.processes * LEAST_KILLS)

    def fill(self) -> None:
        """Start as many as there should be, each with its fate."""
        while len(self.alive) < self.asked.processes:
            death, doom = draw_death(self.chance), float("inf")
            # A process that is alone must die too, or nobody does.
            share = OUTSIDE_SHARE if self.asked.processes > 1 else 1.0
            if not death.point and self.chance.random() < share:
                doom = time.monotonic() + self.chance.uniform(0.2, 3.0)
            run = partial(work, self.place, death, self.asked.tasks)
            self.alive[fork(run, self.place.log)] = doom
            self.begun += 1

    def reap(self) -> None:
        """Kill whose time has come, and bury who is dead."""
        for pid, doom in list(self.alive.items()):
            if time.monotonic() >= doom:
                self.alive[pid] = float("inf")
                os.kill(pid, signal.SIGKILL)
                self.killed[pid] = time.time()
        done = os.waitpid(-1, os.WNOHANG)[0]
        while done:
            self.dead += self.alive.pop(done, None) is not None
            done = os.waitpid(-1, os.WNOHANG)[0] if self.alive else 0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a race on one database."""

    database: str
    asked: Asked
    begun: int
    seconds: float
    verdict: Verdict

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.verdict.wrong

    def lines(self) -> list[str]:
        """Return the figures for people."""
        a = self.asked
        figures = ", ".join(f"{name} {count}" for name, count in self.verdict.figures.items())
        points = ", ".join(f"{name} {n}" for name, n in sorted(self.verdict.points.items()))
        return [
            f"{self.database}: {a.hours:g} h, {a.processes} processes x {a.tasks} "
            f"({self.begun} begun), seed {a.seed}, {self.seconds:.0f} s: {figures}",
            f"   died at: {points or 'nobody'}",
            *self.verdict.wrong[:20],
        ]


def run(folder: Path, engine: Engine, asked: Asked) -> Report:
    """Run a race in `folder`, which must be empty."""
    began = time.monotonic()
    home = folder / "home"
    home.mkdir()
    url = engine.url(home)
    for prepare in (partial(engine.make, home), partial(_migrate, url)):
        assert run_child(prepare, folder / "prepare.log") == 0, (folder / "prepare.log").read_text()
    clock = Clock(time.monotonic(), asked.speed)
    life = int(LIFE_SECONDS * asked.speed)
    place = Place(folder, url, clock, asked.seed, life)
    with _zalo(place) as running:
        crowd = Crowd(running, asked, random.Random(asked.seed))
        patience = began + PATIENCE_SECONDS + asked.hours * HOUR / asked.speed
        while crowd.go_on() and time.monotonic() < patience:
            crowd.fill()
            crowd.reap()
            time.sleep(0.02)
        place.over.touch()
        _bury(crowd)
        _settle(running)
        with urllib.request.urlopen(running.zalo + LEDGER, timeout=10) as answer:
            ledger = json.load(answer)
    verdict = judge(ledger, read_said(place.log, crowd.killed))
    return Report(engine.name, asked, crowd.begun, time.monotonic() - began, verdict)


async def _migrate(url: str) -> None:
    await migrate(url)


@contextmanager
def _zalo(place: Place) -> Iterator[Place]:
    """Run Zalo and the operator inside the block."""
    zalo, address = fork_zalo(place)
    running = replace(place, zalo=address)
    operator = fork(partial(operate, running), place.log)
    try:
        _wait_for_consent(running)
        yield running
    finally:
        for pid in (operator, zalo):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _wait_for_consent(place: Place) -> None:
    """Wait until the operator has consented for the first time."""
    until = time.monotonic() + 30
    while '"consented"' not in place.log.read_text("utf-8"):
        assert time.monotonic() < until, place.log.read_text("utf-8")
        time.sleep(0.02)


def _bury(crowd: Crowd) -> None:
    """Wait for those who are left; each ends by itself, or as it was doomed to."""
    until = time.monotonic() + 30
    while crowd.alive and time.monotonic() < until:
        crowd.reap()
        time.sleep(0.02)
    assert not crowd.alive, "somebody does not end"


def _settle(place: Place) -> None:
    """Let one process live on that nothing happens to, to bring what is open to an end."""
    place.over.unlink()
    child = fork(partial(work, place, Death(), 1), place.log)
    time.sleep(SETTLE_SECONDS)
    place.over.touch()
    os.waitpid(child, 0)
