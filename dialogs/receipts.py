"""Receipt codes (mã phiếu): `KH26-7F3K-2M`, made to be read out, written down and mistyped.

The last character checks the whole code: it catches any single wrong character and any two
neighbours swapped. Without vowels a Telex or VNI keyboard has nothing to put a mark on.
"""

import re
from collections.abc import Collection

from dialogs.folding import fold

# No 0 O D Q, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V W twins; an odd number of characters, see `_remainder`.
ALPHABET = "23456789CFHJKMNPRTVXY"
BODY_LENGTH = 4
TAIL_LENGTH = 2

_VALUES = {c: i for i, c in enumerate("0123456789CFHJKMNPRTVXY")}
# The remainder of a sound code; this one makes the code of every example, KH26-7F3K-2M, sound.
_SEAL = 9
_CODE = re.compile(rf"KH(\d\d)([{ALPHABET}]{{{BODY_LENGTH},12}})([{ALPHABET}]{{{TAIL_LENGTH}}})")
_ENDING = re.compile(rf"[{ALPHABET}]{{{TAIL_LENGTH},14}}")
# What stands between the characters of a code as people write, copy and quote it.
_BETWEEN = re.compile(r"[\s\-‐-―−.,_:/\"'“”‘’…]+")


def make_code(year: int, token: str, body: int = BODY_LENGTH) -> str:
    """Return the code that randomness `token` (hex, 16 characters or more) gives in `year`.

    `body` is the length of the middle group: 4 gives 4 million codes a year, each further
    character 21 times as many. Uniqueness is the caller's to ensure.
    """
    number = int(token, 16)
    drawn = []
    for _ in range(body + TAIL_LENGTH - 1):
        number, index = divmod(number, len(ALPHABET))
        drawn.append(ALPHABET[index])
    plain = f"KH{year % 100:02}{''.join(drawn)}"
    return _hyphened(plain + _check_character(plain))


def body_for(files: int) -> int:
    """Return the length of the middle group when there are `files` files at most.

    So long that a code drawn is new in ninety-nine of a hundred cases; the hundredth draws again.
    """
    length, codes = BODY_LENGTH, len(ALPHABET) ** (BODY_LENGTH + TAIL_LENGTH - 1)
    while files * 100 > codes:
        length, codes = length + 1, codes * len(ALPHABET)
    return length


def read_code(text: str) -> str | None:
    """Return the code `text` is, as on the receipt, or None: not a code, or mistyped."""
    plain = _plain(text)
    if not _CODE.fullmatch(plain) or _remainder(plain):
        return None
    return _hyphened(plain)


def read_ending(text: str) -> str | None:
    """Return the ending of a code that `text` is ("k2m" gives "K-2M"), or None."""
    plain = _plain(text)
    return _tail(plain, len(plain)) if _ENDING.fullmatch(plain) else None


def is_ending(text: str) -> bool:
    """Tell whether `text` can be the ending of a code, two characters or more."""
    return read_ending(text) is not None


def ending(code: str, others: Collection[str]) -> str:
    """Return the shortest ending of `code`, two characters or more, that none of `others` has."""
    plain = _plain(code)
    rest = {_plain(other) for other in others} - {plain}
    for length in range(TAIL_LENGTH, len(plain) - 3):
        if not any(other.endswith(plain[-length:]) for other in rest):
            return _tail(plain, length)
    return code


def _plain(text: str) -> str:
    return _BETWEEN.sub("", fold(text)).upper()


def _hyphened(plain: str) -> str:
    return f"{plain[:4]}-{plain[4:-TAIL_LENGTH]}-{plain[-TAIL_LENGTH:]}"


def _tail(plain: str, length: int) -> str:
    body, last = plain[-length:-TAIL_LENGTH], plain[-TAIL_LENGTH:]
    return f"{body}-{last}" if body else last


def _remainder(plain: str) -> int:
    """Return the sum of values weighted 1 and 2 in turn, less the seal; 0 for a sound code.

    The modulus is odd, so both weights have inverses (a wrong character changes the sum), and
    neighbours' weights differ by one (so does a swap).
    """
    weighted = (_VALUES[c] * (1 + n % 2) for n, c in enumerate(reversed(plain)))
    return (sum(weighted) - _SEAL) % len(ALPHABET)


def _check_character(plain: str) -> str:
    return next(c for c in ALPHABET if _remainder(plain + c) == 0)
