"""`python -m tests.crash.zalo [--kills 2000] [--seed N]`: exit status 1 when anything was found."""

import argparse
import pickle
import random
import sys
from pathlib import Path

from bot import logs
from tests.crash.zalo_harness import Asked, run_all


def main(arguments: list[str] | None = None) -> int:
    """Run the harness on Zalo and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash.zalo", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, help="how often a program is killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="to repeat one")
    parser.add_argument("--chain", default="", help="only this chain of the plan, as it was told")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--report", type=Path, help="where the figures go as they are (pickled)")
    given = parser.parse_args(arguments)
    both = given.database == "both"
    databases = ("sqlite", "postgresql") if both else (given.database,)
    logs.configure("error")
    print(f"crash points on Zalo: {given.kills} kills, seed {given.seed}", flush=True)
    reports = run_all(Asked(databases, given.kills // len(databases), given.seed, given.chain))
    for report in reports:
        print("\n".join(report.lines()), flush=True)
    if given.report is not None:
        given.report.write_bytes(pickle.dumps(reports))
    return 0 if all(report.findings.sound for report in reports) else 1


if __name__ == "__main__":
    sys.exit(main())
