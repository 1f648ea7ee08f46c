"""What happened, as the engine understands it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Opened:
    """A person arrives, perhaps by a QR code of `place`, perhaps wishing a `locale`."""

    place: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A button of screen number `screen` was pressed."""

    choice: str
    screen: int


@dataclass(frozen=True, slots=True)
class Typed:
    """Words; `screen` is what the person looked at, where the channel knows."""

    text: str
    screen: int | None = None


@dataclass(frozen=True, slots=True)
class PhotosSent:
    """One or several photos as one answer; `files` wait in `incoming/`."""

    files: tuple[str, ...]
    screen: int | None = None


@dataclass(frozen=True, slots=True)
class PhotoSettled:
    """The media loop looked at a photo of `album`: it is kept or lost (see its evidence row)."""

    evidence: str
    album: int


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """The time has come to tell the person about decision number `decision`."""

    declaration: int
    decision: int


@dataclass(frozen=True, slots=True)
class FilesWait:
    """New files wait in the officer's place (told at most once an hour)."""


Event = Opened | Chosen | Typed | PhotosSent | PhotoSettled | NoticeDue | FilesWait
