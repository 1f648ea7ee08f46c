"""The officer's desk: what waits, the oldest first, and the figures of the place."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.facts import CountFiles
from dialogs.model import Queue, QueueLine
from dialogs.receipts import is_ending, read_code
from dialogs.rights import READERS
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import Choosing, Go, Here, again
from dialogs.steps.officer_base import (
    OfficerStep,
    find_file,
    officer_of,
    opening,
    queue_of,
    to_desk,
)

# The argument of the desk after a decision: only the next file is named, not the whole count.
NEXT = "next"
OPEN_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Desk(OfficerStep):
    """What waits. After a decision (`arg` "next") just the next file."""

    tag: ClassVar[str] = "desk"

    def screen(self, here: Here) -> Screen:
        """Say how many files wait and which is the oldest."""
        officer = officer_of(here)
        if officer.role not in READERS:
            return Screen((Msg(f"officer.desk.{officer.role}"),), self.offered(here))
        lines = _desk_lines(here, queue_of(here))
        return Screen(lines, self.offered(here))

    def offered(self, here: Here) -> tuple[Choice, ...]:
        """Open one of the oldest files; the figures."""
        officer = officer_of(here)
        if officer.role == "operator":
            return ()
        stats = Choice("stats", Msg("officer.stats_choice"))
        lines = queue_of(here).lines if officer.role in READERS else ()
        return (*(_open_choice(line) for line in lines[:OPEN_CHOICES]), stats)

    def picked(self, here: Here, choice: str) -> Go:
        """Open the file, or count."""
        if choice == "stats":
            return again(*stats_lines(here))
        wanted = int(choice.partition(":")[2])
        code = next(line.code for line in queue_of(here).lines if line.id == wanted)
        return opening(here, find_file(here, code).declaration)

    def said(self, here: Here, text: str) -> Go:
        """Take a choice in words; a bare code opens its file."""
        go = Choosing.take_words(self, here, text)
        if go.miss and (read_code(text) or is_ending(text)):
            return opening(here, find_file(here, text).declaration)
        return go

    def up(self, here: Here) -> Go:
        """The desk is the top."""
        return to_desk()

    def example(self, here: Here) -> Text:
        """Give the words of the desk."""
        return Msg("officer.desk_example")


def stats_lines(here: Here) -> tuple[Text, ...]:
    """Return the files of the officer's place by status, this year."""
    officer = officer_of(here)
    if officer.role == "operator":
        return (Msg("officer.desk.operator"),)
    counts = here.find(CountFiles(officer.place, here.facts.today.year))
    by = counts.by_status
    values = {
        status: by.get(status, 0)
        for status in ("draft", "submitted", "returned", "approved", "rejected")
    }
    return (Msg("officer.stats", {"year": str(counts.period), **values}),)


def _desk_lines(here: Here, queue: Queue) -> tuple[Text, ...]:
    if not queue.waiting or not queue.lines:
        return (Msg("officer.nothing_waits"),)
    oldest = queue.lines[0]
    words = {"file": _line(here, oldest), "ending": oldest.ending}
    if here.state.arg == NEXT:
        return (Msg("officer.next", words),)
    counts = {"waiting": queue.waiting, "overdue": queue.overdue}
    days = here.facts.rules.overdue_days
    key = "officer.waiting_late" if queue.overdue else "officer.waiting"
    return (Msg(key, {**counts, "days": days, **words}),)


def _line(here: Here, line: QueueLine) -> Text:
    """Return "2M, Nguyễn Thị Hoa, tổ 12, Công dân học tập, 86 điểm, 3 ảnh, 1 mờ"."""
    names = {s.title: s.name for s in here.facts.sets.values()}
    values: dict[str, Text | int] = {
        "ending": line.ending,
        "name": line.name,
        "village": line.village if line.village not in (None, "?") else Msg("officer.no_village"),
        "title": names.get(line.title, line.title),
        "total": line.total,
        "photos": line.photos,
        "blurry": line.blurry,
    }
    return Msg("officer.line_blurry" if line.blurry else "officer.line", values)


def _open_choice(line: QueueLine) -> Choice:
    label = Msg("officer.open_choice", {"ending": line.ending, "name": line.name})
    return Choice(f"open:{line.id}", label)
