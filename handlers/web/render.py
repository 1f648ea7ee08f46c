"""A screen as the page takes it (see docs/contract.md, Screens)."""

from typing import Any

import msgspec

from dialogs.screen import Screen
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


def render(screen: Screen, *, id: str, words: Words, state: State) -> str:
    """Return the JSON of a screen: plain text, choices whose position is their number."""
    locale = state.locale
    out: dict[str, Any] = {
        "id": id,
        "text": "\n".join(words.text(line, locale) for line in screen.lines),
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
    return _ENCODER.encode(out).decode()


def _picture(id: str, alt: str, state: State) -> dict[str, str]:
    address = f"{BASES[state.flow]}/evidence/{id}"
    return {"id": id, "thumb": f"{address}?size=thumb", "full": address, "alt": alt}
