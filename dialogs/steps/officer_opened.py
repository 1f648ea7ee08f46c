"""One file as an officer sees it: whose, points by question, photos, what should catch the eye."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.answers import Picked, Proposed, Several, understand
from dialogs.model import Declaration, Evidence, File, ReturnItem
from dialogs.receipts import is_ending, read_code
from dialogs.review import may_undo
from dialogs.review_checks import file_score, unsettled
from dialogs.rights import DECIDERS
from dialogs.scoring import Score, ScoreLine
from dialogs.screen import Choice, Msg, Picture, Screen, Text, Value
from dialogs.steps.base import Choosing, Go, Here
from dialogs.steps.officer_base import (
    OfficerStep,
    criteria_of,
    find_file,
    is_difficult,
    officer_of,
    opening,
    reason_inside,
    remark,
    short_code,
    to_desk,
)
from dialogs.steps.officer_deciding import approving, begin_rejecting, begin_returning

DECISIONS = ("approve", "return", "reject")
SHOWN = ("clear", "blurry", "dark", "small")


@dataclass(frozen=True, slots=True)
class Opened(OfficerStep):
    """The file with the receipt code `arg`."""

    tag: ClassVar[str] = "opened"

    def screen(self, here: Here) -> Screen:
        """Show everything a decision needs."""
        file = find_file(here, here.state.arg)
        code = short_code(here, file.declaration)
        if here.state.hold.get("brief"):
            return Screen(_how(here, file.declaration, code), self.offered(here))
        lines = (
            _whose(here, file, code),
            *_points(here, file.declaration),
            *_warnings(file, code),
            *_asked_before(here, file.declaration),
            *_how(here, file.declaration, code),
        )
        return Screen(lines, self.offered(here), pictures=pictures(file.declaration))

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """The decisions where the officer may decide; back to the queue."""
        file = find_file(here, here.state.arg).declaration
        back = Choice("queue", Msg("officer.to_queue"))
        if officer_of(here).role not in DECIDERS or file.status != "submitted":
            return (back,)
        decisions = (Choice(f"{d}:{file.id}", Msg(f"officer.choice.{d}")) for d in DECISIONS)
        return (*decisions, back)

    def picked(self, here: Here, choice: str) -> Go:
        """Follow a pressed button: it acts on the version that was shown."""
        file = find_file(here, here.state.arg)
        match choice.partition(":")[0]:
            case "approve":
                return approving(here, file)
            case "return":
                return begin_returning(here, file)
            case "reject":
                return begin_rejecting(here, file)
        return to_desk()

    def said(self, here: Here, text: str) -> Go:
        """A digit or a guess decides nothing: a decision is asked for in words with its code."""
        choices = self.choices(here)
        match understand(text, self.options(here)):
            case Picked(index) | Several(index) | Proposed(index):
                action = choices[index].id.partition(":")[0]
                if action in DECISIONS:
                    file = find_file(here, here.state.arg).declaration
                    typed = Msg(f"officer.type.{action}", {"ending": short_code(here, file)})
                    return remark(here, typed)
        go = Choosing.take_words(self, here, text)
        if go.miss and (read_code(text) or is_ending(text)):
            return opening(here, find_file(here, text).declaration)
        return go

    def example(self, here: Here) -> Text:
        """Give the words for the open file."""
        file = find_file(here, here.state.arg).declaration
        return Msg("officer.opened_example", {"ending": short_code(here, file)})


def pictures(file: Declaration) -> tuple[Picture, ...]:
    """Return the kept photos, each with its number and how well it can be read."""
    kept = [e for e in file.evidence if e.verdict in SHOWN]
    return tuple(Picture(e.id, _alt(n, e)) for n, e in enumerate(kept, 1))


def _alt(number: int, photo: Evidence) -> Text:
    return Msg(f"officer.photo.{photo.verdict}", {"number": number})


def _whose(here: Here, file: File, code: str) -> Text:
    kept = [e for e in file.declaration.evidence if e.verdict in SHOWN]
    poor = sum(e.verdict != "clear" for e in kept)
    values: dict[str, Text | int] = {
        "ending": code,
        "name": file.person.name or "",
        "born": str(file.person.birth_year or ""),
        "village": file.village_name or Msg("officer.no_village"),
        "title": criteria_of(here, file.declaration).name,
        "year": str(file.declaration.period),
        "photos": len(kept),
        "poor": poor,
    }
    return Msg("officer.whose_poor" if poor else "officer.whose", values)


def _points(here: Here, file: Declaration) -> tuple[Text, ...]:
    """Return "Câu 1–4: 8 10→8 8 8 · 5–7: ... = 84 (cần 80)" and what waits to be settled."""
    criteria = criteria_of(here, file)
    result = file_score(file, criteria, difficult=is_difficult(here, file))
    values: dict[str, Value] = {
        "points": points_text(result),
        "total": result.total,
        "mark": result.pass_mark,
    }
    open_numbers = tuple(str(criteria.indicator(c).number) for c in unsettled(file, criteria))
    below = tuple(str(criteria.indicator(c).number) for c in result.below_floor)
    settle = (Msg("officer.unsettled", {"numbers": open_numbers}),) if open_numbers else ()
    floor = (
        (Msg("officer.below_floor", {"numbers": below, "floor": criteria.floor}),) if below else ()
    )
    sample = (Msg("criteria.sample"),) if criteria.status == "sample" else ()
    return (Msg("officer.points", values), *settle, *floor, *sample)


def points_text(result: Score) -> str:
    """Return the points by group of questions, reviewed ones after an arrow; figures only."""
    groups = []
    for group in result.groups:
        lines = [line for line in result.lines if line.group == group.id]
        first, last = lines[0].number, lines[-1].number
        numbers = f"{first}–{last}" if first != last else f"{first}"
        groups.append(f"{numbers}: {' '.join(map(_figure, lines))}")
    return " · ".join(groups)


def _figure(line: ScoreLine) -> str:
    own = "–" if line.self_points is None else str(line.self_points)
    given = line.reviewed_points
    return own if given in (None, line.self_points) else f"{own}→{given}"


def _warnings(file: File, code: str) -> tuple[Text, ...]:
    declaration, warnings = file.declaration, []
    if not file.person.settled:
        warnings.append(Msg("officer.warn.name", {"ending": code}))
    if declaration.village is None:
        typed = declaration.village_text
        key = "officer.warn.village" if typed in (None, "?") else "officer.warn.village_typed"
        warnings.append(Msg(key, {"ending": code, "typed": typed or ""}))
    if file.twins:
        warnings.append(Msg("officer.warn.twins", {"twins": file.twins}))
    if file.unsent:
        channel = Msg(f"channel.{file.unsent.channel}")
        warnings.append(Msg(f"officer.unsent.{file.unsent.reason}", {"channel": channel}))
    return tuple(warnings)


def _asked_before(here: Here, file: Declaration) -> tuple[Text, ...]:
    """Return what was asked for before and whether the person has answered it."""
    if not file.items:
        return ()
    criteria = criteria_of(here, file)

    def line(item: ReturnItem) -> Text:
        key = "officer.asked_done" if item.settled else "officer.asked_open"
        number = criteria.indicator(item.criterion).number
        return Msg(key, {"number": number, "reason": reason_inside(item)})

    return (Msg("officer.asked_before", {"items": tuple(line(i) for i in file.items)}),)


def _how(here: Here, file: Declaration, code: str) -> tuple[Text, ...]:
    if file.status != "submitted":
        officer, made = officer_of(here), file.decision
        mine = made is not None and not made.told and may_undo(officer, file)
        status = Msg(f"file.{file.status}")
        return (Msg("officer.stands_mine" if mine else "officer.stands", {"status": status}),)
    key = "officer.how" if officer_of(here).role in DECIDERS else "officer.only_reads"
    return (Msg(key, {"ending": code}),)
