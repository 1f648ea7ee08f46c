"""What a kept event of Zalo means to the dialog, seen from where its person stands.

Zalo does not say which question somebody looked at. What was sent before the present question can
have been read is taken for an answer to the one before it (`screen` older than `state.first`).
"""

import re

from dialogs.commands import read_command
from dialogs.events import Chosen, ErasureAsked, Event, Opened, PhotosSent, Typed, Unsupported
from dialogs.folding import fold
from dialogs.listening.numerals import plain_digits
from dialogs.state import State
from handlers.channel import Unreadable
from handlers.zalo.parse import CAPTION, Attached, Unparsable, parse_bot, parse_oa
from storage.inbox import Kept

# Nobody reads a question and answers it in less (ms).
UNSEEN_MS = 1_000
# How long after free text a further message still belongs to it (ms), as the engine has it.
AMEND_MS = 3_000
# A platform's own time is believed when it lies at most this far back (ms): the longest ladder of
# repetitions takes less.
BELIEVED_MS = 2 * 3600 * 1000
# Where a picture is the answer; words under it are a note then.
_WANTS_PHOTOS = frozenset(("photos", "photo_check", "supplement"))
_PRESSED = re.compile(r"#d:([0-9]{1,9}):(\S{1,100})")
_START = re.compile(r"/?(?:bat dau|start)\s+(\S{2,40})")
_PLACE = re.compile(r"[0-9]{5}(?:-[0-9]{3})?")
_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".gif")
_NO_ANSWER = {
    "sticker": "sticker",
    "audio": "voice",
    "video": "video",
    "file": "file",
    "location": "location",
    "business_card": "contact",
    "link": "link",
}


def read_bot(message: Kept, state: State) -> Event:
    """Return what an update of the Bot Platform means; raises Unreadable."""
    try:
        event = parse_bot(message.raw)
    except Unparsable as error:
        raise Unreadable("zalo_bot") from error
    at_ms = _sent_ms(event.at_ms, message)
    match event.name:
        case "message.text.received":
            return _said(event.text, at_ms, state)
        case "message.image.received":
            return _pictures(message, state, event.text, (event.photo,), at_ms, piece=True)
        case "message.sticker.received":
            return _unsupported("sticker", state)
        case "message.voice.received":
            return _unsupported("audio", state)
        case "message.unsupported.received":
            # Whoever is protected can write nothing else, not even at the first contact.
            return Unsupported("protected")
        case name if name == CAPTION:
            return _caption(event.text, at_ms, state, piece=True)
    raise Unreadable("zalo_bot")


def read_oa(message: Kept, state: State) -> Event:
    """Return what an event of an Official Account means; raises Unreadable."""
    try:
        event = parse_oa(message.raw)
    except Unparsable as error:
        raise Unreadable("zalo_oa") from error
    at_ms = _sent_ms(event.at_ms, message)
    kind = event.name.removeprefix("user_send_")
    pictures = tuple(one.address for one in event.attached if is_picture(kind, one))
    match event.name:
        case "user_send_text":
            return _said(event.text, at_ms, state)
        case "follow":
            return Opened()
        case "user_withdraw":
            return ErasureAsked()
        case name if name == CAPTION:
            return _caption(event.text, at_ms, state)
    if kind in ("image", "gif") or pictures:
        return _pictures(message, state, event.text, pictures, at_ms)
    if event.name.startswith("user_send_") and kind in _NO_ANSWER:
        return _unsupported(kind, state)
    raise Unreadable("zalo_oa")


def is_picture(kind: str, attached: Attached) -> bool:
    """Tell whether what came in a `user_send_<kind>` is a picture: phones send them as files too.

    A link is one only where its address ends as a picture's does.
    """
    if not attached.address:
        return False
    if kind in ("image", "gif"):
        return True
    if kind == "file":
        of_type = attached.type.startswith("image/") or f".{attached.type}" in _IMAGES
        return of_type or attached.name.lower().endswith(_IMAGES)
    path = attached.address.partition("?")[0].partition("#")[0]
    return kind == "link" and path.lower().endswith(_IMAGES)


def _sent_ms(said_ms: int | None, message: Kept) -> int:
    """Return when a message was sent, by the platform where that can be, else by our own clock."""
    if said_ms is None or not message.at_ms - BELIEVED_MS <= said_ms <= message.at_ms:
        return message.at_ms
    return said_ms


def _said(text: str, at_ms: int, state: State) -> Event:
    """Return what somebody wrote, or pressed: a button comes back as its payload."""
    start = _START.fullmatch(fold(text))
    if state.screen == 0:
        if start is not None:
            return Opened(place=start[1])
        return Typed(text) if _is_invitation(text) else Opened()
    if pressed := _PRESSED.fullmatch(text.strip()):
        return Chosen(pressed[2], int(pressed[1]))
    if start is not None and _PLACE.fullmatch(start[1]):
        return Opened(place=start[1])
    return Typed(text, state.first - 1 if _is_early(text, at_ms, state) else state.screen)


def _is_early(text: str, at_ms: int, state: State) -> bool:
    """Tell whether this was sent before its person can have seen the present question."""
    if at_ms < state.asked_ms + UNSEEN_MS:
        return True
    spoken = state.spoken
    return spoken is not None and at_ms < spoken.at_ms + AMEND_MS and not _is_number(text)


def _is_number(text: str) -> bool:
    plain = plain_digits(text).rstrip(".")
    return plain.isascii() and plain.isdigit()


def _is_invitation(text: str) -> bool:
    """Tell whether somebody's very first words are a code given to them elsewhere."""
    command = read_command(text, "officer", free_text=False)
    if command is None or command.name not in ("join", "link"):
        return False
    return bool(command.code or command.argument)


def _pictures(
    message: Kept,
    state: State,
    words: str,
    sources: tuple[str, ...],
    at_ms: int,
    *,
    piece: bool = False,
) -> Event:
    """Return the pictures of a message; without any address its words are all there is."""
    if state.screen == 0:
        return Opened()
    sources = tuple(dict.fromkeys(source for source in sources if source))
    if not sources:
        if words:
            return _said(words, at_ms, state)
        raise Unreadable("picture")
    files = tuple(f"far-{message.id:012d}-{n:02d}" for n in range(len(sources)))
    return PhotosSent(files, None, sources, piece)


def _caption(text: str, at_ms: int, state: State, *, piece: bool = False) -> Event:
    """Return what words under a picture mean: a note where pictures are asked for, an answer else.

    A note says nothing more: photos without any file, which belong to those just sent.
    """
    if state.step in _WANTS_PHOTOS:
        return PhotosSent((), piece=piece)
    return _said(text, at_ms, state)


def _unsupported(kind: str, state: State) -> Event:
    return Opened() if state.screen == 0 else Unsupported(_NO_ANSWER[kind])  # type: ignore[arg-type]
