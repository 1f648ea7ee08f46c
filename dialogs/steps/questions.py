"""The questions of a criteria set, and what stands around them."""

from dataclasses import dataclass, replace
from typing import ClassVar

from dialogs.answers import Option as Spoken
from dialogs.answers import Picked, Proposed, Several, understand
from dialogs.changes import remembered
from dialogs.criteria import Indicator
from dialogs.effects import SaveAnswer
from dialogs.screen import Choice, Localised, Lowered, Msg, Progress, Screen, Text
from dialogs.steps.base import Choosing, Go, Here, again

# An exposed question may be left to a talk with the officer: no option, 0 points until reviewed.
LEFT_TO_OFFICER = -1
LEAVING = Choice("left", Msg("criterion.left"))
EXPLAIN_HINT = Msg("hint.back_explain")


def answer_text(indicator: Indicator, option: int) -> Text:
    """Return the words of an answer."""
    return Msg("criterion.left") if option == LEFT_TO_OFFICER else indicator.options[option].text


@remembered
def _can_be_left(indicator: Indicator) -> bool:
    return indicator.exposed and not any(o.provisional for o in indicator.options)


@remembered
def _choices(indicator: Indicator) -> tuple[Choice, ...]:
    levels = tuple(Choice(str(i), o.text) for i, o in enumerate(indicator.options))
    return (*levels, LEAVING) if _can_be_left(indicator) else levels


@remembered
def _levels(indicator: Indicator) -> tuple[Spoken, ...]:
    return tuple(
        Spoken(str(i), (*(text for _, text in o.text.texts), *o.aliases), o.points)
        for i, o in enumerate(indicator.options)
    )


@dataclass(frozen=True, slots=True)
class Question(Choosing):
    """One indicator: plain levels, a number is enough."""

    tag: ClassVar[str] = "criterion"
    levels: ClassVar[bool] = True

    def _indicator(self, here: Here) -> Indicator:
        return here.criteria.indicator(here.state.arg)

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The levels, and leaving it to the officer where the question is exposed."""
        return _choices(self._indicator(here))

    def options(self, here: Here) -> tuple[Spoken, ...]:
        """The levels with their points and other wordings."""
        indicator = self._indicator(here)
        if not _can_be_left(indicator):
            return _levels(indicator)
        leaving = Spoken(LEAVING.id, here.facts.wordings(LEAVING.label), None)
        return (*_levels(indicator), leaving)

    def show(self, here: Here) -> Screen:
        """Ask with the progress."""
        indicator = self._indicator(here)
        progress = Progress(indicator.number, len(here.criteria.indicators))
        given = here.declaration.answers.get(indicator.code)
        answer = "" if given is None else Lowered(answer_text(indicator, given))
        now = () if given is None else (Msg("answer.now", {"answer": answer}),)
        return Screen(
            (*now, indicator.ask),
            self.choices(here),
            accepts=("choice", "text", "number"),
            progress=progress,
            note=EXPLAIN_HINT,
        )

    def leave(self, here: Here) -> Go:
        """Leave an exposed question to the officer; at others say that a rough answer will do."""
        exposed = _can_be_left(self._indicator(here))
        return self.pick(here, LEAVING.id) if exposed else Choosing.leave(self, here)

    def example(self, here: Here) -> Text:
        """Show how to answer this very question."""
        options = self._indicator(here).options
        return Msg("criterion.example", {"number": 2, "answer": Lowered(options[1].text)})

    def explain(self, here: Here) -> tuple[Text, ...]:
        """What counts and which photo helps."""
        return (self._indicator(here).explain,)

    def pick(self, here: Here, choice: str) -> Go:
        """Save the answer and say it in words, never in points."""
        option = LEFT_TO_OFFICER if choice == "left" else int(choice)
        indicator = self._indicator(here)
        saved = SaveAnswer(here.declaration.id, indicator.code, option)
        noted = Msg("answer.noted", {"answer": Lowered(answer_text(indicator, option))})
        return Go(effects=(saved,), said=(noted,))


@dataclass(frozen=True, slots=True)
class Confirming(Choosing):
    """A likely meaning is confirmed before it counts."""

    tag: ClassVar[str] = "confirm"
    lasting: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Right, or choose again."""
        return (Choice("yes", Msg("confirm.yes")), Choice("no", Msg("confirm.no")))

    def show(self, here: Here) -> Screen:
        """Say what was understood."""
        label = here.state.hold["label"]
        texts = tuple(zip(("vi", "en"), label, strict=False))
        return Screen((Msg("confirm.ask", {"answer": Localised(texts)}),), self.choices(here))

    def example(self, here: Here) -> Text:
        """Name both answers."""
        return Msg("confirm.example")

    def pick(self, here: Here, choice: str) -> Go:
        """Answer the question before this one, or go back to it."""
        step, before = _before(here)
        if choice == "no":
            state = before.state
            return Go(state.step, state.arg, keep={"trail": state.trail}, hold=state.hold)
        return _there(before, step.pick(before, str(here.state.hold["choice"])))

    def take_words(self, here: Here, text: str) -> Go:
        """A likely yes or no is enough; words that answer the question itself do so."""
        options = self.options(here)
        match understand(text, options):
            case Picked(index) | Proposed(index) | Several(index):
                return self.pick(here, options[index].id)
        step, before = _before(here)
        go = again(miss=True) if text.strip().isdigit() else step.take_words(before, text)
        return go if go.miss else _there(before, go)


def _before(here: Here) -> tuple[Choosing, Here]:
    """Return the question that is being confirmed, and how it was when it was asked."""
    from dialogs.steps import STEPS

    (tag, arg), held = here.state.hold["of"], here.state.hold["held"]
    step = STEPS[tag]
    assert isinstance(step, Choosing), "only questions with choices ask to confirm"
    trail = here.state.back().trail if step.lasting else here.state.trail
    state = replace(here.state, step=tag, arg=arg, trail=trail, hold=held, misses=0)
    return step, replace(here, state=state)


def _there(before: Here, go: Go) -> Go:
    """Return `go` as it follows from the question before."""
    state = before.state
    place = {"step": state.step, "arg": state.arg, "trail": state.trail, "hold": state.hold}
    return replace(go, keep={**place, **go.keep})
