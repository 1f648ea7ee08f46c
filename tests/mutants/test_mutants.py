"""Every seeded bug still applies and names tests that exist; the runner tells caught from not."""

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.guards.tree import ROOT
from tests.mutants.catalogue import MUTANTS
from tests.mutants.mutant import Mutant, mutated, seed
from tests.mutants.running import NotGreen, Trial, time_clean
from tests.mutants.tree import Copy

LEAST = 40
FLOORS = {"bot", "handlers", "storage", "dialogs"}


def test_there_are_bugs_on_every_floor_each_with_its_name_and_reason() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(names) == len(set(names)) >= LEAST
    assert {e.file.partition("/")[0] for mutant in MUTANTS for e in mutant.edits} == FLOORS
    assert [mutant.name for mutant in MUTANTS if not (mutant.why and mutant.tests)] == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_seeded_bug_applies_and_is_python(mutant: Mutant) -> None:
    for path, text in mutated(mutant, ROOT).items():
        assert text != path.read_text("utf-8")
        ast.parse(text, str(path))


@cache
def _functions(file: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    return frozenset(n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_test_that_is_to_turn_red_exists() -> None:
    missing = [
        f"{mutant.name}: {test}"
        for mutant in MUTANTS
        for test in mutant.tests
        for file, _, name in [test.partition("[")[0].partition("::")]
        if not (ROOT / file).is_file() or name not in _functions(file)
    ]
    assert missing == []


PROGRAM = "def double(n: int) -> int:\n    return n + n\n"
DOUBLE = "tests/test_program.py::test_double"
TEST = """import program


def test_double() -> None:
    assert program.double(3) == 6


def test_nothing() -> None:
    assert program
"""


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Copy:
    """A tree of one function and two tests, one of which looks at nothing."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    tests = tmp_path / "small" / "tests"
    tests.mkdir(parents=True)
    (tests.parent / "program.py").write_text(PROGRAM)
    (tests.parent / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -ra\n")
    (tests / "test_program.py").write_text(TEST)
    return Copy(tests.parent, Path(sys.executable))


def small(old: str, new: str, test: str = "test_double") -> Mutant:
    return seed(f"{old} is {new}", "", "program.py", old, new, f"test_program.py::{test}")


@pytest.mark.parametrize(
    ("mutant", "verdict"),
    [
        (small("n + n", "n * n"), "caught"),
        (small("n + n", "n * n", "test_nothing"), "SURVIVED"),
        (small("n - n", "n * n"), "DOES NOT APPLY"),
        (small("n", "m"), "DOES NOT APPLY"),
        (small("n + n", "n * n", "test_gone"), "UNUSABLE"),
        (small("return n + n", "return (n"), "UNUSABLE"),
        (small("    return", "    while n: pass\n    return"), "caught"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_run_says_what_became_of_a_bug_and_leaves_the_tree_as_it_was(
    copy: Copy, mutant: Mutant, verdict: str
) -> None:
    clean = time_clean(copy, [DOUBLE], spread=False)
    assert set(clean) == {DOUBLE, ""}
    (result,) = Trial([copy], clean, least_seconds=6.0).run([mutant], lambda result: None)
    assert (result.verdict, (copy.root / "program.py").read_text()) == (verdict, PROGRAM)


def test_without_a_green_tree_nothing_is_proven(copy: Copy) -> None:
    (copy.root / "program.py").write_text(PROGRAM.replace("+", "*"))
    with pytest.raises(NotGreen, match="test_double"):
        time_clean(copy, [DOUBLE], spread=False)
