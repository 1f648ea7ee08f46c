"""How the file stands, why, and taking it back."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.criteria import Indicator
from dialogs.events import Event
from dialogs.model import Declaration
from dialogs.screen import Choice, Lowered, Msg, Screen, Text
from dialogs.steps.asked import answer_text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again
from dialogs.steps.helping import controller
from dialogs.steps.summing import (
    day_for,
    sample_lines,
    score_line,
    shortfall_lines,
    standing,
    waiting_lines,
)
from dialogs.steps.supplement import asked_lines
from dialogs.steps.years import begin_next, is_closed, next_offer


def shown_status(file: Declaration) -> str:
    """Return the status the declarant may know: a decision counts once its notice has left."""
    if file.status in ("approved", "returned", "rejected") and not (
        file.decision and file.decision.told
    ):
        return "submitted"
    return file.status


def closed(file: Declaration) -> str:
    """Return why a file cannot be changed freely: "submitted", "returned" or "decided"."""
    status = shown_status(file)
    return status if status in ("submitted", "returned") else "decided"


@dataclass(frozen=True, slots=True)
class Home(Choosing):
    """How the file stands and what can be done now."""

    tag: ClassVar[str] = "home"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """What makes sense in the present status."""
        file = here.facts.declaration
        if file is None:
            return (Choice("continue", Msg("home.begin")),)
        ids = {
            "draft": ("continue", "mydata"),
            "withdrawn": ("continue", "mydata"),
            "submitted": ("refresh", "withdraw", "mydata"),
            "returned": ("continue", "mydata"),
            "approved": ("why", "mydata"),
            "rejected": ("why", "mydata"),
        }[shown_status(file)]
        usual = tuple(Choice(i, Msg(f"home.{i}")) for i in ids)
        offer = next_offer(here) if shown_status(file) in ("approved", "rejected") else None
        if offer is None:
            return usual
        anew = Choice("next_year", Msg("home.next_year", {"year": str(offer.year)}))
        return (usual[0], anew, *usual[1:])

    def show(self, here: Here) -> Screen:
        """Say how the file stands, and when the next year's can be begun."""
        lines = status_lines(here)
        file = here.facts.declaration
        waits = file is not None and shown_status(file) in ("submitted", "returned")
        if waits and (offer := next_offer(here)):
            lines = (*lines, Msg("home.next_after", {"year": str(offer.year)}))
        return Screen(lines, self.choices(here))

    def pick(self, here: Here, choice: str) -> Go:
        """Follow the choice."""
        match choice:
            case "why":
                return Go(to=None, said=why_lines(here))
            case "refresh":
                return Go(to=None)
            case "withdraw" | "mydata":
                return Go(choice)
            case "next_year" if offer := next_offer(here):
                return begin_next(here, offer)
        return Go()


def notice_line(here: Here) -> Text:
    """Return the notice of a decision: words only, no points and no verdict on a shared phone."""
    word = "notice.returned" if here.declaration.status == "returned" else "notice.result"
    return Msg(word, {"ending": (here.declaration.code or "")[-2:]})


@dataclass(frozen=True, slots=True)
class Notice(Choosing):
    """A decision came while nothing was open: it is shown when asked for."""

    tag: ClassVar[str] = "notice"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Offer to see it."""
        return (Choice("see", Msg("notice.see")),)

    def show(self, here: Here) -> Screen:
        """Say that there is something to see."""
        return Screen((notice_line(here),), self.choices(here))

    def pick(self, here: Here, choice: str) -> Go:
        """Show how the file stands."""
        return Go("home", fresh=True)


def status_lines(here: Here) -> tuple[Text, ...]:
    """Return the state of the file in words; a verdict only after its notice left."""
    file = here.facts.declaration
    if file is None:
        return (Msg("status.none"),)
    values: dict[str, Text] = {"code": file.code or "", "controller": controller(here)}
    status = shown_status(file)
    if status in ("approved", "rejected"):
        return _decided_lines(here, file, values)
    if status == "submitted":
        place = here.place()
        answer_by = day_for(file, place.info.answer_by) if place else None
        until = (Msg("status.until", {"date": answer_by}),) if answer_by else ()
        return (Msg("status.submitted", values), *until)
    open_items = (i for i in file.items if status == "returned" and not i.settled)
    asked = (line for item in list(open_items)[:1] for line in asked_lines(here, item))
    return (Msg(f"status.{status}", values), *asked)


def _decided_lines(here: Here, file: Declaration, values: dict[str, Text]) -> tuple[Text, ...]:
    result = standing(here)
    total = Msg(
        f"status.{file.status}", {**values, "total": result.total, "max": here.criteria.total}
    )
    reason = file.decision.reason if file.decision else None
    said = (Msg("status.reason", {"reason": reason}),) if reason else ()
    return (total, *changed_lines(here), *said, Msg(f"status.{file.status}_next", values))


def changed_lines(here: Here) -> tuple[Text, ...]:
    """Return a line for each indicator whose points an officer changed, with the reason."""
    return tuple(
        Msg(
            "status.changed",
            {
                "number": line.number,
                "before": line.self_points or 0,
                "after": line.points,
                "reason": line.reason or "",
            },
        )
        for line in standing(here).lines
        if line.reviewed_points is not None and line.reviewed_points != line.self_points
    )


def why_lines(here: Here) -> tuple[Text, ...]:
    """Explain the score line by line: answer, points, changes, rule and legal basis."""
    file, result = here.declaration, standing(here)
    lines = []
    for line in result.lines:
        indicator = here.criteria.indicator(line.code)
        values: dict[str, Text | int] = {
            "number": line.number,
            "name": indicator.short,
            "answer": _answered(indicator, file),
            "points": line.points,
            "max": line.max,
        }
        lines.append(Msg("why.line", values))
    basis = Msg("why.basis", {"basis": tuple(here.criteria.legal_basis)})
    open_still = shown_status(file) in ("draft", "submitted")
    short = shortfall_lines(here, result) if open_still else ()
    rest = (score_line(here, result), *waiting_lines(here), *short, basis, *sample_lines(here))
    return (Msg("why.head"), *lines, *rest)


def _answered(indicator: Indicator, file: Declaration) -> Text:
    option = file.answers.get(indicator.code)
    return Msg("why.unanswered") if option is None else Lowered(answer_text(indicator, option))


@dataclass(frozen=True, slots=True)
class Withdraw(Step):
    """Taking a submitted file back to draft, by a word."""

    tag: ClassVar[str] = "withdraw"

    def show(self, here: Here) -> Screen:
        """Ask for the word; say so where it could not be handed in again."""
        file = here.declaration
        late = Msg("withdraw.ask_over", {"year": str(file.period)})
        ask = late if is_closed(here, file) else Msg("withdraw.ask")
        return Screen((ask,), accepts=("text",), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Repeat the word in other words."""
        return Msg("withdraw.example")

    def take(self, here: Here, event: Event) -> Go:
        """Anything but the word (a command) is asked again."""
        return again(miss=True)
