"""The only places where time, chance and sudden death enter the program; tests replace them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

# Called with the name of a moment at which the process may die: before and after each commit,
# sync, rename, removal, send and acknowledgement. Names are literals at the call, so that tests
# find every one of them.
Crashpoint = Callable[[str], None]


def _now() -> datetime:
    return datetime.now(UTC)


def _token() -> str:
    return secrets.token_hex(32)


def survive(name: str) -> None:
    """Nothing happens at a crash point outside of tests."""


@dataclass(frozen=True, slots=True)
class Seams:
    """`now()` is aware UTC, `token()` 64 hex characters, `crashpoint(name)` may not return."""

    now: Callable[[], datetime] = field(default=_now)
    token: Callable[[], str] = field(default=_token)
    crashpoint: Crashpoint = field(default=survive)


def to_ms(moment: datetime) -> int:
    """Return an aware moment as whole milliseconds since 1970, as rows keep it."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """Return the aware UTC moment of a row."""
    return datetime.fromtimestamp(ms / 1000, UTC)
