"""The loops of a process, and serving: started together, stopped gracefully."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Literal

import structlog

from handlers.jobs import Jobs
from handlers.media import Media
from handlers.parts import Parts
from handlers.turns import Turns
from storage import evidence, inbox, notes

Role = Literal["web", "turns", "deliveries", "jobs"]
Roles = frozenset[Role]
ALL_ROLES: Roles = frozenset(("web", "turns", "deliveries", "jobs"))
# How many messages run one by one after the process was killed.
CAREFUL_BATCHES = 20
RESTART_SECONDS = 1.0
SWEEP_AFTER = timedelta(days=1)
log = structlog.get_logger("worker")


class Worker:
    """Runs turns, media and due jobs; a loop that fails is logged and started again."""

    def __init__(self, parts: Parts, turns: Turns, media: Media, jobs: Jobs) -> None:
        self._parts, self._turns, self._media, self._jobs = parts, turns, media, jobs

    @asynccontextmanager
    async def running(self, roles: Roles | None = None) -> AsyncIterator[None]:
        """Run the loops of `roles` inside the block, then let them finish what they hold."""
        await self._begin()
        tasks = [
            asyncio.create_task(self._forever(name, loop), name=name)
            for name, loop in self._loops(roles or ALL_ROLES)
        ]
        try:
            yield
        finally:
            self._parts.wake.stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._end()

    def _loops(self, roles: Roles) -> list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        loops = []
        if "turns" in roles:
            loops += [("turns", self._turns.run), ("media", self._media.run)]
        if "jobs" in roles:
            loops += [("jobs", self._jobs.run)]
        return loops

    async def _forever(self, name: str, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.error("loop_failed", loop=name, exc_info=error)
                await asyncio.sleep(RESTART_SECONDS)

    async def _begin(self) -> None:
        """Note that we run; after an unclean stop the first turns are careful."""
        clean = await self._parts.database.write(lambda c: notes.swap(c, "stopped", "no"))
        if clean == "no":
            self._turns.careful = CAREFUL_BATCHES
            log.warning("unclean_stop")
        await self._sweep()

    async def _end(self) -> None:
        await self._parts.database.write(lambda c: notes.swap(c, "stopped", "clean"))

    async def _sweep(self) -> None:
        """Remove what earlier kills left behind: uploads and photos that no row names."""
        before = self._parts.now() - SWEEP_AFTER
        async with self._parts.database.reading() as connection:
            awaited = await evidence.list_incoming(connection)
            unread = await inbox.list_raw(connection)
            named = await evidence.list_keys(connection)
        async for name in self._parts.incoming.names(before=before):
            # A message that waits for its turn may name its uploads only in its raw form.
            if name not in awaited and not any(name in raw for raw in unread):
                await self._parts.incoming.remove(name)
        async for key in self._parts.photos.keys(before=before):
            if key not in named:
                await self._parts.photos.erase(key)
        await self._parts.incoming.remove_unfinished(before)
        await self._parts.photos.remove_unfinished(before)
