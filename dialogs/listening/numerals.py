"""Numbers as people type them: digits in any dress, words of any region, points, halves, lists."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dialogs.folding import compose
from dialogs.listening import wordlists
from dialogs.listening.spelling import Word, read_words

_ITEM = re.compile(r"[0-9]+(?:[.,][0-9]+)?|[^\W\d_]+|[/–—-]")
_LIST = re.compile(r"\W*[0-9]+(?:\s*[\s,;.\-–/]\s*[0-9]+){2,}\W*")
_MORE_DIGITS = 9  # no question of ours has a number this long
_BY_BASE = {word.base: value for word, value in wordlists.NUMBER_WORDS.items()}


@dataclass(frozen=True, slots=True)
class Single:
    """One number. `points`: said to be points; `hedged`: said with "câu", "chắc" and the like."""

    value: Decimal
    points: bool = False
    hedged: bool = False


@dataclass(frozen=True, slots=True)
class OutOf:
    """A number of another one: 8/10."""

    value: Decimal
    whole: Decimal


@dataclass(frozen=True, slots=True)
class Either:
    """One number or another: "2 hoặc 3", "2-3"."""

    low: Decimal
    high: Decimal
    points: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Several numbers in a row, as typed."""

    values: tuple[Decimal, ...]


Number = Single | OutOf | Either | Listing


def plain_digits(text: str) -> str:
    """Return `text` composed, with circled, full-width and keycap digits made plain ones."""
    wide = unicodedata.normalize("NFKC", text.replace("\N{KEYCAP TEN}", "10"))
    wide = re.sub("[\ufe0f\u20e3]", "", wide).replace("\N{FRACTION SLASH}", "/")
    return compose(
        "".join(
            str(unicodedata.digit(c, c)) if unicodedata.category(c) == "No" else c for c in wide
        )
    )


def word_value(word: Word) -> int | None:
    """Return the value of one number word ("bốn", "tu", "three") or of digits, else None."""
    if word.base.isascii() and word.base.isdigit() and len(word.base) < _MORE_DIGITS:
        return int(word.base)
    exact = wordlists.NUMBER_WORDS.get(word)
    return _BY_BASE.get(word.base) if exact is None and word.bare else exact


def read_number(text: str) -> Number | None:
    """Read `text` as a number with nothing beside it but small talk, else None.

    Expects text of bounded length; takes linear time.
    """
    plain = plain_digits(text)
    if _LIST.fullmatch(plain):
        return Listing(tuple(Decimal(d) for d in re.findall("[0-9]+", plain)))
    words = read_words(plain)
    hedged = any(w in wordlists.HEDGES and word_value(w) is None for w in words)
    items = [kept for raw in _ITEM.findall(plain) if (kept := _item(raw)) is not None]
    letter = _lettered(items, words)
    if letter is not None:
        return Single(Decimal(letter), hedged=True)
    if any(isinstance(i, Word) for i in items):
        return None
    return _shape(_join_tens(items), hedged)


def _item(raw: str) -> Decimal | int | str | Word | None:
    """Return a typed number, a spoken one as int, a sign of the shapes, a word, or nothing."""
    if raw[0] in "0123456789":
        return Decimal(raw.replace(",", "."))
    if raw in "–—-/":
        return "/" if raw == "/" else "-"
    words = read_words(raw)
    word = words[0] if words else Word("", "", "")
    value = word_value(word)
    if value is not None:
        return value
    for sign, table in _SIGNS.items():
        if word in table:
            return sign
    return None if word in wordlists.AROUND_NUMBERS or word in wordlists.HEDGES else word


_SIGNS = {
    "x": wordlists.TENS,
    "p": wordlists.POINT_UNITS,
    "h": wordlists.HALF,
    "/": wordlists.OUT_OF,
    ",": wordlists.COMMA,
    "-": wordlists.OR,
}


def _lettered(items: Sequence[object], words: Sequence[Word]) -> int | None:
    """Return the place of a letter said with "câu", "đáp án" and the like."""
    if len(items) != 1 or len(words) < 2 or not isinstance(items[0], Word):
        return None
    return wordlists.LETTERS.get(items[0].base) if items[0].bare else None


def _join_tens(items: Sequence[Decimal | int | str | Word | None]) -> list[Decimal | str]:
    """Join what was spoken as "mười hai" or "hai mươi ba"; digits stay as they were typed."""
    joined: list[Decimal | int | str] = []
    for item in items:
        last = joined[-1] if joined else None
        if isinstance(last, int) and (item == "x" or (type(item) is int and item == 10)):
            joined[-1] = last * 10
        elif isinstance(last, int) and isinstance(item, int) and last % 10 == 0 and item < 10:
            joined[-1] = last + item
        elif isinstance(item, Decimal | int | str):
            joined.append(item)
    return [Decimal(i) if isinstance(i, int) else i for i in joined]


def _shape(items: Sequence[Decimal | str], hedged: bool) -> Number | None:
    numbers = [i for i in items if isinstance(i, Decimal)]
    shape = "".join(i if isinstance(i, str) else "n" for i in items).lstrip("-")
    half = Decimal("0.5") if "h" in shape else Decimal(0)
    match shape:
        case "n" | "nh":
            return Single(numbers[0] + half, hedged=hedged)
        case "np" | "pn" | "nph" | "nhp" | "pnh":
            return Single(numbers[0] + half, points=True, hedged=hedged)
        case "n,n" | "n,np" if numbers[1] < 10:
            value = numbers[0] + numbers[1] / 10
            return Single(value, points=shape.endswith("p"), hedged=hedged)
        case "n/n" | "n/np" | "np/n" | "np/np":
            return OutOf(numbers[0], numbers[1])
        case "n-n" | "n-np" | "np-np":
            return Either(min(numbers), max(numbers), points=shape.endswith("p"))
        case _ if len(numbers) > 1 and shape == "n" * len(numbers):
            return Listing(tuple(numbers))
    return None
