"""What a refused message leads to: tried again, given up, a person or an account let alone."""

from dataclasses import dataclass
from typing import Literal

from handlers.channel import HumanNeeded, Later, NotSent, Unclear, Unreachable
from storage.contacts import NEVER_MS
from storage.deliveries import UNCLEAR, Final, Outgoing

# A refusal that may pass is tried again after these seconds, then the message has failed.
# Together nearly four hours: Zalo's bots were all away for two (August 2026).
PAUSES = (2, 5, 15, 60, 300, 900, 1800, 3600, 3600, 3600)
UNCLEAR_SECONDS = 2
PAUSED_SECONDS, HUMAN_SECONDS = 60, 60


# A server in between says that Zalo behind it is away: hardly ever has a message gone all the same,
# and outages of hours have been seen. So these are tried as long as what was surely not taken.
GATEWAY = frozenset(("http_502", "http_504"))


@dataclass(frozen=True, slots=True)
class Consequence:
    """A final `status`, or another try at `due_ms`; `error` is the code of the refusal.

    `stops`: nothing more to this person until they write. `pause_ms`: nothing on this account.
    `event` is the log event that tells operators.
    """

    error: str
    status: Final | None = None
    due_ms: int = NEVER_MS
    stops: bool = False
    pause_ms: int | None = None
    event: Literal["message_refused", "sending_needs_human", "sending_paused"] | None = None


def consequence_of(row: Outgoing, refused: NotSent, *, now_ms: int) -> Consequence:
    """Return what follows when a platform did not take a claimed message."""
    code = refused.code
    match refused:
        case Unclear(code=code) if code in GATEWAY:
            return _gateway(row, code, now_ms)
        case Unclear() if row.error == UNCLEAR:
            return Consequence(UNCLEAR, "unknown")
        case Unclear():
            return Consequence(UNCLEAR, due_ms=now_ms + UNCLEAR_SECONDS * 1000)
        case Unreachable(stops=stops) if row.is_notice and (stops or row.error != code):
            return Consequence(code, stops=stops)
        case Unreachable(stops=stops):
            return Consequence(code, "unreachable", stops=stops)
        case HumanNeeded():
            pause_ms = HUMAN_SECONDS * 1000
            return Consequence(code, due_ms=now_ms, pause_ms=pause_ms, event="sending_needs_human")
        case Later(seconds=seconds, pauses=True):
            pause_ms = int((seconds or PAUSED_SECONDS) * 1000)
            return Consequence(code, due_ms=now_ms, pause_ms=pause_ms, event="sending_paused")
        case Later(seconds=seconds) if row.attempts <= len(PAUSES):
            pause = seconds or PAUSES[row.attempts - 1]
            return Consequence(code, due_ms=now_ms + int(pause * 1000))
    return Consequence(code, "failed", event="message_refused")


def _gateway(row: Outgoing, code: str, now_ms: int) -> Consequence:
    if row.attempts > len(PAUSES):
        return Consequence(code, "unknown")
    return Consequence(code, due_ms=now_ms + PAUSES[row.attempts - 1] * 1000)
