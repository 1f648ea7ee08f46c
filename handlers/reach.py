"""Whether a message may leave now: windows, months and age, decided without a look at the world."""

from dataclasses import dataclass
from typing import Literal

from handlers.channel import Window
from storage.contacts import NEVER_MS
from storage.deliveries import Outgoing

DAY_MS = 86_400_000
# An answer that could not leave for a week answers nothing any more; a notice is still news.
ANSWER_MS, NOTICE_MS = 7 * DAY_MS, 90 * DAY_MS
# The last tenth of a month's share is for answers.
RESERVE = 10


@dataclass(frozen=True, slots=True)
class Share:
    """What an account may send in a month (0: not counted), what it sent, when the next begins."""

    quota: int = 0
    spent: int = 0
    renews_ms: int = NEVER_MS


@dataclass(frozen=True, slots=True)
class Go:
    """It may leave."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It waits until a moment (NEVER_MS: until the person does something), for a reason."""

    due_ms: int
    code: str


@dataclass(frozen=True, slots=True)
class End:
    """It never leaves."""

    status: Literal["expired", "unreachable"]
    code: str


def judge(row: Outgoing, window: Window | None, share: Share, *, now_ms: int) -> Go | Wait | End:
    """Return what becomes of the message at the head of a conversation.

    Zalo OA: free for 48 hours after a person's last action, paid until 7 days, then closed.
    """
    if row.repeated:
        return End("expired", "repeated")
    if now_ms - row.at_ms > (NOTICE_MS if row.is_notice else ANSWER_MS):
        return End("expired", "old")
    if row.stopped is not None:
        return _closed(row, row.stopped)
    if share.quota and share.spent >= share.quota - _reserved(row, share):
        return Wait(share.renews_ms, "quota")
    return Go() if window is None else _inside(row, window, now_ms)


def _inside(row: Outgoing, window: Window, now_ms: int) -> Go | Wait | End:
    rested = now_ms - (row.acted_ms or 0)
    if rested < window.free_ms:
        return Go()
    if rested >= window.open_ms:
        return Wait(NEVER_MS, "window_closed")
    return Go() if window.pays else Wait(NEVER_MS, "window_paid")


def _closed(row: Outgoing, code: str) -> Wait | End:
    """A notice waits for the person to write again; an answer to a closed chat is none."""
    return Wait(NEVER_MS, code) if row.is_notice else End("unreachable", code)


def _reserved(row: Outgoing, share: Share) -> int:
    """Return what of a month's share is not for this message.

    A notice whose person wrote since goes at once: the answer to them waits behind it.
    """
    wrote = row.acted_ms is not None and row.acted_ms > row.at_ms
    return share.quota // RESERVE if row.is_notice and not wrote else 0
