"""What must hold before a move: right, version, status, marks, words. Each raises its `Refused`."""

from collections.abc import Iterable, Sequence

from dialogs import errors
from dialogs.criteria import CriteriaSet
from dialogs.folding import compose
from dialogs.model import Declaration, Officer, Status
from dialogs.rights import may_decide
from dialogs.scoring import Score, score
from dialogs.screen import Msg

WORDS_MAX = 500


def file_score(file: Declaration, criteria: CriteriaSet, *, difficult: bool) -> Score:
    """Return the score in force; a question left to the officer counts 0 until reviewed.

    `difficult` is the flag of the file's commune: it lowers the pass mark.
    """
    chosen = {code: option for code, option in file.answers.items() if option >= 0}
    return score(criteria, chosen, file.reviewed, difficult_area=difficult)


def unsettled(file: Declaration, criteria: CriteriaSet) -> tuple[str, ...]:
    """Return the indicators an officer must give points to before approval, in asking order."""
    result = file_score(file, criteria, difficult=False)
    open_codes = {*result.provisional, *result.missing}
    return tuple(code for code in criteria.codes if code in open_codes)


def check_right(by: Officer, file: Declaration) -> None:
    """Raise NotAllowed unless role and place allow the officer to decide on the file."""
    if not may_decide(by, file):
        raise errors.NotAllowed(Msg("review.not_allowed"))


def check_seen(file: Declaration, seen: int) -> None:
    """Raise StaleVersion unless `seen` is the version the file has now."""
    if file.version != seen:
        raise errors.StaleVersion(Msg("review.stale_version"))


def check_status(file: Declaration, allowed: Iterable[Status]) -> None:
    """Raise WrongState unless the file stands in one of `allowed`."""
    if file.status not in allowed:
        standing = Msg(f"file.{file.status}")
        raise errors.WrongState(Msg("review.wrong_state", {"status": standing}))


def check_once(criteria: Iterable[str]) -> None:
    """Raise RepeatedIndicator when one indicator is named twice."""
    named = list(criteria)
    if len(named) != len(set(named)):
        raise errors.RepeatedIndicator(Msg("review.repeated_indicator"))


def check_approvable(file: Declaration, criteria: CriteriaSet, *, difficult: bool) -> None:
    """Raise UnsettledIndicator, BelowFloor or BelowMark unless the file may be approved."""
    if waiting := unsettled(file, criteria):
        raise errors.UnsettledIndicator(numbered("review.unsettled", criteria, waiting))
    result = file_score(file, criteria, difficult=difficult)
    if result.below_floor:
        raise errors.BelowFloor(numbered("review.below_floor", criteria, result.below_floor))
    if not result.passes:
        values = {"total": result.total, "mark": result.pass_mark}
        raise errors.BelowMark(Msg("review.below_mark", values))


def numbered(key: str, criteria: CriteriaSet, codes: Sequence[str]) -> Msg:
    """Return the message `key` with the question numbers of the indicators `codes`."""
    numbers = tuple(str(criteria.indicator(code).number) for code in codes)
    return Msg(key, {"numbers": numbers, "floor": criteria.floor})


def own_words(text: str) -> str:
    """Return `text` composed; raise NoReason when nothing is left, TooLong beyond WORDS_MAX."""
    words = compose(text)
    if not words:
        raise errors.NoReason(Msg("review.no_reason"))
    if len(words) > WORDS_MAX:
        raise errors.TooLong(Msg("review.too_long", {"max": WORDS_MAX}))
    return words
