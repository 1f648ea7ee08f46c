"""A screen as the page takes it (see docs/contract.md, Screens)."""

from typing import Any

import msgspec

from dialogs.screen import Screen, Standing
from dialogs.state import State
from handlers.i18n import Words

BASES = {"citizen": "/chat", "officer": "/officer/chat"}
_ENCODER = msgspec.json.Encoder()


class _Head(msgspec.Struct):
    """What tells a question (its number) from a remark."""

    id: str


_HEAD = msgspec.json.Decoder(_Head)


def is_question(payload: str) -> bool:
    """Tell whether a rendered screen is a question; anything else is a remark beside it."""
    return _HEAD.decode(payload).id.isdigit()


class _Top(msgspec.Struct):
    """What differs from one message to the next."""

    id: str
    text: str


class Rendering:
    """Puts screens into JSON, and remembers how the questions of criteria sets look.

    Nothing of a person is remembered, and no more than there are questions and languages. It saves
    6 of the 10 us that a message took.
    """

    def __init__(self) -> None:
        self._standing: dict[tuple[Standing, str], bytes] = {}

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> str:
        """Return the JSON of a screen: plain text, choices whose position is their number."""
        locale = state.locale
        text = "\n".join([words.text(line, locale) for line in screen.lines])
        top = _ENCODER.encode(_Top(id, text))[:-1]
        if screen.standing is None:
            return (top + _rest(screen, words, state)).decode()
        rest = self._standing.get((screen.standing, locale))
        if rest is None:
            rest = self._standing[screen.standing, locale] = _rest(screen, words, state)
        return (top + rest).decode()


def _rest(screen: Screen, words: Words, state: State) -> bytes:
    """Return what follows the text in a screen's JSON, from the comma to the end."""
    locale = state.locale
    out: dict[str, Any] = {
        "choices": [{"id": c.id, "label": words.text(c.label, locale)} for c in screen.choices],
        "accepts": screen.accepts,
        "progress": None,
    }
    if screen.progress is not None:
        out["progress"] = {"step": screen.progress.step, "of": screen.progress.of}
    if screen.note is not None:
        out["note"] = words.text(screen.note, locale)
    if screen.pictures:
        out["photos"] = [_picture(p.id, words.text(p.alt, locale), state) for p in screen.pictures]
    return b"," + _ENCODER.encode(out)[1:]


def _picture(id: str, alt: str, state: State) -> dict[str, str]:
    address = f"{BASES[state.flow]}/evidence/{id}"
    return {"id": id, "thumb": f"{address}?size=thumb", "full": address, "alt": alt}
