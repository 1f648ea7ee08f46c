"""Read what a person typed for a place: words, what is not a name, which province is meant.

Everything works on two aligned forms of each word: `marked` (lower case with diacritics) and
`folded` (without), character by character, so that typed diacritics can be honoured also where
spaces are missing ("hảichâu").
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from dialogs.folding import compose, fold
from dialogs.places import CommuneKind

MAX_QUERY = 200  # characters; a whole postal address is shorter
MAX_WORDS = 30

_JOINERS = "'’‘`´ʼ"
_BREAKS = re.compile(r"[,;\n\r\t/|]+")
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_I_OR_Y = re.compile(r"(?:[hklmst]|qu)y")
# Words and abbreviations for the type of a unit; the value is the kind it announces.
TYPE_WORDS: dict[tuple[str, ...], CommuneKind | None] = {
    ("phuong",): "ward",
    ("phg",): "ward",
    ("ph",): "ward",
    ("p",): "ward",
    ("f",): "ward",
    ("ward",): "ward",
    ("xa",): "commune",
    ("x",): "commune",
    ("commune",): "commune",
    ("dac", "khu"): "special_zone",
    ("dk",): "special_zone",
    ("thi", "tran"): None,  # a kind that no longer exists, still said
    ("tt",): None,
}
# Typed with these diacritics a word is the type word; with others ("phương", "xá") it is a name.
_TYPE_SPELLINGS = {
    "phường",
    "xã",
    "đặc",
    "thị",
    "trấn",
    "đk",
    "thành",
    "phố",
    "tỉnh",
    "quận",
    "huyện",
}
_PROVINCE_WORDS = (("thanh", "pho"), ("tp",), ("tinh",), ("t",), ("city",), ("province",))
# Levels abolished on 1 July 2025: what follows them says nothing about today's commune.
_ABOLISHED = (("thi", "xa"), ("tx",), ("quan",), ("q",), ("huyen",), ("h",))
_CITY = (("thanh", "pho"), ("tp",))
_FILLERS = {"toi", "em", "minh", "o", "tai", "nha", "thuoc"}
_COUNTRY = (("viet", "nam"), ("vietnam",), ("vn",))
_VILLAGE_WORDS = (
    *(("to", "dan", "pho"), ("khu", "pho"), ("tdp",), ("kp",), ("to",), ("thon",), ("ap",)),
    *(("khom",), ("xom",), ("ban",), ("buon",), ("lang",), ("khu",)),
)


class Agreement(IntEnum):
    """How the diacritics somebody typed agree with a name that folds to the same letters."""

    CLASH = 1  # a typed mark contradicts the name
    PLAIN = 2  # nothing typed contradicts it
    EQUAL = 3  # marks were typed, and all of them are the name's


@dataclass(frozen=True, slots=True)
class Word:
    """One typed word in two aligned forms, and the number of its comma-separated part."""

    marked: str
    folded: str
    part: int = 0

    def cut(self, start: int, end: int | None = None) -> "Word":
        """Return the part of this word between two character positions."""
        return Word(self.marked[start:end], self.folded[start:end], self.part)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a query: words left for the commune's name, provinces it may lie in.

    `provinces` is empty when this reading sees no province in the query. `marks` tells whether the
    person types diacritics at all, the province included: then "Thanh An" is not "Thạnh An".
    """

    words: tuple[Word, ...]
    provinces: frozenset[str] = frozenset()
    marks: bool = False

    @property
    def is_only_province(self) -> bool:
        """Whether nothing that could name a commune is left beside the province."""
        if not self.provinces or kinds_announced(self.words):
            return False
        return len(find_noise(self.words)[0]) == len(self.words)


@dataclass(frozen=True, slots=True)
class Alias:
    """A way to write a province: which codes it may mean, and its diacritics (None: short form)."""

    codes: frozenset[str]
    marked: str | None
    may_be_glued: bool = False  # a whole name, long enough to be found inside an unspaced word


def read_words(query: str) -> tuple[Word, ...]:
    """Return the words of `query`; none when it is longer than a place can be."""
    if len(query) > MAX_QUERY:
        return ()
    words: list[Word] = []
    for number, part in enumerate(_BREAKS.split(query)):
        words.extend(_read_part(compose(part).casefold(), number))
    return tuple(words) if len(words) <= MAX_WORDS else ()


def _read_part(text: str, number: int) -> Iterator[Word]:
    for piece in _pieces(text):
        marked = folded = ""
        for character in piece:
            plain = _fold_letter(character)
            if len(plain) == 1:
                marked, folded = marked + character, folded + plain
        if folded:
            yield Word(marked, folded, number)


@lru_cache(maxsize=512)
def _fold_letter(letter: str) -> str:
    return fold(letter)


def _pieces(text: str) -> list[str]:
    """Split into runs of letters and runs of digits; apostrophes inside a name join (M'Drắk)."""
    kept = "".join(
        character if character.isalnum() else "" if _joins(character) else " " for character in text
    )
    return re.findall(r"[^\W\d]+|\d+", kept)


def _joins(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) == "Mn"


def join(words: Iterable[Word]) -> str:
    """Return the folded words without spaces, with i for y where both spellings are usual.

    >>> join(read_words("Mĩ Tho")) == join(read_words("Mỹ Tho"))
    True
    """
    return "".join(w.folded[:-1] + "i" if _I_OR_Y.fullmatch(w.folded) else w.folded for w in words)


def join_plain(words: Iterable[Word]) -> str:
    """Return the folded words without spaces, letters as typed."""
    return "".join(w.folded for w in words)


def join_marked(words: Iterable[Word]) -> str:
    """Return the words with their diacritics, without spaces."""
    return "".join(w.marked for w in words)


def agreement(typed: str, name: str) -> Agreement:
    """Compare two unspaced marked forms that fold alike.

    A tone counts on either vowel of a pair: "hoà" is "hòa". Plain i and y are alike.
    """
    if fold(typed) == typed:
        return Agreement.PLAIN
    typed_letters, typed_tones = _split_tones(typed)
    letters, tones = _split_tones(name)
    missing = len(typed_tones) < len(tones)
    for ours, theirs in zip(typed_letters, letters, strict=False):
        if ours != theirs and {ours, theirs} != {"i", "y"}:
            if fold(theirs) != ours:
                return Agreement.CLASH
            missing = True
    if any(not _has_tone(tones, position, tone) for position, tone in typed_tones):
        return Agreement.CLASH
    return Agreement.PLAIN if missing else Agreement.EQUAL


def _has_tone(tones: list[tuple[int, str]], position: int, tone: str) -> bool:
    return any(t == tone and abs(p - position) <= 1 for p, t in tones)


def _split_tones(marked: str) -> tuple[list[str], list[tuple[int, str]]]:
    letters: list[str] = []
    tones: list[tuple[int, str]] = []
    for position, character in enumerate(marked):
        parts = unicodedata.normalize("NFD", character)
        tones.extend((position, p) for p in parts if p in _TONES)
        letters.append(unicodedata.normalize("NFC", "".join(p for p in parts if p not in _TONES)))
    return letters, tones


def _starts(words: tuple[Word, ...], at: int, phrase: tuple[str, ...]) -> bool:
    found = words[at : at + len(phrase)]
    return tuple(w.folded for w in found) == phrase and all(
        w.marked == w.folded or w.marked in _TYPE_SPELLINGS for w in found
    )


def kinds_announced(words: tuple[Word, ...]) -> dict[int, CommuneKind]:
    """Return, by position of the word that follows it, the kind a type word announces."""
    return {
        at + len(phrase): kind
        for at in range(len(words))
        for phrase, kind in TYPE_WORDS.items()
        if kind is not None and _starts(words, at, phrase)
    }


def find_noise(words: tuple[Word, ...]) -> tuple[set[int], set[int]]:
    """Return (positions that are no name, positions that name an abolished unit).

    No name: type words, fillers, a numbered village. An abolished unit is what follows "quận",
    "huyện", "thị xã", or "TP." in the middle, up to the next comma or type word.
    """
    noise: set[int] = set()
    abolished: set[int] = set()
    for at, word in enumerate(words):
        for phrase in (*TYPE_WORDS, *_PROVINCE_WORDS, *_ABOLISHED):
            if _starts(words, at, phrase):
                noise.update(range(at, at + len(phrase)))
        if word.folded in _FILLERS:
            noise.add(at)
        noise.update(_numbered_village(words, at))
        abolished.update(_abolished_unit(words, at))
    return noise, abolished - noise


def _numbered_village(words: tuple[Word, ...], at: int) -> range:
    for phrase in _VILLAGE_WORDS:
        end = at + len(phrase)
        if _starts_village(words, at, phrase) and end < len(words) and words[end].folded.isdigit():
            return range(at, end + 1)
    return range(0)


def _starts_village(words: tuple[Word, ...], at: int, phrase: tuple[str, ...]) -> bool:
    return tuple(w.folded for w in words[at : at + len(phrase)]) == phrase


def _abolished_unit(words: tuple[Word, ...], at: int) -> range:
    starters = (*_ABOLISHED, *_CITY) if at > 1 else _ABOLISHED
    for phrase in starters:
        if _starts(words, at, phrase):
            start = end = at + len(phrase)
            while end < len(words) and words[end].part == words[at].part:
                if any(_starts(words, end, other) for other in (*TYPE_WORDS, *_PROVINCE_WORDS)):
                    break
                end += 1
            return range(start, end)
    return range(0)


def list_readings(words: tuple[Word, ...], aliases: Mapping[str, Alias]) -> tuple[Reading, ...]:
    """Return all ways to see up to two province names (today's and the former) at the ends."""
    whole = Reading(_without_country(words), marks=any(w.marked != w.folded for w in words))
    once = dict.fromkeys(_without_province(whole, aliases))
    twice = dict.fromkeys(r for first in once for r in _without_province(first, aliases))
    return tuple(dict.fromkeys((whole, *once, *twice)))


def _without_country(words: tuple[Word, ...]) -> tuple[Word, ...]:
    ends = {len(p) for p in _COUNTRY if tuple(w.folded for w in words[-len(p) :]) == p}
    return words[: -max(ends)] if ends and len(words) > max(ends) else words


def _without_province(reading: Reading, aliases: Mapping[str, Alias]) -> Iterator[Reading]:
    for rest, province in _splits(reading.words):
        alias = aliases.get(join_plain(province))
        if alias is None or not _spelled_so(province, alias):
            continue
        if not _whole_words(reading.words, province) and not alias.may_be_glued:
            continue
        codes = alias.codes & reading.provinces if reading.provinces else alias.codes
        if codes:
            yield Reading(_without_province_word(rest), codes, reading.marks)


def _spelled_so(words: tuple[Word, ...], alias: Alias) -> bool:
    if alias.marked is None:
        return True
    return agreement(join_marked(words), alias.marked) is not Agreement.CLASH


def _whole_words(words: tuple[Word, ...], some: tuple[Word, ...]) -> bool:
    return some in (words[: len(some)], words[len(words) - len(some) :])


def _splits(words: tuple[Word, ...]) -> Iterator[tuple[tuple[Word, ...], tuple[Word, ...]]]:
    """Yield (rest, last words) and (rest, first words), cutting inside the border word as well."""
    for size in range(1, min(len(words), 6) + 1):
        at = len(words) - size
        yield words[:at], words[at:]
        yield words[size:], words[:size]
        border = words[at]
        for cut in range(2, len(border.folded) - 1):
            tail = (border.cut(cut), *words[at + 1 :])
            yield (*words[:at], border.cut(0, cut)), tail


def _without_province_word(words: tuple[Word, ...]) -> tuple[Word, ...]:
    for phrase in _PROVINCE_WORDS:
        at = len(words) - len(phrase)
        if at >= 0 and _starts(words, at, phrase):
            return words[:at]
        if at > 0 and _starts(words, 0, phrase):
            return words[len(phrase) :]
    return words
