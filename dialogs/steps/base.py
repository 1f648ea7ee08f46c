"""What every question has in common: how it is shown, how an answer to it is taken."""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from msgspec import field

from dialogs.answers import (
    Between,
    NoAnswer,
    Option,
    Picked,
    Proposed,
    Several,
    WantsHelp,
    WantsOfficer,
    understand,
)
from dialogs.changes import Record
from dialogs.criteria import CriteriaSet
from dialogs.effects import Effect
from dialogs.events import Chosen, Event, Typed
from dialogs.facts import Facts, Missing, Need, PlaceFacts, PlaceOf
from dialogs.model import Declaration, Person
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.state import State

T = TypeVar("T")
BACK_HINT = Msg("hint.back")


class Here(Record, frozen=True):
    """Where the person stands and what is known."""

    state: State
    facts: Facts

    def find(self, need: Need[T]) -> T:
        """Return the answer to `need`; Missing stops the turn until storage has answered."""
        try:
            answer: T = self.facts.found[need]
        except KeyError:
            raise Missing(need) from None
        return answer

    @property
    def declaration(self) -> Declaration:
        """The open declaration; only steps behind the consent may ask for it."""
        assert self.facts.declaration is not None, "a step before consent asked for the file"
        return self.facts.declaration

    @property
    def person(self) -> Person:
        """The declarant; only steps behind the consent may ask."""
        assert self.facts.person is not None, "a step before consent asked for the person"
        return self.facts.person

    @property
    def criteria(self) -> CriteriaSet:
        """The criteria set the declaration has pinned."""
        return self.facts.sets[self.declaration.criteria]

    @property
    def place_code(self) -> str | None:
        """The place being chosen, else that of the declaration."""
        file = self.facts.declaration
        chosen = self.state.village or self.state.place
        if chosen or file is None:
            return chosen
        return file.village or file.commune

    @property
    def village_text(self) -> str | None:
        """The village as typed, where no official one was chosen ("?": left to the officer)."""
        file = self.facts.declaration
        return file.village_text if file and not self.state.place else self.state.village_text

    def place(self) -> PlaceFacts | None:
        """The place being chosen, else that of the declaration; None before any."""
        return self.find(PlaceOf(self.place_code)) if self.place_code else None


class Go(Record, frozen=True):
    """What follows an answer. `to` None asks the same again, "" goes on by the flow's order.

    `said` stands before the next question ("Đã ghi: ..."), `keep` are changes to the state,
    `miss` counts an answer not understood, `fresh` forgets the way back, `quiet` says nothing.
    """

    to: str | None = ""
    arg: str = ""
    effects: tuple[Effect, ...] = ()
    said: tuple[Text, ...] = ()
    keep: Mapping[str, Any] = field(default_factory=dict)
    hold: Mapping[str, Any] = field(default_factory=dict)
    miss: bool = False
    back: bool = False
    fresh: bool = False
    quiet: bool = False
    reply_to: int | None = None


def again(*said: Text, miss: bool = False) -> Go:
    """Ask the same question again, with words before it."""
    return Go(to=None, said=said, miss=miss)


class Step:
    """One question. `free_text` questions leave commands to `/word` and to `words`.

    One that is not `lasting` lives on its notes: "back" leads past it to the question before.
    """

    tag: ClassVar[str]
    free_text: ClassVar[bool] = False
    lasting: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ()

    def show(self, here: Here) -> Screen:
        """Return the question as it is asked at `here`."""
        raise NotImplementedError

    def take(self, here: Here, event: Event) -> Go:
        """Return what follows `event`, an answer to this question."""
        raise NotImplementedError

    def example(self, here: Here) -> Text:
        """Return the help given when an answer was not understood for the first time."""
        return Msg("unclear.choose")

    def explain(self, here: Here) -> tuple[Text, ...]:
        """Return what "?" explains about this question (nothing: general help)."""
        return ()


class Choosing(Step):
    """A question with numbered choices; words, numbers and short forms answer too."""

    levels: ClassVar[bool] = False
    strict: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Return the choices in their order."""
        raise NotImplementedError

    def label(self, here: Here, choice: str) -> Text | None:
        """Return the words of the choice with this id; None when there is none."""
        return next((c.label for c in self.choices(here) if c.id == choice), None)

    def pick(self, here: Here, choice: str) -> Go:
        """Return what follows the choice with this id."""
        raise NotImplementedError

    def options(self, here: Here) -> tuple[Option, ...]:
        """Return the choices as `understand` knows them, in every language."""
        return tuple(Option(c.id, here.facts.wordings(c.label), None) for c in self.choices(here))

    def take(self, here: Here, event: Event) -> Go:
        """Take a pressed choice or words that mean one."""
        if isinstance(event, Chosen):
            known = self.label(here, event.choice) is not None
            return self.pick(here, event.choice) if known else again(Msg("stale.choice"))
        if isinstance(event, Typed):
            return self.take_words(here, event.text)
        return again(Msg("unclear.not_here"))

    def take_words(self, here: Here, text: str) -> Go:
        """Take what was typed: a number, a word, a likely meaning, or not understood."""
        options = self.options(here)
        match understand(text, options, levels=self.levels, strict=self.strict):
            case Picked(index):
                return self.pick(here, options[index].id)
            case Several(index):
                go = self.pick(here, options[index].id)
                return _saying(go, Msg("answer.only_this"))
            case Proposed(index):
                label = self.choices(here)[index].label
                words = list(here.facts.wordings(label))
                asked = {"of": [here.state.step, here.state.arg], "held": dict(here.state.hold)}
                return Go("confirm", hold={"choice": options[index].id, "label": words, **asked})
            case Between(lower, upper):
                first, second = (self.choices(here)[i].label for i in (lower, upper))
                values = {"a": lower + 1, "first": first, "b": upper + 1, "second": second}
                return again(Msg("answer.between", values))
            case NoAnswer():
                return told_once(here, "answer.none")
            case WantsOfficer():
                return self.leave(here)
            case WantsHelp():
                return self.comfort(here)
        return again(miss=True)

    def comfort(self, here: Here) -> Go:
        """Return what follows "I cannot read this": patience, a larger page, a person to call."""
        from dialogs.steps.helping import contact_line

        # On a page letters grow under two fingers, in an app by its settings.
        own_page = here.facts.channel == "web"
        key = "answer.help" if own_page else "answer.help_chat"
        return told_once(here, key, contact_line(here))

    def leave(self, here: Here) -> Go:
        """Return what follows "I would rather talk to the officer"."""
        return again(Msg("answer.ask_officer"))


def told_once(here: Here, key: str, *more: Text) -> Go:
    """Say `key` the first time; after that it counts as not understood, with other words."""
    if here.state.hold.get("told") == key:
        return again(miss=True)
    return Go(to=None, said=(Msg(key), *more), hold={**here.state.hold, "told": key})


def _saying(go: Go, first: Text) -> Go:
    return Go(
        go.to, go.arg, go.effects, (first, *go.said), go.keep, go.hold, go.miss, go.back, go.fresh
    )
