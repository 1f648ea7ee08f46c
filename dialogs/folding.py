"""Folding: how two spellings of the same Vietnamese words are found to be the same."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
# Characters that print nothing (zero width, direction, other controls): never part of a word.
_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Cn"}


def compose(text: str) -> str:
    """Return `text` in NFC without invisible characters, runs of space made one, ends trimmed.

    Line breaks count as space. This is what the product stores and compares.
    """
    kept = "".join(
        c if unicodedata.category(c) not in _INVISIBLE else " " if c in "\r\n\t" else ""
        for c in unicodedata.normalize("NFC", text)
    )
    return _SPACES.sub(" ", kept).strip()


def fold(text: str) -> str:
    """Return `text` composed, lower case, without diacritics; đ becomes d.

    >>> fold("Phường Hải Châu, Đà Nẵng")
    'phuong hai chau, da nang'
    """
    lowered = compose(text).casefold().replace("đ", "d")
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def has_diacritics(text: str) -> bool:
    """Tell whether `text` carries any Vietnamese mark (tone, hat, horn, or the bar of đ)."""
    return fold(text) != compose(text).casefold()
