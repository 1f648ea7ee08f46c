"""Asking for additions: which questions, why each, then it is sent."""

import re
from dataclasses import dataclass
from typing import ClassVar

from dialogs.criteria import Indicator
from dialogs.events import Event, Typed
from dialogs.review import OWN_WORDS, RETURN_REASONS, asked
from dialogs.review_checks import own_words
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, again
from dialogs.steps.officer_asking import Asking
from dialogs.steps.officer_base import OfficerStep, criteria_of, find_file, opening
from dialogs.steps.officer_deciding import begin_returning, returning

_LETTER = re.compile(r"[^\W\d_]")
_NUMBERS = re.compile(r"(?:\D*\b\d{1,3}\b)+\D*")


@dataclass(frozen=True, slots=True)
class Returning(OfficerStep):
    """Which questions of the file `arg` need something."""

    tag: ClassVar[str] = "returning"

    def screen(self, here: Here) -> Screen:
        """Ask for the questions, several at once if need be."""
        return Screen((Msg("officer.return_which"),), self.offered(here), note=BACK_HINT)

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """Every question with its name: its number is its place."""
        file = find_file(here, here.state.arg).declaration
        return tuple(Choice(i.code, i.short) for i in criteria_of(here, file).indicators)

    def picked(self, here: Here, choice: str) -> Go:
        """Ask why for one question."""
        file = find_file(here, here.state.arg)
        number = criteria_of(here, file.declaration).indicator(choice).number
        return begin_returning(here, file, (number,))

    def said(self, here: Here, text: str) -> Go:
        """Take one or several numbers, or the name of a question."""
        if not _NUMBERS.fullmatch(text):
            return Choosing.take_words(self, here, text)
        numbers = [int(n) for n in re.findall(r"\d+", text)]
        return begin_returning(here, find_file(here, here.state.arg), numbers)

    def up(self, here: Here) -> Go:
        """Back to the file."""
        return opening(here, find_file(here, here.state.arg).declaration)

    def example(self, here: Here) -> Text:
        """Give an example."""
        return Msg("officer.return_example")


@dataclass(frozen=True, slots=True)
class ReturnReason(OfficerStep):
    """Why the first question left needs something (`arg` packs an `Asking`)."""

    tag: ClassVar[str] = "return_reason"

    def screen(self, here: Here) -> Screen:
        """Ask for the reason."""
        number = _indicator(here).number
        asked_for = Msg("officer.return_reason", {"number": number})
        return Screen((asked_for,), self.offered(here), note=BACK_HINT)

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """The usual reasons, and own words."""
        usual = tuple(Choice(code, reason.label) for code, reason in RETURN_REASONS.items())
        return (*usual, Choice(OWN_WORDS, Msg("officer.own_words")))

    def picked(self, here: Here, choice: str) -> Go:
        """Take the reason, or ask for words."""
        if choice == OWN_WORDS:
            return Go("return_words", here.state.arg, fresh=True)
        return _reasoned(here, choice)

    def up(self, here: Here) -> Go:
        """Back to which questions."""
        return Go("returning", Asking.unpack(here.state.arg).code, fresh=True)


@dataclass(frozen=True, slots=True)
class ReturnWords(OfficerStep):
    """The reason in the officer's own words; the declarant reads them."""

    tag: ClassVar[str] = "return_words"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0",)

    def screen(self, here: Here) -> Screen:
        """Ask for the words."""
        number = _indicator(here).number
        asked_for = Msg("officer.return_words", {"number": number})
        return Screen((asked_for,), accepts=("text",), note=BACK_HINT)

    def take(self, here: Here, event: Event) -> Go:
        """Take words; a number alone is no reason."""
        if here.facts.officer is None or not isinstance(event, Typed):
            return OfficerStep.take(self, here, event)
        return self.take_words(here, event.text)

    def said(self, here: Here, text: str) -> Go:
        """Take the words as they are."""
        return _reasoned(here, text) if _LETTER.search(text) else again(miss=True)

    def up(self, here: Here) -> Go:
        """Back to the usual reasons."""
        return Go("return_reason", here.state.arg, fresh=True)

    def example(self, here: Here) -> Text:
        """Give an example."""
        return Msg("officer.return_words_example")


def _indicator(here: Here) -> Indicator:
    asking = Asking.unpack(here.state.arg)
    file = find_file(here, asking.code).declaration
    return criteria_of(here, file).indicator(asking.left[0])


def _reasoned(here: Here, reason: str) -> Go:
    """Ask for the next reason, or send the request when it was the last."""
    known = reason if reason in RETURN_REASONS else own_words(reason)
    asking = Asking.unpack(here.state.arg).answered(known)
    if asking.left:
        return Go("return_reason", asking.pack(), fresh=True)
    items = [asked(criterion, why) for criterion, why in asking.given]
    return returning(here, find_file(here, asking.code), items)
