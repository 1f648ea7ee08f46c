"""What an officer decides in chat: each on the version opened, each with an echo and a way back."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from dialogs import errors
from dialogs.effects import CorrectFile, Move, SetReviewed
from dialogs.facts import LastDecided, PlaceOf
from dialogs.model import Declaration, File, ReturnItem
from dialogs.review import (
    MOVES,
    Outcome,
    approve,
    correct,
    may_undo,
    reject,
    request_additions,
    rescore,
    undo,
)
from dialogs.review_checks import check_right, check_status
from dialogs.rights import DECIDERS
from dialogs.scoring import PointsOutOfRange
from dialogs.screen import Msg, Text, Value
from dialogs.steps.base import Go, Here
from dialogs.steps.officer_asking import Asking, Scoring
from dialogs.steps.officer_base import (
    criteria_of,
    find_file,
    is_difficult,
    officer_of,
    opening,
    reason_inside,
    remark,
    seen_version,
    short_code,
)
from dialogs.villages import match_villages


def approving(here: Here, file: File, note: str = "") -> Go:
    """Approve the version this officer opened; `note` goes to the declarant."""
    declaration = file.declaration

    def decide() -> Outcome:
        return approve(
            declaration,
            criteria_of(here, declaration),
            officer_of(here),
            seen=seen_version(here, declaration),
            now=here.facts.now,
            difficult=is_difficult(here, declaration),
            rules=here.facts.rules,
            via="chat",
            note=note or None,
        )

    return _decided(here, declaration, decide, "officer.approved")


def rejecting(here: Here, file: File, reason: str) -> Go:
    """Decide that the file does not reach the title, for `reason`."""
    declaration = file.declaration

    def decide() -> Outcome:
        return reject(
            declaration,
            officer_of(here),
            seen=seen_version(here, declaration),
            reason=reason,
            now=here.facts.now,
            rules=here.facts.rules,
            via="chat",
        )

    return _decided(here, declaration, decide, "officer.rejected")


def returning(here: Here, file: File, items: Sequence[ReturnItem]) -> Go:
    """Ask for additions and say which, until when."""
    declaration = file.declaration

    def decide() -> Outcome:
        return request_additions(
            declaration,
            criteria_of(here, declaration),
            officer_of(here),
            seen=seen_version(here, declaration),
            items=items,
            now=here.facts.now,
            today=here.facts.today,
            rules=here.facts.rules,
            via="chat",
        )

    asked = tuple(_item(here, declaration, item) for item in items)
    return _decided(here, declaration, decide, "officer.returned", {"items": asked})


def _item(here: Here, file: Declaration, item: ReturnItem) -> Text:
    number = criteria_of(here, file).indicator(item.criterion).number
    return Msg("officer.item", {"number": number, "reason": reason_inside(item)})


def _decided(
    here: Here,
    file: Declaration,
    decide: Callable[[], Outcome],
    key: str,
    values: Mapping[str, Value] = MappingProxyType({}),
) -> Go:
    """Decide, echo, offer the next file; a file that changed is opened instead."""
    words: dict[str, Value] = {"ending": short_code(here, file), **values}
    try:
        effects = decide()
    except errors.StaleVersion:
        unsent = Msg("officer.unsent", words) if "items" in values else None
        return opened_instead(here, file, *((unsent,) if unsent else ()))
    if not effects:
        return remark(here, Msg("officer.already", {**words, "status": Msg(f"file.{file.status}")}))
    by_day = next((e.return_by for e in effects if isinstance(e, Move) and e.return_by), None)
    if by_day:
        words["until"] = by_day
    can_undo = Msg("officer.can_undo", {"seconds": here.facts.rules.notice_seconds})
    said = (Msg(key, words), can_undo)
    return Go("desk", "next", effects=effects, said=said, fresh=True)


def opened_instead(here: Here, file: Declaration, *said: Text) -> Go:
    """Open the file and say why nothing was decided: never opened, or changed since."""
    values: dict[str, Value] = {"ending": short_code(here, file)}
    if _is_mine(here, file):
        values["status"] = Msg(f"file.{file.status}")
        return opening(here, file, Msg("officer.already", values), *said)
    key = "officer.changed" if seen_version(here, file) else "officer.open_first"
    return opening(here, file, Msg(key, values), *said)


def _is_mine(here: Here, file: Declaration) -> bool:
    """Tell whether this officer made the decision that stands."""
    made = file.decision
    return file.status != "submitted" and made is not None and made.officer == officer_of(here).id


def _ready(here: Here, file: Declaration) -> Go | None:
    """Return what to do instead of asking for details of a decision; None: ask.

    Raises NotAllowed, WrongState.
    """
    check_right(officer_of(here), file)
    if seen_version(here, file) != file.version:
        return opened_instead(here, file)
    check_status(file, MOVES["return"].sources)
    return None


def begin_returning(here: Here, file: File, numbers: Sequence[int] = ()) -> Go:
    """Ask which questions need additions, or at once why when `numbers` are known."""
    declaration = file.declaration
    if instead := _ready(here, declaration):
        return instead
    code = declaration.code or ""
    if not numbers:
        return Go("returning", code, fresh=True)
    criteria = criteria_of(here, declaration)
    codes = tuple(dict.fromkeys(criteria.by_number(n).code for n in numbers))
    return Go("return_reason", Asking(code, codes).pack(), fresh=True)


def begin_rejecting(here: Here, file: File) -> Go:
    """Ask for the reason."""
    instead = _ready(here, file.declaration)
    return instead or Go("reject_reason", file.declaration.code or "", fresh=True)


def begin_scoring(
    here: Here, file: File, number: int | None, points: int | None, reason: str = ""
) -> Go:
    """Ask why the points change, once they are known and possible; with `reason` change them."""
    declaration = file.declaration
    if instead := _ready(here, declaration):
        return instead
    if number is None or points is None:
        return remark(here, Msg("officer.how_score", {"ending": short_code(here, declaration)}))
    indicator = criteria_of(here, declaration).by_number(number)
    if not 0 <= points <= indicator.max:
        raise PointsOutOfRange(indicator)
    if reason:
        return scoring(here, file, indicator.code, points, reason)
    arg = Scoring(declaration.code or "", indicator.code, points).pack()
    return Go("score_reason", arg, fresh=True)


def scoring(here: Here, file: File, criterion: str, points: int, reason: str) -> Go:
    """Give the points and show the file again; the officer has seen what they changed."""
    declaration, criteria = file.declaration, criteria_of(here, file.declaration)
    indicator = criteria.indicator(criterion)
    try:
        effects = rescore(
            declaration,
            criteria,
            officer_of(here),
            seen=seen_version(here, declaration),
            criterion=criterion,
            points=points,
            reason=reason,
            now=here.facts.now,
            via="chat",
        )
    except errors.StaleVersion:
        return opened_instead(here, declaration)
    said = Msg("officer.scored", {"number": indicator.number, "points": points})
    return _reopened(here, declaration, effects, said)


def _reopened(here: Here, file: Declaration, effects: Outcome, said: Text) -> Go:
    """Show the file after a change of the officer's own, as seen in its new version."""
    changes = sum(isinstance(e, SetReviewed | CorrectFile | Move) for e in effects)
    go = opening(here, file, said, version=file.version + changes)
    return Go(go.to, go.arg, effects=effects, said=go.said, keep=go.keep, fresh=True)


def correcting_name(here: Here, file: File, name: str) -> Go:
    """Settle the spelling of the name."""
    if not name.strip():
        return remark(here, Msg("officer.how_name", {"ending": short_code(here, file.declaration)}))
    return _corrected(here, file.declaration, Msg("officer.renamed", {"name": name}), name=name)


def mapping_village(here: Here, file: File, typed: str) -> Go:
    """Map the village that was typed, or left open, to one of the commune's list."""
    place = here.find(PlaceOf(file.declaration.commune))
    villages = place.villages if place else ()
    hits = match_villages(typed, villages)
    if len(hits) != 1:
        known = tuple(v.name for v in (hits or villages))
        values: dict[str, Value] = {
            "ending": short_code(here, file.declaration),
            "villages": known,
        }
        return remark(here, Msg("officer.how_village" if known else "officer.no_villages", values))
    said = Msg("officer.mapped", {"village": hits[0].name})
    return _corrected(here, file.declaration, said, village=hits[0].code)


def _corrected(
    here: Here, file: Declaration, said: Text, name: str | None = None, village: str | None = None
) -> Go:
    try:
        effects = correct(
            file,
            officer_of(here),
            seen=seen_version(here, file),
            now=here.facts.now,
            via="chat",
            name=name,
            village=village,
        )
    except errors.StaleVersion:
        return opened_instead(here, file)
    return _reopened(here, file, effects, said)


def taking_back(here: Here) -> Go:
    """Take back a decision of one's own while its notice waits, and show the file.

    It is the one on the file that is open, else the last.
    """
    officer = officer_of(here)
    if officer.role not in DECIDERS:
        raise errors.NotAllowed(Msg("review.not_allowed"))
    open_file = _open_decided(here)
    mine = open_file is not None and may_undo(officer, open_file.declaration)
    last = open_file if mine else here.find(LastDecided(officer.id)) or open_file
    if last is None:
        return remark(here, Msg("officer.nothing_to_undo"))
    file = last.declaration
    effects = undo(file, officer, now=here.facts.now, via="chat")
    said = Msg("officer.undone", {"ending": short_code(here, file)})
    return _reopened(here, file, effects, said)


def _open_decided(here: Here) -> File | None:
    if here.state.step != "opened":
        return None
    file = find_file(here, here.state.arg)
    made = file.declaration.decision
    waits = made is not None and not made.told and file.declaration.status != "submitted"
    return file if waits else None
