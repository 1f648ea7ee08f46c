"""Events of our own: how they are put into the inbox and read back."""

from typing import Literal

import msgspec

from dialogs.events import Event, FilesWait, NoticeDue, PhotoSettled

PREFIX = '{"internal"'


class _Photo(msgspec.Struct, tag="photo", tag_field="internal"):
    evidence: str
    album: int
    late: bool = False


class _Notice(msgspec.Struct, tag="notice", tag_field="internal"):
    declaration: int
    decision: int


class _Files(msgspec.Struct, tag="files_wait", tag_field="internal"):
    pass


_DECODER = msgspec.json.Decoder(_Photo | _Notice | _Files)
Kind = Literal["photo", "notice"]


def photo_settled(evidence: str, album: int, *, late: bool = False) -> str:
    """Return the raw form of "a photo was looked at" (`late`: it will be, but not soon)."""
    return msgspec.json.encode(_Photo(evidence, album, late)).decode()


def notice_due(declaration: int, decision: int) -> str:
    """Return the raw form of "it is time to tell the decision"."""
    return msgspec.json.encode(_Notice(declaration, decision)).decode()


def is_internal(raw: str) -> bool:
    """Tell whether a raw message is one of our own (no door lets such a text in)."""
    return raw.startswith(PREFIX)


def read_internal(raw: str) -> Event:
    """Return the event of a raw message of our own."""
    match _DECODER.decode(raw):
        case _Photo(evidence=evidence, album=album, late=late):
            return PhotoSettled(evidence, album, late)
        case _Notice(declaration=declaration, decision=decision):
            return NoticeDue(declaration, decision)
    return FilesWait()
