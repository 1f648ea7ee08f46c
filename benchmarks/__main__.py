"""`python -m benchmarks [NAME ...]`: print the tables, write var/bench.json; 1 for a missed budget.

Names are those of the modules (turns, over_http, drafts, starting, rollup); without any, all are
run.
"""

import asyncio
import sys
from pathlib import Path

from benchmarks import (
    drafts,
    on_postgresql,
    over_http,
    restoring,
    rollup,
    several,
    starting,
    turns,
    zalo,
)
from benchmarks.figures import summary, write
from bot import logs

BENCHMARKS = {
    "turns": turns.measure,
    "on_postgresql": on_postgresql.measure,
    "several": several.measure,
    "zalo": zalo.measure,
    "over_http": over_http.measure,
    "drafts": drafts.measure,
    "starting": starting.measure,
    "restoring": restoring.measure,
    "rollup": rollup.measure,
}
OUT = Path("var") / "bench.json"


def main(names: list[str]) -> int:
    """Run the benchmarks of these names (all without any); return the exit status."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    logs.configure("error")
    figures = [f for name in names or BENCHMARKS for f in asyncio.run(BENCHMARKS[name]())]
    print(summary(figures))
    write(figures, OUT)
    return 0 if all(figure.ok for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
