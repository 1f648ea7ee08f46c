"""Find a village in its commune's list by what people call it: "tdp12", "thôn 3 Hòa Tiến cũ".

Only what is certain or a true choice is returned; mistyped names are not guessed at, since the
caller takes a single hit as the answer.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dialogs.folding import compose
from dialogs.listening.numerals import plain_digits, word_value
from dialogs.listening.spelling import Phrase, Word, Words, find, phrases, read_words, same
from dialogs.places import Village, VillageKind

LONGEST_TEXT = 120  # characters; longer is no village

_KINDS: tuple[tuple[str, frozenset[VillageKind]], ...] = (
    ("tổ dân phố | tổ dp | tổ dân cư | tổ nhân dân | tdp | tdc", frozenset({"residential_group"})),
    ("khu phố | khu dân cư | khu dc | kp | kdc", frozenset({"quarter"})),
    ("tiểu khu | tk | cụm dân cư | cụm", frozenset({"sub_quarter"})),
    ("thôn | village", frozenset({"village"})),
    ("tổ | tô | group", frozenset({"residential_group"})),
    ("khu", frozenset({"quarter", "sub_quarter"})),
    ("khóm", frozenset({"block"})),
    ("ấp | hamlet", frozenset({"hamlet"})),
    ("xóm", frozenset({"xom"})),
    ("làng", frozenset({"lang"})),
    ("bản", frozenset({"ban"})),
    ("buôn", frozenset({"buon"})),
    ("bon", frozenset({"bon"})),
    ("plei | plây | plơi | play", frozenset({"plei"})),
    ("sóc | phum sóc | phum", frozenset({"soc"})),
)
# One letter stands for a kind only before a number: "k.12", "t3".
_LETTERS: tuple[tuple[str, frozenset[VillageKind]], ...] = (
    ("k", frozenset({"quarter", "sub_quarter", "block"})),
    ("t", frozenset({"village", "residential_group"})),
    ("th", frozenset({"village"})),
    ("kh", frozenset({"block"})),
    ("x", frozenset({"xom"})),
    ("a", frozenset({"hamlet"})),
    ("b", frozenset({"ban", "buon"})),
)
_PHRASES = sorted(
    ((p, kinds, text) for text, kinds in _KINDS for p in phrases(text)), key=lambda x: -len(x[0])
)
_UPPER_UNIT = phrases("xã | phường | đặc khu | thị trấn | x | p | ph | tt")
_FILLERS = Words("tôi em ở tại nhà mình thuộc dạ con cháu thưa là")
_CLOSING = Words("ạ nhé nha đó")
_NUMBER_SIGN = Words("số so no number")
_FORMER = Words("cũ")
_TENS = Words("mươi mười")
_ROMAN = re.compile(r"(x{0,3})(ix|iv|v?i{0,3})")
_ROMAN_UNITS = {"ix": 9, "iv": 4}

Part = Word | int
Kinds = frozenset[VillageKind]


@dataclass(frozen=True, slots=True)
class _Form:
    """A name taken apart: kinds its local word stands for (empty: none was said), and the rest.

    `local_word` is equal for the ways to write one word: "kp" and "khu phố", but not "khu".
    """

    kinds: Kinds
    rest: tuple[Part, ...]
    local_word: str | None = None

    def is_named(self, other: "_Form") -> bool:
        """Whether `other`, a name of the list, has the rest that was typed here."""
        return len(self.rest) == len(other.rest) > 0 and all(map(_fits, self.rest, other.rest))

    def may_be(self, other: "_Form") -> bool:
        """Whether nothing typed here contradicts the local word of `other`."""
        return not self.kinds or not other.kinds or bool(self.kinds & other.kinds)

    def has_word_of(self, other: "_Form") -> bool:
        """Whether the local word typed here is the very word of `other`."""
        return self.local_word is not None and self.local_word == other.local_word

    def begins(self, other: "_Form") -> bool:
        """Whether two words or more were typed and `other` goes on after them."""
        size = len(self.rest)
        return 2 <= size < len(other.rest) and all(map(_fits, self.rest, other.rest))


@dataclass(frozen=True, slots=True)
class _Said:
    """What was typed, its part before a commune's name, and the former commune if one was named."""

    whole: tuple[Word, ...]
    words: tuple[Word, ...]
    former: tuple[Word, ...]


def match_villages(text: str, villages: Sequence[Village]) -> tuple[Village, ...]:
    """Return the villages `text` may mean, in the order of the list; () when none.

    One village is returned when it is certain: its number or name, the local word agreeing or no
    other village having that number. Namesakes are all returned; "Hòa Tiến cũ" picks among them.
    Typed diacritics must match. A bare number is a village's number here.
    """
    if len(text) > LONGEST_TEXT:
        return ()
    said = _read(text, villages)
    forms = (*_forms(said.whole), *_forms(said.words))
    ways = (_by_full_name, _by_name, _by_number_only, _by_beginning)
    for way in ways:
        hits = way(forms, villages)
        if hits:
            return _from_former(hits, said.former)
    inside = tuple(_forms(words) for words in _inner_names(said.words))
    hits = tuple(v for v in villages if any(_by_name(f, (v,)) for f in inside))
    return _from_former(hits, said.former)


def village_kind(name: str) -> VillageKind:
    """Return the kind a village's full name announces ("Tổ 12": residential_group), or "other"."""
    words = read_words(name)
    for phrase, kinds, _ in _PHRASES:
        if same(words[: len(phrase)], phrase):
            return sorted(kinds)[0]
    return "other"


def _by_full_name(forms: Sequence[_Form], villages: Sequence[Village]) -> tuple[Village, ...]:
    return tuple(
        v
        for v in villages
        if any(s.is_named(n) and s.has_word_of(n) for n in _village_forms(v) for s in forms)
    )


def _by_name(forms: Sequence[_Form], villages: Sequence[Village]) -> tuple[Village, ...]:
    return tuple(
        v
        for v in villages
        if any(s.is_named(n) and s.may_be(n) for n in _village_forms(v) for s in forms)
    )


def _by_number_only(forms: Sequence[_Form], villages: Sequence[Village]) -> tuple[Village, ...]:
    """Another local word than the place's own, said with a number or name that exists."""
    return tuple(
        v for v in villages if any(s.is_named(n) for n in _village_forms(v) for s in forms)
    )


def _by_beginning(forms: Sequence[_Form], villages: Sequence[Village]) -> tuple[Village, ...]:
    return tuple(
        v
        for v in villages
        if any(s.begins(n) and s.may_be(n) for n in _village_forms(v) for s in forms)
    )


def _from_former(hits: tuple[Village, ...], former: tuple[Word, ...]) -> tuple[Village, ...]:
    if not former:
        return hits
    return tuple(
        v for v in hits if v.old_commune is None or same(former, read_words(v.old_commune))
    )


def _read(text: str, villages: Iterable[Village]) -> _Said:
    """Part the village's own words from the commune named after it.

    A commune counts as the former one only where "cũ" was said: today's may bear the same name.
    """
    head, _, tail = compose(plain_digits(text)).partition(",")
    head, _, bracket = head.partition("(")
    whole = _without_fillers(read_words(head))
    after = read_words(f"{bracket} {tail}")
    at = next((i for i in range(1, len(whole)) if _starts_upper_unit(whole, i)), len(whole))
    words, after = whole[:at], whole[at:] + after
    for old in {v.old_commune for v in villages if v.old_commune}:
        name = read_words(old)
        ending = _without_former(words)
        if len(ending) > len(name) and same(ending[-len(name) :], name):
            words, after = ending[: -len(name)], words[len(ending) - len(name) :] + after
            break
    return _Said(whole, words, _former_name(after))


def _without_fillers(words: Sequence[Word]) -> tuple[Word, ...]:
    start = next((i for i, w in enumerate(words) if w not in _FILLERS), len(words))
    end = len(words)
    while end > start and not words[end - 1].bare and words[end - 1] in _CLOSING:
        end -= 1
    return tuple(w for w in words[start:end] if w not in _NUMBER_SIGN)


def _starts_upper_unit(words: Sequence[Word], at: int) -> bool:
    return at + 1 < len(words) and any(same(words[at : at + len(p)], p) for p in _UPPER_UNIT)


def _without_former(words: tuple[Word, ...]) -> tuple[Word, ...]:
    return words[:-1] if words and words[-1] in _FORMER else words


def _former_name(after: Sequence[Word]) -> tuple[Word, ...]:
    """Return the name before "cũ", without its type word; () when "cũ" was not said."""
    at = next((i for i, w in enumerate(after) if w in _FORMER), 0)
    name = tuple(after[:at])
    for phrase in _UPPER_UNIT:
        start = find(name, phrase)
        if start is not None:
            return name[start + len(phrase) :]
    return name


def _village_forms(village: Village) -> tuple[_Form, ...]:
    forms = _forms(read_words(plain_digits(village.name)))
    if any(f.kinds for f in forms) or village.kind == "other":
        return forms
    return tuple(_Form(frozenset({village.kind}), f.rest) for f in forms)


def _forms(words: tuple[Word, ...]) -> tuple[_Form, ...]:
    """Return the ways to read a name: whole, and with its local word taken off."""
    found = [_Form(frozenset(), rest) for rest in _rests(words)]
    for phrase, kinds, word in _PHRASES:
        if same(words[: len(phrase)], phrase):
            found += [_Form(kinds, rest, word) for rest in _rests(words[len(phrase) :])]
    for letter, kinds in _LETTERS:
        if len(words) > 1 and words[0].base == letter and words[0].bare:
            found += [_Form(kinds, r) for r in _rests(words[1:]) if isinstance(r[0], int)]
    return tuple(found)


def _rests(words: tuple[Word, ...]) -> tuple[tuple[Part, ...], ...]:
    """Return `words` with digits as int; and again with spoken and closing Roman numbers as int."""
    if not words:
        return ()
    plain = tuple(int(w.base) if _is_digits(w) else w for w in words)
    spoken, roman = _spoken(words), _roman(words[-1])
    ways = {plain: None}
    if spoken is not None:
        ways[(spoken,)] = None
    if roman is not None:
        ways[(*plain[:-1], roman)] = None
    return tuple(ways)


def _is_digits(word: Word) -> bool:
    return word.base.isascii() and word.base.isdigit() and len(word.base) < 5


def _inner_names(words: tuple[Word, ...]) -> Iterator[tuple[Word, ...]]:
    """Yield each village of "tổ 12 khu phố 3": the local words part them."""
    starts = [i for i in range(len(words)) if any(_is_at(words, i, p) for p, _, _ in _PHRASES)]
    if len(starts) > 1:
        for start, end in zip(starts, (*starts[1:], len(words)), strict=True):
            yield words[start:end]


def _is_at(words: tuple[Word, ...], at: int, phrase: Phrase) -> bool:
    follows = words[at + len(phrase) : at + len(phrase) + 1]
    return same(words[at : at + len(phrase)], phrase) and bool(follows)


def _fits(typed: Part, meant: Part) -> bool:
    if isinstance(typed, int) or isinstance(meant, int):
        return typed == meant
    return typed.base == meant.base and (typed.bare or typed == meant)


def _spoken(words: tuple[Word, ...]) -> int | None:
    """Read "ba", "mười hai", "hai mươi ba", "hai mươi mốt"; None for anything else."""
    values = [10 if w in _TENS else word_value(w) for w in words]
    match values:
        case [int(one)]:
            return one
        case [10, int(unit)] if unit < 10:
            return 10 + unit
        case [int(tens), 10] if 1 < tens < 10:
            return tens * 10
        case [int(tens), 10, int(unit)] if 1 < tens < 10 and unit < 10:
            return tens * 10 + unit
    return None


def _roman(word: Word) -> int | None:
    """Return the value of I to XXXIX, else None."""
    match = _ROMAN.fullmatch(word.base) if word.bare and word.base else None
    if match is None:
        return None
    units = match.group(2)
    return 10 * len(match.group(1)) + _ROMAN_UNITS.get(
        units, 5 * units.count("v") + units.count("i")
    )
