"""Criteria sets as data: what is asked, what each answer is worth, when a declaration passes.

No code knows a criterion: province, year and title change them by a new file with a new version.
Everything here is plain and pure; `storage/criteria.py` brings the files.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from hashlib import sha256
from typing import Literal

from dialogs.criteria_problems import CriteriaInvalid, CriteriaProblem
from dialogs.criteria_rules import check_rules
from dialogs.criteria_shape import ShapeReader
from dialogs.errors import Refused
from dialogs.screen import Localised, Msg

__all__ = [
    "CriteriaInvalid",
    "CriteriaProblem",
    "CriteriaSet",
    "Group",
    "Indicator",
    "Option",
    "UnknownIndicator",
    "parse_criteria_set",
    "to_plain",
]

# Closing a title or a year changes nothing a person is judged by, so it is no new version.
_OUTSIDE_DIGEST = frozenset({"open", "valid_to_year"})


class UnknownIndicator(Refused):
    """A code or question number that the set does not have."""

    code = "unknown_indicator"

    def __init__(self, wanted: str | int) -> None:
        super().__init__(Msg("criteria.unknown_indicator", {"wanted": str(wanted)}))


@dataclass(frozen=True, slots=True)
class Option:
    """One plain answer with its whole points.

    `provisional` points count for now, but a reviewer must settle them before approval.
    `aliases` are other ways people type this answer, in any language.
    """

    points: int
    text: Localised
    provisional: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicator:
    """One question: `number` counts from 1 through the set, `max` is its most points.

    `ask` is the question, `short` names it in a few words ("lớp đã học"), `explain` answers "?",
    `evidence` says what photo helps. An `exposed` one may be left for a talk with the officer.
    """

    code: str
    number: int
    group: str
    max: int
    ask: Localised
    short: Localised
    explain: Localised
    options: tuple[Option, ...]
    evidence: tuple[Localised, ...] = ()
    exposed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Indicators that stand together; `max` is the sum of theirs.

    `name` is the few words of the summary ("Tự học"), `full_name` those of official papers.
    """

    id: str
    name: Localised
    full_name: Localised
    max: int


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """One version of the criteria of one title, as parsed: complete and free of contradictions.

    Years are calendar years, both ends included. `pass_mark_difficult` holds in areas with
    specially difficult conditions. `digest` is the sha256 (hex) of all that a person is judged
    by or reads; equal versions must have equal digests.
    """

    title: str
    version: str
    name: Localised
    audience: Localised
    status: Literal["sample", "verified"]
    open: bool
    valid_from_year: int
    scale: Literal["points"]
    total: int
    pass_mark: int
    pass_mark_difficult: int
    floor: int
    groups: tuple[Group, ...]
    indicators: tuple[Indicator, ...]
    legal_basis: tuple[str, ...]
    valid_to_year: int | None = None
    minimum_age: int | None = None
    digest: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the digest once; sets are built rarely and read often."""
        object.__setattr__(self, "digest", _digest(self))

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of all indicators in the order they are asked."""
        return tuple(indicator.code for indicator in self.indicators)

    def indicator(self, code: str) -> Indicator:
        """Return the indicator with `code`, or raise UnknownIndicator."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise UnknownIndicator(code)

    def by_number(self, number: int) -> Indicator:
        """Return question `number` (from 1), or raise UnknownIndicator."""
        if not 1 <= number <= len(self.indicators):
            raise UnknownIndicator(number)
        return self.indicators[number - 1]

    def group(self, group_id: str) -> Group:
        """Return the group with `group_id`; every indicator names one that exists."""
        return next(group for group in self.groups if group.id == group_id)

    def valid_in(self, year: int) -> bool:
        """Tell whether `year` lies inside the years of this set."""
        return self.valid_from_year <= year <= (self.valid_to_year or year)

    def mark(self, *, difficult_area: bool) -> int:
        """Return the points needed to pass, by area (QĐ 244/QĐ-KHVN as the press reports it)."""
        return self.pass_mark_difficult if difficult_area else self.pass_mark


def parse_criteria_set(file: str, data: Mapping[str, object]) -> CriteriaSet:
    """Return the set that `data` (read from TOML, or by `to_plain`) describes.

    Raises CriteriaInvalid with every problem at once, each naming `file` and the dotted key.
    Texts are composed (NFC, single spaces).
    """
    reader = ShapeReader(file)
    parsed = reader.read_table(CriteriaSet, data, "")
    problems = (*reader.problems, *check_rules(file, data))
    if parsed is None or problems:
        raise CriteriaInvalid(problems)
    return parsed


def to_plain(criteria_set: CriteriaSet) -> dict[str, object]:
    """Return the set as JSON-ready data that `parse_criteria_set` reads back to an equal set."""
    return {
        name: _plain(getattr(criteria_set, name))
        for name in (f.name for f in fields(criteria_set) if f.init)
        if getattr(criteria_set, name) is not None
    }


def _plain(value: object) -> object:
    """Return one value as lists, dicts and scalars."""
    if isinstance(value, Localised):
        return dict(value.texts)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _digest(criteria_set: CriteriaSet) -> str:
    """Return the sha256 of the canonical JSON, without what may change inside one version."""
    plain = {k: v for k, v in to_plain(criteria_set).items() if k not in _OUTSIDE_DIGEST}
    canonical = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()
