"""What must hold before a move: marks, floors, settled points, ranges; on any way through."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import errors, review
from dialogs.changes import changed
from dialogs.effects import (
    By,
    CorrectFile,
    SetReviewed,
)
from dialogs.model import (
    Declaration,
    Reviewed,
)
from dialogs.review import asked
from dialogs.review_checks import file_score
from dialogs.scoring import PointsOutOfRange
from dialogs.screen import Msg
from tests.dialogs.officer_world import (
    ANSWERS,
    CRITERIA,
    NOW,
    declaration,
    officer,
)
from tests.dialogs.review_moves import (
    STATUSES,
    after,
    approve,
    ask,
    moves,
    reject,
    rescore,
    standing,
    submit,
    undo,
)


def test_below_the_mark_is_not_approved_except_with_the_lower_mark_of_a_difficult_area() -> None:
    file = declaration(answers={**ANSWERS, "A1": 1, "A3": 1, "B1": 1})
    assert file_score(file, CRITERIA, difficult=False).total == 78
    with pytest.raises(errors.BelowMark) as refused:
        approve(file, officer(), 3)
    assert refused.value.message == Msg("review.below_mark", {"total": 78, "mark": 80})
    assert moves(approve(file, officer(), 3, difficult=True))


def test_below_a_floor_is_not_approved_whatever_the_total() -> None:
    file = declaration(answers={**dict.fromkeys(CRITERIA.codes, 3), "A1": 0})
    assert file_score(file, CRITERIA, difficult=False).total == 93
    with pytest.raises(errors.BelowFloor) as refused:
        approve(file, officer(), 3)
    assert refused.value.message.values["numbers"] == ("1",)


@pytest.mark.parametrize("unsettled", [{"C1": 0}, {"C1": -1}, {"A2": -1, "C1": 3}])
def test_an_unsettled_indicator_is_not_approved_until_points_are_given(
    unsettled: dict[str, int],
) -> None:
    answers = {**dict.fromkeys(CRITERIA.codes, 3), **unsettled}
    file = declaration(answers=answers)
    with pytest.raises(errors.UnsettledIndicator) as refused:
        approve(file, officer(), 3)
    assert refused.value.code == "unsettled_indicator"
    criterion = next(iter(unsettled))
    assert moves(approve(file, officer(), 3, scores=((criterion, 8, "thôn xác nhận"),)))


@pytest.mark.parametrize("points", [-1, 11, True])
def test_points_out_of_range_are_refused(points: int) -> None:
    with pytest.raises(PointsOutOfRange):
        rescore(declaration(), officer(), 3, points=points)
    with pytest.raises(PointsOutOfRange):
        approve(declaration(), officer(), 3, scores=(("A2", points, "x"),))


@pytest.mark.parametrize("points", [0, 10])
def test_points_at_the_ends_are_taken_and_both_are_kept(points: int) -> None:
    file = declaration()
    effects = rescore(file, officer(), 3, points=points)
    assert effects == (SetReviewed(1, 3, "A2", points, "1 lớp", 76 + points, By(1, "chat"), NOW),)
    given = after(file, effects)
    assert (given.answers["A2"], given.reviewed["A2"]) == (3, Reviewed(points, "1 lớp"))
    assert rescore(given, officer(), 3, points=points) == ()


def test_points_are_given_only_to_a_waiting_file() -> None:
    for status in STATUSES:
        if status != "submitted":
            with pytest.raises(errors.WrongState):
                rescore(standing(status), officer(), 3)


def correct(file: Declaration, seen: int = 3, **values: Any) -> review.Outcome:
    """Correct in chat."""
    return review.correct(file, officer(), seen=seen, now=NOW, via="chat", **values)


def test_a_name_and_a_village_are_put_right_on_record() -> None:
    by = By(1, "chat")
    assert correct(declaration(), name=" Nguyễn  Thị Hòa ") == (
        CorrectFile(1, 3, by, NOW, name="Nguyễn Thị Hòa"),
    )
    assert correct(standing("approved"), village="20242-003") == (
        CorrectFile(1, 3, by, NOW, village="20242-003"),
    )


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({}, "nothing_to_correct"),
        ({"name": " "}, "nothing_to_correct"),
        ({"name": "a" * 81}, "too_long"),
        ({"village": "20245-003"}, "unknown_village"),
        ({"village": "20242"}, "unknown_village"),
    ],
    ids=["nothing", "blank", "long", "elsewhere", "commune"],
)
def test_a_senseless_correction_is_refused(values: dict[str, Any], code: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        correct(declaration(), **values)
    assert refused.value.code == code


def test_a_draft_is_corrected_by_nobody_and_a_stale_version_never() -> None:
    with pytest.raises(errors.WrongState):
        correct(standing("draft"), name="A B")
    with pytest.raises(errors.StaleVersion):
        correct(declaration(), seen=2, name="A B")


steps = st.one_of(
    st.tuples(st.just("submit"), st.just(0), st.just(0)),
    st.tuples(st.just("withdraw"), st.just(0), st.just(0)),
    st.tuples(st.just("undo"), st.just(0), st.just(0)),
    st.tuples(st.just("answer"), st.integers(0, 9), st.integers(-1, 3)),
    st.tuples(st.just("approve"), st.integers(0, 9), st.integers(-1, 11)),
    st.tuples(st.just("return"), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("reject"), st.just(0), st.just(0)),
    st.tuples(st.just("rescore"), st.integers(0, 9), st.integers(-1, 11)),
)


def _do(file: Declaration, step: tuple[str, int, int]) -> Declaration:
    action, which, value = step
    code = CRITERIA.codes[which]
    if action == "answer":
        editable = file.status in ("draft", "returned")
        return changed(file, answers={**file.answers, code: value}) if editable else file
    by, seen = officer(), file.version
    acts: dict[str, Callable[[], review.Outcome]] = {
        "submit": lambda: submit(file),
        "withdraw": lambda: review.withdraw(file, now=NOW),
        "undo": lambda: undo(file, by),
        "approve": lambda: approve(file, by, seen, scores=((code, value, "x"),)),
        "return": lambda: ask(file, by, seen, asked(code, "blurry_photo")),
        "reject": lambda: reject(file, by, seen),
        "rescore": lambda: rescore(file, by, seen, code, value),
    }
    try:
        return after(file, acts[action]())
    except errors.Refused:
        return file


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(-1, 3), min_size=10, max_size=10), st.lists(steps, max_size=12))
def test_no_way_leads_to_approval_below_the_mark(
    options: list[int], ways: list[tuple[str, int, int]]
) -> None:
    answers = dict(zip(CRITERIA.codes, options, strict=True))
    file = declaration(status="draft", code=None, answers=answers)
    for step in (*ways, ("submit", 0, 0), ("approve", 7, 10)):
        file = _do(file, step)
        if file.status == "approved":
            result = file_score(file, CRITERIA, difficult=False)
            assert result.passes
            assert not result.provisional
            assert not result.missing
