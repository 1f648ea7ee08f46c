"""Years of birth as people say them: in full, two digits, a date, an age, the old calendar."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from dialogs.folding import fold
from dialogs.listening.numerals import word_value
from dialogs.listening.spelling import read_words

OLDEST = 120  # years; nobody is older
_STEMS = ("giap", "at", "binh", "dinh", "mau", "ky", "canh", "tan", "nham", "quy")
_BRANCHES = (
    "rat", "suu", "dan", "mao", "thin", "ty", "ngo", "mui", "than", "dau", "tuat", "hoi",
)  # fmt: skip
_BRANCH_NAMES = {"ti": "ty", "meo": "mao", "qui": "quy", "ki": "ky"}
_ADULT = 16
_MOST = 6  # years offered at once
_USUAL_AGE = 50  # among several years sixty or twelve apart the nearest to this age comes first

_DATE = re.compile(r"(?<!\d)\d{1,2}\s?[/.\- ]\s?\d{1,2}\s?[/.\- ]\s?(?P<year>\d{4}|\d{2})(?!\d)")
_SPOKEN_DATE = re.compile(
    r"(?:ngày|ngay)?\s*\d{1,2}\s*(?:tháng|thang)\s*\d{1,2}\s*,?\s*(?:năm|nam)?\s*(?P<year>\d{4}|\d{2})(?!\d)",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(?<!\d)(?P<month>0?[1-9]|1[0-2])\s?[/\-]\s?(?P<year>\d{4})(?!\d)")
_ISO = re.compile(r"(?<!\d)(?P<year>\d{4})-(?:\d{1,2})-(?:\d{1,2})(?!\d)")
_RUN = re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?P<year>(?:19|20)\d\d)(?!\d)")
_AGE = re.compile(r"(?<![\d\w])(?P<age>\d{1,3})\s*(?:tuổi|tuoi|t(?!\w)|years? old)", re.IGNORECASE)
_FOUR = re.compile(r"(?<!\d)(?P<year>\d{4})(?!\d)")
_TWO = re.compile(r"(?<!\d)(?P<year>\d{2})(?!\d)")
_LUNAR = re.compile(r"\(?(?:âm lịch|am lich|lịch âm|lich am|\bâl\b|\bAL\b)\)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class YearRead:
    """A year of birth; when not `certain`, ask with `candidates` (likeliest first, `year` in)."""

    year: int
    certain: bool = True
    candidates: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A year inside a text: what it is (None: impossible) and the place it takes there."""

    read: YearRead | None
    start: int
    end: int


def find_year(text: str, today: date) -> Found | None:
    """Find the one year of birth that `text` holds in digits, by date, by age; None when none.

    The surest form wins: a date, then an age, four digits, two digits.
    """
    found = _find_plain(text, today)
    lunar = _LUNAR.search(text)
    if found and found.read and lunar:
        year = found.read.year
        unsure = YearRead(year, False, tuple(y for y in (year, year + 1) if y <= today.year))
        return Found(unsure, found.start, found.end)
    return found


def without_lunar(text: str) -> str:
    """Return `text` without "âm lịch"."""
    return _LUNAR.sub(" ", text)


_Reader = Callable[[re.Match[str], date], YearRead | None]


def _find_plain(text: str, today: date) -> Found | None:
    for form, read in _FORMS:
        match = form.search(text)
        if match:
            return Found(read(match, today), match.start(), match.end())
    return None


def _read_written(match: re.Match[str], today: date) -> YearRead | None:
    """Read two or four digits; two that would make a child are the child's year, but asked."""
    digits = match["year"]
    if len(digits) == 4:
        return YearRead(int(digits)) if _is_possible(int(digits), today) else None
    century = today.year - today.year % 100
    year = century + int(digits)
    if year > today.year:
        return YearRead(year - 100)
    if today.year - year >= _ADULT:
        return YearRead(year)
    return YearRead(year, False, (year, year - 100))


def _read_age(match: re.Match[str], today: date) -> YearRead | None:
    """Read an age: before or after this year's birthday, or counted the old way with one more."""
    age = int(match["age"])
    if not 0 < age <= OLDEST:
        return None
    year = today.year - age
    return YearRead(year, False, (year, year - 1, year + 1))


_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_ISO, _read_written),
    (_DATE, _read_written),
    (_SPOKEN_DATE, _read_written),
    (_MONTH, _read_written),
    (_RUN, _read_written),
    (_AGE, _read_age),
    (_FOUR, _read_written),
    (_TWO, _read_written),
)


def _is_possible(year: int, today: date) -> bool:
    return today.year - OLDEST <= year <= today.year


def read_animal_year(words: Sequence[str], today: date) -> YearRead | None:
    """Read "Ất Tỵ" or, as two words, "tuổi Tỵ"; None when it is no year of the old calendar.

    Pairs repeat every sixty years, animals every twelve, so it is never certain.
    """
    if len(words) != 2:
        return None
    first, second = (_BRANCH_NAMES.get(fold(w), fold(w)) for w in words)
    branches = _branches(words[1], second)
    if first in _STEMS:
        stem = _STEMS.index(first)
        fitting = [(stem, b) for b in branches if stem % 2 == b % 2]
        years = [y for y in _span(today) if ((y - 4) % 10, (y - 4) % 12) in fitting]
    elif first in ("tuoi", "nam"):
        years = [y for y in _span(today) if (y - 4) % 12 in branches]
    else:
        return None
    ranked = sorted(years, key=lambda y: abs(today.year - y - _USUAL_AGE))[:_MOST]
    return YearRead(ranked[0], False, tuple(ranked)) if ranked else None


def _branches(typed: str, plain: str) -> list[int]:
    """Return the animals a word can be: "ty" without marks is the rat or the snake."""
    if plain != "ty":
        return [_BRANCHES.index(plain)] if plain in _BRANCHES else []
    rat, snake = 0, 5
    marked = typed.casefold()
    return [rat] if marked in ("tý", "tí") else [snake] if marked in ("tỵ", "tị") else [rat, snake]


def _span(today: date) -> range:
    """The years of birth of people who may make a declaration, a lifetime back."""
    return range(today.year - 100, today.year - _ADULT + 1)


def read_spoken_year(words: Sequence[str]) -> int | None:
    """Read two digits said as words, "sáu lăm" or "bảy mươi", as a number from 10 to 99."""
    digits = [w for w in words if fold(w) not in ("muoi",)]
    values = [word_value(read_words(w)[0]) if read_words(w) else None for w in digits]
    match values:
        case [int(tens), int(ones)] if tens < 10 and ones < 10:
            return tens * 10 + ones
        case [int(tens)] if len(words) == 2 and tens < 10:
            return tens * 10
    return None
