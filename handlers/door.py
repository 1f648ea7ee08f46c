"""The door: what is said to us is kept on disk before anything else happens.

Arrivals that come while a commit runs are kept together by one statement in the next.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from handlers.parts import Parts
from storage import inbox
from storage.database import Connection
from storage.inbox import Arrival

Place = tuple[int, bool]


class Door:
    """Keeps arrivals and wakes the turn loop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: deque[tuple[Arrival, asyncio.Future[Place]]] = deque()

    async def keep(self, arrival: Arrival) -> Place:
        """Keep an arrival; return its inbox id once it is on disk, and whether it was new."""
        kept: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, kept))
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._start)
        return await kept

    def _start(self) -> None:
        task = asyncio.create_task(self._keep_waiting(), name="door")
        task.add_done_callback(lambda done: done.exception())

    async def _keep_waiting(self) -> None:
        taken: list[tuple[Arrival, asyncio.Future[Place]]] = []

        async def work(connection: Connection) -> dict[str, Place]:
            if not taken:
                taken.extend(self._drop())
            return await _add(connection, [arrival for arrival, _ in taken])

        try:
            places = await self._parts.database.write(work)
        except Exception as error:
            for _, kept in taken or self._drop():
                if not kept.done():
                    kept.set_exception(error)
            return
        self._parts.seams.crashpoint("door.kept")
        for arrival, kept in taken:
            place = places[arrival.external_id]
            places[arrival.external_id] = (place[0], False)
            if not kept.done():
                kept.set_result(place)
        self._parts.wake.turns.ring()

    def _drop(self) -> list[tuple[Arrival, asyncio.Future[Place]]]:
        """Take what waits. It runs on the writer's thread while others may come in."""
        waiting = []
        with suppress(IndexError):
            while True:
                waiting.append(self._waiting.popleft())
        return waiting


async def _add(connection: Connection, arrivals: Sequence[Arrival]) -> dict[str, Place]:
    """Keep arrivals by external id; the second of two equal ones is no news."""
    unique: dict[str, Arrival] = {}
    for arrival in arrivals:
        unique.setdefault(arrival.external_id, arrival)
    if not unique:
        return {}
    return await inbox.add(connection, list(unique.values()))
