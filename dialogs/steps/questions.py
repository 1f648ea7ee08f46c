"""The questions of a criteria set, and what stands around them."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.answers import Option as Spoken
from dialogs.answers import Picked, Proposed, Several, understand
from dialogs.changes import changed
from dialogs.effects import SaveAnswer
from dialogs.screen import Choice, Localised, Lowered, Msg, Screen, Text
from dialogs.steps.asked import LEAVING, Asked, answer_of, answer_text, questions_of
from dialogs.steps.base import Choosing, Go, Here, again


@dataclass(frozen=True, slots=True)
class Question(Choosing):
    """One indicator: plain levels, a number is enough."""

    tag: ClassVar[str] = "criterion"
    levels: ClassVar[bool] = True

    def _asked(self, here: Here) -> Asked:
        facts = here.facts
        assert facts.declaration is not None, "questions are asked of an open file"
        return questions_of(facts.sets[facts.declaration.criteria])[here.state.arg]

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The levels, and leaving it to the officer where the question is exposed."""
        return self._asked(here).screen.choices

    def label(self, here: Here, choice: str) -> Text | None:
        """The words of the choice, looked up."""
        return self._asked(here).labels.get(choice)

    def options(self, here: Here) -> tuple[Spoken, ...]:
        """The levels with their points and other wordings."""
        asked = self._asked(here)
        if not asked.can_be_left:
            return asked.levels
        return (*asked.levels, Spoken(LEAVING.id, here.facts.wordings(LEAVING.label), None))

    def show(self, here: Here) -> Screen:
        """Ask with the progress; with the answer of before, when there is one."""
        asked = self._asked(here)
        given = here.declaration.answers.get(asked.indicator.code)
        if given is None:
            return asked.screen
        now = Msg("answer.now", {"answer": Lowered(answer_text(asked.indicator, given))})
        return changed(asked.screen, lines=(now, *asked.screen.lines))

    def leave(self, here: Here) -> Go:
        """Leave an exposed question to the officer; at others say that a rough answer will do."""
        exposed = self._asked(here).can_be_left
        return self.pick(here, LEAVING.id) if exposed else Choosing.leave(self, here)

    def example(self, here: Here) -> Text:
        """Show how to answer this very question."""
        options = self._asked(here).indicator.options
        return Msg("criterion.example", {"number": 2, "answer": Lowered(options[1].text)})

    def explain(self, here: Here) -> tuple[Text, ...]:
        """What counts and which photo helps."""
        return (self._asked(here).indicator.explain,)

    def pick(self, here: Here, choice: str) -> Go:
        """Save the answer and say it in words, never in points."""
        asked = self._asked(here)
        saved = SaveAnswer(here.declaration.id, asked.indicator.code, answer_of(choice))
        return Go(effects=(saved,), said=(asked.noted[choice],))


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
    state = changed(here.state, step=tag, arg=arg, trail=trail, hold=held, misses=0)
    return step, changed(here, state=state)


def _there(before: Here, go: Go) -> Go:
    """Return `go` as it follows from the question before."""
    state = before.state
    place = {"step": state.step, "arg": state.arg, "trail": state.trail, "hold": state.hold}
    return changed(go, keep={**place, **go.keep})
