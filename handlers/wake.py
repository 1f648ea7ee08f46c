"""Waking what waits inside this process: the loops, and pages that wait for their answer."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass


class Bell:
    """Rung when there is work; a loop waits for it, at most `seconds` (its safety net)."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def ring(self) -> None:
        """Wake the loop now."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for the next ring or the time."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return
        finally:
            self._event.clear()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a turn said, as kept: channel payloads, the cursor after them, language and place.

    `place` is the code of the place at hand and the village as typed.
    """

    payloads: tuple[str, ...]
    cursor: str
    locale: str
    place: tuple[str | None, str | None]


class Wake:
    """The bells of the loops, and who waits for which message or conversation."""

    def __init__(self) -> None:
        self.turns, self.media, self.jobs = Bell(), Bell(), Bell()
        self.stopping = asyncio.Event()
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)

    def expect(self, message: int) -> "asyncio.Future[Answer]":
        """Return a future of what answers inbox message `message`."""
        waiting = self._answers.get(message)
        if waiting is None or waiting.done():
            waiting = asyncio.get_running_loop().create_future()
            self._answers[message] = waiting
        return waiting

    def answered(self, message: int, answer: Answer) -> None:
        """Hand the committed answer to whoever waits for it."""
        waiting = self._answers.pop(message, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def listen(self, sender: str) -> asyncio.Event:
        """Return an event set when something new is said to `sender`."""
        event = asyncio.Event()
        self._listeners[sender].add(event)
        return event

    def unlisten(self, sender: str, event: asyncio.Event) -> None:
        """Stop listening for news."""
        self._listeners[sender].discard(event)
        if not self._listeners[sender]:
            del self._listeners[sender]

    def spoke(self, sender: str) -> None:
        """Tell listeners that something was said to `sender`."""
        for event in self._listeners.get(sender, ()):
            event.set()
