"""A whole run: on one database, over several processes, with its figures and how to replay it."""

import os
import pickle
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.crash.engines import Engine, engine_of
from tests.crash.harness import Chain, Findings, Killer, count_deaths, plan, prepared, reached
from tests.crash.mother import Mother

WORKERS = 2
_CHAIN = re.compile(r" in (\w+/\d+)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run: on which databases, how often to kill, or the one chain to repeat."""

    databases: tuple[str, ...]
    kills: int
    seed: int
    chain: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run on one database."""

    database: str
    asked: Asked
    scenarios: int
    steps: int
    points: frozenset[str]
    deaths: int
    seconds: float
    findings: Findings

    def lines(self) -> list[str]:
        """Return the figures for people, what was found last."""
        f = self.findings
        again = f"--points --database {self.database.lower()} --kills {self.asked.kills}"
        return [
            f"{len(self.points)} points x {self.scenarios} scenarios = {f.kills} kills on "
            f"{self.database}; lost {f.counts['lost']}, doubled {f.counts['doubled']}, "
            f"asked again {f.counts['asked again']}, stuck {f.counts['stuck']}, "
            f"worst recovery {f.worst_ms} ms; replay with "
            f"make drill ARGS='{again} --seed {self.asked.seed}'",
            f"   {self.steps} steps, {self.deaths} different single kills, {f.missed} not reached, "
            f"{f.acknowledged} acknowledged answers held to account, {self.seconds:.0f} s",
            *f.told[:20],
        ]


def run(folder: Path, engine: Engine, asked: Asked) -> Report:
    """Walk, kill and judge in `folder`, which must be empty."""
    began = time.monotonic()
    with prepared(folder, engine) as mother:
        chains = plan(mother, asked.kills, asked.seed)
        if asked.chain:
            chains = [c for c in chains if f"{c.scenario}/{c.number}" == asked.chain]
        findings = _share_out(mother, chains)
        steps = sum(len(walked.steps) for walked in mother.walked.values())
        for line in range(len(findings.told)):
            chain = _CHAIN.search(findings.told[line])
            findings.told[line] += f"   [--chain {chain[1] if chain else '?'}]"
        return Report(
            engine.name,
            asked,
            len(mother.walked),
            steps,
            frozenset(reached(mother)),
            count_deaths(mother),
            time.monotonic() - began,
            findings,
        )


def _share_out(mother: Mother, chains: Sequence[Chain]) -> Findings:
    """Let workers, forked off here, carry out the chains; join what they found."""
    left = [_worker(mother, f"w{n}", chains[n::WORKERS]) for n in range(WORKERS)]
    findings = Findings()
    for child, hearing in left:
        with os.fdopen(hearing, "rb") as pipe:
            told = pipe.read()
        os.waitpid(child, 0)
        findings.join(pickle.loads(told))
    return findings


def _worker(mother: Mother, name: str, chains: Sequence[Chain]) -> tuple[int, int]:
    hearing, telling = os.pipe()
    child = os.fork()
    if child:
        os.close(telling)
        return child, hearing
    os.close(hearing)
    with os.fdopen(telling, "wb") as pipe:
        pipe.write(pickle.dumps(Killer(mother, name).run(chains)))
    os._exit(0)


def run_all(asked: Asked) -> list[Report]:
    """Run on each database in a temporary folder."""
    reports = []
    for name in asked.databases:
        with (
            tempfile.TemporaryDirectory(prefix="khaihoc-crash-") as place,
            engine_of(name) as engine,
        ):
            reports.append(run(Path(place), engine, asked))
    return reports
