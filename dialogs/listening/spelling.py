"""Vietnamese words as people spell them: what was typed must fit, what was left out may be missing.

A word is compared letter by letter with its quality marks (ă â đ ê ô ơ ư) and, for the whole
syllable, its tone; so "hòa" and "hoà" are one word, and so are "kỹ" and "kĩ".
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from dialogs.folding import compose

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_QUALITIES = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}
# People write i or y at the end of these syllables as they like (kỹ, kĩ; lý, lí).
_FINAL_Y = re.compile(r"(?<=[hklmst])y$")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_MARKUP = re.compile(r"<[^>]*>|\{\{|\{%|\$\{|https?:|www\.|javascript:", re.IGNORECASE)


class Word(NamedTuple):
    """A word taken apart: plain letters, one quality mark or "." per letter, tone or ""."""

    base: str
    marks: str
    tone: str

    @property
    def bare(self) -> bool:
        """Whether no mark at all was typed."""
        return not self.tone and not self.marks.strip(".")


def _take_apart(word: str) -> Word:
    letters: list[str] = []
    marks: list[str] = []
    tone = ""
    for c in unicodedata.normalize("NFD", word.casefold()):
        if c == "đ":
            letters.append("d")
            marks.append("-")
        elif c in _TONES:
            tone = c
        elif letters and c in _QUALITIES:
            marks[-1] = _QUALITIES[c]
        elif letters and unicodedata.category(c) == "Mn":
            marks[-1] = c  # a mark that is no Vietnamese mark fits nothing
        else:
            letters.append(c)
            marks.append(".")
    return Word(_FINAL_Y.sub("i", "".join(letters)), "".join(marks), tone)


def read_words(text: str) -> tuple[Word, ...]:
    """Return the words and whole numbers of `text` in order, punctuation left out."""
    return tuple(_take_apart(w) for w in _WORD.findall(compose(text)))


@lru_cache(maxsize=4096)
def label_words(label: str) -> tuple[Word, ...]:
    """Return `read_words` of a wording of ours, kept for the next time."""
    return read_words(label)


def fits(typed: Word, meant: Word) -> bool:
    """Tell whether `typed` is `meant`, with all its marks or with none."""
    return typed.base == meant.base and (typed.bare or typed == meant)


def fits_partly(typed: Word, meant: Word) -> bool:
    """Tell whether every mark that was typed stands in `meant` too ("hăng" for "hằng")."""
    return (
        typed.base == meant.base
        and typed.tone in ("", meant.tone)
        and all(t in (".", m) for t, m in zip(typed.marks, meant.marks, strict=True))
    )


def fits_with_typo(typed: Word, meant: Word) -> bool:
    """Tell whether one slip of the finger separates two words of four letters or more.

    The marks that were typed must all be marks of `meant`, so a slip never turns "dừng" to "đúng".
    """
    return (
        min(len(typed.base), len(meant.base)) >= 4
        and not (typed.base + meant.base).isdigit()
        and typed.tone in ("", meant.tone)
        and set(typed.marks) <= {".", *meant.marks}
        and is_one_slip(typed.base, meant.base)
    )


def is_one_slip(a: str, b: str) -> bool:
    """Tell whether one letter added, lost, changed or two neighbours swapped make `a` into `b`.

    This is Damerau-Levenshtein distance 1 exactly; equal words are no slip.
    """
    if a == b or abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < min(len(a), len(b)) and a[i] == b[i]:
        i += 1
    rest_a, rest_b = a[i:], b[i:]
    swapped = rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:]
    changed = rest_a[1:] == rest_b[1:]
    return changed or rest_a[1:] == rest_b or rest_a == rest_b[1:] or swapped


class Words(Collection[Word]):
    """A set of words asked "is this typed word one of you?", as `fits` answers it."""

    def __init__(self, text: str) -> None:
        """Take the words from `text`, parted by space."""
        self._words = frozenset(read_words(text))
        self._bases = frozenset(w.base for w in self._words)

    def __contains__(self, typed: object) -> bool:
        return isinstance(typed, Word) and (
            typed in self._words or (typed.bare and typed.base in self._bases)
        )

    def __iter__(self) -> Iterator[Word]:
        return iter(self._words)

    def __len__(self) -> int:
        return len(self._words)


Phrase = tuple[Word, ...]


def phrases(text: str) -> tuple[Phrase, ...]:
    """Read a table of phrases parted by "|" or line ends."""
    return tuple(words for p in re.split(r"[|\n]", text) if (words := read_words(p)))


def same(typed: Sequence[Word], meant: Sequence[Word]) -> bool:
    """Tell whether all words fit one by one."""
    return len(typed) == len(meant) and all(map(fits, typed, meant))


def is_any(typed: Sequence[Word], table: Iterable[Phrase]) -> bool:
    """Tell whether the whole of `typed` is one phrase of `table`."""
    return any(same(typed, phrase) for phrase in table)


def find(typed: Sequence[Word], phrase: Phrase) -> int | None:
    """Return where `phrase` begins inside `typed`, or None."""
    n = len(phrase)
    starts = range(len(typed) - n + 1)
    return next((i for i in starts if same(typed[i : i + n], phrase)), None)


def contains_any(typed: Sequence[Word], table: Iterable[Phrase]) -> bool:
    """Tell whether one phrase of `table` stands somewhere in `typed`."""
    return any(find(typed, phrase) is not None for phrase in table)


def strip(typed: Sequence[Word], fillers: Words) -> tuple[Word, ...]:
    """Return `typed` without `fillers` at its ends; all fillers leave it as it was."""
    left, right = 0, len(typed)
    while left < right and typed[left] in fillers:
        left += 1
    while right > left and typed[right - 1] in fillers:
        right -= 1
    return tuple(typed[left:right] or typed)


def is_hostile(text: str) -> bool:
    """Tell whether `text` holds markup, template code, an address, or heaps of marks."""
    return _MARKUP.search(text) is not None or _is_heaped(text)


def _is_heaped(text: str) -> bool:
    run = 0
    for c in unicodedata.normalize("NFD", text):
        run = run + 1 if unicodedata.category(c) == "Mn" and c != "\ufe0f" else 0
        if run > 2:
            return True
    return False
