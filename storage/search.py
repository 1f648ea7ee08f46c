"""Find communes as people type them: the in-memory index over all 3,321.

Three ways, each tried only when the one before leaves doubt: the folded name (spaces, diacritics,
type word, abbreviations and province do not matter), part of a long name ("Đà Lạt"), and small
typing mistakes. A name alone is never an identity, so what is ambiguous is returned whole.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import cast

from dialogs.folding import fold
from dialogs.places import Commune, CommuneKind, PlaceHit, PlaceHits, Province, ProvinceKind
from storage.place_likeness import LEAST_LETTERS, Text, Texts, is_mistyped_type_word
from storage.place_query import (
    TYPE_WORDS,
    Agreement,
    Reading,
    Word,
    agreement,
    find_noise,
    join,
    join_marked,
    join_plain,
    kinds_announced,
    list_readings,
    read_words,
)
from storage.province_names import build_aliases

DATA = Path(__file__).parent / "data"

_OFFICIAL_CODE = re.compile(r"\s*(\d{5})\s*")
_LONGEST_NAME = 6  # words
_GLUED_TYPES = ("phuong", "dackhu", "xa", "p", "x")
# Levels of doubt, smallest first. From UNSURE on the query has not been understood whole.
NAMED, PART, FORMER, UNSURE, ELSEWHERE = range(5)
_LIKENESS_SPREAD = 8  # what is this much less alike than the best is noise
_OTHER_NAME_DOUBT = 10  # what a part or a former name adds to a doubtful match


@dataclass(frozen=True, slots=True)
class _Name:
    """One name a commune is found by: NAMED its own, PART of a long one, FORMER of what it took."""

    commune: Commune
    marked: str
    level: int = NAMED
    former: str | None = None


@dataclass(frozen=True, slots=True)
class _Match:
    """A commune a query may mean; `doubts` says what speaks against it, smallest first.

    doubts are its level, what is unexplained or mistyped in percent, and minus the letters found.
    """

    commune: Commune
    doubts: tuple[int, int, int]
    typed: str
    provinces: frozenset[str]
    name: _Name | None = None
    agrees: Agreement = Agreement.PLAIN
    other_kind: bool = False

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key; the code last, so that equal matches always come in the same order."""
        other_marks = self.name is None or self.typed != self.name.marked
        level, *rest = self.doubts
        no_province = not self.provinces
        marks = (-self.agrees, self.other_kind, other_marks)
        return (level, no_province, *rest, *marks, self.commune.code)

    @property
    def hit(self) -> PlaceHit:
        """The match as shown to the person, who has yet to confirm it."""
        return PlaceHit(self.commune, False, self.name.former if self.name else None)


class PlaceIndex:
    """All communes in force, searchable; immutable, a few MB, safe to share."""

    def __init__(
        self,
        provinces: Iterable[Province],
        communes: Iterable[Commune],
        former_provinces: Iterable[tuple[str, str]] = (),
        former_communes: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Index `communes`; the former units are (abolished name, code of what took it over)."""
        self._provinces = {p.code: p for p in provinces}
        self._communes = {c.code: c for c in communes}
        self._aliases = build_aliases(self._provinces.values(), former_provinces)
        former = ((name, self._communes[code]) for name, code in former_communes)
        self._names = _index_names(self._communes.values(), former)
        self._texts = {c.code: Text.of(c) for c in self._communes.values()}
        self._of_country = Texts.of(self._texts.values())
        by_province: defaultdict[str, list[Text]] = defaultdict(list)
        for text in self._texts.values():
            by_province[self._communes[text.code].province.code].append(text)
        self._of_province = {code: Texts.of(texts) for code, texts in by_province.items()}

    @staticmethod
    @lru_cache(maxsize=1)
    def load() -> "PlaceIndex":
        """Return the index over the lists in `storage/data`, read once per process."""
        provinces = {row[0]: _province(row) for row in _read_table("provinces.csv")}
        communes = [_commune(row, provinces) for row in _read_table("communes.csv")]
        former = (
            [(name, code) for name, code in _read_table(table)]
            for table in ("former_provinces.csv", "former_communes.csv")
        )
        return PlaceIndex(provinces.values(), communes, *former)

    def get(self, code: str) -> Commune | None:
        """Return the commune with this official 5-digit code."""
        return self._communes.get(code)

    def province(self, code: str) -> Province | None:
        """Return the province with this official 2-digit code."""
        return self._provinces.get(code)

    def provinces(self) -> tuple[Province, ...]:
        """Return the 34 provinces by code."""
        return tuple(self._provinces.values())

    def communes(self, province: str) -> tuple[Commune, ...]:
        """Return the communes of the province with this code, by code."""
        return tuple(c for c in self._communes.values() if c.province.code == province)

    def find(self, query: str, limit: int = 6, *, within: str | None = None) -> PlaceHits:
        """Return the communes `query` may mean, best first, at most `limit` of them.

        A hit is exact (and then the only one) when the query names that commune beyond doubt: by
        its official code, a name no other has, its diacritics, or its province. `within` is the
        code of a province already chosen. Garbage gives no hits.
        """
        code = _OFFICIAL_CODE.fullmatch(query) if len(query) <= 20 else None
        if code:
            return self._find_code(code.group(1), within)
        readings = list_readings(read_words(query), self._aliases)
        only = [r.provinces for r in readings if r.is_only_province and within is None]
        alone = only[0] if only else frozenset()
        matches = self._matches([r for r in readings if r.words], within, guess=not alone)
        sure = None if alone else _beyond_doubt(matches)
        if sure is not None:
            return PlaceHits((PlaceHit(sure.commune, True),), False, self._single(sure.provinces))
        meant = alone or (matches[0].provinces if matches else frozenset())
        hits = tuple(m.hit for m in matches[:limit])
        more = len(matches) > limit or (bool(alone) and not hits)
        return PlaceHits(hits, more, self._single(meant))

    def _single(self, codes: frozenset[str]) -> Province | None:
        return self._provinces[next(iter(codes))] if len(codes) == 1 else None

    def _find_code(self, code: str, within: str | None) -> PlaceHits:
        commune = self._communes.get(code)
        if commune is None or within not in (None, commune.province.code):
            return PlaceHits()
        return PlaceHits((PlaceHit(commune, True),), False, commune.province)

    def _matches(
        self, readings: Sequence[Reading], within: str | None, *, guess: bool
    ) -> list[_Match]:
        """All matches in order, each commune once; mistakes are looked for only when needed."""
        found = [m for r in readings for m in self._by_name(r, within)]
        if guess and not any(m.doubts[0] < UNSURE for m in found):
            # Without its province a mistyped name would match on the province's letters alone.
            usable = [r for r in readings if r.provinces] or readings
            found += [m for r in usable for m in self._by_likeness(r, within)]
        unique: dict[str, _Match] = {}
        for match in sorted(found, key=lambda m: m.order):
            if within in (None, match.commune.province.code):
                unique.setdefault(match.commune.code, match)
        return _worth_showing(list(unique.values()))

    def _by_name(self, reading: Reading, within: str | None) -> Iterator[_Match]:
        """Match every run of words that is a name or a part of one, the rest being explained."""
        provinces = frozenset({within}) if within else reading.provinces
        noise, abolished = find_noise(reading.words)
        kinds = kinds_announced(reading.words)
        letters = [
            0 if at in noise or at in abolished else len(word.folded)
            for at, word in enumerate(reading.words)
        ]
        for start, end in _runs(len(reading.words)):
            run = reading.words[start:end]
            part, size = run[0].part, len(join_plain(run))
            unexplained = sum(letters[:start]) + sum(letters[end:])
            here = sum(n for n, w in zip(letters, reading.words, strict=True) if w.part == part)
            if here - sum(letters[start:end]) > size * (3 if provinces else 1):
                continue
            unsure = unexplained + (start in abolished)
            for typed, kind, name in self._named(run):
                agrees = agreement(typed, name.marked)
                if reading.marks and typed == name.marked:
                    agrees = Agreement.EQUAL
                level = UNSURE if unsure or agrees is Agreement.CLASH else name.level
                if provinces and name.commune.province.code not in provinces:
                    level = ELSEWHERE
                doubt = 100 * unsure // (size + unsure)
                if level >= UNSURE:
                    doubt += _OTHER_NAME_DOUBT * name.level
                doubts = (level, doubt, -size)
                other = (kind or kinds.get(start, name.commune.kind)) != name.commune.kind
                yield _Match(name.commune, doubts, typed, provinces, name, agrees, other)

    def _named(self, run: tuple[Word, ...]) -> Iterator[tuple[str, CommuneKind | None, _Name]]:
        """Yield (what was typed, kind glued to it, name) for each name that `run` spells."""
        for key in {join(run), join_plain(run)}:
            for name in self._names.get(key, ()):
                yield join_marked(run), None, name
        for word in _GLUED_TYPES:
            if run[0].folded.startswith(word) and len(run[0].folded) > len(word):
                kind = TYPE_WORDS.get((word,), "special_zone")
                rest = (run[0].cut(len(word)), *run[1:])
                for name in self._names.get(join(rest), ()):
                    if len(word) > 1 or len(run) == 1:
                        yield join_marked(rest), kind, name

    def _by_likeness(self, reading: Reading, within: str | None) -> Iterator[_Match]:
        """Match names typed with small mistakes, whole query against name or name and province."""
        provinces = frozenset({within}) if within else reading.provinces
        noise, abolished = find_noise(reading.words)
        words = [w for at, w in enumerate(reading.words) if at not in noise | abolished]
        words = [w for w in words if not is_mistyped_type_word(w)]
        typed = join_plain(words)
        if len(typed) < LEAST_LETTERS:
            return
        lists = [self._of_province[code] for code in provinces] or [self._of_country]
        for texts in lists:
            for code, likeness in texts.alike(words):
                yield _Match(
                    self._communes[code], (UNSURE, 100 - likeness, 0), join_marked(words), provinces
                )


def _worth_showing(matches: list[_Match]) -> list[_Match]:
    """Drop what is clearly worse than the best.

    Names of today leave former names out. Beside names stay only names whose diacritics clash with
    those typed; beside a guess stay guesses about as good.
    """
    if not matches:
        return matches
    level, doubt, _ = matches[0].doubts
    certain = PART if level == NAMED else FORMER
    worst = 0 if level < UNSURE else doubt + _LIKENESS_SPREAD
    return [
        m
        for m in matches
        if m.doubts[0] <= certain
        or (UNSURE <= m.doubts[0] <= max(level, UNSURE) and m.doubts[1] <= worst)
    ]


def _beyond_doubt(matches: Sequence[_Match]) -> _Match | None:
    """Return the one match the query names, if no other has the same claim.

    Typed diacritics decide alone where they are all there; where some are there and others are
    missing, the person is asked. Without a province a name that begins a longer one ("Văn Miếu",
    "Hội An") is in doubt as well.
    """
    named = [m for m in matches if m.doubts[0] == NAMED]
    if any(m.provinces for m in named):
        named = [m for m in named if m.provinces]
    elif any(m.doubts[0] == PART for m in matches):
        return None
    equal = [m for m in named if m.agrees is Agreement.EQUAL]
    if equal:
        return equal[0] if len(equal) == 1 else None
    if len(named) == 1 and fold(named[0].typed) == named[0].typed:
        return named[0]
    return None


def _runs(count: int) -> Iterator[tuple[int, int]]:
    for start in range(count):
        for end in range(start + 1, min(start + _LONGEST_NAME, count) + 1):
            yield start, end


def _index_names(
    communes: Iterable[Commune], former: Iterable[tuple[str, Commune]]
) -> Mapping[str, tuple[_Name, ...]]:
    """Return by unspaced folded key: whole names, parts of those of 3 words up, former names."""
    index: defaultdict[str, list[_Name]] = defaultdict(list)
    for commune in communes:
        words = read_words(commune.name)
        for start, end in _runs(len(words)):
            run = words[start:end]
            whole = len(run) == len(words)
            if whole or (len(run) > 1 and len(words) > 2):
                _add(index, run, _Name(commune, join_marked(run), NAMED if whole else PART))
    for name, commune in former:
        words = read_words(name)
        _add(index, words, _Name(commune, join_marked(words), FORMER, name))
    return {key: tuple(names) for key, names in index.items()}


def _add(index: defaultdict[str, list[_Name]], words: tuple[Word, ...], name: _Name) -> None:
    for key in {join(words), join_plain(words)}:
        index[key].append(name)


def _read_table(name: str) -> list[list[str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]


def _province(row: Sequence[str]) -> Province:
    code, name, kind = row
    return Province(code, name, cast(ProvinceKind, kind))


def _commune(row: Sequence[str], provinces: Mapping[str, Province]) -> Commune:
    code, province, name, kind = row
    return Commune(code, name, cast(CommuneKind, kind), provinces[province])
