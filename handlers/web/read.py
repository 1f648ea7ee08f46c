"""The web's raw messages: what the page posts, as it is kept and as it is understood."""

import msgspec

from dialogs.events import Chosen, Event, Opened, PhotosSent, Typed
from dialogs.state import State
from handlers.channel import Unreadable
from storage.inbox import Kept


class OpenedRaw(msgspec.Struct, tag="open", tag_field="t", omit_defaults=True):
    """The page was opened, perhaps with a place, a language, or a link from another channel."""

    place: str | None = None
    locale: str | None = None
    join: str | None = None


class ChosenRaw(msgspec.Struct, tag="choice", tag_field="t"):
    """A button was pressed."""

    screen: str
    choice: str


class TypedRaw(msgspec.Struct, tag="text", tag_field="t", omit_defaults=True):
    """Something was typed."""

    text: str
    screen: str | None = None


class PhotosRaw(msgspec.Struct, tag="photos", tag_field="t", omit_defaults=True):
    """Photos were uploaded; `files` are their names in `incoming/`."""

    files: tuple[str, ...]
    screen: str | None = None


Raw = OpenedRaw | ChosenRaw | TypedRaw | PhotosRaw
_DECODER = msgspec.json.Decoder(Raw)
_ENCODER = msgspec.json.Encoder()


def encode(raw: Raw) -> str:
    """Return the text under which a message is kept in the inbox."""
    return _ENCODER.encode(raw).decode()


def screen_number(screen: str | None) -> int | None:
    """Return the number of a question from its id on the page; remarks have none."""
    return int(screen) if screen and screen.isascii() and screen.isdigit() else None


def read(message: Kept, _state: State) -> Event:
    """Return the event a kept message of the page stands for."""
    try:
        raw = _DECODER.decode(message.raw)
    except msgspec.MsgspecError as error:
        raise Unreadable("web") from error
    match raw:
        case OpenedRaw(place=place, locale=locale, join=join):
            return Opened(place, locale, join)
        case ChosenRaw(screen=screen, choice=choice):
            return Chosen(choice, screen_number(screen) or 0)
        case TypedRaw(text=text, screen=screen):
            return Typed(text, screen_number(screen))
    return PhotosSent(raw.files, screen_number(raw.screen))
