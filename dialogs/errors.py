"""Refusals by rule: a short tree with stable codes, turned into HTTP or chat in one place."""

from dialogs.screen import Msg


class Refused(Exception):
    """A rule says no. `code` is stable and public; `message` says why in the person's language."""

    code = "refused"

    def __init__(self, message: Msg) -> None:
        super().__init__(self.code)
        self.message = message


class StaleVersion(Refused):
    """The file changed since this officer looked at it."""

    code = "stale_version"


class WrongState(Refused):
    """The file's status does not allow this move."""

    code = "wrong_state"


class NotAllowed(Refused):
    """The role or the place of the officer does not allow this."""

    code = "not_allowed"


class RuleBroken(Refused):
    """The move is possible in general but a rule of the criteria set forbids it here."""

    code = "rule_broken"


class BelowMark(RuleBroken):
    """Fewer points than the pass mark: such a file is never approved."""

    code = "below_mark"


class BelowFloor(RuleBroken):
    """An indicator stands below the floor, whatever the total."""

    code = "below_floor"


class UnsettledIndicator(RuleBroken):
    """An indicator waits for an officer's points: provisional, or left to the officer."""

    code = "unsettled_indicator"


class MissingAnswers(RuleBroken):
    """Questions without an answer, not left to the officer either."""

    code = "missing_answers"


class PhotosPending(RuleBroken):
    """A photo is still being looked at."""

    code = "photos_pending"


class NoItems(RuleBroken):
    """A request for additions that asks for nothing."""

    code = "no_items"


class RepeatedIndicator(RuleBroken):
    """The same indicator twice in one decision."""

    code = "repeated_indicator"


class NoReason(RuleBroken):
    """A decision that needs words came without."""

    code = "no_reason"


class TooLong(RuleBroken):
    """More words than are kept."""

    code = "too_long"


class UnknownVillage(RuleBroken):
    """A village that is not of the file's commune."""

    code = "unknown_village"


class NothingToCorrect(RuleBroken):
    """A correction that names neither a name nor a village."""

    code = "nothing_to_correct"


class NoticeLeft(Refused):
    """The decision can no longer be taken back: the declarant has been told."""

    code = "notice_left"


class UnknownFile(Refused):
    """No file with this code in the officer's place (others' files are not told apart)."""

    code = "unknown_file"


class AmbiguousEnding(Refused):
    """Several files of the officer's place end like this."""

    code = "ambiguous_ending"


class NotOfficer(Refused):
    """Whoever is here is no longer an officer."""

    code = "not_officer"
