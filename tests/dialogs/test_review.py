"""The table of moves: every status, every role, and what each move changes."""

from datetime import date

import pytest

from dialogs import errors, review
from dialogs.changes import changed
from dialogs.effects import (
    By,
    CancelNotice,
    Move,
    ScheduleNotice,
    SetReviewed,
    TellOfficers,
)
from dialogs.model import (
    Decision,
    ReturnItem,
    Role,
    Status,
)
from dialogs.receipts import read_code
from dialogs.review import asked
from tests.dialogs.officer_world import (
    ANSWERS,
    COMMUNE,
    CRITERIA,
    NOW,
    RULES,
    TODAY,
    VILLAGE,
    declaration,
    officer,
    photo,
)
from tests.dialogs.review_moves import (
    ALLOWED,
    BLURRY,
    DUE,
    OFFICERS_MOVES,
    ROLES,
    STATUSES,
    after,
    approve,
    ask,
    moves,
    reject,
    standing,
    submit,
    undo,
)


def test_the_table_of_moves_is_this_one() -> None:
    table = {action: (set(rule.sources), rule.target) for action, rule in review.MOVES.items()}
    assert table == ALLOWED


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("action", OFFICERS_MOVES)
def test_every_officers_move_from_every_status_by_every_role(
    action: str, status: Status, role: Role
) -> None:
    # Officer 9 made the decision that stands: the one who may take it back, but not repeat another.
    place = {"village_reviewer": VILLAGE, "province_viewer": "48"}.get(role, COMMUNE)
    by, file = officer(9, role, place), standing(status)
    sources, target = ALLOWED[action]
    decides = role in ("commune_officer", "commune_leader")
    if not decides:
        with pytest.raises(errors.NotAllowed):
            OFFICERS_MOVES[action](file, by, file.version)
    elif status == target and action == "approve":
        assert OFFICERS_MOVES[action](file, by, file.version) == ()
    elif status not in sources:
        with pytest.raises(errors.WrongState):
            OFFICERS_MOVES[action](file, by, file.version)
    else:
        (move,) = moves(OFFICERS_MOVES[action](file, by, file.version))
        made = (move.source, move.target, move.action, move.version, move.by)
        assert made == (status, target, action, 3, By(9, "chat"))


@pytest.mark.parametrize("status", STATUSES)
def test_a_citizen_hands_in_from_draft_or_returned_only(status: Status) -> None:
    if status not in ALLOWED["submit"][0]:
        with pytest.raises(errors.WrongState):
            submit(standing(status))
    else:
        (move,) = moves(submit(standing(status)))
        assert (move.source, move.target, move.by) == (status, "submitted", By())


@pytest.mark.parametrize("status", STATUSES)
def test_a_citizen_takes_back_only_what_waits(status: Status) -> None:
    if status != "submitted":
        with pytest.raises(errors.WrongState):
            review.withdraw(standing(status), now=NOW)
    else:
        effects = review.withdraw(standing(status), now=NOW)
        assert effects == (Move(1, 3, "submitted", "draft", "withdraw", By(), NOW),)


def test_the_first_submission_makes_the_receipt_and_tells_the_officers() -> None:
    move, tell = submit(declaration(status="draft", code=None))
    assert isinstance(move, Move)
    assert read_code(move.code or "") == move.code
    assert move.total == 86
    assert tell == TellOfficers(COMMUNE, VILLAGE)


def test_a_later_submission_keeps_the_receipt() -> None:
    (move,) = moves(submit(standing("returned")))
    assert move.code == "KH26-7F3K-2M"


def test_handing_in_below_the_mark_is_allowed() -> None:
    (move,) = moves(submit(declaration(status="draft", answers=dict.fromkeys(CRITERIA.codes, 0))))
    assert move.total == 32


def test_a_missing_answer_is_refused_and_one_left_to_the_officer_is_not() -> None:
    missing = {code: n for code, n in ANSWERS.items() if code not in ("A2", "B1")}
    with pytest.raises(errors.MissingAnswers) as refused:
        submit(declaration(status="draft", answers=missing))
    assert refused.value.message.values["numbers"] == ("2", "5")
    left = {**ANSWERS, "A2": -1}
    (move,) = moves(submit(declaration(status="draft", answers=left)))
    assert move.total == 76


def test_handing_in_waits_for_photos() -> None:
    with pytest.raises(errors.PhotosPending):
        submit(declaration(status="draft", evidence=(photo(1, "pending"),)))


def test_an_approval_gives_points_then_moves_then_schedules_the_notice() -> None:
    scores = (("A2", 8, " có giấy  1 lớp "), ("C1", 8, "thôn xác nhận"))
    effects = approve(declaration(), officer(), 3, note=" Tốt ", scores=scores)
    by = By(1, "chat")
    assert effects == (
        SetReviewed(1, 3, "A2", 8, "có giấy 1 lớp", 84, by, NOW),
        SetReviewed(1, 4, "C1", 8, "thôn xác nhận", 84, by, NOW),
        Move(1, 5, "submitted", "approved", "approve", by, NOW, total=84, reason="Tốt"),
        ScheduleNotice(1, 6, DUE),
    )
    assert after(declaration(), effects).version == 6


def test_a_request_carries_its_items_and_the_day() -> None:
    items = (BLURRY, asked("B1", "points_not_true"), asked("C1", "Gửi thêm giấy"))
    move, notice = ask(declaration(), officer(), 3, *items)
    assert move == Move(
        1,
        3,
        "submitted",
        "returned",
        "return",
        By(1, "chat"),
        NOW,
        items=(
            ReturnItem("A2", "blurry_photo", None, "photo"),
            ReturnItem("B1", "points_not_true", None, "answer"),
            ReturnItem("C1", "words", "Gửi thêm giấy", "either"),
        ),
        return_by=date(2026, 11, 14),
    )
    assert notice == ScheduleNotice(1, 4, DUE)


def test_each_usual_reason_knows_what_mends_it() -> None:
    needs = {code: reason.needs for code, reason in review.RETURN_REASONS.items()}
    assert needs == {
        "blurry_photo": "photo",
        "wrong_photo": "photo",
        "name_or_date_missing": "photo",
        "village_confirms": "either",
        "points_not_true": "answer",
    }


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((), "no_items"),
        ((BLURRY, asked("A2", "wrong_photo")), "repeated_indicator"),
        ((asked("Z9", "blurry_photo"),), "unknown_indicator"),
    ],
    ids=["none", "twice", "unknown"],
)
def test_a_senseless_request_is_refused(items: tuple[ReturnItem, ...], code: str) -> None:
    with pytest.raises(errors.Refused) as refused:
        review.request_additions(
            declaration(),
            CRITERIA,
            officer(),
            seen=3,
            items=items,
            now=NOW,
            today=TODAY,
            rules=RULES,
            via="api",
        )
    assert refused.value.code == code


def test_a_rejection_needs_words() -> None:
    move, notice = reject(declaration(), officer(), 3, " Mới 68  điểm ")
    assert isinstance(move, Move)
    assert (move.target, move.reason) == ("rejected", "Mới 68 điểm")
    assert notice == ScheduleNotice(1, 4, DUE)
    for reason, code in ((" \u200b ", "no_reason"), ("a" * 501, "too_long")):
        with pytest.raises(errors.RuleBroken) as refused:
            reject(declaration(), officer(), 3, reason)
        assert refused.value.code == code


def test_taking_back_cancels_the_notice() -> None:
    file = standing("approved")
    assert undo(file, officer(9)) == (
        CancelNotice(1),
        Move(1, 3, "approved", "submitted", "undo", By(9, "chat"), NOW),
    )


def test_taking_back_is_for_the_decider_or_a_leader() -> None:
    with pytest.raises(errors.NotAllowed):
        undo(standing("approved"), officer(2))
    assert moves(undo(standing("approved"), officer(2, "commune_leader")))


def test_what_was_told_is_not_taken_back() -> None:
    file = standing("rejected")
    told = changed(file, decision=Decision("reject", "x", NOW, 9, told=True))
    with pytest.raises(errors.NoticeLeft) as refused:
        undo(told, officer(9))
    assert refused.value.code == "notice_left"


def test_taking_back_a_request_takes_its_items_away_and_keeps_the_place_in_the_queue() -> None:
    file = declaration()
    returned = after(file, ask(file, officer(), 3))
    assert (returned.items, returned.return_by) == ((BLURRY,), date(2026, 11, 14))
    back = after(returned, undo(returned, officer()))
    assert back == changed(file, version=5)


@pytest.mark.parametrize("action", ["approve", "return", "reject"])
def test_a_version_not_seen_is_refused(action: str) -> None:
    for seen in (0, 2, 4):
        with pytest.raises(errors.StaleVersion) as refused:
            OFFICERS_MOVES[action](declaration(), officer(), seen)
        assert refused.value.code == "stale_version"


@pytest.mark.parametrize("action", ["approve", "return", "reject"])
def test_the_same_decision_by_the_same_officer_again_changes_nothing(action: str) -> None:
    decide, file = OFFICERS_MOVES[action], declaration()
    decided = after(file, decide(file, officer(1), 3))
    assert decide(decided, officer(1), 3) == ()
    with pytest.raises(errors.StaleVersion):
        decide(decided, officer(2), 3)


def test_another_reason_or_other_points_are_no_repetition() -> None:
    file = declaration()
    rejected = after(file, reject(file, officer(), 3, "một"))
    with pytest.raises(errors.StaleVersion):
        reject(rejected, officer(), 3, "hai")
    returned = after(file, ask(file, officer(), 3))
    with pytest.raises(errors.StaleVersion):
        ask(returned, officer(), 3, asked("A2", "wrong_photo"))
    approved = after(file, approve(file, officer(), 3))
    with pytest.raises(errors.StaleVersion):
        approve(approved, officer(), 3, scores=(("A2", 8, "x"),))
