"""A seeded bug: which words of the program become which others, and which tests must turn red."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Edit:
    """In `file` (from the root, with slashes) the text `old`, which stands there once, is `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake somebody could make, as the `edits` that make it, and why it would matter.

    `tests` are names that pytest takes (`tests/x/test_y.py::test_z[sqlite]`): the narrowest
    selection that must turn red. Each exists, and is green without the bug.
    """

    name: str
    why: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...]


class DoesNotApply(Exception):
    """What a mutant changes is not there exactly once; the message says which."""


def mutated(mutant: Mutant, root: Path) -> dict[Path, str]:
    """Return the files of the tree at `root` that the mutant changes, as it leaves them.

    Raises DoesNotApply.
    """
    files: dict[Path, str] = {}
    for edit in mutant.edits:
        path = root / edit.file
        if not path.is_file():
            raise DoesNotApply(f"{edit.file} is not there")
        before = files.get(path) or path.read_text("utf-8")
        if (count := before.count(edit.old)) != 1:
            raise DoesNotApply(f"{edit.file} has {count} times {edit.old[:60]!r}")
        files[path] = before.replace(edit.old, edit.new)
    return files


def seed(
    name: str, why: str, file: str, old: str, new: str, *tests: str, also: tuple[Edit, ...] = ()
) -> Mutant:
    """Return the mutant of one edit (and those of `also`); `tests` are named from `tests/` on."""
    edits = (Edit(file, old, new), *also)
    return Mutant(name, why, edits, tuple(f"tests/{test}" for test in tests))
