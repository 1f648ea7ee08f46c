"""The nouns of a declaration as the rules see them: plain values, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from msgspec import field

from dialogs.changes import Record

Status = Literal["draft", "submitted", "approved", "returned", "rejected", "withdrawn"]
Purpose = Literal["declaration", "campaign"]
Role = Literal[
    "village_reviewer", "commune_officer", "commune_leader", "province_viewer", "operator"
]
Verdict = Literal["pending", "clear", "blurry", "dark", "small", "lost"]
Needs = Literal["photo", "answer", "either"]


class Person(Record, frozen=True):
    """The declarant. `settled` is False while the spelling of the name waits for an officer."""

    id: int
    name: str | None = None
    birth_year: int | None = None
    settled: bool = True


class Consent(Record, frozen=True):
    """That a person agreed to one purpose; `text_version` names the exact words shown."""

    purpose: Purpose
    text_version: str
    given_at: datetime


class Evidence(Record, frozen=True):
    """One photo (minh chứng). `album` is the inbox id of the message that brought it."""

    id: str
    album: int
    verdict: Verdict
    criterion: str | None = None
    reason: str | None = None


class Reviewed(Record, frozen=True):
    """Points an officer gave to one indicator, with the reason (both points are kept)."""

    points: int
    reason: str


class ReturnItem(Record, frozen=True):
    """One thing asked for in a request for additions; `reason` is a code or the officer's words."""

    criterion: str
    reason: str
    note: str | None
    needs: Needs
    settled: bool = False


class Decision(Record, frozen=True):
    """What was decided last: the move, its reason in words, when and by whom (officer id)."""

    action: Literal["approve", "return", "reject"]
    reason: str | None
    at: datetime
    officer: int
    told: bool


class Declaration(Record, frozen=True):
    """One self-assessment (phiếu tự đánh giá) of one person, title and period.

    `version` grows with every change an officer could see; a decision names the version it saw.
    `village` is an official code; `village_text` what the person typed when the list had none.
    """

    id: int
    public_id: str
    title: str
    period: int
    criteria: str
    status: Status
    version: int
    commune: str
    village: str | None = None
    village_text: str | None = None
    code: str | None = None
    submitted_at: datetime | None = None
    return_by: date | None = None
    answers: Mapping[str, int] = field(default_factory=dict)
    evidence: tuple[Evidence, ...] = ()
    reviewed: Mapping[str, Reviewed] = field(default_factory=dict)
    items: tuple[ReturnItem, ...] = ()
    decision: Decision | None = None

    @property
    def photos(self) -> int:
        """How many photos the file holds that were not lost."""
        return sum(e.verdict != "lost" for e in self.evidence)

    @property
    def waits_for_photos(self) -> bool:
        """Whether a photo is still being looked at."""
        return any(e.verdict == "pending" for e in self.evidence)


@dataclass(frozen=True, slots=True)
class Officer:
    """Who may review: a role over a place (province 2 digits, commune 5, village commune-NNN)."""

    id: int
    name: str
    role: Role
    place: str
    locale: str = "vi"


@dataclass(frozen=True, slots=True)
class CommuneInfo:
    """What a commune says about itself: who answers, deadlines, whom to call.

    `difficult` is the flag of a difficult area with its legal source; it lowers the pass mark.
    """

    code: str
    controller: str | None = None
    reviewers: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    paper_place: str | None = None
    submit_by: date | None = None
    answer_by: date | None = None
    difficult: bool = False
    difficult_source: str | None = None


@dataclass(frozen=True, slots=True)
class Unsent:
    """The last notice to a person that has not reached them: on which channel, why, since when.

    `must_write`: only once the person writes again; `stopped`: they or the platform let nothing
    through; `quota`: the month's share is spent; `lost`: nobody knows, or it never will.
    """

    channel: str
    reason: Literal["must_write", "stopped", "quota", "waiting", "lost"]
    since: datetime


@dataclass(frozen=True, slots=True)
class File:
    """What an officer opens: the declaration, whose it is, and what should catch the eye."""

    declaration: Declaration
    person: Person
    village_name: str | None
    twins: int = 0
    unsent: Unsent | None = None


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One waiting file in one line. `days` is how long it waits."""

    id: int
    code: str
    ending: str
    name: str
    village: str | None
    title: str
    total: int
    photos: int
    blurry: int
    days: int


@dataclass(frozen=True, slots=True)
class Queue:
    """The officer's waiting files: counts over all, lines of the oldest."""

    waiting: int
    overdue: int
    lines: tuple[QueueLine, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Files of a place by status in one period."""

    place: str
    period: int
    by_status: Mapping[str, int]
