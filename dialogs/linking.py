"""Words by which one person joins several channels: how they are drawn, who may still try one.

A six-digit code can be guessed, so tries are counted: five wrong ones of a conversation within a
quarter of an hour, and it has to use the long link for an hour; sixty of all conversations
together, and codes rest for everybody until the quarter of an hour is over. The long word of a link
(128 bits) nobody guesses: it always works.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dialogs.facts import Tries

GOOD_FOR = timedelta(minutes=15)
WINDOW_MS = 15 * 60_000
OWN_MOST = 5
LOCKED_MS = 60 * 60_000
EVERYWHERE_MOST = 60
CODE_LENGTH = 6
LONG_LENGTH = 32


def draw_code(token: str) -> str:
    """Return the six digits that a fresh token (hex) draws."""
    return f"{int(token[:16], 16) % 10**CODE_LENGTH:0{CODE_LENGTH}d}"


def draw_long(token: str) -> str:
    """Return the long word, 32 hex digits, that a fresh token draws; apart from its code's part."""
    return token[16 : 16 + LONG_LENGTH]


def is_code(word: str) -> bool:
    """Tell whether a word has the form of a six-digit code."""
    return len(word) == CODE_LENGTH and word.isascii() and word.isdigit()


def is_locked(own: Sequence[int], now: datetime) -> bool:
    """Tell whether a conversation tried too often; `own` are its last five wrong words (ms)."""
    if len(own) < OWN_MOST or own[-1] - own[-OWN_MOST] > WINDOW_MS:
        return False
    return _ms(now) - own[-1] < LOCKED_MS


def tries_left(own: Sequence[int], now: datetime) -> int:
    """Return how many wrong words are left after one more now."""
    lately = sum(_ms(now) - at_ms <= WINDOW_MS for at_ms in own)
    return max(OWN_MOST - lately - 1, 0)


def is_resting(tries: Tries) -> bool:
    """Tell whether codes are refused to everybody for now."""
    return tries.everywhere >= EVERYWHERE_MOST


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
