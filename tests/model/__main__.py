"""`python -m tests.model [--sequences N] [--steps K] [--seed S] [--engine E] [--processes P]`."""

import argparse
import random
import sys

from tests.model.running import CHANNELS, ENGINES, Asked, run


def main() -> int:
    """Run sequences and print the figure; exit status 1 with one line to replay a divergence."""
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--steps", type=int, default=20, help="rules in one sequence")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after so long")
    parser.add_argument("--replay", default="", help="the one sequence a divergence printed")
    parser.add_argument("--processes", type=int, default=1, help="2: real ones, on PostgreSQL")
    parser.add_argument("--channel", choices=CHANNELS, default="web", help="where people are")
    parser.add_argument("--no-shrink", dest="shrink", action="store_false")
    asked = Asked(**vars(parser.parse_args()))
    if asked.processes > 1 and asked.engine != "postgresql":
        parser.error("several processes share a PostgreSQL database")
    if asked.processes > 1 and asked.channel != "web":
        parser.error("several processes are played on the web")
    figures = run(asked, print)
    print(figures.line)
    return 1 if figures.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
