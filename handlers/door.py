"""The door: what is said to us is kept on disk before anything else happens.

Arrivals that come while a commit runs are kept together by one statement in the next. Where this
process takes turns itself they are kept and answered by one commit (`handlers.turns`): whoever asks
hears of neither before it. What cannot be done so is kept first and answered then.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from handlers.parts import Parts
from handlers.wake import Answer
from storage import inbox
from storage.database import Connection
from storage.inbox import Arrival

Place = tuple[int, bool]


@dataclass(slots=True)
class _Asked:
    """An arrival, and what whoever brought it waits for; `answer` is there if it came at once."""

    arrival: Arrival
    kept: asyncio.Future[Place]
    answer: Answer | None = None


class Load:
    """What is taken from the door into one transaction, and told once that is on disk."""

    def __init__(self, waiting: deque[_Asked]) -> None:
        self._waiting = waiting
        self._taken: list[_Asked] = []
        self._places: dict[str, Place] = {}

    @property
    def taken(self) -> int:
        """How many arrivals were taken."""
        return len(self._taken)

    async def keep(self, connection: Connection) -> None:
        """Keep what waits; run a second time, the very same."""
        if not self._taken:
            self._take()
        unique: dict[str, Arrival] = {}
        for asked in self._taken:
            unique.setdefault(asked.arrival.external_id, asked.arrival)
        if unique:
            self._places = await inbox.add(connection, list(unique.values()))

    def _take(self) -> None:
        """Take what waits. It runs on the writer's thread while others may come in."""
        with suppress(IndexError):
            while True:
                self._taken.append(self._waiting.popleft())

    def told(self, answers: Mapping[int, Answer]) -> None:
        """Tell everybody that what they brought is kept, and its answer if it has one."""
        places = self._places
        for asked in self._taken:
            external = asked.arrival.external_id
            place = places[external]
            # The second of two equal ones is no news.
            places[external] = (place[0], False)
            if not asked.kept.done():
                asked.answer = answers.get(place[0])
                asked.kept.set_result(place)

    def failed(self, error: Exception) -> None:
        """Tell everybody that what they brought is not kept."""
        if not self._taken:
            self._take()
        for asked in self._taken:
            if not asked.kept.done():
                asked.kept.set_exception(error)

    def give_back(self) -> None:
        """Put everything back to where it waited: its transaction was taken back."""
        self._waiting.extendleft(reversed(self._taken))
        self._taken = []


class Door:
    """Keeps arrivals and wakes the turn loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: deque[_Asked] = deque()
        self._carried = False

    async def keep(self, arrival: Arrival) -> Place:
        """Keep an arrival; return its inbox id once it is on disk, and whether it was new."""
        return await self._bring(arrival).kept

    async def ask(self, arrival: Arrival) -> tuple[int, bool, Answer | None]:
        """Keep an arrival as `keep` does; return its answer too if it was given at once."""
        asked = self._bring(arrival)
        return *await asked.kept, asked.answer

    @contextmanager
    def carried(self) -> Iterator[None]:
        """Leave it to the turn loop inside the block to keep what comes (`load`)."""
        self._carried = True
        try:
            yield
        finally:
            self._carried = False
            if self._waiting:
                self._start()

    def load(self) -> Load:
        """Return what takes what waits into a transaction."""
        return Load(self._waiting)

    @property
    def waiting(self) -> int:
        """How many arrivals wait to be kept."""
        return len(self._waiting)

    def _bring(self, arrival: Arrival) -> _Asked:
        loop = asyncio.get_running_loop()
        asked = _Asked(arrival, loop.create_future())
        self._waiting.append(asked)
        if self._carried:
            self._parts.wake.turns.ring_here()
        elif len(self._waiting) == 1:
            loop.call_soon(self._start)
        return asked

    def _start(self) -> None:
        task = asyncio.create_task(self.keep_waiting(), name="door")
        task.add_done_callback(lambda done: done.exception())

    async def keep_waiting(self) -> None:
        """Keep what waits in a transaction of its own; a failure is told to who brought it."""
        load = self.load()
        try:
            await self._parts.database.write(load.keep)
        except Exception as error:
            load.failed(error)
            return
        self._parts.seams.crashpoint("door.kept")
        load.told({})
        self._parts.wake.turns.ring()
