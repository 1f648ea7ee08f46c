"""When the year turns: a draft of a closed period is told kindly, and carried over if wished."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.answers import Option as Spoken
from dialogs.changes import changed
from dialogs.effects import SaveAnswer
from dialogs.facts import PlaceOf
from dialogs.model import Declaration
from dialogs.offers import carried_answers, day_of, list_offers
from dialogs.periods import Calendar, Offer
from dialogs.screen import Choice, Lowered, Msg, Screen, Text
from dialogs.steps.asked import answer_text
from dialogs.steps.base import Choosing, Go, Here, again
from dialogs.steps.questions import Question
from dialogs.steps.starting import NO_PLACE

# What can only be done on a draft that may still be handed in.
OF_OPEN_DRAFTS = frozenset(
    (
        "home", "name", "birth_year", "year_pick", "name_pick", "place", "place_pick", "village",
        "criterion", "carried", "confirm", "photos", "photo_check", "summary", "edit", "submit",
    )
)  # fmt: skip


def is_closed(here: Here, file: Declaration) -> bool:
    """Tell whether nothing more is taken for the period of `file` where it belongs."""
    calendar, day = here.facts.calendar, day_of(here.facts)
    if not calendar.periods:
        return file.period != day.year
    return not calendar.takes(file.title, file.period, _province(here, file), day)


def is_over(here: Here) -> bool:
    """Tell whether the present file is a draft that came too late."""
    file = here.facts.declaration
    return file is not None and file.status == "draft" and is_closed(here, file)


def _province(here: Here, file: Declaration) -> str:
    place = here.find(PlaceOf(file.commune))
    assert place is not None, "a declaration lies in a commune"
    return place.commune.province.code


def next_offer(here: Here) -> Offer | None:
    """Return the declaration of a later year that can be begun for the present file's title."""
    file = here.facts.declaration
    if file is None or day_of(here.facts).year <= file.period:
        return None
    offers = list_offers(here.facts, _province(here, file))
    newer = (o for o in offers if o.criteria.title == file.title and o.year > file.period)
    return next(newer, None)


def begin_next(here: Here, offer: Offer) -> Go:
    """Return the way to the consent for a later year, with the answers to be confirmed there."""
    carried = carried_answers(here.declaration, here.criteria, offer.criteria)
    chosen = {"title": offer.criteria.title, "period": offer.year, "carried": dict(carried)}
    return Go("consent", keep={**NO_PLACE, **chosen})


@dataclass(frozen=True, slots=True)
class Over(Choosing):
    """The draft's period takes nothing more: nothing is lost, it can go on in the new year."""

    tag: ClassVar[str] = "over"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Carry over where a later year is open; read; what is kept."""
        offer = next_offer(here)
        carry = Choice("carry", Msg("over.carry", {"year": str(offer.year)})) if offer else None
        rest = (Choice("read", Msg("over.read")), Choice("mydata", Msg("home.mydata")))
        return (carry, *rest) if carry else rest

    def show(self, here: Here) -> Screen:
        """Say which year it belongs to, that the answers are kept, and what can be done."""
        return Screen((_closed_line(here), _onward_line(here)), self.choices(here))

    def pick(self, here: Here, choice: str) -> Go:
        """Follow the choice."""
        offer = next_offer(here)
        if choice == "carry" and offer is not None:
            return begin_next(here, offer)
        return Go("mydata") if choice == "mydata" else again(*_read_lines(here))


def _closed_line(here: Here) -> Text:
    file = here.declaration
    year = str(file.period)
    period = here.facts.calendar.get(file.title, file.period, _province(here, file))
    if period.closed or period.standing(day_of(here.facts)) == "planned":
        return Msg("over.closed_by_hand", {"year": year})
    return Msg("over.closed", {"year": year, "date": period.closes_on})


def _onward_line(here: Here) -> Text:
    offer = next_offer(here)
    if offer is not None:
        return Msg("over.carry_ask", {"year": str(offer.year)})
    file = here.declaration
    return opening_line(here, file.title, _province(here, file)) or Msg("over.wait")


def opening_line(here: Here, title: str, province: str) -> Text | None:
    """Return when declarations of `title` are taken next; None while no day is known."""
    coming = _calendar(here).next_opening(title, province, day_of(here.facts))
    if coming is None:
        return None
    return Msg("over.opens", {"year": str(coming.year), "date": coming.opens_on})


def _calendar(here: Here) -> Calendar:
    return here.facts.calendar


def _read_lines(here: Here) -> tuple[Text, ...]:
    """Return the answers of the draft in words."""
    file = here.declaration
    given = [i for i in here.criteria.indicators if i.code in file.answers]
    lines = tuple(
        Msg(
            "mydata.answer",
            {"number": i.number, "answer": Lowered(answer_text(i, file.answers[i.code]))},
        )
        for i in given
    )
    return lines or (Msg("over.nothing"),)


@dataclass(frozen=True, slots=True)
class Carried(Question):
    """A question that was answered last year: the same is one press, anything else as usual."""

    tag: ClassVar[str] = "carried"
    SAME: ClassVar[Choice] = Choice("same", Msg("carried.same"))

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The levels, then that it is as it was."""
        return (*Question.choices(self, here), self.SAME)

    def label(self, here: Here, choice: str) -> Text | None:
        """The words of the choice, looked up."""
        return self.SAME.label if choice == self.SAME.id else Question.label(self, here, choice)

    def options(self, here: Here) -> tuple[Spoken, ...]:
        """The levels, and the ways to say that it is as it was."""
        words = here.facts.wordings(self.SAME.label)
        return (*Question.options(self, here), Spoken(self.SAME.id, words, None))

    def show(self, here: Here) -> Screen:
        """Ask as ever, saying first what was answered last year."""
        asked = self._asked(here)
        before = answer_text(asked.indicator, self._before(here))
        lines = (Msg("carried.before", {"answer": Lowered(before)}), *asked.screen.lines)
        return changed(asked.screen, lines=lines, choices=self.choices(here), standing=None)

    def pick(self, here: Here, choice: str) -> Go:
        """Save what was answered, now for this year."""
        if choice != self.SAME.id:
            return Question.pick(self, here, choice)
        code, option = here.state.arg, self._before(here)
        said = self._asked(here).noted[str(option)]
        return Go(effects=(SaveAnswer(here.declaration.id, code, option),), said=(said,))

    def _before(self, here: Here) -> int:
        return here.state.carried[here.state.arg]
