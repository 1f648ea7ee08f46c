"""Waking what waits: the loops, and pages that wait for their answer, in every process.

What another process is told may be lost; everything that waits also looks from time to time.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from dialogs.changes import Record

# Requests of one conversation that wait for news at the same time.
LISTENERS = 4


class Bell:
    """Rung when there is work; one loop waits for it, at most `seconds` (its safety net)."""

    def __init__(self, far: Callable[[], None]) -> None:
        self._far = far
        self._rung = False
        self._waiter: asyncio.Future[None] | None = None

    def ring(self) -> None:
        """Wake the loop now, in other processes too."""
        self.ring_here()
        self._far()

    def ring_here(self) -> None:
        """Wake the loop of this process now."""
        self._rung = True
        self._wake()

    async def wait(self, seconds: float) -> None:
        """Wait for the next ring or the time."""
        if not self._rung:
            loop = asyncio.get_running_loop()
            self._waiter = loop.create_future()
            timer = loop.call_later(seconds, self._wake)
            try:
                await self._waiter
            finally:
                timer.cancel()
        self._rung = False

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Answer(Record, frozen=True):
    """What a turn said, as kept: channel payloads, the cursor after them, language and place.

    `place` is the code of the place at hand and the village as typed.
    """

    payloads: tuple[str, ...]
    cursor: str
    locale: str
    place: tuple[str | None, str | None]


class Wake:
    """The bells of the loops, and who waits for which message or conversation.

    `tell` says a word to the other processes of the installation, whose `hear` takes it.
    """

    def __init__(self, tell: Callable[[str], None] = lambda word: None) -> None:
        self._tell = tell
        self.turns = Bell(partial(tell, "turns"))
        self.media = Bell(partial(tell, "media"))
        self.jobs = Bell(partial(tell, "jobs"))
        self.deliveries = Bell(partial(tell, "deliveries"))
        self.stopping = asyncio.Event()
        self._answers: dict[int, list[asyncio.Future[Answer | None]]] = {}
        self._listeners: dict[str, dict[asyncio.Event, None]] = defaultdict(dict)

    async def answer(self, message: int, seconds: float) -> Answer | None:
        """Return what answers inbox message `message`; None: see whether an answer is kept."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Answer | None] = loop.create_future()
        waiters = self._answers.setdefault(message, [])
        waiters.append(waiter)
        timer = loop.call_later(seconds, _give, waiter, None)
        try:
            return await waiter
        finally:
            timer.cancel()
            waiters.remove(waiter)
            if not waiters:
                self._answers.pop(message, None)

    def spoke(self, sender: str, message: int, answer: Answer) -> None:
        """Hand the committed answer to `message` to whoever waits for it or listens to `sender`."""
        self._said(sender, message, answer)
        self._tell(f"said {message} {sender}")

    def hear(self, word: str) -> None:
        """Take what another process told: of an answer, only that it is kept now."""
        name, *more = word.split(" ")
        bells = {
            "turns": self.turns,
            "media": self.media,
            "jobs": self.jobs,
            "deliveries": self.deliveries,
        }
        if name in bells:
            bells[name].ring_here()
        elif name == "said":
            self._said(more[1], int(more[0]), None)

    def listen(self, sender: str) -> asyncio.Event:
        """Return an event set when something new is said to `sender`.

        Of more than LISTENERS the one that listens longest is set: a phone whose line breaks often
        leaves waiting requests behind, and nobody shall pile them up.
        """
        event, others = asyncio.Event(), self._listeners[sender]
        others[event] = None
        if len(others) > LISTENERS:
            longest = next(iter(others))
            del others[longest]
            longest.set()
        return event

    def unlisten(self, sender: str, event: asyncio.Event) -> None:
        """Stop listening for news."""
        self._listeners[sender].pop(event, None)
        if not self._listeners[sender]:
            del self._listeners[sender]

    def _said(self, sender: str, message: int, answer: Answer | None) -> None:
        for waiter in self._answers.get(message, ()):
            _give(waiter, answer)
        for event in tuple(self._listeners.get(sender, ())):
            event.set()


def _give(waiter: asyncio.Future[Answer | None], answer: Answer | None) -> None:
    if not waiter.done():
        waiter.set_result(answer)
