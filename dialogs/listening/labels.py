"""Which option a person means by words: its label in full, in part, or with a slip."""

from collections.abc import Callable, Iterable, Sequence

from dialogs.listening import wordlists
from dialogs.listening.spelling import (
    Phrase,
    Word,
    find,
    fits,
    fits_partly,
    fits_with_typo,
    is_any,
    label_words,
    same,
    strip,
)

Labels = Sequence[Sequence[Phrase]]  # for each option its wordings, taken apart


def split_labels(options: Iterable[Sequence[str]]) -> Labels:
    """Take the labels of each option apart; labels without a word are left out."""
    return [[words for label in option if (words := label_words(label))] for option in options]


def variants(words: Phrase) -> list[Phrase]:
    """Return what was typed in the ways to try: as is, without politeness, short forms in full."""
    bare, full = strip(words, wordlists.POLITE), spelled_out(words)
    return list(dict.fromkeys((words, bare, full, strip(full, wordlists.POLITE))))


def spelled_out(words: Phrase) -> Phrase:
    """Return `words` with the short forms of chat and dialect in full ("ko" is "không")."""
    return tuple(wordlists.SHORT_FORMS.get(w, w) for w in words)


def only(found: Iterable[int]) -> int | None:
    """Return the one index that was found; None when there is none or more than one."""
    indexes = list(found)
    return indexes[0] if len(indexes) == 1 else None


def exact(words: Phrase, labels: Labels) -> int | None:
    """Return the option one of whose labels was typed whole; true marks win over left out ones."""
    for typed in variants(words):
        marked = only(i for i, wordings in enumerate(labels) if typed in wordings)
        if marked is not None and not all(w.bare for w in typed):
            return marked
        hits = [i for i, wordings in enumerate(labels) if is_any(typed, wordings)]
        if hits:
            return marked if len(hits) > 1 and _is_marked_elsewhere(words) else only(hits)
        joined = only(i for i, wordings in enumerate(labels) if _joined(typed, wordings))
        if joined is not None:
            return joined
    return None


def _is_marked_elsewhere(words: Phrase) -> bool:
    """Whether the person types marks at all, so that a word without any means just that."""
    return any(not w.bare for w in words)


def _joined(typed: Phrase, wordings: Sequence[Phrase]) -> bool:
    """Whether one run of letters is a label without its spaces ("hangtuan")."""
    return (
        len(typed) == 1
        and typed[0].bare
        and any(
            len(label) > 1 and typed[0].base == "".join(w.base for w in label) for label in wordings
        )
    )


def _says_little(typed: Phrase) -> bool:
    """Whether this is one word that stands in too many labels to mean one."""
    return len(typed) == 1 and (typed[0] in wordlists.COMMON or typed[0] in wordlists.NEGATIONS)


def beginning(words: Phrase, labels: Labels) -> int | None:
    """Return the one option with a label that begins with what was typed."""
    for typed in variants(words):
        if _says_little(typed):
            continue
        hits = [
            i
            for i, wordings in enumerate(labels)
            if any(same(typed, label[: len(typed)]) for label in wordings)
        ]
        if hits:
            return only(hits)
    return None


def inside(words: Phrase, labels: Labels) -> int | None:
    """Return the option whose label stands whole inside what was typed, the longest label winning.

    A label right after "không" or "chưa" does not count; two labels of one length are no answer.
    """
    typed = variants(words)[-1]
    spans = [
        (len(label), i)
        for i, wordings in enumerate(labels)
        for label in wordings
        if (at := find(typed, label)) is not None and not denied(typed, at)
    ]
    longest = max((n for n, _ in spans), default=0)
    return only({i for n, i in spans if n == longest})


def denied(typed: Phrase, at: int) -> bool:
    """Tell whether one of the two words before place `at` says no."""
    return any(w in wordlists.NEGATIONS for w in typed[max(0, at - 2) : at])


def keywords(words: Phrase, labels: Labels) -> tuple[int, bool] | None:
    """Return the one option that has all words typed, and whether they are half of its label."""
    for typed in variants(words):
        if _says_little(typed):
            continue
        shares = {i: s for i, w in enumerate(labels) if (s := _share(typed, w, fits)) > 0}
        if shares:
            index = only(shares)
            return None if index is None else (index, shares[index] >= 0.5)
    return None


Fit = Callable[[Word, Word], bool]


def _share(typed: Phrase, wordings: Sequence[Phrase], fit: Fit) -> float:
    """Return how much of the best label `typed` covers if that label has all its words, else 0."""
    return max(
        (
            len(typed) / len(label)
            for label in wordings
            if len(typed) <= len(label) and all(any(fit(t, m) for m in label) for t in typed)
        ),
        default=0.0,
    )


def _loosely(typed: Word, meant: Word) -> bool:
    return fits(typed, meant) or fits_partly(typed, meant) or fits_with_typo(typed, meant)


def mistyped(words: Phrase, labels: Labels) -> tuple[int, bool] | None:
    """Return the one option nearly typed, and whether only one word slipped and no mark lacks."""
    for typed in variants(words):
        whole = [
            (i, sum(not fits(t, m) for t, m in zip(typed, label, strict=True)))
            for i, wordings in enumerate(labels)
            for label in wordings
            if len(label) == len(typed) and all(map(_loosely, typed, label))
        ]
        if whole:
            fewest = min(slips for _, slips in whole)
            index = only({i for i, slips in whole if slips == fewest})
            return (
                None if index is None else (index, fewest == 1 and _by_slip(typed, labels[index]))
            )
    typed = variants(words)[-1]
    if _says_little(typed):
        return None
    index = only(i for i, wordings in enumerate(labels) if _share(typed, wordings, _loosely) > 0)
    return None if index is None else (index, False)


def _by_slip(typed: Phrase, wordings: Sequence[Phrase]) -> bool:
    """Whether a label is reached by slips alone, no mark missing."""
    return any(
        len(label) == len(typed)
        and all(fits(t, m) or fits_with_typo(t, m) for t, m in zip(typed, label, strict=True))
        for label in wordings
    )
