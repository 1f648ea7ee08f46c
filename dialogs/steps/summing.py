"""The whole declaration on one screen: points, mending a line, handing it in by a word."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from dialogs.events import Event
from dialogs.model import Declaration
from dialogs.places import place_label
from dialogs.review_checks import file_score, unsettled
from dialogs.scoring import Score
from dialogs.screen import Choice, Joined, Lowered, Msg, Screen, Text
from dialogs.steps.asked import answer_text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again
from dialogs.steps.helping import controller


def standing(here: Here) -> Score:
    """Return the score of the present answers and reviewed points."""
    place = here.place()
    difficult = place is not None and place.info.difficult
    return file_score(here.declaration, here.criteria, difficult=difficult)


def score_line(here: Here, result: Score) -> Text:
    """Return groups, total and rule in one line."""
    names = {g.id: g.name for g in here.criteria.groups}
    parts = tuple(
        Msg("score.group", {"name": names[g.id], "points": g.points, "max": g.max})
        for g in result.groups
    )
    values = {"total": result.total, "max": here.criteria.total, "mark": result.pass_mark}
    rule = Msg("score.total", {**values, "floor": here.criteria.floor})
    return Msg("score.line", {"line": Joined((*parts, rule), " · ")})


def shortfall_lines(here: Here, result: Score) -> tuple[Text, ...]:
    """Return kindly what is missing to the mark, or which line is below the floor."""
    below = tuple(here.criteria.indicator(code).short for code in result.below_floor)
    if below:
        return (
            Msg("score.below_floor", {"names": Joined(below, "; "), "floor": here.criteria.floor}),
        )
    if result.passes or result.total >= result.pass_mark:
        return ()
    more = tuple(here.criteria.indicator(code).short for code in result.could_add)
    figures = {"total": result.total, "mark": result.pass_mark}
    return (Msg("score.below_mark", {**figures, "names": Joined(more, "; ")}),)


def waiting_lines(here: Here) -> tuple[Text, ...]:
    """Return which answers wait for the village's or an officer's word; their points may change."""
    file, criteria = here.declaration, here.criteria
    names = tuple(
        criteria.indicator(code).short for code in unsettled(file, criteria) if code in file.answers
    )
    return (Msg("score.waits", {"names": Joined(names, "; ")}),) if names else ()


def day_for(file: Declaration, day: date | None) -> date | None:
    """Return a commune's deadline if it concerns the file: one of an earlier year does not."""
    return day if day and day.year >= file.period else None


def late_lines(here: Here) -> tuple[Text, ...]:
    """Return the notice that the place's day for handing in has passed."""
    place = here.place()
    by = day_for(here.declaration, place.info.submit_by) if place else None
    return (Msg("summary.late", {"date": by}),) if by and here.facts.today > by else ()


def sample_lines(here: Here) -> tuple[Text, ...]:
    """Return the notice that a set is a sample, as long as it is one."""
    return (Msg("criteria.sample"),) if here.criteria.status == "sample" else ()


def whose_line(here: Here) -> Text:
    """Return whose declaration this is."""
    place, file = here.place(), here.declaration
    assert place is not None, "a declaration has a place"
    label: Text = place_label(place.commune, place.village)
    if place.village is None and file.village_text not in (None, "?"):
        label = Msg("place.typed_in", {"village": file.village_text, "commune": label})
    values = {"name": here.person.name or "", "born": str(here.person.birth_year or "")}
    return Msg("summary.whose", {**values, "place": label, "year": str(file.period)})


@dataclass(frozen=True, slots=True)
class Summary(Choosing):
    """Everything before it is handed in."""

    tag: ClassVar[str] = "summary"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Hand in, mend a line, add photos, later."""
        return (
            Choice("submit", Msg("summary.submit")),
            Choice("edit", Msg("summary.edit")),
            Choice("photos", Msg("summary.photos_more")),
            Choice("later", Msg("summary.later")),
        )

    def show(self, here: Here) -> Screen:
        """Show whose, points, rule, photos, and that the truth is wanted."""
        result = standing(here)
        photos = Msg("summary.photos", count=here.declaration.photos)
        lines = (
            whose_line(here),
            score_line(here, result),
            *late_lines(here),
            *waiting_lines(here),
            *shortfall_lines(here, result),
            photos,
            *sample_lines(here),
            Msg("summary.truth"),
        )
        return Screen(lines, self.choices(here), note=Msg("summary.hint"))

    def pick(self, here: Here, choice: str) -> Go:
        """Follow the choice."""
        match choice:
            case "submit":
                return Go("submit")
            case "edit":
                return Go("edit")
            case "photos":
                return Go("photos")
        return Go("home", said=(Msg("summary.kept"),))


@dataclass(frozen=True, slots=True)
class Edit(Choosing):
    """Which line is to be mended."""

    tag: ClassVar[str] = "edit"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Each question with its present answer, then name and place."""
        answers = here.declaration.answers
        lines = tuple(
            Choice(
                i.code,
                Msg(
                    "edit.line",
                    {"name": i.short, "answer": Lowered(answer_text(i, answers[i.code]))},
                ),
            )
            for i in here.criteria.indicators
            if i.code in answers
        )
        return (*lines, Choice("name", Msg("edit.name")), Choice("place", Msg("edit.place")))

    def show(self, here: Here) -> Screen:
        """Ask which line it is."""
        return Screen((Msg("edit.ask"),), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Go to that line and come back here after it."""
        return edit_line(here, choice)


def edit_line(here: Here, line: str) -> Go:
    """Return the way to one line of the draft: a criterion's code, "name" or "place"."""
    return Go(line) if line in ("name", "place") else Go("criterion", line)


@dataclass(frozen=True, slots=True)
class Submit(Step):
    """Nothing irreversible by a digit: a word hands it in."""

    tag: ClassVar[str] = "submit"

    def show(self, here: Here) -> Screen:
        """Ask for the word; once it was said while a photo is looked at, there is nothing to do."""
        waits = here.state.submitting and here.declaration.waits_for_photos
        text = Msg("submit.waits") if waits else Msg("submit.ask", {"controller": controller(here)})
        return Screen((text,), accepts=("text",), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Repeat the word in other words."""
        return Msg("submit.example")

    def take(self, here: Here, event: Event) -> Go:
        """Anything but the word (a command) is asked again."""
        return again(miss=True)
