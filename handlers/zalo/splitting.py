"""Texts cut to what one message may hold: between paragraphs, lines, words, and at last letters.

Lengths are UTF-16 units, as Zalo counts (Zalo Bot API, sendMessage, `text_styles`).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_JOINER = "\u200d"
_SKINS = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)
# Where a text may be cut, the best first, and what stands there if both sides stay together.
# In a line of several choices ("1. Có   2. Không") a cut goes before a number.
_SEAMS = ((re.compile("\n"), "\n"), (re.compile(r" {3}(?=\d+\. )"), "\n"), (re.compile(" "), " "))


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text) + sum(c > "\uffff" for c in text)


def split_paragraphs(paragraphs: Sequence[str], limit: int) -> list[str]:
    """Return texts of at most `limit` units that hold `paragraphs` in order, as few as fit.

    A paragraph is only cut where it is too long for a message of its own.
    """
    pieces: list[str] = []
    for paragraph in paragraphs:
        pieces += [paragraph] if _fits(paragraph, limit) else _cut(paragraph, limit)
    return _pack(pieces, "\n", limit)


def shorten(text: str, limit: int) -> str:
    """Return `text` within `limit` units: whole words and an ellipsis where it was longer."""
    if _fits(text, limit):
        return text
    first = _pack(text.split(" "), " ", limit - 1)[0]
    if not _fits(first, limit - 1):
        first = _letters(first, limit - 1)[0]
    return f"{first.rstrip(' ,;:')}…"


def _cut(text: str, limit: int) -> list[str]:
    """Cut a text that is too long: at lines, choices, words, letters, whatever is coarse enough."""
    for seam, between in _SEAMS:
        parts = seam.split(text)
        if len(parts) > 1:
            small: list[str] = []
            for part in parts:
                small += [part] if _fits(part, limit) else _cut(part, limit)
            return _pack(small, between, limit)
    return _letters(text, limit)


def _letters(text: str, limit: int) -> list[str]:
    return _pack(_clusters(text), "", limit)


def _pack(parts: Iterable[str], between: str, limit: int) -> list[str]:
    """Join parts with `between` as long as they fit; a part is never cut here."""
    packed: list[str] = []
    for part in parts:
        longer = packed[-1] + between + part if packed else ""
        if packed and _fits(longer, limit):
            packed[-1] = longer
        else:
            packed.append(part)
    return packed


def _fits(text: str, limit: int) -> bool:
    return 2 * len(text) <= limit or units(text) <= limit


def _clusters(text: str) -> list[str]:
    """Return what a reader takes for letters: a base with its marks, a joined emoji, a flag."""
    clusters: list[str] = []
    for letter in text:
        if clusters and _belongs(clusters[-1], letter):
            clusters[-1] += letter
        else:
            clusters.append(letter)
    return clusters


def _belongs(cluster: str, letter: str) -> bool:
    if letter == _JOINER or cluster[-1] == _JOINER or ord(letter) in _SKINS:
        return True
    if len(cluster) == 1 and ord(cluster) in _FLAGS and ord(letter) in _FLAGS:
        return True
    return unicodedata.category(letter).startswith("M")
