"""What we say: one message with its choices, as marked text that a channel renders later."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import field

from dialogs.changes import Record

Accepts = Literal["choice", "text", "photo", "number", "date"]
Locale = str  # "vi", "en"


class Localised(Record, frozen=True):
    """A text that comes with its languages: `(("vi", "..."), ("en", "..."))`."""

    texts: tuple[tuple[Locale, str], ...]

    def get(self, locale: Locale) -> str:
        """Return the text in `locale`, else in the first language it has (Vietnamese)."""
        for language, text in self.texts:
            if language == locale:
                return text
        return self.texts[0][1]


class Msg(Record, frozen=True):
    """A text of the catalogues: `id` names it, `values` fill its `{name}` places.

    With `count` the catalogue's plural form for that number is taken, and `{count}` is filled.
    """

    id: str
    values: Mapping[str, "Value"] = field(default_factory=dict)
    count: int | None = None


class Lowered(Record, frozen=True):
    """`text` with a small first letter, to stand inside a sentence."""

    text: "Text"


class Joined(Record, frozen=True):
    """Texts in one line with `separator` between them."""

    parts: tuple["Text", ...]
    separator: str


class Fixed(Record, frozen=True, eq=False):
    """A text that stays, the same object for everybody: its words are made once in each language.

    For texts of criteria and catalogues that are made once; never with a person's words in it.
    """

    text: "Text"


# What a person wrote or an official name stands in a text as itself, so plain `str` is a Text too.
Text = Msg | Localised | Lowered | Joined | Fixed | str
Value = Text | int | date | datetime | tuple[Text, ...]


class Choice(Record, frozen=True):
    """One numbered option; `id` is stable inside its screen, its number is its position from 1."""

    id: str
    label: Text


class Progress(Record, frozen=True):
    """How far a person is: question `step` of `of`."""

    step: int
    of: int


class Picture(Record, frozen=True):
    """A kept photo shown with a screen: `id` of the evidence and its spoken description."""

    id: str
    alt: Text


class Standing(Record, frozen=True, eq=False):
    """The name of a question that stays as it is: how it looks need be made only once.

    It is known as the very object it is; `question` is for those who look for it in a debugger.
    """

    question: str


class Screen(Record, frozen=True):
    """One message out: `lines` are paragraphs, `note` holds hints such as "0 quay lại".

    `standing` names all of it but the lines, where that is the same for everybody.
    """

    lines: tuple[Text, ...]
    choices: tuple[Choice, ...] = ()
    accepts: tuple[Accepts, ...] = ("choice", "text")
    progress: Progress | None = None
    note: Text | None = None
    pictures: tuple[Picture, ...] = ()
    standing: Standing | None = None
