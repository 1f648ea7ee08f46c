"""Which of a person's conversations hear a notice: those that fetch it, and the best to send on.

A notice that would cost or cannot be sent on one channel goes by another of the same person; where
none is free it waits on the one last used, until its person writes again.
"""

from collections.abc import Mapping, Sequence

from handlers.channel import Channel, Pushed
from storage.conversations import Ear


def choose_ears(
    ears: Sequence[Ear], channels: Mapping[str, Channel], *, now_ms: int
) -> tuple[Ear, ...]:
    """Return the conversations that are to hear a notice, of those on channels served here."""
    served = [ear for ear in ears if ear.channel in channels]
    fetching = [ear for ear in served if channels[ear.channel].fetched]
    pushed = [ear for ear in served if not channels[ear.channel].fetched]
    best = max(pushed, key=lambda ear: _rank(ear, channels[ear.channel], now_ms), default=None)
    return (*fetching, *([best] if best is not None else ()))


def _rank(ear: Ear, channel: Channel, now_ms: int) -> tuple[bool, int, str]:
    """Return how well a conversation is reached: free at this moment, then last used."""
    window = channel.window if isinstance(channel, Pushed) else None
    acted_ms = ear.acted_ms or 0
    free = ear.stopped is None and (window is None or now_ms - acted_ms < window.free_ms)
    return free, acted_ms, ear.sender
