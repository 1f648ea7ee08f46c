"""Name and year of birth: one question, mended by small ones where something is unsure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from dialogs.changes import changed
from dialogs.effects import Forget, SetPerson
from dialogs.events import Event, Typed
from dialogs.names import propose_spellings, read_name_and_birth, read_year
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again, told_once

Hold = Mapping[str, Any]


def settle_identity(here: Here, hold: Hold) -> Go:
    """Return the next small question about `hold`, or the way on once name and year are sure.

    `hold` has name, marked, certain, year, year_certain, candidates, problem as far as known.
    """
    if hold.get("year") is None:
        return Go("birth_year", hold=hold)
    if not hold.get("year_certain", True):
        return Go("year_pick", hold=hold)
    if too_young(here, int(hold["year"])):
        return under_age(here)
    if not hold.get("name"):
        return Go("name", hold=hold, said=(Msg("name.only_year", {"year": str(hold["year"])}),))
    if not (hold.get("marked") and hold.get("certain", True)):
        return Go("name_pick", hold=hold)
    return settled(here, hold, str(hold["name"]))


def too_young(here: Here, year: int) -> bool:
    """Tell whether someone born in `year` cannot have reached the age limit this year."""
    minimum = here.criteria.minimum_age or here.facts.rules.minimum_age
    return here.facts.today.year - year < minimum


def under_age(here: Here) -> Go:
    """Stop kindly and keep nothing: children's data is not collected."""
    age = here.criteria.minimum_age or here.facts.rules.minimum_age
    return Go(
        effects=(Forget(here.person.id, "under_age"),), said=(Msg("name.under_age", {"age": age}),)
    )


def settled(here: Here, hold: Hold, name: str, by_officer: bool = False) -> Go:
    """Keep name and year, and say what was understood."""
    year = int(hold["year"])
    keep = SetPerson(here.person.id, name, year, settled=not by_officer)
    return Go(effects=(keep,), said=(Msg("name.noted", {"name": name, "year": str(year)}),))


@dataclass(frozen=True, slots=True)
class Name(Step):
    """Name and year in one line."""

    tag: ClassVar[str] = "name"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0", "?", "back")

    def show(self, here: Here) -> Screen:
        """Ask, with an example; say what is written down where something is."""
        values = {"name": here.person.name or "", "year": str(here.person.birth_year or "")}
        now = (Msg("name.now", values),) if here.person.name else ()
        return Screen((*now, Msg("name.ask")), accepts=("text",), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Give the example once more in other words."""
        return Msg("name.example")

    def take(self, here: Here, event: Event) -> Go:
        """Read the line; problems are named, parts already known are kept."""
        if not isinstance(event, Typed):
            return again(Msg("unclear.not_here"))
        read = read_name_and_birth(event.text, here.facts.today)
        hold = dict(here.state.hold)
        warned = (Msg("name.problem.id_number"),) if read.problem == "id_number" else ()
        known = bool(read.name or read.year) and read.problem in ("empty", "id_number")
        if read.problem and not known:
            return told_once(here, f"name.problem.{read.problem}")
        if read.name:
            hold |= {"name": read.name, "marked": read.marked, "certain": read.certain}
        if read.year:
            year = asdict(read.year)
            hold |= {"year": year["year"], "year_certain": year["certain"]}
            hold["candidates"] = list(year["candidates"])
        go = settle_identity(here, hold)
        return changed(go, said=(*warned, *go.said))


@dataclass(frozen=True, slots=True)
class BirthYear(Step):
    """The year alone, when the line had none."""

    tag: ClassVar[str] = "birth_year"
    lasting: ClassVar[bool] = False
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0", "?", "back")

    def show(self, here: Here) -> Screen:
        """Ask for the year."""
        name = here.state.hold.get("name", "")
        return Screen(
            (Msg("year.ask", {"name": name}),), accepts=("number", "text"), note=BACK_HINT
        )

    def example(self, here: Here) -> Text:
        """Give an example."""
        return Msg("year.example")

    def take(self, here: Here, event: Event) -> Go:
        """Read the year."""
        if not isinstance(event, Typed):
            return again(Msg("unclear.not_here"))
        read = read_year(event.text, here.facts.today)
        if read.year is None:
            if read.problem is None:
                return again(miss=True)
            return told_once(here, f"name.problem.{read.problem}")
        year = {"year": read.year.year, "year_certain": read.year.certain}
        candidates = list(read.year.candidates)
        return settle_identity(here, {**here.state.hold, **year, "candidates": candidates})


@dataclass(frozen=True, slots=True)
class YearPick(Choosing):
    """The year was worked out from an age or an animal of the zodiac: which one?"""

    tag: ClassVar[str] = "year_pick"
    lasting: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The likely years, then typing again."""
        years = here.state.hold.get("candidates") or [here.state.hold["year"]]
        return (*(Choice(str(y), str(y)) for y in years), Choice("retype", Msg("name.retype")))

    def show(self, here: Here) -> Screen:
        """Ask which year."""
        return Screen((Msg("year.which"),), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Take the year."""
        if choice == "retype":
            return Go("birth_year", hold={**here.state.hold, "year": None})
        return settle_identity(here, {**here.state.hold, "year": int(choice), "year_certain": True})


@dataclass(frozen=True, slots=True)
class NamePick(Choosing):
    """The name was typed without diacritics: which spelling goes on paper?"""

    tag: ClassVar[str] = "name_pick"
    lasting: ClassVar[bool] = False

    def _spellings(self, here: Here) -> tuple[str, ...]:
        name = str(here.state.hold["name"])
        return () if here.state.hold.get("marked") else propose_spellings(name)

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Proposals, or that it is right as typed; typing again; the officer."""
        spellings = self._spellings(here)
        first = tuple(Choice(f"name{i}", name) for i, name in enumerate(spellings))
        return (
            *(first or (Choice("right", Msg("name.right")),)),
            Choice("retype", Msg("name.retype")),
            Choice("officer", Msg("name.by_officer")),
        )

    def show(self, here: Here) -> Screen:
        """Ask for the right spelling, showing the year understood."""
        values: dict[str, Text] = {"year": str(here.state.hold["year"])}
        if self._spellings(here):
            return Screen((Msg("name.which", values),), self.choices(here), note=BACK_HINT)
        values["name"] = str(here.state.hold["name"])
        return Screen((Msg("name.confirm", values),), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Take the spelling."""
        hold = here.state.hold
        if choice == "retype":
            return Go("name", hold={k: v for k, v in hold.items() if k.startswith("year")})
        if choice in ("right", "officer"):
            return settled(here, hold, str(hold["name"]), by_officer=choice == "officer")
        return settled(here, hold, self._spellings(here)[int(choice.removeprefix("name"))])

    def take_words(self, here: Here, text: str) -> Go:
        """A full name typed with its marks is the answer too."""
        go = Choosing.take_words(self, here, text)
        if not go.miss:
            return go
        typed = Name().take(here, Typed(text))
        return go if typed.miss or typed.to is None else typed
