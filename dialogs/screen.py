"""What we say: one message with its choices, as marked text that a channel renders later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

Accepts = Literal["choice", "text", "photo", "number", "date"]
Locale = str  # "vi", "en"


@dataclass(frozen=True, slots=True)
class Localised:
    """A text that comes with its languages: `(("vi", "..."), ("en", "..."))`."""

    texts: tuple[tuple[Locale, str], ...]

    def get(self, locale: Locale) -> str:
        """Return the text in `locale`, else in the first language it has (Vietnamese)."""
        for language, text in self.texts:
            if language == locale:
                return text
        return self.texts[0][1]


@dataclass(frozen=True, slots=True)
class Msg:
    """A text of the catalogues: `id` names it, `values` fill its `{name}` places.

    With `count` the catalogue's plural form for that number is taken, and `{count}` is filled.
    """

    id: str
    values: Mapping[str, "Value"] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Lowered:
    """`text` with a small first letter, to stand inside a sentence."""

    text: "Text"


@dataclass(frozen=True, slots=True)
class Joined:
    """Texts in one line with `separator` between them."""

    parts: tuple["Text", ...]
    separator: str


# What a person wrote or an official name stands in a text as itself, so plain `str` is a Text too.
Text = Msg | Localised | Lowered | Joined | str
Value = Text | int | date | datetime | tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One numbered option; `id` is stable inside its screen, its number is its position from 1."""

    id: str
    label: Text


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person is: question `step` of `of`."""

    step: int
    of: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept photo shown with a screen: `id` of the evidence and its spoken description."""

    id: str
    alt: Text


@dataclass(frozen=True, slots=True)
class Screen:
    """One message out: `lines` are paragraphs, `note` holds hints such as "0 quay lại"."""

    lines: tuple[Text, ...]
    choices: tuple[Choice, ...] = ()
    accepts: tuple[Accepts, ...] = ("choice", "text")
    progress: Progress | None = None
    note: Text | None = None
    pictures: tuple[Picture, ...] = ()
