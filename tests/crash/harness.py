"""Chains of kills: one scenario, a kill in every step of it, and what came of it.

A life recovers what the last kill cut off, is held against the walk without kills, goes on with
the next step and is killed there. So a kill costs one process, and what a kill leaves behind is
carried through the rest of the scenario.
"""

import gc
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import environ
from pathlib import Path

from storage.search import PlaceIndex
from tests.crash.bucket import bucket
from tests.crash.engines import Engine
from tests.crash.life import Told
from tests.crash.mother import LifeFailed, Mother, Walked
from tests.crash.points import Death
from tests.crash.preparing import make_stage, make_template
from tests.crash.rows import compare
from tests.crash.warming import warm

KINDS = ("lost", "doubled", "asked again", "stuck")
# Of so many kills one hits the recovery from the kill before.
AGAIN = 6


@dataclass(frozen=True, slots=True)
class Chain:
    """Chain `number` of a scenario: for every step where to die, and deaths of recoveries.

    A step in which nothing is kept has none. `recovering` holds the others by step; deaths in
    "start" and "stop" come at the very end.
    """

    scenario: str
    number: int
    deaths: tuple[Death | None, ...]
    recovering: Mapping[int, Death] = field(default_factory=dict)
    ending: tuple[Death, ...] = ()

    @property
    def kills(self) -> int:
        """How many kills are planned."""
        return sum(death is not None for death in (*self.deaths, *self.recovering, *self.ending))


@dataclass(slots=True)
class Findings:
    """What the kills of one process came to; `told` holds a line for everything found."""

    kills: int = 0
    missed: int = 0
    acknowledged: int = 0
    orphans: int = 0
    worst_ms: int = 0
    points: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    told: list[str] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not any(self.counts.values())

    def add(self, kind: str, where: str, rows: Sequence[str]) -> None:
        """Note what was found, and where."""
        self.counts[kind] += len(rows)
        self.told += [f"{kind} in {where}: {row}"[:2000] for row in rows]

    def join(self, other: "Findings") -> None:
        """Take over what another process found."""
        self.kills += other.kills
        self.missed += other.missed
        self.acknowledged += other.acknowledged
        self.orphans += other.orphans
        self.worst_ms = max(self.worst_ms, other.worst_ms)
        self.points |= other.points
        for kind in KINDS:
            self.counts[kind] += other.counts[kind]
        self.told += other.told


@contextmanager
def prepared(folder: Path, engine: Engine, only: tuple[str, ...] = ()) -> Iterator[Mother]:
    """Give a mother that has walked all scenarios (or `only` some) once without kills."""
    PlaceIndex.load()
    warm()
    stage = make_stage(folder)
    furnished = make_template(engine, folder / "furnished", bare=False)
    bare = make_template(engine, folder / "bare", bare=True)
    with bucket(folder) as port:
        environ.update(
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
            AWS_ALLOW_HTTP="true",
            AWS_ACCESS_KEY_ID="key",
            AWS_SECRET_ACCESS_KEY="secret",
            AWS_REGION="vn-1",
        )
        mother = Mother(folder, engine, stage)
        mother.rehearse(furnished)
        # What is collected in a child would be copied page by page.
        gc.collect()
        gc.freeze()
        mother.walk_all(furnished, bare, only)
        yield mother


def reached(mother: Mother) -> set[str]:
    """Return every crash point that some scenario passes."""
    steps = [told.passed for walked in mother.walked.values() for told in walked.right]
    return {point for passed in (*steps, mother.starting, mother.stopping) for point in passed}


def list_deaths(walked: Walked, step: int) -> list[Death]:
    """Return every death there is in a step: each passage of each point."""
    passed = walked.right[step].passed
    return [Death(str(step), p, n) for p, most in passed.items() for n in range(1, most + 1)]


def count_deaths(mother: Mother) -> int:
    """Return how many different single kills there are in all steps of all scenarios."""
    every = [(w, step) for w in mother.walked.values() for step in range(len(w.steps))]
    return sum(len(list_deaths(walked, step)) for walked, step in every)


def plan(mother: Mother, kills: int, seed: int) -> list[Chain]:
    """Return chains with at least `kills` kills, the same for the same seed.

    Chain after chain takes deaths that no earlier one took, as long as there are any; the
    scenarios take turns.
    """
    chains: list[Chain] = []
    number = 0
    while sum(chain.kills for chain in chains) < kills:
        round_ = [_chain(mother, walked, seed, number) for walked in mother.walked.values()]
        for chain in round_:
            if sum(c.kills for c in chains) < kills:
                chains.append(chain)
        number += 1
    return chains


def _chain(mother: Mother, walked: Walked, seed: int, number: int) -> Chain:
    """Return chain `number`: in each step the death that has this place in a shuffled order."""
    name = walked.scenario.name
    deaths: list[Death | None] = []
    recovering = {}
    for step in range(len(walked.steps)):
        every = list_deaths(walked, step)
        if not every:
            deaths.append(None)
            continue
        random.Random(f"{seed} {name} {step} {number // len(every)}").shuffle(every)
        deaths.append(every[number % len(every)])
        chance = random.Random(f"{seed} {name} {step} {number} again")
        if chance.randrange(AGAIN) == 0:
            first = chance.choice(every)
            recovering[step] = Death("again", first.point, first.nth)
    chance = random.Random(f"{seed} {name} {number} ending")
    around = [("start", mother.starting), ("stop", mother.stopping)]
    ending = [_one_of(chance, phase, passed) for phase, passed in around if passed]
    return Chain(name, number, tuple(deaths), recovering, tuple(ending) if number % 3 == 0 else ())


def _one_of(chance: random.Random, phase: str, passed: Mapping[str, int]) -> Death:
    every = [Death(phase, p, n) for p, most in passed.items() for n in range(1, most + 1)]
    return chance.choice(every)


@dataclass(slots=True)
class Killer:
    """Carries out chains one after the other; `name` keeps its homes apart from others'."""

    mother: Mother
    name: str
    findings: Findings = field(default_factory=Findings)

    def run(self, chains: Sequence[Chain]) -> Findings:
        """Kill, recover and compare."""
        for chain in chains:
            walked = self.mother.walked[chain.scenario]
            name = f"{self.name}-{chain.scenario}-{chain.number}"
            home = self.mother.copy(walked.before, name)
            try:
                _Run(self, chain, walked, home).all()
            except LifeFailed as failed:
                # What went wrong stands at the end of what a life says.
                said = [str(failed)[-1500:]]
                self.findings.add("stuck", f"{chain.scenario}/{chain.number}", said)
            self.mother.drop(home)
        return self.findings


@dataclass(slots=True)
class _Run:
    """One chain on its way; `begin` is the step to go on with, cut off before if `recover`."""

    killer: Killer
    chain: Chain
    walked: Walked
    home: Path
    begin: int = 0
    recover: bool = False
    last: Death | None = None

    def all(self) -> None:
        """Die in every step, and once more while recovering where that is planned."""
        before = len(self.killer.findings.told)
        for step, death in enumerate(self.chain.deaths):
            if len(self.killer.findings.told) > before:
                return  # what comes after would only be told once more
            if death is not None:
                self._live(step, death)
            if self.recover and step in self.chain.recovering:
                self._live(step, self.chain.recovering[step])
        end = len(self.walked.steps) - 1
        for death in self.chain.ending:
            self._live(end, death)
        self._live(end, None)

    def _live(self, until: int, death: Death | None) -> None:
        """Let a life go on until it dies, or has done step `until`."""
        begin = min(self.begin, until)
        # A life with nothing to do still starts, repeats what was answered, and stops.
        recover = self.recover or self.begin > until
        order = self.killer.mother.order(
            self.walked.scenario,
            self.walked.steps,
            self.home,
            begin=begin,
            until=until,
            recover=recover,
            death=death,
        )
        killed, told = self.killer.mother.live(order)
        for one in told:
            self._judge(one)
            self.begin = one.step + 1
            self.recover = False
        if killed and death is not None:
            self.killer.findings.kills += 1
            self.killer.findings.points.add(death.point)
            self.recover = self.begin <= until
            self.last = death
        elif death is not None:
            self.killer.findings.missed += 1

    def _judge(self, told: Told) -> None:
        """Hold what is kept now against what the walk without kills kept."""
        found, right = self.killer.findings, self.walked.right[told.step]
        where = f"{self.chain.scenario}/{self.chain.number} step {told.step} after {self.last}"
        for kind, rows in compare(right.state, told.state).items():
            found.add(kind, where, rows)
        found.add("doubled", where, told.differs)
        found.worst_ms = max(found.worst_ms, told.recovery_ms)
        found.orphans = max(found.orphans, told.orphans)
        found.acknowledged += len(self.walked.steps[told.step].acts)
        if told.orphans > right.orphans + self._openings(told.step):
            found.add("doubled", where, [f"{told.orphans} conversations of nobody"])

    def _openings(self, step: int) -> int:
        """Return how many requests could have opened a conversation and lost its answer.

        Each kill of this chain may have cut off one, of everybody who was just opening.
        """
        verbs = [verb for s in self.walked.steps[: step + 1] for _, verb, *_ in s.acts]
        return 2 * sum(verb in ("open", "enter") for verb in verbs)
