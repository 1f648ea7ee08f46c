"""What a turn or a decision changes: values that `storage.effects.apply` writes in one go."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dialogs.model import Purpose, ReturnItem, Status
from dialogs.screen import Screen


@dataclass(frozen=True, slots=True)
class Show:
    """Say `screen`. `number` is its place in the conversation; None marks a mere remark.

    `reply_to` is the inbox id it answers when that is not the present one (an album).
    """

    screen: Screen
    number: int | None
    reply_to: int | None = None


@dataclass(frozen=True, slots=True)
class ConsentText:
    """The very words that were agreed to; `version` is a digest of them in every language."""

    version: str
    text: str
    locale: str


@dataclass(frozen=True, slots=True)
class BeginDeclaration:
    """Consent was given: keep it with the text shown, and open an empty draft."""

    title: str
    period: int
    criteria: str
    province: str
    commune: str
    village: str | None
    village_text: str | None
    public_id: str
    consent: ConsentText


@dataclass(frozen=True, slots=True)
class SetPerson:
    """Name and year of birth of the declarant."""

    person: int
    name: str | None
    birth_year: int | None
    settled: bool


@dataclass(frozen=True, slots=True)
class SetPlace:
    """Where the declaration belongs."""

    declaration: int
    province: str
    commune: str
    village: str | None
    village_text: str | None


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """Upsert of one answer: option `option` (from 0) of `criterion`."""

    declaration: int
    criterion: str
    option: int


@dataclass(frozen=True, slots=True)
class AttachEvidence:
    """Photos to be looked at; `files` are names in `incoming/`, `ids` theirs as evidence."""

    declaration: int
    files: tuple[str, ...]
    ids: tuple[str, ...]
    criterion: str | None


@dataclass(frozen=True, slots=True)
class DropEvidence:
    """Photos the person took back: row and file go."""

    declaration: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DropUploads:
    """Uploads that belong to nothing: the files in `incoming/` go."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class By:
    """Who moves a file: a citizen (officer None) or an officer, through `via` (chat or api)."""

    officer: int | None = None
    via: Literal["chat", "api", "command"] = "chat"


@dataclass(frozen=True, slots=True)
class Move:
    """A status move with its audit row, possible only at `version` and from `source`.

    `total` is the sum of points in force, kept beside the file for lists and sums.
    """

    declaration: int
    version: int
    source: Status
    target: Status
    action: str
    by: By
    at: datetime
    total: int | None = None
    code: str | None = None
    reason: str | None = None
    items: tuple[ReturnItem, ...] = ()
    return_by: date | None = None


@dataclass(frozen=True, slots=True)
class SettleItem:
    """The person did what was asked for `criterion`."""

    declaration: int
    criterion: str


@dataclass(frozen=True, slots=True)
class SetReviewed:
    """An officer's points for one indicator, with the reason; counts as a new version."""

    declaration: int
    version: int
    criterion: str
    points: int
    reason: str
    total: int
    by: By
    at: datetime


@dataclass(frozen=True, slots=True)
class CorrectFile:
    """An officer settles the spelling of a name or maps a typed village, on record."""

    declaration: int
    version: int
    by: By
    at: datetime
    name: str | None = None
    village: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleNotice:
    """Tell the declarant about the decision just made, not before `due`."""

    declaration: int
    version: int
    due: datetime


@dataclass(frozen=True, slots=True)
class CancelNotice:
    """Take back a notice that has not left; applying fails when it has."""

    declaration: int


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """The declarant has been told: verdicts may be shown from now on."""

    declaration: int


@dataclass(frozen=True, slots=True)
class TellOfficers:
    """A file came in at `place`; its officers hear of waiting files, once an hour at most."""

    commune: str
    village: str | None


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """A further purpose was agreed to, with the text shown."""

    person: int
    purpose: Purpose
    consent: ConsentText


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    """A purpose is no longer agreed to."""

    person: int
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing of this conversation stays: what was sent and said, person, file, photos.

    Refused consent, under age, erasure, a draft that rested too long. Only keyed hashes of event
    ids are left.
    """

    person: int | None
    reason: Literal["refused", "under_age", "erased", "expired"]


Effect = (
    Show
    | BeginDeclaration
    | SetPerson
    | SetPlace
    | SaveAnswer
    | AttachEvidence
    | DropEvidence
    | DropUploads
    | Move
    | SettleItem
    | SetReviewed
    | CorrectFile
    | ScheduleNotice
    | CancelNotice
    | NoticeTold
    | TellOfficers
    | GiveConsent
    | WithdrawConsent
    | Forget
)
