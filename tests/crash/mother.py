"""The fork server: a process that has everything imported, and a child for every life.

The mother starts no thread and no event loop: what is forked off would not have them. A child that
is killed leaves its home folder as it is; the next child finds it.
"""

import asyncio
import json
import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.crash.engines import Engine
from tests.crash.life import Order, Stage, Told, live
from tests.crash.scenarios import SCENARIOS, Scenario, Step
from tests.crash.warming import rehearse

LIFE_SECONDS = 500.0
Work = Callable[[], Coroutine[Any, Any, None]]


class LifeFailed(AssertionError):
    """A life ended in another way than ordered; the message says how."""


def run_child(work: Work, log: Path) -> int:
    """Run `work` in a child; return its exit status (negative: the signal that ended it)."""
    child = os.fork()
    if not child:
        _child(work, log)
    return _wait(child)


def _child(work: Work, log: Path) -> None:
    """Run and never return; what goes wrong is in `log`."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    try:
        asyncio.run(work())
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _wait(child: int) -> int:
    until = time.monotonic() + LIFE_SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise LifeFailed(f"a life took more than {LIFE_SECONDS:.0f} s")


@dataclass(frozen=True, slots=True)
class Walked:
    """A scenario that was walked without kills: where it began, and what each step left."""

    scenario: Scenario
    steps: Sequence[Step]
    before: Path
    right: Sequence[Told]

    @property
    def acts(self) -> int:
        """How many requests it has."""
        return sum(len(step.acts) for step in self.steps)


@dataclass(slots=True)
class Mother:
    """Lives are ordered here; `folder` must be empty."""

    folder: Path
    engine: Engine
    stage: Stage
    walked: dict[str, Walked] = field(default_factory=dict)
    starting: dict[str, int] = field(default_factory=dict)
    stopping: dict[str, int] = field(default_factory=dict)
    _ends: dict[str, tuple[Path, int]] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the lives say about themselves."""
        return self.folder / "lives.log"

    def order(self, scenario: Scenario, steps: Sequence[Step], home: Path, **how: Any) -> Order:
        """Return the order for a life in `home`: `begin`, `until`, `recover`, `death`."""
        bucket = scenario.store == "bucket"
        store = f"s3://photos/{home.name}" if bucket else str(home / "photos")
        how["together"] = scenario.together
        return Order(home, self.engine.url(home), store, scenario.name, steps, **how)

    def live(self, order: Order) -> tuple[bool, list[Told]]:
        """Let a child live; return whether it was killed, and what it told before.

        Raises LifeFailed when it ends in any other way than by itself or as ordered.
        """
        told = order.home / "told"
        told.unlink(missing_ok=True)
        status = run_child(lambda: live(order, self.stage), self.log)
        killed = status == -signal.SIGKILL and order.death is not None
        if status != 0 and not killed:
            raise LifeFailed(f"exit {status}: {_tail(self.log)}")
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        return killed, [Told.read(line) for line in lines]

    def copy(self, source: Path, name: str) -> Path:
        """Return a new home that is a copy of `source`, where nobody lives now."""
        home = self.folder / name
        home.mkdir()
        for part in ("photos", "incoming"):
            if (source / part).exists():
                shutil.copytree(source / part, home / part)
        if (source / "people.json").exists():
            shutil.copy2(source / "people.json", home)
        self._do(lambda: self.engine.copy(source, home))
        return home

    def drop(self, home: Path) -> None:
        """Remove a home."""
        self._do(lambda: self.engine.drop(home))
        shutil.rmtree(home)

    def rehearse(self, template: Path) -> None:
        """Walk the first scenario in this process, which is the warmer for it; nothing is kept."""
        steps = SCENARIOS[0].steps()
        home = self.copy(template, "rehearsal")
        rehearse(self.order(SCENARIOS[0], steps, home, begin=0, until=len(steps) - 1), self.stage)
        self.drop(home)

    def walk(self, scenario: Scenario, template: Path) -> None:
        """Walk a scenario in one life without kills."""
        before, begun_at = self._ends[scenario.after] if scenario.after else (template, 0)
        steps = scenario.steps(begun_at)
        home = self.copy(before, scenario.name)
        order = self.order(scenario, steps, home, begin=0, until=len(steps) - 1)
        _, told = self.live(order)
        self.walked[scenario.name] = Walked(scenario, steps, before, told)
        self._ends[scenario.name] = (home, steps[-1].at)
        if (home / "passed").exists():
            passed = json.loads((home / "passed").read_bytes())
            self.starting, self.stopping = passed["start"], passed["stop"]

    def walk_all(self, furnished: Path, bare: Path, only: tuple[str, ...] = ()) -> None:
        """Walk every scenario (or `only` some), those that others begin with first."""
        left = [s for s in SCENARIOS if not only or s.name in only]
        while left:
            scenario = next(s for s in left if not s.after or s.after in self._ends)
            left.remove(scenario)
            self.walk(scenario, bare if scenario.bare else furnished)

    def _do(self, work: Work) -> None:
        if self.engine.name == "SQLite":
            # Nothing but files: no child is needed, and no event loop either.
            _drive(work())
            return
        if run_child(work, self.log) != 0:
            raise LifeFailed(f"the database: {_tail(self.log)}")


def _drive(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("copying files waits for nothing")


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-3000:] if log.exists() else "no word"
