"""What `make drill` runs; exit status 1 when anything was lost.

[--kills 200] [--seed N]              a server over HTTP, killed at random moments
--points [--kills 400] [--seed N]     every crash point in every scenario (tests.crash)
--waiting 50000 [--people 5000]       what waits after an outage, on both databases
"""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.crash import __main__ as points
from tests.drill import outage
from tests.drill.drill import Drill, plan


def main(arguments: list[str]) -> int:
    """Run one drill and print its figures."""
    if "--points" in arguments:
        return points.main([one for one in arguments if one != "--points"])
    parser = argparse.ArgumentParser(
        prog="make drill", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="to repeat one")
    parser.add_argument("--waiting", type=int, default=0, help="messages that wait")
    parser.add_argument("--people", type=int, default=5_000, help="whose messages they are")
    asked = parser.parse_args(arguments)
    if asked.waiting:
        return 0 if outage.run(asked.waiting, asked.people, asked.seed) else 1
    print(f"drill: {asked.kills} kills, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="khaihoc-drill-") as folder:
        drill = Drill(Path(folder), asked.seed, plan(asked.kills, asked.seed))
        figures = asyncio.run(drill.run())
    print("\n".join(figures.lines()))
    return 0 if figures.sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
