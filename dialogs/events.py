"""What happened, as the engine understands it."""

from typing import Literal

from dialogs.changes import Record


class Opened(Record, frozen=True):
    """A person arrives, perhaps by a QR code of `place`, perhaps wishing a `locale`.

    `join` is the long word of a link from another channel of the same person.
    """

    place: str | None = None
    locale: str | None = None
    join: str | None = None


class Chosen(Record, frozen=True):
    """A button of screen number `screen` was pressed."""

    choice: str
    screen: int


class Typed(Record, frozen=True):
    """Words; `screen` is what the person looked at, where the channel knows."""

    text: str
    screen: int | None = None


class PhotosSent(Record, frozen=True):
    """One or several photos as one answer; `files` wait in `incoming/`.

    Where `sources` stand beside them, the bytes still lie at these addresses and are fetched under
    those names. `piece`: more of the same answer may come as further messages, soon.
    """

    files: tuple[str, ...]
    screen: int | None = None
    sources: tuple[str, ...] = ()
    piece: bool = False


class Unsupported(Record, frozen=True):
    """Something came that this channel does not give us, or that is no answer.

    `protected`: anything at all of somebody whom the platform protects, or a kind it hides.
    """

    kind: Literal["voice", "video", "file", "sticker", "location", "contact", "link", "protected"]


class ErasureAsked(Record, frozen=True):
    """The person asked the platform that everything of theirs be erased."""


class Linked(Record, frozen=True):
    """Another conversation, on `channel`, joined this person's, or left it (`joined` False)."""

    channel: str
    joined: bool


class Cut(Record, frozen=True):
    """This conversation was taken off its person, from another one of theirs."""


class PhotoSettled(Record, frozen=True):
    """The media loop looked at a photo of `album`: it is kept or lost (see its evidence row).

    `late`: not yet, because the photo store is away, or the platform from which it is fetched
    (`far`); nothing that was sent is lost. `photos` is how many an album in pieces had then (0: it
    came whole). `elsewhere`: another conversation of the same person sent it.
    """

    evidence: str
    album: int
    late: bool = False
    far: bool = False
    photos: int = 0
    elsewhere: bool = False


class NoticeDue(Record, frozen=True):
    """The time has come to tell the person about decision number `decision`."""

    declaration: int
    decision: int


class FilesWait(Record, frozen=True):
    """New files wait in the officer's place (told at most once an hour)."""


Event = (
    Opened
    | Chosen
    | Typed
    | PhotosSent
    | Unsupported
    | ErasureAsked
    | PhotoSettled
    | NoticeDue
    | FilesWait
    | Linked
    | Cut
)
