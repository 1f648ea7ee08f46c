"""`python -m tests.mutants`: seed each bug into a copy of this tree; the tests must turn red.

`--only WORDS` takes the mutants whose name has all of these words, `--all-tests` runs the whole
suite instead of a mutant's own tests. Exits with 1 when one survives or does not apply.
"""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.running import AT_ONCE, NotGreen, Result, Trial, time_clean
from tests.mutants.tree import copied


def _chosen(words: str) -> list[Mutant]:
    return [m for m in MUTANTS if all(word in m.name.lower() for word in words.lower().split())]


def _tell(result: Result) -> None:
    line = f"{result.verdict:15}{result.seconds:6.1f} s  {result.mutant.name}: {result.words}"
    print(line, flush=True)


def _run(mutants: Sequence[Mutant], *, all_tests: bool) -> int:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="khaihoc-mutants-") as folder:
        copies = [copied(Path(folder) / str(n)) for n in range(AT_ONCE)]
        tests = [test for mutant in mutants for test in mutant.tests]
        try:
            clean = time_clean(copies[0], tests, all_tests=all_tests)
        except NotGreen as error:
            print(f"the tree is not green without any bug:\n{error}", file=sys.stderr)
            return 1
        print(f"clean: {len(set(tests))} selections green, {clean['']:.0f} s of tests", flush=True)
        results = Trial(copies, clean, all_tests=all_tests).run(mutants, _tell)
    caught = sum(result.verdict == "caught" for result in results)
    seconds = time.monotonic() - began
    print(f"mutants: {len(results)}, caught {caught} ({seconds:.0f} s)")
    return 0 if caught == len(results) else 1


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", default="", metavar="WORDS", help="words of a name")
    parser.add_argument("--all-tests", action="store_true", help="the whole suite for each")
    given = parser.parse_args()
    # Told to stop, it takes its runs and its copies with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = _chosen(given.only)
    if not chosen:
        parser.error(f"no mutant's name has all of: {given.only}")
    return _run(chosen, all_tests=given.all_tests)


if __name__ == "__main__":
    sys.exit(main())
