"""Criteria files: every version this installation knows, read once when it starts."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from dialogs.criteria import (
    CriteriaInvalid,
    CriteriaProblem,
    CriteriaSet,
    parse_criteria_set,
)
from dialogs.errors import Refused
from dialogs.screen import Msg

CRITERIA_FOLDER = Path(__file__).parents[1] / "dialogs" / "criteria_sets"


class UnknownCriteriaSet(Refused):
    """No criteria set of that version, or none open for that title and year."""

    code = "unknown_criteria_set"

    def __init__(self, wanted: str) -> None:
        super().__init__(Msg("criteria.unknown_set", {"wanted": wanted}))


@dataclass(frozen=True, slots=True)
class CriteriaLibrary:
    """All sets of the folder; versions are unique, a title has at most one open set a year."""

    sets: tuple[CriteriaSet, ...]

    def get(self, version: str) -> CriteriaSet:
        """Return the set with `version`, open or not; raises UnknownCriteriaSet."""
        for criteria_set in self.sets:
            if criteria_set.version == version:
                return criteria_set
        raise UnknownCriteriaSet(version)

    def current(self, title: str, year: int) -> CriteriaSet:
        """Return the set a new declaration of `title` pins in `year`; raises UnknownCriteriaSet."""
        for criteria_set in self._open_in(year):
            if criteria_set.title == title:
                return criteria_set
        raise UnknownCriteriaSet(f"{title} {year}")

    def open_titles(self, year: int) -> tuple[CriteriaSet, ...]:
        """Return the sets to offer in the menu of `year`, one for each open title, by file name."""
        return tuple(self._open_in(year))

    def _open_in(self, year: int) -> Iterator[CriteriaSet]:
        return (s for s in self.sets if s.open and s.valid_in(year))


def load_criteria_sets(folder: Path = CRITERIA_FOLDER) -> CriteriaLibrary:
    """Return all sets of `folder`/*.toml; raises CriteriaInvalid with every file's problems."""
    problems: list[CriteriaProblem] = []
    found: list[tuple[str, CriteriaSet]] = []
    paths = sorted(folder.glob("*.toml"))
    if not paths:
        problems.append(CriteriaProblem(str(folder), "", "no_files"))
    for path in paths:
        try:
            found.append((path.name, _read(path)))
        except CriteriaInvalid as invalid:
            problems.extend(invalid.problems)
    problems.extend(_conflicts(found))
    if problems:
        raise CriteriaInvalid(tuple(problems))
    return CriteriaLibrary(tuple(criteria_set for _, criteria_set in found))


def _read(path: Path) -> CriteriaSet:
    """Return the set of one file; raises CriteriaInvalid, also for what is no TOML."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problem = CriteriaProblem(path.name, "", "not_toml", str(error))
        raise CriteriaInvalid((problem,)) from error
    return parse_criteria_set(path.name, data)


def _conflicts(found: list[tuple[str, CriteriaSet]]) -> Iterator[CriteriaProblem]:
    """Yield what is wrong between files, at the later one of each pair."""
    for (first, a), (second, b) in combinations(found, 2):
        if a.version == b.version:
            yield CriteriaProblem(second, "version", "duplicate_version", f"{a.version}, {first}")
        if a.title == b.title and a.open and b.open and _overlap(a, b):
            yield CriteriaProblem(second, "valid_from_year", "two_open_sets", f"{a.title}, {first}")


def _overlap(a: CriteriaSet, b: CriteriaSet) -> bool:
    """Tell whether some year belongs to both sets: if any does, the later first year does."""
    later = max(a.valid_from_year, b.valid_from_year)
    return a.valid_in(later) and b.valid_in(later)
