"""`python -m tests.drill [--kills 200] [--seed N]`: exit status 1 when anything was lost."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.drill.drill import Drill, plan


def main() -> int:
    """Run one drill and print its figures."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="to repeat one")
    asked = parser.parse_args()
    print(f"drill: {asked.kills} kills, seed {asked.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="khaihoc-drill-") as folder:
        drill = Drill(Path(folder), asked.seed, plan(asked.kills, asked.seed))
        figures = asyncio.run(drill.run())
    print("\n".join(figures.lines()))
    return 0 if figures.sound else 1


if __name__ == "__main__":
    sys.exit(main())
