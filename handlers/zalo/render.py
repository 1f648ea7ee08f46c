"""A screen as Zalo takes it: text with a numbered list, and on an Official Account buttons too.

The list alone answers everything; buttons stand beside it and carry no authority (Zalo OA API,
consultation message: at most 5 buttons, title 100, payload 1,000 characters).
"""

import re
import unicodedata
from dataclasses import dataclass

import msgspec

from dialogs.screen import Choice, Msg, Screen, Standing
from dialogs.state import State
from handlers.i18n import Words
from handlers.numbered import number_choices
from handlers.zalo.splitting import shorten, split_paragraphs, units

# Controls, directions and line separators that could make a person's words look like ours.
_BREAKS = re.compile("[\t\v\f\r\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
# `@[id]` and `[@id]` are mentions in Zalo's groups; nothing of ours contains either.
_MENTION = re.compile(r"@(?=\[)|(?<=\[)@")


class Button(msgspec.Struct, frozen=True):
    """A button: what stands on it, and what comes back as text when it is pressed."""

    title: str
    payload: str


class Out(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message out. With `photo` (an evidence id) it is that picture and `text` its caption."""

    text: str
    buttons: tuple[Button, ...] = ()
    photo: str | None = None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Out)


def encode_out(out: Out) -> str:
    """Return the text under which a message out is kept."""
    return _ENCODER.encode(out).decode()


def decode_out(payload: str) -> Out:
    """Return the message that `encode_out` wrote."""
    return _DECODER.decode(payload)


@dataclass(frozen=True, slots=True)
class Surface:
    """What one surface of Zalo takes; lengths in UTF-16 units.

    `title` is what a phone shows of a button (Zalo takes 100), `row` how wide a line of several
    choices may be so that a phone shows it in one row.
    """

    text: int = 2_000
    buttons: int = 0
    title: int = 35
    payload: int = 1_000
    row: int = 44


BOT = Surface()
OA = Surface(buttons=5)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the lines of a screen; `titles` are those of its buttons."""

    progress: str
    tail: tuple[str, ...]
    titles: tuple[str, ...]


class Rendering:
    """Puts screens into messages of one surface, and remembers how standing questions look.

    Nothing of a person is remembered, and no more than there are questions and languages.
    """

    def __init__(self, surface: Surface) -> None:
        self._surface = surface
        self._standing: dict[tuple[Standing, str], _Frame] = {}

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return the messages of a screen: its pictures, then its text, buttons on the last.

        Only a question has buttons: its `id` is a number, a remark's is not.
        """
        locale, frame = state.locale, self._frame(screen, words, state.locale)
        lines = [clean(words.text(line, locale)) for line in screen.lines]
        if frame.progress and lines:
            lines[-1] = f"{frame.progress}. {lines[-1]}"
        # The question stays with its choices where the whole is too long for one message.
        whole = [*lines[:-1], "\n".join((*lines[-1:], *frame.tail))]
        texts = split_paragraphs(whole, self._surface.text)
        photos = [
            Out(clean(words.text(picture.alt, locale)), photo=picture.id)
            for picture in screen.pictures
        ]
        outs = [*photos, *map(Out, texts[:-1]), Out(texts[-1], self._buttons(screen, frame, id))]
        return tuple(encode_out(out) for out in outs)

    def _frame(self, screen: Screen, words: Words, locale: str) -> _Frame:
        if screen.standing is None:
            return self._framed(screen, words, locale)
        frame = self._standing.get((screen.standing, locale))
        if frame is None:
            frame = self._standing[screen.standing, locale] = self._framed(screen, words, locale)
        return frame

    def _framed(self, screen: Screen, words: Words, locale: str) -> _Frame:
        labels = [_in_one_line(words.text(c.label, locale)) for c in screen.choices]
        tail = number_choices(labels, self._surface.row)
        if screen.note is not None:
            tail.append(f"({clean(words.text(screen.note, locale))})")
        progress = ""
        titles: tuple[str, ...] = ()
        if screen.progress is not None:
            figures = {"step": screen.progress.step, "of": screen.progress.of}
            progress = words.text(Msg("web.progress", figures), locale)
        if 0 < len(labels) <= self._surface.buttons:
            titles = tuple(
                shorten(f"{n}. {label}", self._surface.title) for n, label in enumerate(labels, 1)
            )
        return _Frame(progress, tuple(tail), titles)

    def _buttons(self, screen: Screen, frame: _Frame, id: str) -> tuple[Button, ...]:
        if not frame.titles or not id.isdigit():
            return ()
        buttons = tuple(
            Button(title, payload_of(id, choice))
            for title, choice in zip(frame.titles, screen.choices, strict=True)
        )
        fits = all(units(button.payload) <= self._surface.payload for button in buttons)
        return buttons if fits else ()


def payload_of(id: str, choice: Choice) -> str:
    """Return what a button of screen `id` sends when it is pressed: `#d:<screen>:<choice>`."""
    return f"#d:{id}:{choice.id}"


def clean(text: str) -> str:
    """Return `text` composed (NFC), without unseen characters and without mentions."""
    if text.isascii() and text.isprintable() and "@" not in text:
        return text
    seen = _UNSEEN.sub("", _BREAKS.sub(" ", unicodedata.normalize("NFC", text)))
    return _MENTION.sub("@ ", seen)


def _in_one_line(label: str) -> str:
    return " ".join(clean(label).split())
