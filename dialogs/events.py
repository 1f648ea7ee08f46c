"""What happened, as the engine understands it."""

from dialogs.changes import Record


class Opened(Record, frozen=True):
    """A person arrives, perhaps by a QR code of `place`, perhaps wishing a `locale`."""

    place: str | None = None
    locale: str | None = None


class Chosen(Record, frozen=True):
    """A button of screen number `screen` was pressed."""

    choice: str
    screen: int


class Typed(Record, frozen=True):
    """Words; `screen` is what the person looked at, where the channel knows."""

    text: str
    screen: int | None = None


class PhotosSent(Record, frozen=True):
    """One or several photos as one answer; `files` wait in `incoming/`."""

    files: tuple[str, ...]
    screen: int | None = None


class PhotoSettled(Record, frozen=True):
    """The media loop looked at a photo of `album`: it is kept or lost (see its evidence row).

    `late`: not yet, because the photo store is away; nothing that was sent is lost.
    """

    evidence: str
    album: int
    late: bool = False


class NoticeDue(Record, frozen=True):
    """The time has come to tell the person about decision number `decision`."""

    declaration: int
    decision: int


class FilesWait(Record, frozen=True):
    """New files wait in the officer's place (told at most once an hour)."""


Event = Opened | Chosen | Typed | PhotosSent | PhotoSettled | NoticeDue | FilesWait
