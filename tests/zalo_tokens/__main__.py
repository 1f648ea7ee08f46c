"""`python -m tests.zalo_tokens [--hours 24] [--seed N]`: exit status 1 when anything was found."""

import argparse
import pickle
import random
import sys
import tempfile
from pathlib import Path

from tests.crash.engines import engine_of
from tests.zalo_tokens.running import Asked, Report, run

# Hours of the race in an hour of the machine.
SPEEDS = {"postgresql": 300.0, "sqlite": 900.0}
# On SQLite one process serves; its tasks race each other, and the operator's command.
CROWDS = {"postgresql": (16, 1), "sqlite": (1, 6)}


def main(arguments: list[str] | None = None) -> int:
    """Race on each database and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.zalo_tokens", description=__doc__)
    parser.add_argument("--hours", type=float, default=1.0, help="simulated hours on each database")
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="fates and faults"
    )
    parser.add_argument("--processes", type=int, help="how many race; usually 16 on PostgreSQL")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--report", type=Path, help="where the figures go as they are (pickled)")
    given = parser.parse_args(arguments)
    both = given.database == "both"
    reports = [
        _race(name, given.processes, given.hours, given.seed)
        for name in (("sqlite", "postgresql") if both else (given.database,))
    ]
    if given.report is not None:
        given.report.write_bytes(pickle.dumps(reports))
    return 0 if all(report.sound for report in reports) else 1


def _race(name: str, processes: int | None, hours: float, seed: int) -> Report:
    usual, tasks = CROWDS[name]
    asked = Asked(processes or usual, tasks, hours, seed, SPEEDS[name])
    with (
        tempfile.TemporaryDirectory(prefix="khaihoc-tokens-") as place,
        engine_of(name) as engine,
    ):
        report = run(Path(place), engine, asked)
    print("\n".join(report.lines()), flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main())
