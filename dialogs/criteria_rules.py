"""What must hold between the fields of a criteria set: numbering, sums, order, limits.

The rules look at the plain data, so that a file with one unreadable text is still checked for
its sums. A rule that needs a value which is not there, or of a wrong type, says nothing: the
shape has already said it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise

from dialogs.criteria_problems import CriteriaProblem, Reason
from dialogs.criteria_shape import dotted
from dialogs.folding import compose, fold

MIN_OPTIONS, MAX_OPTIONS = 3, 4
# As long as the columns that keep them, and as many points as lists and sums hold.
VERSION_MAX, TITLE_MAX, CODE_MAX, TOTAL_MAX = 64, 32, 8, 1000
_NAME = re.compile("[a-z_]+")

_Finding = tuple[str, Reason, str]  # key, reason, detail


class _Unreadable(Exception):
    """A value that a rule needs is not there or of a wrong type."""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of the data at `key`, read without trust."""

    data: Mapping[str, object]
    key: str = ""

    def at(self, name: str) -> str:
        return dotted(self.key, name)

    def number(self, name: str) -> int:
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise _Unreadable

    def text(self, name: str) -> str:
        value = self.data.get(name)
        if isinstance(value, str):
            return compose(value)
        raise _Unreadable

    def texts(self, name: str) -> list[str]:
        """Return what is text in the list or the table of languages `name`."""
        value = self.data.get(name)
        items = list(value.values()) if isinstance(value, Mapping) else value
        return [v for v in items if isinstance(v, str)] if isinstance(items, list) else []

    def rows(self, name: str) -> "list[_Table]":
        value = self.data.get(name)
        if not isinstance(value, Sequence) or not all(isinstance(v, Mapping) for v in value):
            raise _Unreadable
        return [_Table(row, f"{self.at(name)}[{i}]") for i, row in enumerate(value)]


_Rule = Callable[[_Table, _Table], Iterator[_Finding]]  # the whole set, one table of it


def check_rules(file: str, data: Mapping[str, object]) -> tuple[CriteriaProblem, ...]:
    """Return every broken rule of the set in `data`, by rule and then in reading order."""
    whole = _Table(data)
    return tuple(
        CriteriaProblem(file, *finding)
        for level, rules in _RULES.items()
        for table in _tables(whole, level)
        for rule in rules
        for finding in _findings(rule, whole, table)
    )


def _tables(whole: _Table, level: str) -> list[_Table]:
    """Return the tables a level of rules is about: the whole set or the rows of one list."""
    if not level:
        return [whole]
    with suppress(_Unreadable):
        return whole.rows(level)
    return []


def _findings(rule: _Rule, whole: _Table, table: _Table) -> Iterator[_Finding]:
    """Yield what `rule` finds until it meets something unreadable."""
    with suppress(_Unreadable):
        yield from rule(whole, table)


def _numbers_follow(whole: _Table, _: _Table) -> Iterator[_Finding]:
    before = 0
    for row in whole.rows("indicators"):
        number = row.number("number")
        if number != before + 1:
            yield row.at("number"), "number_gap", f"{number} ≠ {before + 1}"
        before = number


def _unique(rows: str, field: str) -> _Rule:
    """Return the rule that no two `rows` share the same `field`."""

    def rule(whole: _Table, _: _Table) -> Iterator[_Finding]:
        seen: set[str] = set()
        for row in whole.rows(rows):
            value = row.text(field)
            if value in seen:
                yield row.at(field), "duplicate", value
            seen.add(value)

    return rule


def _groups_in_order(whole: _Table, _: _Table) -> Iterator[_Finding]:
    """People read sums by group ("5-7"), so a group's questions stand together, in order."""
    places = {group.text("id"): place for place, group in enumerate(whole.rows("groups"))}
    for before, row in pairwise(whole.rows("indicators")):
        was, now = places.get(before.text("group")), places.get(row.text("group"))
        if was is not None and now is not None and now < was:
            yield row.at("group"), "group_order", f"{before.text('group')}, {row.text('group')}"


def _total_adds_up(whole: _Table, _: _Table) -> Iterator[_Finding]:
    yield from _equal(whole, "total", sum(g.number("max") for g in whole.rows("groups")))


def _at_most(field: str, limit: str, reason: Reason) -> _Rule:
    """Return the rule that number `field` is not above number `limit`."""

    def rule(whole: _Table, _: _Table) -> Iterator[_Finding]:
        value, most = whole.number(field), whole.number(limit)
        if value > most:
            yield field, reason, f"{value} > {most}"

    return rule


def _short(field: str, most: int) -> _Rule:
    """Return the rule that text `field` has at most `most` characters."""

    def rule(_: _Table, table: _Table) -> Iterator[_Finding]:
        size = len(table.text(field))
        if size > most:
            yield table.at(field), "too_long", f"{size} > {most}"

    return rule


def _title_is_a_name(whole: _Table, _: _Table) -> Iterator[_Finding]:
    """Titles stand in addresses and states: small letters without marks, and underscores."""
    title = whole.text("title")
    if title and not _NAME.fullmatch(title):
        yield "title", "not_a_name", title


def _total_fits(whole: _Table, _: _Table) -> Iterator[_Finding]:
    total = whole.number("total")
    if total > TOTAL_MAX:
        yield "total", "too_large", f"{total} > {TOTAL_MAX}"


def _floor_reachable(whole: _Table, _: _Table) -> Iterator[_Finding]:
    floor = whole.number("floor")
    least = min((row.number("max") for row in whole.rows("indicators")), default=floor)
    if floor > least:
        yield "floor", "above_max", f"{floor} > {least}"


def _group_adds_up(whole: _Table, group: _Table) -> Iterator[_Finding]:
    ids = {g.text("id") for g in whole.rows("groups")}
    indicators = whole.rows("indicators")
    if any(row.text("group") not in ids for row in indicators):
        raise _Unreadable  # said by _group_known; the sums would only repeat it
    members = [row for row in indicators if row.text("group") == group.text("id")]
    yield from _equal(group, "max", sum(row.number("max") for row in members))


def _group_known(whole: _Table, indicator: _Table) -> Iterator[_Finding]:
    ids = [group.text("id") for group in whole.rows("groups")]
    mine = indicator.text("group")
    if mine not in ids:
        yield indicator.at("group"), "unknown_value", f"{mine} ∉ {', '.join(ids)}"


def _option_count(_: _Table, indicator: _Table) -> Iterator[_Finding]:
    count = len(indicator.rows("options"))
    if count and not MIN_OPTIONS <= count <= MAX_OPTIONS:
        yield indicator.at("options"), "option_count", f"{count} ∉ {MIN_OPTIONS}–{MAX_OPTIONS}"


def _options_ascend(_: _Table, indicator: _Table) -> Iterator[_Finding]:
    for lower, higher in pairwise(indicator.rows("options")):
        if higher.number("points") <= lower.number("points"):
            detail = f"{higher.number('points')} ≤ {lower.number('points')}"
            yield higher.at("points"), "not_ascending", detail


def _options_reach_max(_: _Table, indicator: _Table) -> Iterator[_Finding]:
    points = [option.number("points") for option in indicator.rows("options")]
    if points and max(points) != indicator.number("max"):
        yield indicator.at("options"), "wrong_top", f"{max(points)} ≠ {indicator.number('max')}"


def _answers_differ(_: _Table, indicator: _Table) -> Iterator[_Finding]:
    """What people type must lead to one option, also without diacritics."""
    taken: set[str] = set()
    for option in indicator.rows("options"):
        mine = {fold(text) for text in (*option.texts("text"), *option.texts("aliases"))}
        for clash in sorted(mine & taken):
            yield option.key, "ambiguous_answer", clash
        taken |= mine


def _equal(table: _Table, field: str, wanted: int) -> Iterator[_Finding]:
    """Yield a wrong sum unless number `field` is what the parts add up to."""
    if table.number(field) != wanted:
        yield table.at(field), "wrong_sum", f"{table.number(field)} ≠ {wanted}"


_RULES: Mapping[str, tuple[_Rule, ...]] = {
    "": (
        _short("version", VERSION_MAX),
        _short("title", TITLE_MAX),
        _title_is_a_name,
        _total_fits,
        _total_adds_up,
        _at_most("pass_mark", "total", "above_total"),
        _at_most("pass_mark_difficult", "pass_mark", "above_pass_mark"),
        _at_most("valid_from_year", "valid_to_year", "years_reversed"),
        _floor_reachable,
        _unique("groups", "id"),
        _unique("indicators", "code"),
        _numbers_follow,
        _groups_in_order,
    ),
    "groups": (_group_adds_up,),
    "indicators": (
        _short("code", CODE_MAX),
        _group_known,
        _option_count,
        _options_ascend,
        _options_reach_max,
        _answers_differ,
    ),
}
