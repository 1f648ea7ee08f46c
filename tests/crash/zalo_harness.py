"""Chains of kills on Zalo: as in `tests.crash.harness`, each with an exchange that lives on."""

import gc
import os
import pickle
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from storage.search import PlaceIndex
from tests.crash.engines import Engine, engine_of
from tests.crash.harness import Chain, Findings, Killer, plan, reached
from tests.crash.life import Order, Told
from tests.crash.mother import LifeFailed, Mother, run_child
from tests.crash.preparing import make_stage, make_template
from tests.crash.warming import warm
from tests.crash.zalo_book import Book
from tests.crash.zalo_exchange import Platform, start_platform
from tests.crash.zalo_life import live
from tests.crash.zalo_scenarios import ON, SCENARIOS

WORKERS = 2


@dataclass(slots=True)
class ZaloMother(Mother):
    """Every home has an exchange; `figures` counts what became of messages and tokens."""

    platforms: dict[Path, Platform] = field(default_factory=dict)
    figures: Counter[str] = field(default_factory=Counter)

    def live(self, order: Order) -> tuple[bool, list[Told]]:
        """Let a child live at its exchange; see `Mother.live`."""
        told, control = order.home / "told", self.platforms[order.home].url
        told.unlink(missing_ok=True)
        status = run_child(lambda: live(order, self.stage, control), self.log)
        killed = status == -signal.SIGKILL and order.death is not None
        if status != 0 and not killed:
            raise LifeFailed(f"exit {status}: {self.log.read_text('utf-8', 'replace')[-3000:]}")
        lines = told.read_text("utf-8").splitlines() if told.exists() else []
        return killed, [Told.read(line) for line in lines]

    def copy(self, source: Path, name: str) -> Path:
        """Return a new home with a new exchange, at which nobody was yet.

        A rehearsal, which is the web's, has none.
        """
        home = Mother.copy(self, source, name)
        scenario = name.split("-")[-2] if "-" in name else name
        if scenario in ON:
            self.platforms[home] = start_platform(
                ON[scenario][0], self.engine.url(home), self.stage.photos, self.log
            )
        return home

    def drop(self, home: Path) -> None:
        """Remove a home and its exchange; count what came of it."""
        if home in self.platforms:
            self.platforms.pop(home).stop()
        book = Book.load(home / "book.json")
        self.figures.update(twice=book.twice, unknown=book.unknown, alarms=book.alarms)
        Mother.drop(self, home)

    def stop(self) -> None:
        """End the exchanges that are left."""
        while self.platforms:
            self.platforms.popitem()[1].stop()


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run; `chain` is one to repeat, `only` a scenario."""

    databases: tuple[str, ...]
    kills: int
    seed: int
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run on one database."""

    database: str
    asked: Asked
    points: frozenset[str]
    seconds: float
    findings: Findings
    figures: Counter[str]

    def lines(self) -> list[str]:
        """Return the figures for people, what was found last."""
        f, asked = self.findings, self.asked
        database = self.database.lower()
        again = f"--database {database} --kills {asked.kills * len(asked.databases)}"
        return [
            f"{len(self.points)} points x {len(SCENARIOS)} scenarios on Zalo = {f.kills} kills on "
            f"{self.database}; lost {f.counts['lost']}, doubled {f.counts['doubled']}, asked again "
            f"{f.counts['asked again']}, stuck {f.counts['stuck']}; sent twice "
            f"{self.figures['twice']}, unknown {self.figures['unknown']}, alarms "
            f"{self.figures['alarms']}; replay with python -m tests.crash.zalo {again} "
            f"--seed {asked.seed}",
            f"   {f.missed} not reached, {f.acknowledged} acts held to account, worst recovery "
            f"{f.worst_ms} ms, {self.seconds:.0f} s",
            *f.told[:20],
        ]


@contextmanager
def prepared(folder: Path, engine: Engine) -> Iterator[ZaloMother]:
    """Give a mother that has walked all scenarios once without kills."""
    PlaceIndex.load()
    warm()
    mother = ZaloMother(folder, engine, make_stage(folder))
    template = make_template(engine, folder / "furnished", bare=False)
    mother.rehearse(template)
    gc.collect()
    gc.freeze()
    try:
        for scenario in SCENARIOS:
            mother.walk(scenario, template)
        yield mother
    finally:
        mother.stop()


def plan_chains(mother: Mother, kills: int, seed: int) -> list[Chain]:
    """Return chains with about `kills` kills; common beginnings are killed in one scenario only."""
    chains: list[Chain] = []
    most = kills
    while sum(chain.kills for chain in chains) < kills:
        most += kills
        chains = []
        for chain in map(_short, plan(mother, most, seed)):
            if sum(c.kills for c in chains) < kills:
                chains.append(chain)
    return chains


def _short(chain: Chain) -> Chain:
    begin = ON[chain.scenario][1]
    deaths = tuple(d if n >= begin else None for n, d in enumerate(chain.deaths))
    again = {step: death for step, death in chain.recovering.items() if step >= begin}
    return replace(chain, deaths=deaths, recovering=again)


def run_all(asked: Asked) -> list[Report]:
    """Run on each database in a temporary folder."""
    reports = []
    for name in asked.databases:
        place = tempfile.TemporaryDirectory(prefix="khaihoc-crash-")
        with place as folder, engine_of(name) as engine:
            reports.append(_run(Path(folder), engine, asked))
    return reports


def _run(folder: Path, engine: Engine, asked: Asked) -> Report:
    began = time.monotonic()
    with prepared(folder, engine) as mother:
        walks = [(w.scenario.name, told) for w in mother.walked.values() for told in w.right]
        wrong = [f"{name} {told.step}: {told.differs}" for name, told in walks if told.differs]
        assert not wrong, wrong
        chains = plan_chains(mother, asked.kills, asked.seed)
        if asked.chain:
            chains = [c for c in chains if f"{c.scenario}/{c.number}" == asked.chain]
        findings, figures = _share_out(mother, chains)
        points = frozenset(reached(mother))
        seconds = time.monotonic() - began
        return Report(engine.name, asked, points, seconds, findings, figures)


def _share_out(mother: ZaloMother, chains: Sequence[Chain]) -> tuple[Findings, Counter[str]]:
    """Let workers, forked off here, carry out the chains; join what they found."""
    left = [
        _worker(lambda n=n: _work(mother, f"w{n}", chains[n::WORKERS]))  # type: ignore[misc]
        for n in range(WORKERS)
    ]
    findings, figures = Findings(), Counter[str]()
    for child, hearing in left:
        with os.fdopen(hearing, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        found, counted = pickle.loads(told)
        findings.join(found)
        figures.update(counted)
    return findings, figures


def _work(mother: ZaloMother, name: str, chains: Sequence[Chain]) -> bytes:
    mother.platforms, mother.figures = {}, Counter()
    findings = Killer(mother, name).run(chains)
    return pickle.dumps((findings, mother.figures))


def _worker(work: Callable[[], bytes]) -> tuple[int, int]:
    hearing, telling = os.pipe()
    child = os.fork()
    if child:
        os.close(telling)
        return child, hearing
    os.close(hearing)
    with os.fdopen(telling, "wb") as pipe:
        pipe.write(work())
    os._exit(0)
