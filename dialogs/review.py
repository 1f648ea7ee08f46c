"""The moves of a declaration and who may make them: chat and API decide by these functions.

Every function takes the file as it is and returns the effects of the move, or raises a `Refused`.
An officer's move names the version the officer saw (`seen`); the effects carry the versions they
apply to, one after the other. The same decision repeated by the same officer changes nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal

from dialogs import errors
from dialogs.changes import changed
from dialogs.criteria import CriteriaSet
from dialogs.effects import (
    By,
    CancelNotice,
    CorrectFile,
    Effect,
    Move,
    ScheduleNotice,
    SetReviewed,
    TellOfficers,
)
from dialogs.facts import Rules
from dialogs.folding import compose
from dialogs.model import Declaration, Needs, Officer, ReturnItem, Reviewed, Role, Status
from dialogs.receipts import body_for, make_code
from dialogs.review_checks import (
    check_approvable,
    check_once,
    check_right,
    check_seen,
    check_status,
    file_score,
    numbered,
    own_words,
)
from dialogs.rights import DECIDERS
from dialogs.scoring import PointsOutOfRange
from dialogs.screen import Msg, Text

Action = Literal["submit", "withdraw", "approve", "return", "reject", "undo"]
Via = Literal["chat", "api", "command"]
Outcome = tuple[Effect, ...]

NAME_MAX = 80


@dataclass(frozen=True, slots=True)
class MoveRule:
    """From which statuses a move leads where, and who makes it: the citizen, or these roles."""

    sources: frozenset[Status]
    target: Status
    who: Literal["citizen"] | frozenset[Role]


def _rule(
    sources: Iterable[Status], target: Status, who: Literal["citizen"] | frozenset[Role]
) -> MoveRule:
    return MoveRule(frozenset(sources), target, who)


MOVES: Mapping[Action, MoveRule] = MappingProxyType(
    {
        "submit": _rule(("draft", "returned"), "submitted", "citizen"),
        "withdraw": _rule(("submitted",), "draft", "citizen"),
        "approve": _rule(("submitted",), "approved", DECIDERS),
        "return": _rule(("submitted",), "returned", DECIDERS),
        "reject": _rule(("submitted",), "rejected", DECIDERS),
        "undo": _rule(("approved", "returned", "rejected"), "submitted", DECIDERS),
    }
)
# A name's spelling and a village may be put right as long as officers see the file.
CORRECTABLE: frozenset[Status] = frozenset(("submitted", "returned", "approved", "rejected"))


@dataclass(frozen=True, slots=True)
class ReturnReason:
    """A usual reason to ask for additions: its words and what mends it."""

    label: Msg
    needs: Needs


RETURN_REASONS: Mapping[str, ReturnReason] = MappingProxyType(
    {
        "blurry_photo": ReturnReason(Msg("return.blurry_photo"), "photo"),
        "wrong_photo": ReturnReason(Msg("return.wrong_photo"), "photo"),
        "name_or_date_missing": ReturnReason(Msg("return.name_or_date_missing"), "photo"),
        "village_confirms": ReturnReason(Msg("return.village_confirms"), "either"),
        "points_not_true": ReturnReason(Msg("return.points_not_true"), "answer"),
    }
)
# The reason code of an item whose reason is the officer's own words (its note).
OWN_WORDS = "words"


def asked(criterion: str, reason: str) -> ReturnItem:
    """Return the item that asks to mend `criterion`; `reason` is a known code or own words."""
    known = RETURN_REASONS.get(reason)
    if known is not None:
        return ReturnItem(criterion, reason, None, known.needs)
    return ReturnItem(criterion, OWN_WORDS, own_words(reason), "either")


def return_label(item: ReturnItem) -> Text:
    """Return the reason of `item` in words: a usual one, else the officer's own."""
    known = RETURN_REASONS.get(item.reason)
    return known.label if known else item.note or item.reason


def submit(
    file: Declaration, criteria: CriteriaSet, *, difficult: bool, now: datetime, token: str
) -> Outcome:
    """Hand the file in, also below the mark; the first time it gets its receipt code.

    Raises WrongState, MissingAnswers, PhotosPending.
    """
    check_status(file, MOVES["submit"].sources)
    if file.waits_for_photos:
        raise errors.PhotosPending(Msg("review.photos_pending"))
    if missing := tuple(c for c in criteria.codes if c not in file.answers):
        raise errors.MissingAnswers(numbered("review.missing_answers", criteria, missing))
    total = file_score(file, criteria, difficult=difficult).total
    # Rows are counted up, so that a file's number says how many there can be.
    code = file.code or make_code(file.period, token, body_for(file.id))
    move = changed(_move(file, "submit", By(), now), total=total, code=code)
    return move, TellOfficers(file.commune, file.village)


def withdraw(file: Declaration, *, now: datetime) -> Outcome:
    """Take a file that waits back to draft. Raises WrongState."""
    check_status(file, MOVES["withdraw"].sources)
    return (_move(file, "withdraw", By(), now),)


def approve(
    file: Declaration,
    criteria: CriteriaSet,
    by: Officer,
    *,
    seen: int,
    now: datetime,
    difficult: bool,
    rules: Rules,
    via: Via,
    note: str | None = None,
    scores: Sequence[tuple[str, int, str]] = (),
) -> Outcome:
    """Approve, giving points first where `scores` (criterion, points, reason) says so.

    Raises NotAllowed, StaleVersion, WrongState, BelowMark, BelowFloor, UnsettledIndicator,
    PointsOutOfRange, UnknownIndicator, NoReason, TooLong.
    """
    check_right(by, file)
    if _decided(file, "approve", by) and all(
        c in file.reviewed and file.reviewed[c].points == points for c, points, _ in scores
    ):
        return ()
    _check_open(file, "approve", seen)
    check_once(criterion for criterion, _, _ in scores)
    given, after = _give_points(file, criteria, scores, By(by.id, via), now)
    check_approvable(after, criteria, difficult=difficult)
    reason = own_words(note) if note and compose(note) else None
    total = file_score(after, criteria, difficult=difficult).total
    move = changed(_move(after, "approve", By(by.id, via), now), reason=reason, total=total)
    return (*given, *_told_later(move, now, rules))


def request_additions(
    file: Declaration,
    criteria: CriteriaSet,
    by: Officer,
    *,
    seen: int,
    items: Sequence[ReturnItem],
    now: datetime,
    today: date,
    rules: Rules,
    via: Via,
    note: str | None = None,
) -> Outcome:
    """Ask for additions (`items` made by `asked`), to be sent before `today` + `return_days`.

    Raises NotAllowed, StaleVersion, WrongState, NoItems, RepeatedIndicator, UnknownIndicator,
    TooLong.
    """
    check_right(by, file)
    wanted = [(i.criterion, i.reason, i.note) for i in items]
    if _decided(file, "return", by) and wanted == [
        (i.criterion, i.reason, i.note) for i in file.items
    ]:
        return ()
    _check_open(file, "return", seen)
    if not items:
        raise errors.NoItems(Msg("review.no_items"))
    check_once(i.criterion for i in items)
    for item in items:
        criteria.indicator(item.criterion)
    reason = own_words(note) if note and compose(note) else None
    by_day = today + timedelta(days=rules.return_days)
    move = _move(file, "return", By(by.id, via), now)
    asked_for = changed(move, reason=reason, items=tuple(items), return_by=by_day)
    return _told_later(asked_for, now, rules)


def reject(
    file: Declaration,
    by: Officer,
    *,
    seen: int,
    reason: str,
    now: datetime,
    rules: Rules,
    via: Via,
) -> Outcome:
    """Decide that the file does not reach the title this period, with the reason in words.

    Raises NotAllowed, StaleVersion, WrongState, NoReason, TooLong.
    """
    check_right(by, file)
    words = own_words(reason)
    if _decided(file, "reject", by) and file.decision and file.decision.reason == words:
        return ()
    _check_open(file, "reject", seen)
    move = changed(_move(file, "reject", By(by.id, via), now), reason=words)
    return _told_later(move, now, rules)


def undo(file: Declaration, by: Officer, *, now: datetime, via: Via) -> Outcome:
    """Take the decision back while its notice waits: the officer who decided, or a leader.

    Applying fails when the notice left meanwhile. Raises NotAllowed, WrongState, NoticeLeft.
    """
    check_right(by, file)
    check_status(file, MOVES["undo"].sources)
    if file.decision is None or file.decision.told:
        raise errors.NoticeLeft(Msg("review.notice_left"))
    if not may_undo(by, file):
        raise errors.NotAllowed(Msg("review.not_yours"))
    return CancelNotice(file.id), _move(file, "undo", By(by.id, via), now)


def may_undo(by: Officer, file: Declaration) -> bool:
    """Tell whether the decision that stands is this officer's own, or the officer a leader."""
    made = file.decision
    return made is not None and (made.officer == by.id or by.role == "commune_leader")


def rescore(
    file: Declaration,
    criteria: CriteriaSet,
    by: Officer,
    *,
    seen: int,
    criterion: str,
    points: int,
    reason: str,
    now: datetime,
    via: Via,
) -> Outcome:
    """Give an indicator whole points from 0 to its maximum; the person's own are kept.

    Raises NotAllowed, StaleVersion, WrongState, PointsOutOfRange, UnknownIndicator, NoReason,
    TooLong.
    """
    check_right(by, file)
    held = file.reviewed.get(criterion)
    if held is not None and (held.points, held.reason) == (points, own_words(reason)):
        return ()
    _check_open(file, "approve", seen)
    given, _ = _give_points(file, criteria, ((criterion, points, reason),), By(by.id, via), now)
    return given


def correct(
    file: Declaration,
    by: Officer,
    *,
    seen: int,
    now: datetime,
    via: Via,
    name: str | None = None,
    village: str | None = None,
) -> Outcome:
    """Settle the spelling of the name, or map the village (an official code), on record.

    Raises NotAllowed, StaleVersion, WrongState, NothingToCorrect, UnknownVillage, TooLong.
    """
    check_right(by, file)
    check_seen(file, seen)
    check_status(file, CORRECTABLE)
    if village is not None and not re.fullmatch(rf"{re.escape(file.commune)}-\d{{3}}", village):
        raise errors.UnknownVillage(Msg("review.unknown_village"))
    spelt = compose(name) if name else None
    if not spelt and village is None:
        raise errors.NothingToCorrect(Msg("review.nothing_to_correct"))
    if spelt and len(spelt) > NAME_MAX:
        raise errors.TooLong(Msg("review.too_long", {"max": NAME_MAX}))
    return (CorrectFile(file.id, file.version, By(by.id, via), now, spelt or None, village),)


def _move(file: Declaration, action: Action, by: By, now: datetime) -> Move:
    rule = MOVES[action]
    return Move(file.id, file.version, file.status, rule.target, action, by, now)


def _told_later(move: Move, now: datetime, rules: Rules) -> Outcome:
    due = now + timedelta(seconds=rules.notice_seconds)
    return move, ScheduleNotice(move.declaration, move.version + 1, due)


def _give_points(
    file: Declaration,
    criteria: CriteriaSet,
    scores: Sequence[tuple[str, int, str]],
    by: By,
    now: datetime,
) -> tuple[Outcome, Declaration]:
    """Return the effects of giving points one by one, and the file after them."""
    effects: Outcome = ()
    for criterion, points, reason in scores:
        indicator, words = criteria.indicator(criterion), own_words(reason)
        if isinstance(points, bool) or not 0 <= points <= indicator.max:
            raise PointsOutOfRange(indicator)
        seen = file.version
        reviewed = {**file.reviewed, criterion: Reviewed(points, words)}
        file = changed(file, reviewed=reviewed, version=seen + 1)
        total = file_score(file, criteria, difficult=False).total
        given = SetReviewed(file.id, seen, criterion, points, words, total, by, now)
        effects = (*effects, given)
    return effects, file


def _decided(file: Declaration, action: Action, by: Officer) -> bool:
    """Tell whether this officer already made this move, and it stands."""
    made = file.decision
    there = file.status == MOVES[action].target
    return there and made is not None and (made.action, made.officer) == (action, by.id)


def _check_open(file: Declaration, action: Action, seen: int) -> None:
    check_seen(file, seen)
    check_status(file, MOVES[action].sources)
