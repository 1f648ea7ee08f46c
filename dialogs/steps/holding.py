"""My data: everything held of a person, and erasing it for real (Law 91/2025/QH15, art. 14)."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.effects import Forget, WithdrawConsent
from dialogs.events import Event, Typed
from dialogs.facts import HeldOf
from dialogs.folding import fold
from dialogs.model import Declaration
from dialogs.screen import Choice, Joined, Lowered, Msg, Picture, Screen, Text
from dialogs.steps.asked import answer_text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again
from dialogs.steps.standing import shown_status, status_lines
from dialogs.steps.summing import whose_line

ERASE_WORDS = ("xoa het", "erase all")


def held_lines(here: Here) -> tuple[Text, ...]:
    """Return everything held of the person in words: file, answers, photos, consents, messages."""
    if here.facts.person is None or here.facts.declaration is None:
        return (Msg("mydata.nothing"),)
    file, held = here.declaration, here.find(HeldOf(here.person.id))
    answers = tuple(
        Msg(
            "mydata.answer",
            {"number": i.number, "answer": Lowered(answer_text(i, file.answers[i.code]))},
        )
        for i in here.criteria.indicators
        if i.code in file.answers
    )
    consents = tuple(
        Msg(f"mydata.consent.{c.purpose}", {"date": c.given_at})
        for c in sorted(here.facts.consents, key=lambda c: c.purpose, reverse=True)
    )
    counts = {"photos": file.photos, "messages": held.messages}
    others = (_other(here, other) for other in held.files if other.id != file.id)
    return (
        Msg("mydata.head"),
        whose_line(here),
        *status_lines(here),
        *answers,
        *others,
        *consents,
        Msg("mydata.counts", counts),
    )


def _other(here: Here, file: Declaration) -> Text:
    """Return what is kept of a file of another year, in one line: its answers may be the same."""
    criteria = here.facts.sets[file.criteria]
    answers = tuple(
        Msg(
            "mydata.answer",
            {"number": i.number, "answer": Lowered(answer_text(i, file.answers[i.code]))},
        )
        for i in criteria.indicators
        if i.code in file.answers
    )
    values: dict[str, Text | int] = {
        "name": criteria.name,
        "year": str(file.period),
        "status": Msg(f"file.{shown_status(file)}"),
        "photos": file.photos,
        "answers": Joined(answers, "; "),
    }
    return Msg("mydata.other", values)


def held_pictures(here: Here) -> tuple[Picture, ...]:
    """Return the kept photos."""
    file = here.facts.declaration
    kept = [e for e in file.evidence if e.verdict not in ("lost", "pending")] if file else []
    return tuple(Picture(e.id, Msg("photo.alt", {"n": n})) for n, e in enumerate(kept, 1))


@dataclass(frozen=True, slots=True)
class MyData(Choosing):
    """Everything that is held."""

    tag: ClassVar[str] = "mydata"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Erase it, change the consent to campaign messages, or back."""
        if here.facts.person is None:
            return (Choice("home", Msg("mydata.home")),)
        agreed = any(c.purpose == "campaign" for c in here.facts.consents)
        tell = (Choice("stop", Msg("mydata.stop")),) if agreed else ()
        erase = Choice("erase", Msg("mydata.erase"))
        return (*tell, erase, Choice("home", Msg("mydata.home")))

    def show(self, here: Here) -> Screen:
        """List it all, photos included."""
        pictures = held_pictures(here)
        return Screen(held_lines(here), self.choices(here), note=BACK_HINT, pictures=pictures)

    def pick(self, here: Here, choice: str) -> Go:
        """Follow the choice."""
        if choice == "stop":
            return stop_messages(here)
        return Go(choice)


def stop_messages(here: Here) -> Go:
    """Withdraw the consent to campaign messages; decisions on one's own file still come."""
    person = here.facts.person
    effects = (WithdrawConsent(person.id, "campaign"),) if person else ()
    return Go(to=None, effects=effects, said=(Msg("campaign.stopped"),))


@dataclass(frozen=True, slots=True)
class Erase(Step):
    """Erasing everything, by words."""

    tag: ClassVar[str] = "erase"

    def show(self, here: Here) -> Screen:
        """Say what goes, what stays of a decided file, and ask for the words."""
        file = here.facts.declaration
        decided = file is not None and file.status in ("approved", "rejected")
        stays = (Msg("erase.stays"),) if decided else ()
        return Screen(
            (Msg("erase.what"), *stays, Msg("erase.ask")), accepts=("text",), note=BACK_HINT
        )

    def example(self, here: Here) -> Text:
        """Repeat the words in other words."""
        return Msg("erase.example")

    def take(self, here: Here, event: Event) -> Go:
        """Erase at the words, else ask again."""
        person = here.facts.person
        if not isinstance(event, Typed) or fold(event.text) not in ERASE_WORDS or person is None:
            return again(miss=True)
        return Go(effects=(Forget(person.id, "erased"),), said=(Msg("erase.done"),))
