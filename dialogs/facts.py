"""What a turn may know: everything a pure function cannot fetch, handed in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from msgspec import field

from dialogs.changes import Record
from dialogs.criteria import CriteriaSet
from dialogs.model import (
    CommuneInfo,
    Consent,
    Counts,
    Declaration,
    File,
    Officer,
    Person,
    Queue,
)
from dialogs.periods import Calendar
from dialogs.places import Commune, PlaceHits, Village, place_label
from dialogs.screen import Msg, Text
from dialogs.state import State

T = TypeVar("T")


class Need(Record, Generic[T], frozen=True):
    """A question to storage whose answer is a `T`; compared by value."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A commune with its villages and its own word; `village` when a village code was asked."""

    commune: Commune
    village: Village | None
    villages: tuple[Village, ...]
    info: CommuneInfo

    @property
    def label(self) -> Msg:
        """The place in words: village, commune, province."""
        return place_label(self.commune, self.village)


@dataclass(frozen=True, slots=True)
class Held:
    """What is kept of a person beside the present file: messages, and files of other years."""

    messages: int
    since: datetime | None
    files: tuple[Declaration, ...] = ()


@dataclass(frozen=True, slots=True)
class Tries:
    """Words that led nowhere: the last five of this conversation (ms since 1970, oldest first), and
    how many there were in the whole installation within a quarter of an hour.
    """

    own: tuple[int, ...] = ()
    everywhere: int = 0


@dataclass(frozen=True, slots=True)
class LinkWord:
    """A word that joins channels: `kept` is the form in which it is kept.

    While it can be used: whose it is, with their file and consents, and where they stand on the
    `channel` on which they got it. Else `person` is None.
    """

    kept: str
    person: Person | None = None
    declaration: Declaration | None = None
    consents: tuple[Consent, ...] = ()
    state: State = dataclass_field(default_factory=State)
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Others:
    """A person's other conversations by channel; `first`: the present one was there before them."""

    channels: tuple[str, ...]
    first: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """An officer's invitation: `kept` is how it is kept; no `officer` where it cannot be used."""

    kept: str
    officer: Officer | None = None


@dataclass(frozen=True, slots=True)
class DeskLink:
    """A one-time link to the officer's chat on the web, good until a moment."""

    address: str
    until: datetime
    minutes: int


class PlaceOf(Need[PlaceFacts | None], frozen=True):
    """The place with this official code (commune or village)."""

    code: str


class FindPlaces(Need[PlaceHits], frozen=True):
    """Communes as people type them, within one province where that is known."""

    query: str
    within: str | None = None


class FindFiles(Need[tuple[File, ...]], frozen=True):
    """Submitted files within `scope` whose code is or ends with `ending` (five at most)."""

    scope: str
    ending: str


class WaitingFiles(Need[Queue], frozen=True):
    """What waits within `scope`."""

    scope: str


class CountFiles(Need[Counts], frozen=True):
    """Files by status within `scope` in `period`."""

    scope: str
    period: int


class LastDecided(Need[File | None], frozen=True):
    """The file this officer decided last, while its notice has not left."""

    officer: int


class HeldOf(Need[Held], frozen=True):
    """What is kept of the present person in this conversation."""

    person: int


class LinkBy(Need[LinkWord], frozen=True):
    """What a six-digit code or a long word leads to; `kept` instead, where that is known."""

    word: str = ""
    kept: str = ""


class TriesOf(Need[Tries], frozen=True):
    """The wrong words of the conversation in which message `inbox` came, and of everybody."""

    inbox: int


class OthersOf(Need[Others], frozen=True):
    """The conversations of a person beside the one in which message `inbox` came."""

    person: int
    inbox: int


class InvitationBy(Need[Invitation], frozen=True):
    """The officer's invitation with this code."""

    code: str


class AddressOf(Need[str], frozen=True):
    """The whole address of a path on our web site."""

    path: str


class DeskLinkBy(Need[DeskLink], frozen=True):
    """The one-time officer link that `token` will make."""

    token: str


class Missing(Exception):
    """A step asked for something that was not fetched yet."""

    def __init__(self, need: Need[Any]) -> None:
        super().__init__(type(need).__name__)
        self.need = need


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings the rules depend on."""

    minimum_age: int = 16
    notice_seconds: int = 60
    return_days: int = 10
    overdue_days: int = 5
    photos_max: int = 10


class Facts(Record, frozen=True):
    """The world of one turn. `wordings` gives a text in every language, for matching answers.

    `token` is fresh randomness (hex, 64 characters); `inbox` the id of the message at hand;
    `said_on` the day it reached us (None: today): whoever wrote before midnight was in time.
    `tells_screen`: the channel says which question a person looked at when answering.
    `arrived_ms` is when the message at hand reached us (ms since 1970).
    """

    now: datetime
    today: date
    token: str
    inbox: int
    rules: Rules
    sets: Mapping[str, CriteriaSet]
    open_titles: tuple[CriteriaSet, ...]
    wordings: Callable[[Text], tuple[str, ...]]
    channel: str = "web"
    person: Person | None = None
    consents: tuple[Consent, ...] = ()
    declaration: Declaration | None = None
    officer: Officer | None = None
    found: Mapping[Need[Any], Any] = field(default_factory=dict)
    calendar: Calendar = Calendar()
    said_on: date | None = None
    tells_screen: bool = True
    arrived_ms: int = 0
