"""What a turn or a decision changes: values that `storage.effects.apply` writes in one go."""

from datetime import date, datetime
from typing import Literal

from dialogs.changes import Record
from dialogs.model import Officer, Purpose, ReturnItem, Status
from dialogs.screen import Screen


class Show(Record, frozen=True):
    """Say `screen`. `number` is its place in the conversation; None marks a mere remark.

    `reply_to` is the inbox id it answers when that is not the present one (an album).
    """

    screen: Screen
    number: int | None
    reply_to: int | None = None


class ConsentText(Record, frozen=True):
    """The very words that were agreed to; `version` is a digest of them in every language."""

    version: str
    text: str
    locale: str


class BeginDeclaration(Record, frozen=True):
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


class SetPerson(Record, frozen=True):
    """Name and year of birth of the declarant."""

    person: int
    name: str | None
    birth_year: int | None
    settled: bool


class SetPlace(Record, frozen=True):
    """Where the declaration belongs."""

    declaration: int
    province: str
    commune: str
    village: str | None
    village_text: str | None


class SaveAnswer(Record, frozen=True):
    """Upsert of one answer: option `option` (from 0) of `criterion`."""

    declaration: int
    criterion: str
    option: int


class AttachEvidence(Record, frozen=True):
    """Photos to be looked at; `files` are names in `incoming/`, `ids` theirs as evidence.

    Where `sources` stand beside them, the bytes are fetched from these addresses first. `album` is
    the one they join as number `first` and after (None: the present message begins it); while
    more of it may come, until `quiet_ms`, it is not answered.
    """

    declaration: int
    files: tuple[str, ...]
    ids: tuple[str, ...]
    criterion: str | None
    sources: tuple[str, ...] = ()
    album: int | None = None
    first: int = 0
    quiet_ms: int | None = None


class DropEvidence(Record, frozen=True):
    """Photos the person took back: row and file go."""

    declaration: int
    ids: tuple[str, ...]


class DropUploads(Record, frozen=True):
    """Uploads that belong to nothing: the files in `incoming/` go."""

    files: tuple[str, ...]


class By(Record, frozen=True):
    """Who moves a file: a citizen (officer None) or an officer, through `via` (chat or api)."""

    officer: int | None = None
    via: Literal["chat", "api", "command"] = "chat"


class Move(Record, frozen=True):
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


class SettleItem(Record, frozen=True):
    """The person did what was asked for `criterion`."""

    declaration: int
    criterion: str


class SetReviewed(Record, frozen=True):
    """An officer's points for one indicator, with the reason; counts as a new version."""

    declaration: int
    version: int
    criterion: str
    points: int
    reason: str
    total: int
    by: By
    at: datetime


class CorrectFile(Record, frozen=True):
    """An officer settles the spelling of a name or maps a typed village, on record."""

    declaration: int
    version: int
    by: By
    at: datetime
    name: str | None = None
    village: str | None = None


class ScheduleNotice(Record, frozen=True):
    """Tell the declarant about the decision just made, not before `due`."""

    declaration: int
    version: int
    due: datetime


class CancelNotice(Record, frozen=True):
    """Take back a notice that has not left; applying fails when it has."""

    declaration: int


class NoticeTold(Record, frozen=True):
    """The declarant has been told: verdicts may be shown from now on."""

    declaration: int


class TellOfficers(Record, frozen=True):
    """A file came in at `place`; its officers hear of waiting files, once an hour at most."""

    commune: str
    village: str | None


class GiveConsent(Record, frozen=True):
    """A further purpose was agreed to, with the text shown."""

    person: int
    purpose: Purpose
    consent: ConsentText


class WithdrawConsent(Record, frozen=True):
    """A purpose is no longer agreed to."""

    person: int
    purpose: Purpose


class Forget(Record, frozen=True):
    """Nothing of this conversation stays: what was sent and said, person, file, photos.

    Refused consent, under age, erasure, a draft that rested too long. Only keyed hashes of event
    ids are left.
    """

    person: int | None
    reason: Literal["refused", "under_age", "erased", "expired"]


class OfferLink(Record, frozen=True):
    """Words by which another channel may join `person` until a moment: (kind, kept form) each."""

    person: int
    words: tuple[tuple[Literal["code", "long"], str], ...]
    until: datetime


class RedeemLink(Record, frozen=True):
    """This conversation joins `person` by the word kept as `kept`; used already: a Conflict."""

    person: int
    kept: str


class WrongWord(Record, frozen=True):
    """A code of this conversation led nowhere; what was typed is not kept."""


class LeavePerson(Record, frozen=True):
    """This conversation, or all others, no longer belong to `person`; what was said there goes."""

    person: int
    which: Literal["this", "others"]


class AcceptInvitation(Record, frozen=True):
    """This conversation becomes the officer's desk; an invitation used already is a Conflict."""

    officer: Officer
    kept: str


class LeaveDesk(Record, frozen=True):
    """This conversation is no officer's any more."""


class GiveDeskLink(Record, frozen=True):
    """A one-time link to the web desk is given out; only a hash of `token` is kept."""

    officer: int
    token: str
    until: datetime


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
    | OfferLink
    | RedeemLink
    | WrongWord
    | LeavePerson
    | AcceptInvitation
    | LeaveDesk
    | GiveDeskLink
)
