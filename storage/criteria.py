"""Criteria files, read once when the program starts, and what a database adds to them meanwhile.

A set published through the API stands above the files for its title and years. Every process
keeps what it last read (`criteria_versions.refresh`), so a new version needs no restart.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from pathlib import Path

from dialogs.criteria import (
    CriteriaInvalid,
    CriteriaProblem,
    CriteriaSet,
    parse_criteria_set,
)
from dialogs.errors import Refused
from dialogs.periods import Calendar, Period
from dialogs.screen import Msg

CRITERIA_FOLDER = Path(__file__).parents[1] / "dialogs" / "criteria_sets"


class UnknownCriteriaSet(Refused):
    """No criteria set of that version, or none open for that title and year."""

    code = "unknown_criteria_set"

    def __init__(self, wanted: str) -> None:
        super().__init__(Msg("criteria.unknown_set", {"wanted": wanted}))


@dataclass(frozen=True, slots=True)
class Added:
    """What a database adds to the files, as it was at one `revision` of its rules.

    `known` are sets kept as rows, `published` those in force through the API, newest first.
    """

    revision: int = -1
    known: Mapping[str, CriteriaSet] = field(default_factory=dict)
    published: tuple[CriteriaSet, ...] = ()
    periods: Mapping[tuple[str, int, str], Period] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Held:
    """One moment of the library; the sets of a year are found once."""

    added: Added
    known: Mapping[str, CriteriaSet]
    calendar: Calendar
    titles: dict[int, tuple[CriteriaSet, ...]] = field(default_factory=dict)


class KnownSets(Mapping[str, CriteriaSet]):
    """Every set by version, those that only old declarations pin too; it grows with the library."""

    def __init__(self, library: "CriteriaLibrary") -> None:
        self._library = library

    def __getitem__(self, version: str) -> CriteriaSet:
        return self._library.held.known[version]

    def __iter__(self) -> Iterator[str]:
        return iter(self._library.held.known)

    def __len__(self) -> int:
        return len(self._library.held.known)


class CriteriaLibrary:
    """All sets of the folder, and what the database adds; versions are unique.

    Of the files a title has at most one open set a year; of the published the newest counts.
    """

    def __init__(self, sets: tuple[CriteriaSet, ...]) -> None:
        self.sets = sets
        self.known = KnownSets(self)
        self.held = self._hold(Added())

    @property
    def revision(self) -> int:
        """The revision of the rules that is held; -1 before anything was read."""
        return self.held.added.revision

    @property
    def calendar(self) -> Calendar:
        """The periods as they are set, with the sets in force in each year."""
        return self.held.calendar

    def take(self, added: Added) -> None:
        """Hold what was read of a database, in place of what was held before."""
        # One assignment: turns on another thread see the one or the other.
        self.held = self._hold(added)

    def get(self, version: str) -> CriteriaSet:
        """Return the set with `version`, open or not; raises UnknownCriteriaSet."""
        found = self.held.known.get(version)
        if found is None:
            raise UnknownCriteriaSet(version)
        return found

    def current(self, title: str, year: int) -> CriteriaSet:
        """Return the set a new declaration of `title` pins in `year`; raises UnknownCriteriaSet."""
        for criteria_set in self.open_titles(year):
            if criteria_set.title == title:
                return criteria_set
        raise UnknownCriteriaSet(f"{title} {year}")

    def open_titles(self, year: int) -> tuple[CriteriaSet, ...]:
        """Return the sets to offer in the menu of `year`, one for each open title, by file name."""
        held = self.held
        found = held.titles.get(year)
        if found is None:
            found = held.titles[year] = tuple(self._open_in(year, held.added.published))
        return found

    def _open_in(self, year: int, published: tuple[CriteriaSet, ...]) -> Iterator[CriteriaSet]:
        """Yield the open sets of a year: a published title hides the files, open or not."""
        ruling = [s for s in published if s.valid_in(year)]
        ruled = {s.title for s in ruling}
        files = [s for s in self.sets if s.valid_in(year) and s.title not in ruled]
        newest: dict[str, CriteriaSet] = {}
        for criteria_set in (*ruling, *files):
            if criteria_set.open:
                newest.setdefault(criteria_set.title, criteria_set)
        titles = dict.fromkeys(s.title for s in (*self.sets, *published))
        return (newest[title] for title in titles if title in newest)

    def _hold(self, added: Added) -> _Held:
        known = {**added.known, **{s.version: s for s in self.sets}}
        return _Held(added, known, Calendar(added.periods, self.open_titles))


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
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = CriteriaProblem(path.name, "", "not_toml", str(error))
        raise CriteriaInvalid((problem,)) from error
    return read_criteria_text(path.name, text)


# The same text is the same set, which never changes: programs that start often read it once.
@lru_cache(maxsize=32)
def read_criteria_text(name: str, text: str) -> CriteriaSet:
    """Return the set that a TOML text describes; `name` stands in its problems.

    Raises CriteriaInvalid with all of them, also for what is no TOML.
    """
    try:
        data = tomllib.loads(text)
    # Brackets nested some thousand deep end the parser's recursion, not the program's.
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        problem = CriteriaProblem(name, "", "not_toml", str(error))
        raise CriteriaInvalid((problem,)) from error
    return parse_criteria_set(name, data)


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
