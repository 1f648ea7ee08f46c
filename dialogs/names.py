"""A name and a year of birth from one typed line, as people write them."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dialogs.folding import fold, has_diacritics
from dialogs.listening import syllables, telex
from dialogs.listening.namewords import cut_cue, cut_lead_in, cut_tail, is_whole, split_spoken_year
from dialogs.listening.numerals import plain_digits
from dialogs.listening.spelling import is_hostile
from dialogs.listening.years import (
    YearRead,
    find_year,
    read_animal_year,
    read_spoken_year,
    without_lunar,
)
from dialogs.listening.yesno import read_yes_no

__all__ = [
    "MAX_NAME",
    "BirthYear",
    "NameAndBirth",
    "Problem",
    "YearRead",
    "hide_numbers",
    "propose_spellings",
    "read_name_and_birth",
    "read_year",
    "read_yes_no",
]

Problem = Literal["empty", "one_word", "too_long", "not_a_name", "id_number", "year_impossible"]
MAX_NAME = 60  # characters, after composing
_MAX_LINE = 200
_LONG_NUMBER = re.compile(
    r"\+?\d{9,}|(?<!\d)"
    r"(?:\d{3}(?:[ .\-]\d{3}){2,3}|(?:0|\+?84[ .\-]?)\d{2,3}(?:[ .\-]\d{3,4}){2})(?!\d)"
)
_ID_LENGTHS = (9, 12)  # digits of the old identity card and of the citizen card
_SEAM = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
_STUCK_YEAR = re.compile(r"[^\W\d_]+(?:\d{2}|(?:19|20)\d{2})")
_APOSTROPHES = re.compile("[’‘ʼ`´ʻ]")
_IN_A_NAME = "'-."


@dataclass(frozen=True, slots=True)
class BirthYear:
    """What a text asked for a year alone gave: the year, or why not (both None: not understood)."""

    year: YearRead | None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NameAndBirth:
    """What one line gave. Parts that were not there are None.

    `marked`: the name carries diacritics. `certain` is False when the name was rebuilt from raw
    Telex or VNI or a word could be either name or "năm": show it and ask. `problem` says what to
    ask again; name and year that were readable are given beside it, an id number never.
    """

    name: str | None
    marked: bool = False
    year: YearRead | None = None
    problem: Problem | None = None
    certain: bool = True


def read_name_and_birth(text: str, today: date) -> NameAndBirth:
    """Read "nguyen thi hoa 65" in any order and dress; never raises."""
    if len(text) > _MAX_LINE:
        return NameAndBirth(None, problem="too_long")
    if is_hostile(text) or _is_foreign(text):
        return NameAndBirth(None, problem="not_a_name")
    line, has_id = _without_long_numbers(plain_digits(text))
    line, from_keys = _with_vni_rebuilt(line, today)
    name_part, year, problem, sure = _part(line, today)
    name, rebuilt = _clean(name_part)
    problem = "id_number" if has_id else problem or _name_problem(name, year, text)
    if len(name) > MAX_NAME or problem == "not_a_name":
        name = ""
    return NameAndBirth(
        name=name or None,
        marked=has_diacritics(name),
        year=year,
        problem=problem,
        certain=sure and not from_keys and not rebuilt,
    )


def read_year(text: str, today: date) -> BirthYear:
    """Read a year of birth asked alone: "1965", "65", "60 tuổi", "Ất Tỵ"; never raises."""
    if len(text) > _MAX_LINE or is_hostile(text):
        return BirthYear(None)
    line, has_id = _without_long_numbers(plain_digits(text))
    if has_id:
        return BirthYear(None, "id_number")
    line = _SEAM.sub(" ", line)
    found = find_year(line, today)
    if found:
        return BirthYear(found.read, None if found.read else "year_impossible")
    words = re.findall(r"[^\W\d_]+", without_lunar(line))
    for at in range(len(words) - 1):
        animal = read_animal_year(words[at : at + 2], today)
        if animal:
            return BirthYear(animal)
    while len(words) > 2 and fold(words[0]) in ("sinh", "nam", "sn", "toi", "em", "da"):
        words = words[1:]
    spoken = read_spoken_year(words)
    if spoken is not None:
        found = find_year(str(spoken), today)
        return BirthYear(found.read if found else None)
    return BirthYear(None, "year_impossible" if re.search(r"\d", line) else None)


def propose_spellings(name: str) -> tuple[str, ...]:
    """Return at most two marked spellings of a `name` typed without diacritics, likeliest first.

    Empty when it has marks already, is one word, or no syllable of it is known.
    """
    words = name.split()
    if has_diacritics(name) or not 2 <= len(words) <= 6:
        return ()
    return syllables.propose(tuple(words))


def _is_foreign(text: str) -> bool:
    """Whether a letter is of no Latin script: an identity card here has none."""
    return any(
        c.isalpha() and not unicodedata.name(c, "").startswith(("LATIN", "MODIFIER", "FULLWIDTH"))
        for c in text
    )


def hide_numbers(text: str, instead: str = "•••") -> str:
    """Return what was said without phone and identity numbers: nobody asked for them (script.md).

    >>> hide_numbers("Nguyễn Văn An 1965, 048065001234")
    'Nguyễn Văn An 1965, •••'
    """
    return _LONG_NUMBER.sub(instead, text)


def _without_long_numbers(line: str) -> tuple[str, bool]:
    """Return `line` without phone and id numbers, and whether an id number was among them."""
    lengths = [sum(c.isdigit() for c in m[0]) for m in _LONG_NUMBER.finditer(line)]
    return _LONG_NUMBER.sub(" ", line), any(n in _ID_LENGTHS for n in lengths)


def _with_vni_rebuilt(line: str, today: date) -> tuple[str, bool]:
    """Rebuild words typed in VNI; other digits that stick to a word are parted from it."""
    tokens = line.split()
    keyed = [t for t in tokens if not t.isdigit() and telex.rebuild(t.strip(",.;:"))]
    digits = [t for t in keyed if re.search(r"\d", t)]
    if len(digits) == 1 and _STUCK_YEAR.fullmatch(digits[0].strip(",.;:")):
        rest = " ".join(t for t in tokens if t != digits[0])
        if not find_year(_SEAM.sub(" ", rest), today):
            digits = []
    parts = [
        (telex.rebuild(t.strip(",.;:")) or t) + ("," if t[-1] in ",;" else "")
        if t in digits
        else _SEAM.sub(" ", t)
        for t in tokens
    ]
    return " ".join(parts), bool(digits)


def _part(line: str, today: date) -> tuple[str, YearRead | None, Problem | None, bool]:
    """Part a line into the name, the year, what is wrong with it, and whether that is sure."""
    found = find_year(line, today)
    if found is not None:
        before, sure = cut_cue(without_lunar(line[: found.start]))
        after = cut_lead_in(without_lunar(line[found.end :]))
        name = before if len(before.split()) >= 2 or not after else f"{before} {after}".strip()
        return name, found.read, None if found.read else "year_impossible", sure
    spoken = split_spoken_year(line)
    if spoken:
        read = find_year(str(spoken[1]), today)
        return cut_cue(spoken[0])[0], read.read if read else None, None, False
    words = without_lunar(line).replace(",", " ").split()
    animal = read_animal_year(words[-2:], today)
    before = cut_cue(" ".join(words[:-2]))[0]
    if animal and (is_whole(before) or not before):
        return before, animal, None, True
    odd = re.search(r"(?<!\d)(?:\d{3}|\d{5,})(?!\d)", line)
    return line, None, "year_impossible" if odd else None, True


def _clean(part: str) -> tuple[str, bool]:
    """Return the name inside `part`, and whether it was rebuilt from raw keys.

    Only letters, apostrophes, hyphens and dots stay; a name all small or all capital gets capitals.
    """
    line = _APOSTROPHES.sub("'", cut_tail(cut_lead_in(part)))
    kept = "".join(c if c.isalpha() or c in _IN_A_NAME or _is_mark(c) else " " for c in line)
    words = [w for raw in kept.split() if (w := raw.strip(_IN_A_NAME))]
    keyed = _rebuilt(words)
    if keyed:
        return " ".join(_capital(w) for w in keyed), True
    name = " ".join(words)
    shouted_or_whispered = name == name.lower() or name == name.upper()
    return " ".join(map(_capital, words)) if shouted_or_whispered else name, False


def _is_mark(c: str) -> bool:
    return unicodedata.category(c) == "Mn" and c not in "\ufe0e\ufe0f"


def _capital(word: str) -> str:
    """Return `word` with a capital at its beginning and after each apostrophe or hyphen."""
    return re.sub(r"(^|['\-.])([^\W\d_])", lambda m: m[1] + m[2].upper(), word.lower())


def _rebuilt(words: Sequence[str]) -> list[str] | None:
    """Return the words as their Telex keys mean them, None when they are no keys.

    Every word must come out a Vietnamese syllable, and more must speak for it than one short word.
    """
    if has_diacritics(" ".join(words)):
        return None
    made = [telex.rebuild(w) for w in words]
    changed = [w for w, m in zip(words, made, strict=True) if m]
    whole = all(
        m or telex.is_plain_syllable(w.casefold()) for w, m in zip(words, made, strict=True)
    )
    if not whole or not changed or (len(changed) == 1 and (len(changed[0]) < 4 or len(words) < 2)):
        return None
    return [m or w for w, m in zip(words, made, strict=True)]


def _name_problem(name: str, year: YearRead | None, text: str) -> Problem | None:
    if not name:
        return None if year else "not_a_name" if re.search(r"\w", text) else "empty"
    if len(name) > MAX_NAME:
        return "too_long"
    if "?" in text:
        return "not_a_name"
    return "one_word" if len(name.split()) < 2 else None
