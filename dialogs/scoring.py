"""The score of a declaration: computed from its answers, explained line by line.

The rule is that of QĐ 244/QĐ-KHVN of 28/7/2022 as the press reports it: enough points in total
(fewer in specially difficult areas) and no indicator below the floor, whatever the total.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialogs.criteria import CriteriaSet, Group, Indicator
from dialogs.errors import Refused
from dialogs.model import Reviewed
from dialogs.screen import Msg

# How many things to do are named at most: more would be a list of shortcomings.
_MOST_TO_ADD = 3
_NOTHING_REVIEWED: Mapping[str, Reviewed] = MappingProxyType({})


class UnknownOption(Refused):
    """An answer whose option the criteria set does not have."""

    code = "unknown_option"

    def __init__(self, indicator: Indicator) -> None:
        super().__init__(Msg("criteria.unknown_option", {"number": indicator.number}))


class PointsOutOfRange(Refused):
    """Reviewed points below 0 or above the maximum of their indicator."""

    code = "points_out_of_range"

    def __init__(self, indicator: Indicator) -> None:
        values = {"number": indicator.number, "max": indicator.max}
        super().__init__(Msg("criteria.points_out_of_range", values))


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One indicator's part: reviewed points count where there are any, else the person's own.

    `option_index` counts from 0; it and `self_points` are None where nothing was answered, and
    `points` is then 0 unless reviewed. `provisional` means a reviewer still has to settle it.
    """

    code: str
    number: int
    group: str
    option_index: int | None
    self_points: int | None
    reviewed_points: int | None
    points: int
    max: int
    below_floor: bool
    provisional: bool
    reason: str | None

    @property
    def missing(self) -> bool:
        """Tell whether nobody has given this line any points yet."""
        return self.self_points is None and self.reviewed_points is None


@dataclass(frozen=True, slots=True)
class GroupScore:
    """The points of one group out of its maximum."""

    id: str
    points: int
    max: int


@dataclass(frozen=True, slots=True)
class Score:
    """The whole result. Tuples of codes are in asking order, except `could_add`.

    `passes` says whether the rule is met; unsettled `provisional` lines do not change it, but
    forbid approval. `could_add` names up to three indicators where most is still to be gained
    by the person (floor first, then the largest gap).
    """

    lines: tuple[ScoreLine, ...]
    groups: tuple[GroupScore, ...]
    self_total: int
    total: int
    pass_mark: int
    passes: bool
    missing: tuple[str, ...]
    below_floor: tuple[str, ...]
    provisional: tuple[str, ...]
    could_add: tuple[str, ...]


def score(
    criteria_set: CriteriaSet,
    chosen: Mapping[str, int],
    reviewed: Mapping[str, Reviewed] = _NOTHING_REVIEWED,
    *,
    difficult_area: bool,
) -> Score:
    """Return the score of the answers `chosen` (code -> index of the option, from 0).

    Raises UnknownIndicator, UnknownOption or PointsOutOfRange for what the set does not have.
    """
    for code in (*chosen, *reviewed):
        criteria_set.indicator(code)
    lines = tuple(
        _line(indicator, chosen.get(indicator.code), reviewed.get(indicator.code), criteria_set)
        for indicator in criteria_set.indicators
    )
    return _summed(criteria_set, lines, criteria_set.mark(difficult_area=difficult_area))


def _line(
    indicator: Indicator,
    index: int | None,
    reviewed: Reviewed | None,
    criteria_set: CriteriaSet,
) -> ScoreLine:
    """Return the line of one indicator."""
    if reviewed is not None and not 0 <= reviewed.points <= indicator.max:
        raise PointsOutOfRange(indicator)
    if index is not None and not 0 <= index < len(indicator.options):
        raise UnknownOption(indicator)
    option = None if index is None else indicator.options[index]
    own = None if option is None else option.points
    given = None if reviewed is None else reviewed.points
    points = own if given is None else given
    return ScoreLine(
        code=indicator.code,
        number=indicator.number,
        group=indicator.group,
        option_index=index,
        self_points=own,
        reviewed_points=given,
        points=points or 0,
        max=indicator.max,
        below_floor=points is not None and points < criteria_set.floor,
        provisional=option is not None and option.provisional and given is None,
        reason=None if reviewed is None else reviewed.reason,
    )


def _summed(criteria_set: CriteriaSet, lines: tuple[ScoreLine, ...], mark: int) -> Score:
    """Return the score that `lines` add up to."""
    total = sum(line.points for line in lines)
    missing = tuple(line.code for line in lines if line.missing)
    below_floor = tuple(line.code for line in lines if line.below_floor)
    return Score(
        lines=lines,
        groups=tuple(_group_score(group, lines) for group in criteria_set.groups),
        self_total=sum(line.self_points or 0 for line in lines),
        total=total,
        pass_mark=mark,
        passes=total >= mark and not below_floor and not missing,
        missing=missing,
        below_floor=below_floor,
        provisional=tuple(line.code for line in lines if line.provisional),
        could_add=_could_add(lines),
    )


def _group_score(group: Group, lines: tuple[ScoreLine, ...]) -> GroupScore:
    """Return what the lines of `group` add up to."""
    points = sum(line.points for line in lines if line.group == group.id)
    return GroupScore(group.id, points, group.max)


def _could_add(lines: tuple[ScoreLine, ...]) -> tuple[str, ...]:
    """Return the codes worth naming: not those that wait for somebody else's word or an answer."""
    open_lines = [
        line for line in lines if line.points < line.max and not line.provisional | line.missing
    ]
    open_lines.sort(key=lambda line: (not line.below_floor, line.points - line.max, line.number))
    return tuple(line.code for line in open_lines[:_MOST_TO_ADD])
