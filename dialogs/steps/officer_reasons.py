"""Reasons in words: why a file does not reach the title, why points change."""

import re
from dataclasses import dataclass
from typing import ClassVar

from dialogs.events import Event, Typed
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Go, Here, again
from dialogs.steps.officer_asking import Scoring
from dialogs.steps.officer_base import (
    OfficerStep,
    criteria_of,
    find_file,
    opening,
    short_code,
)
from dialogs.steps.officer_deciding import rejecting, scoring

# Two letters at least: a lone letter or a number answers some other question.
_SOME_WORDS = re.compile(r"[^\W\d_].*[^\W\d_]", re.DOTALL)
SCORE_REASONS = ("village", "evidence", "talk")


@dataclass(frozen=True, slots=True)
class RejectReason(OfficerStep):
    """Why the file `arg` does not reach the title; the declarant reads it."""

    tag: ClassVar[str] = "reject_reason"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0",)

    def screen(self, here: Here) -> Screen:
        """Ask for the reason."""
        code = short_code(here, find_file(here, here.state.arg).declaration)
        asked = Msg("officer.reject_reason", {"ending": code})
        return Screen((asked,), accepts=("text",), note=BACK_HINT)

    def take(self, here: Here, event: Event) -> Go:
        """Take words only."""
        if here.facts.officer is None or not isinstance(event, Typed):
            return OfficerStep.take(self, here, event)
        return self.take_words(here, event.text)

    def said(self, here: Here, text: str) -> Go:
        """Decide with this reason."""
        if not _SOME_WORDS.search(text):
            return again(miss=True)
        return rejecting(here, find_file(here, here.state.arg), text)

    def up(self, here: Here) -> Go:
        """Back to the file."""
        return opening(here, find_file(here, here.state.arg).declaration)

    def example(self, here: Here) -> Text:
        """Give an example."""
        return Msg("officer.reject_example")


@dataclass(frozen=True, slots=True)
class ScoreReason(OfficerStep):
    """Why points change (`arg` packs a `Scoring`); the declarant reads it under "vì sao"."""

    tag: ClassVar[str] = "score_reason"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0",)

    def screen(self, here: Here) -> Screen:
        """Ask for the reason: a usual one or own words."""
        wanted = Scoring.unpack(here.state.arg)
        file = find_file(here, wanted.code).declaration
        number = criteria_of(here, file).indicator(wanted.criterion).number
        values = {"number": number, "points": wanted.points}
        return Screen((Msg("officer.score_reason", values),), self.offered(here), note=BACK_HINT)

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """The usual reasons."""
        return tuple(Choice(r, Msg(f"officer.score_reason.{r}")) for r in SCORE_REASONS)

    def picked(self, here: Here, choice: str) -> Go:
        """Take a usual reason: kept in words, in Vietnamese, as it is read by any declarant."""
        wording = here.facts.wordings(Msg(f"officer.score_reason.{choice}"))
        return self._given(here, wording[0])

    def said(self, here: Here, text: str) -> Go:
        """Take the number of a usual reason, else the words as they are."""
        number = text.strip().rstrip(".")
        if number in ("1", "2", "3"):
            return self.picked(here, SCORE_REASONS[int(number) - 1])
        return self._given(here, text) if _SOME_WORDS.search(text) else again(miss=True)

    def _given(self, here: Here, reason: str) -> Go:
        wanted = Scoring.unpack(here.state.arg)
        file = find_file(here, wanted.code)
        return scoring(here, file, wanted.criterion, wanted.points, reason)

    def up(self, here: Here) -> Go:
        """Back to the file."""
        code = Scoring.unpack(here.state.arg).code
        return opening(here, find_file(here, code).declaration)

    def example(self, here: Here) -> Text:
        """Give an example."""
        return Msg("officer.score_example")
