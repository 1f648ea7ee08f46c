from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.criteria import CriteriaSet, Group, Indicator, Option, UnknownIndicator
from dialogs.model import Reviewed
from dialogs.scoring import GroupScore, PointsOutOfRange, ScoreLine, UnknownOption, score
from dialogs.screen import Localised, Msg

TEXT = Localised((("vi", "chữ"), ("en", "words")))


def indicator(number: int, code: str, points: tuple[int, ...], *, village: bool) -> Indicator:
    options = tuple(Option(p, TEXT, provisional=village and i == 0) for i, p in enumerate(points))
    return Indicator(code, number, code[0], points[-1], TEXT, TEXT, TEXT, options)


def criteria(*points: tuple[int, ...], mark: int, difficult: int, floor: int) -> CriteriaSet:
    """Return a set with one indicator for each row of points; the last row waits for the village.

    The first half of the rows is group A, the rest B.
    """
    half = (len(points) + 1) // 2
    rows = tuple(
        indicator(n, f"{'A' if n <= half else 'B'}{n}", row, village=n == len(points))
        for n, row in enumerate(points, 1)
    )
    groups = tuple(
        Group(g, TEXT, TEXT, sum(row.max for row in rows if row.group == g)) for g in "AB"
    )
    return CriteriaSet(
        title="citizen",
        version="v1",
        name=TEXT,
        audience=TEXT,
        status="sample",
        open=True,
        valid_from_year=2026,
        scale="points",
        total=sum(row.max for row in rows),
        pass_mark=mark,
        pass_mark_difficult=difficult,
        floor=floor,
        groups=groups,
        indicators=rows,
        legal_basis=("QĐ",),
    )


# A1 and A2, then B3 and B4; B4's first option is provisional.
FOUR = criteria(
    (3, 5, 8, 10), (3, 6, 10), (3, 6, 8, 10), (5, 6, 10), mark=32, difficult=28, floor=5
)


def test_a_score_says_everything_about_each_line() -> None:
    chosen = {"A1": 0, "A2": 2, "B4": 0}
    result = score(FOUR, chosen, {"A2": Reviewed(6, "one certificate")}, difficult_area=False)
    assert result.lines == (
        ScoreLine("A1", 1, "A", 0, 3, None, 3, 10, True, False, None),
        ScoreLine("A2", 2, "A", 2, 10, 6, 6, 10, False, False, "one certificate"),
        ScoreLine("B3", 3, "B", None, None, None, 0, 10, False, False, None),
        ScoreLine("B4", 4, "B", 0, 5, None, 5, 10, False, True, None),
    )
    assert result.groups == (GroupScore("A", 9, 20), GroupScore("B", 5, 20))
    assert (result.self_total, result.total, result.pass_mark) == (18, 14, 32)
    assert not result.passes
    assert result.missing == ("B3",)
    assert result.below_floor == ("A1",)
    assert result.provisional == ("B4",)
    assert result.could_add == ("A1", "A2")


def test_the_mark_is_lower_in_a_difficult_area() -> None:
    chosen = {"A1": 2, "A2": 1, "B3": 2, "B4": 1}
    results = [score(FOUR, chosen, difficult_area=difficult) for difficult in (False, True)]
    assert [(r.total, r.pass_mark, r.passes) for r in results] == [(28, 32, False), (28, 28, True)]


def test_one_line_below_the_floor_fails_whatever_the_total() -> None:
    result = score(FOUR, {"A1": 0, "A2": 2, "B3": 3, "B4": 2}, difficult_area=False)
    assert (result.total, result.below_floor, result.passes) == (33, ("A1",), False)


def test_an_unanswered_line_fails_whatever_the_total_until_it_is_reviewed() -> None:
    chosen = {"A1": 3, "A2": 2, "B3": 3}
    assert not score(FOUR, chosen, difficult_area=True).passes
    reviewed = score(FOUR, chosen, {"B4": Reviewed(6, "talked")}, difficult_area=True)
    assert (reviewed.missing, reviewed.total, reviewed.passes) == ((), 36, True)
    assert (reviewed.lines[3].self_points, reviewed.self_total) == (None, 30)


def test_a_provisional_answer_counts_its_points_and_waits_for_a_reviewer() -> None:
    chosen = {"A1": 3, "A2": 2, "B3": 3, "B4": 0}
    before = score(FOUR, chosen, difficult_area=False)
    assert (before.total, before.passes, before.provisional) == (35, True, ("B4",))
    after = score(FOUR, chosen, {"B4": Reviewed(5, "the village agrees")}, difficult_area=False)
    assert (after.total, after.passes, after.provisional) == (35, True, ())


def test_reviewed_zero_is_a_value_and_not_a_missing_one() -> None:
    result = score(FOUR, {}, {"A1": Reviewed(0, "nothing seen")}, difficult_area=False)
    assert result.lines[0].reviewed_points == result.lines[0].points == 0
    assert result.below_floor == ("A1",)
    assert "A1" not in result.missing


def test_what_could_be_added_starts_with_the_floor_then_the_largest_gap() -> None:
    wide = criteria((4, 8, 30), (3, 6, 10), (6, 8, 20), (5, 6, 10), mark=60, difficult=50, floor=5)
    result = score(wide, {"A1": 1, "A2": 0, "B3": 0, "B4": 1}, difficult_area=False)
    assert result.could_add == ("A2", "A1", "B3")


def test_nothing_is_left_to_add_at_the_top() -> None:
    top = {"A1": 3, "A2": 2, "B3": 3, "B4": 2}
    assert score(FOUR, top, difficult_area=False).could_add == ()


@pytest.mark.parametrize("index", [-1, 3])
def test_an_option_the_set_lacks_is_refused(index: int) -> None:
    with pytest.raises(UnknownOption) as refused:
        score(FOUR, {"A2": index}, difficult_area=False)
    assert refused.value.message == Msg("criteria.unknown_option", {"number": 2})


@pytest.mark.parametrize("points", [-1, 11])
def test_reviewed_points_outside_the_maximum_are_refused(points: int) -> None:
    with pytest.raises(PointsOutOfRange) as refused:
        score(FOUR, {}, {"A2": Reviewed(points, "x")}, difficult_area=False)
    assert refused.value.message == Msg("criteria.points_out_of_range", {"number": 2, "max": 10})


def test_a_code_the_set_lacks_is_refused_in_answers_and_in_reviews() -> None:
    with pytest.raises(UnknownIndicator):
        score(FOUR, {"Z1": 0}, difficult_area=False)
    with pytest.raises(UnknownIndicator):
        score(FOUR, {}, {"Z1": Reviewed(1, "x")}, difficult_area=False)


class Case(NamedTuple):
    criteria_set: CriteriaSet
    chosen: dict[str, int]
    reviewed: dict[str, Reviewed]
    difficult: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    levels = st.lists(st.integers(0, 20), min_size=3, max_size=4, unique=True).map(
        lambda points: tuple(sorted(points))
    )
    rows = draw(st.lists(levels, min_size=2, max_size=6))
    total = sum(row[-1] for row in rows)
    mark = draw(st.integers(0, total))
    difficult = draw(st.integers(0, mark))
    made = criteria(*rows, mark=mark, difficult=difficult, floor=draw(st.integers(0, 6)))
    chosen, reviewed = {}, {}
    for row in made.indicators:
        if draw(st.integers(0, 9)):
            chosen[row.code] = draw(st.integers(0, len(row.options) - 1))
        if not draw(st.integers(0, 3)):
            reviewed[row.code] = Reviewed(draw(st.integers(0, row.max)), "reason")
    return Case(made, chosen, reviewed, draw(st.booleans()))


@given(cases())
def test_totals_are_the_sums_of_their_lines(case: Case) -> None:
    result = score(*case[:3], difficult_area=case.difficult)
    assert result.total == sum(line.points for line in result.lines)
    assert result.total == sum(group.points for group in result.groups)
    assert result.self_total == sum(line.self_points or 0 for line in result.lines)
    assert result.total <= case.criteria_set.total == sum(group.max for group in result.groups)


@given(cases())
def test_a_file_passes_exactly_when_the_rule_holds(case: Case) -> None:
    given_points = []
    for row in case.criteria_set.indicators:
        if row.code in case.reviewed:
            given_points.append(case.reviewed[row.code].points)
        elif row.code in case.chosen:
            given_points.append(row.options[case.chosen[row.code]].points)
    made = case.criteria_set
    mark = made.pass_mark_difficult if case.difficult else made.pass_mark
    complete = len(given_points) == len(made.indicators)
    rule = complete and min(given_points) >= made.floor and sum(given_points) >= mark
    assert score(*case[:3], difficult_area=case.difficult).passes == rule


@given(cases(), st.data())
def test_a_better_answer_never_lowers_the_total_nor_takes_a_pass_away(
    case: Case, data: st.DataObject
) -> None:
    code = data.draw(st.sampled_from(case.criteria_set.codes))
    best = len(case.criteria_set.indicator(code).options) - 1
    higher = data.draw(st.integers(case.chosen.get(code, 0), best))
    before = score(*case[:3], difficult_area=case.difficult)
    raised = {**case.chosen, code: higher}
    after = score(case.criteria_set, raised, case.reviewed, difficult_area=case.difficult)
    assert after.total >= before.total
    assert after.self_total >= before.self_total
    assert after.passes >= before.passes


@given(cases())
def test_the_order_in_which_answers_came_changes_nothing(case: Case) -> None:
    backwards = dict(reversed(case.chosen.items())), dict(reversed(case.reviewed.items()))
    there = score(*case[:3], difficult_area=case.difficult)
    assert score(case.criteria_set, *backwards, difficult_area=case.difficult) == there


@given(cases())
def test_each_line_is_in_exactly_the_lists_that_its_facts_say(case: Case) -> None:
    result = score(*case[:3], difficult_area=case.difficult)
    assert set(result.missing) == set(case.criteria_set.codes) - {*case.chosen, *case.reviewed}
    last = case.criteria_set.codes[-1]
    waits = case.chosen.get(last) == 0 and last not in case.reviewed
    assert result.provisional == ((last,) if waits else ())
    assert not {*result.could_add} & {*result.missing, *result.provisional}
    assert len(result.could_add) <= 3
