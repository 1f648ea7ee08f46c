"""Events of our own: how they are put into the inbox and read back."""

from typing import Literal

import msgspec

from dialogs.events import Cut, Event, FilesWait, Linked, NoticeDue, PhotoSettled

PREFIX = '{"internal"'
_PHOTO = '{"internal":"photo"'


class _Photo(msgspec.Struct, tag="photo", tag_field="internal"):
    evidence: str
    album: int
    late: bool = False
    far: bool = False
    photos: int = 0
    elsewhere: bool = False


class _Notice(msgspec.Struct, tag="notice", tag_field="internal"):
    declaration: int
    decision: int


class _Files(msgspec.Struct, tag="files_wait", tag_field="internal"):
    pass


class _Linked(msgspec.Struct, tag="linked", tag_field="internal"):
    channel: str
    joined: bool


class _Cut(msgspec.Struct, tag="cut", tag_field="internal"):
    pass


_DECODER = msgspec.json.Decoder(_Photo | _Notice | _Files | _Linked | _Cut)
Kind = Literal["photo", "notice"]


def photo_settled(event: PhotoSettled) -> str:
    """Return the raw form of "a photo was looked at"."""
    return msgspec.json.encode(_Photo(**msgspec.structs.asdict(event))).decode()


def notice_due(declaration: int, decision: int) -> str:
    """Return the raw form of "it is time to tell the decision"."""
    return msgspec.json.encode(_Notice(declaration, decision)).decode()


def is_internal(raw: str) -> bool:
    """Tell whether a raw message is one of our own (no door lets such a text in)."""
    return raw.startswith(PREFIX)


def is_notice(raw: str) -> bool:
    """Tell whether what a raw message leads to is news nobody asked for, no late answer."""
    return is_internal(raw) and not raw.startswith(_PHOTO)


def read_internal(raw: str) -> Event:
    """Return the event of a raw message of our own."""
    match _DECODER.decode(raw):
        case _Photo() as photo:
            return PhotoSettled(**msgspec.structs.asdict(photo))
        case _Notice(declaration=declaration, decision=decision):
            return NoticeDue(declaration, decision)
        case _Linked(channel=channel, joined=joined):
            return Linked(channel, joined)
        case _Cut():
            return Cut()
    return FilesWait()
