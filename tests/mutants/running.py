"""Does the net catch? First the clean tree must be green, then each mutant must turn it red."""

import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Literal
from xml.etree import ElementTree

from tests.mutants.mutant import DoesNotApply, Mutant
from tests.mutants.tree import Copy, Ran

Verdict = Literal["caught", "SURVIVED", "DOES NOT APPLY", "UNUSABLE"]
AT_ONCE = 2
# A mutant may hang a test; one that a slow machine delays is not to be taken for that.
LEAST_SECONDS = 60.0
TIMES_CLEAN = 3.0
CLEAN_SECONDS = 3600.0
RED = 1  # pytest: some tests failed. Every other status is no verdict on the program.
# Tests of the mutants themselves, and those that need what a copy has not (a browser).
APART = ("--ignore=tests/mutants", "--ignore=tests/browser")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a mutant; `words` name the first test that failed, or what was wrong."""

    mutant: Mutant
    verdict: Verdict
    seconds: float
    words: str


class NotGreen(Exception):
    """Without any bug a selected test fails or is not there: nothing could be proven."""


def time_clean(
    copy: Copy, tests: Iterable[str], *, all_tests: bool = False, spread: bool = True
) -> Mapping[str, float]:
    """Run what is selected on the clean tree; return the seconds of each test function's runs.

    Keys are `file::function`; "" is all of them. `spread` over as many processes as mutants run
    in later, so that the times are of a machine as busy. Raises NotGreen.
    """
    with tempfile.TemporaryDirectory(prefix="khaihoc-clean-") as folder:
        report = Path(folder) / "clean.xml"
        order = ["tests", *APART] if all_tests else sorted(set(tests))
        order += ["-n", str(AT_ONCE), "--dist", "loadfile"] if spread else []
        order += [f"--junitxml={report}", "-o", "junit_family=xunit1"]
        ran = copy.test(order, seconds=CLEAN_SECONDS)
        if ran.status != 0:
            raise NotGreen(ran.output[-4000:])
        return _seconds(report)


def _seconds(report: Path) -> Mapping[str, float]:
    found: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(report).iter("testcase"):
        name = f"{case.get('file')}::{str(case.get('name')).partition('[')[0]}"
        found[name] += float(case.get("time") or 0)
        found[""] += float(case.get("time") or 0)
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """Trying mutants, each in one of several copies, against their own tests or all of them."""

    copies: Sequence[Copy]
    clean: Mapping[str, float]
    all_tests: bool = False
    least_seconds: float = LEAST_SECONDS

    def run(self, mutants: Sequence[Mutant], tell: Callable[[Result], None]) -> list[Result]:
        """Try every mutant and return the results in their order; `tell` hears them as they come.

        One runs in each copy at a time.
        """
        free: SimpleQueue[Copy] = SimpleQueue()
        for copy in self.copies:
            free.put(copy)

        def one(mutant: Mutant) -> Result:
            copy = free.get()
            try:
                result = self.try_one(copy, mutant)
            finally:
                free.put(copy)
            tell(result)
            return result

        with ThreadPoolExecutor(len(self.copies)) as pool:
            return list(pool.map(one, mutants))

    def try_one(self, copy: Copy, mutant: Mutant) -> Result:
        """Let `copy` have the bug, and see whether the tests notice."""
        began = time.monotonic()
        order = ["tests", *APART] if self.all_tests else list(mutant.tests)
        try:
            with copy.changed(mutant):
                ran = copy.test(["-x", *order], seconds=self.bound(mutant))
        except DoesNotApply as error:
            return Result(mutant, "DOES NOT APPLY", 0.0, str(error))
        verdict, words = judge(ran)
        return Result(mutant, verdict, time.monotonic() - began, words)

    def bound(self, mutant: Mutant) -> float:
        """Return after how many seconds a run counts as hanging: three times what it takes clean.

        So a test that hangs is one that the clean tree passes well within half of that time.
        """
        names = {test.partition("[")[0] for test in mutant.tests}
        clean = self.clean.get("", 0.0) if self.all_tests else sum(
            self.clean.get(name, 0.0) for name in names
        )  # fmt: skip
        return max(self.least_seconds, TIMES_CLEAN * clean)


def judge(ran: Ran) -> tuple[Verdict, str]:
    """Return the verdict on a run with a bug, and the first test that failed."""
    if ran.status is None:
        return "caught", "it hangs"
    if ran.status == RED:
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ran.output, re.MULTILINE)
        return "caught", failed[1].rpartition("/")[2] if failed else "red"
    if ran.status == 0:
        return "SURVIVED", "every selected test is green"
    return "UNUSABLE", f"pytest ended with {ran.status}: {ran.output[-300:]!r}"
