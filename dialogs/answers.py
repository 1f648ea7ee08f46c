"""How people really answer: a typed text against the numbered options of the present question."""

from collections.abc import Sequence
from decimal import Decimal

from dialogs.changes import Record
from dialogs.listening import wordlists
from dialogs.listening.labels import (
    Labels,
    beginning,
    denied,
    exact,
    inside,
    keywords,
    mistyped,
    only,
    spelled_out,
    split_labels,
    variants,
)
from dialogs.listening.numerals import (
    Either,
    Listing,
    Number,
    OutOf,
    Single,
    plain_digits,
    read_number,
)
from dialogs.listening.spelling import (
    Phrase,
    contains_any,
    find,
    is_any,
    is_hostile,
    read_words,
    strip,
)
from dialogs.listening.yesno import read_said


class Option(Record, frozen=True):
    """One option as a person may say it: `labels` are its wordings in every language and aliases.

    `points` is what a level gives; None where options carry no points.
    """

    id: str
    labels: tuple[str, ...]
    points: int | None = None


class Picked(Record, frozen=True):
    """Sure: option `index`, counted from 0."""

    index: int


class Proposed(Record, frozen=True):
    """Likely option `index`: ask to confirm it."""

    index: int


class Between(Record, frozen=True):
    """Points that no option has: offer the two neighbours, always two different indexes."""

    lower: int
    upper: int


class ZeroAsked(Record, frozen=True):
    """A bare 0 at a level question: going back, or the lowest level?"""


class Several(Record, frozen=True):
    """Several numbers at once: the first, option `index`, answers this question only; say so."""

    index: int


class NoAnswer(Record, frozen=True):
    """The person leaves it to us ("sao cũng được"): show the options again."""


class WantsHelp(Record, frozen=True):
    """The person is lost, cannot read or cannot follow: explain, larger page, a person to call."""


class WantsOfficer(Record, frozen=True):
    """The person would rather talk about this question with an officer."""


class Unclear(Record, frozen=True):
    """Not understood: ask again with an example."""


Understood = (
    Picked
    | Proposed
    | Between
    | ZeroAsked
    | Several
    | NoAnswer
    | WantsHelp
    | WantsOfficer
    | Unclear
)


MAX_LENGTH = 300  # characters; a longer text is no answer to a numbered question


def understand(
    text: str, options: Sequence[Option], *, levels: bool = False, strict: bool = False
) -> Understood:
    """Say which of `options` a typed `text` means, by the rules of the script; never raises.

    `levels`: options are steps of one indicator, so points and a lone 0 have a meaning.
    `strict` (consent): Picked only by number, the label's own words or a clear yes or no; never
    Proposed, Between or Several, and a thumbs up is no consent.
    """
    if len(text) <= 2 and text.isascii() and text.isdigit():  # what nearly everybody sends
        if 1 <= int(text) <= len(options):
            return Picked(int(text) - 1)
        found = _by_number(Single(Decimal(text)), options, levels and not strict)
        if found is not None:
            return found
    if len(text) > MAX_LENGTH or is_hostile(text):
        return Unclear()
    if text.strip() and not text.strip(" ?!.\t\r\n"):
        return WantsHelp() if "?" in text else Unclear()
    number = read_number(text)
    words = read_words(plain_digits(text))
    split = split_labels(option.labels for option in options)
    if strict:
        found = _by_strict(number, text, words, options, split) or _instead(words)
    elif isinstance(number, Single):
        found = _by_number(number, options, levels) or _by_whole_label(words, split)
    else:
        found = _by_words(number, text, words, options, split, levels)
    return found or Unclear()


def _by_strict(
    number: Number | None, text: str, words: Phrase, options: Sequence[Option], split: Labels
) -> Understood | None:
    if isinstance(number, Single):
        whole = not (number.hedged or number.points) and 1 <= number.value <= len(options)
        return Picked(int(number.value) - 1) if whole and number.value % 1 == 0 else None
    index = exact(words, split)
    if index is not None:
        return Picked(index)
    answer = _by_yes_no(text, split)
    said = read_said(text)
    return answer if said and said.clear and said.sure else None


def _by_words(
    number: Number | None,
    text: str,
    words: Phrase,
    options: Sequence[Option],
    split: Labels,
    levels: bool,
) -> Understood | None:
    """Try the readings one after another, the surest first."""
    if whole := _by_whole_label(words, split):
        return whole
    if not levels and (answer := _by_yes_no(text, split)):
        return answer
    index = beginning(words, split) if words else None
    if index is not None:
        return Picked(index)
    if number is not None and (found := _by_numbers(number, options, levels)):
        return found
    if not words:
        return None
    return (
        _by_place(words, options)
        or (ZeroAsked() if levels and is_any(words, wordlists.ZERO) else None)
        or _instead(words)
        or _by_frequency(words, split)
        or _by_parts(words, split)
        or (_by_nothing(words, options, split) if levels else None)
    )


def _by_whole_label(words: Phrase, split: Labels) -> Understood | None:
    """A number above n may be a label itself: "1965" where years are offered."""
    index = exact(words, split)
    return None if index is None else Picked(index)


def _instead(words: Phrase) -> Understood | None:
    """Return what the person says instead of an answer."""
    full = spelled_out(words)
    bare = strip(full, wordlists.POLITE)
    if contains_any(full, wordlists.OFFICER_INSIDE):
        return WantsOfficer()
    if any(is_any(w, wordlists.HELP_WHOLE) for w in (words, full, bare)) or contains_any(
        full, wordlists.HELP_INSIDE
    ):
        return WantsHelp()
    if any(is_any(w, wordlists.NO_ANSWER_WHOLE) for w in (words, full, bare)) or contains_any(
        full, wordlists.NO_ANSWER_INSIDE
    ):
        return NoAnswer()
    return None


def _by_yes_no(text: str, split: Labels) -> Understood | None:
    yes = only(i for i, labels in enumerate(split) if _has_any(labels, wordlists.YES_LABELS))
    no = only(i for i, labels in enumerate(split) if _has_any(labels, wordlists.NO_LABELS))
    said = read_said(text)
    if said is None or yes is None or no is None:
        return None
    index = yes if said.yes else no
    return Picked(index) if said.sure else Proposed(index)


def _has_any(labels: Sequence[Phrase], table: Sequence[Phrase]) -> bool:
    return any(label in table for label in labels)


def _by_place(words: Phrase, options: Sequence[Option]) -> Understood | None:
    bare = strip(words, wordlists.POLITE)
    if options and is_any(bare, wordlists.FIRST):
        return Picked(0)
    return Picked(len(options) - 1) if options and is_any(bare, wordlists.LAST) else None


def _by_frequency(words: Phrase, split: Labels) -> Understood | None:
    """Find the option that says how often in other words."""
    typed = spelled_out(words)
    spans = [
        (len(phrase), often, at)
        for often in wordlists.FREQUENCIES
        for phrase in often.said
        if (at := find(typed, phrase)) is not None
    ]
    if not spans:
        return None
    longest, often, at = max(spans, key=lambda span: span[0])
    if any(n == longest and other is not often for n, other, _ in spans) or denied(typed, at):
        return Unclear()
    whole = only(i for i, labels in enumerate(split) if _has_any(labels, often.options))
    part = only(
        i for i, labels in enumerate(split) if any(contains_any(w, often.options) for w in labels)
    )
    if whole is not None:
        sure = often.sure and not contains_any(typed[:at], wordlists.NEARLY)
        return Picked(whole) if sure else Proposed(whole)
    return Unclear() if part is None else Proposed(part)


def _by_parts(words: Phrase, split: Labels) -> Understood | None:
    """Find the option of which a part was typed, or which stands in a longer sentence."""
    for found in (keywords(words, split), mistyped(words, split)):
        if found is not None:
            return Picked(found[0]) if found[1] else Proposed(found[0])
    index = inside(words, split)
    return None if index is None else Proposed(index)


def _by_nothing(words: Phrase, options: Sequence[Option], split: Labels) -> Understood | None:
    """Propose the lowest level to somebody who says that there was nothing."""
    typed = variants(words)[-1]
    if not options:
        return None
    lowest = min(range(len(options)), key=lambda i: options[i].points or 0)
    if is_any(typed, wordlists.NOTHING):
        return Proposed(lowest)
    denies = any(label[0] in wordlists.NOTHING_LABELS for label in split[lowest])
    short = len(typed) <= 4 and typed[0] in wordlists.NEGATIONS
    return Proposed(lowest) if denies and short else None


def _by_number(number: Single, options: Sequence[Option], levels: bool) -> Understood | None:
    """The law of the script: 1 to n is the option, only what is above n or said so is points."""
    value = number.value
    if not number.points and value == 0:
        return ZeroAsked() if levels else None
    if not number.points and 1 <= value <= len(options):
        if value % 1:
            return None
        index = int(value) - 1
        return Proposed(index) if number.hedged else Picked(index)
    return _by_points(value, options, spoken=number.points) if levels else None


def _by_numbers(number: Number, options: Sequence[Option], levels: bool) -> Understood | None:
    match number:
        case OutOf(value, whole) if levels:
            top = max((o.points for o in options if o.points is not None), default=None)
            if whole == top:
                return _by_points(value, options, spoken=True)
            fits = whole == len(options) and value % 1 == 0 and 1 <= value <= whole
            return Proposed(int(value) - 1) if fits else None
        case Either(low, high, points) if levels:
            found = (_by_number(Single(v, points), options, levels) for v in (low, high))
            return _neighbours([f.index for f in found if isinstance(f, Picked)])
        case Listing(values):
            first = _by_number(Single(values[0]), options, levels)
            if isinstance(first, Picked):
                return first if len(set(values)) == 1 else Several(first.index)
    return None


def _neighbours(indexes: Sequence[int]) -> Understood | None:
    if len(indexes) == 2 and abs(indexes[0] - indexes[1]) == 1:
        return Between(min(indexes), max(indexes))
    return None


def _by_points(value: Decimal, options: Sequence[Option], *, spoken: bool) -> Understood | None:
    """Return the option with these points, else its two neighbours; at the ends the last two.

    A bare number above all points is no points; "12 điểm" is, and gets the two highest.
    """
    scale = sorted((o.points, i) for i, o in enumerate(options) if o.points is not None)
    equal = [i for points, i in scale if points == value]
    if len(equal) == 1:
        return Picked(equal[0])
    if len(equal) > 1:
        return Between(equal[0], equal[1])
    if len(scale) < 2 or (not spoken and value > scale[-1][0]):
        return None
    above = sum(points <= value for points, _ in scale)
    at = min(max(above, 1), len(scale) - 1)
    lower, upper = scale[at - 1][1], scale[at][1]
    return Between(lower, upper)
