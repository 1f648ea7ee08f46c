"""The loops of a process, and serving: started together, stopped gracefully."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import structlog

from bot.channels import Loop
from handlers.delivery import Deliveries
from handlers.jobs import Jobs
from handlers.media import Media
from handlers.parts import Parts
from handlers.turns import Turns
from handlers.watch import Watch
from storage import evidence, inbox, notes
from storage.photos import PhotoStoreAway

Role = Literal["web", "turns", "deliveries", "jobs"]
Roles = frozenset[Role]
ALL_ROLES: Roles = frozenset(("web", "turns", "deliveries", "jobs"))
# How many messages run one by one after the process was killed.
CAREFUL_BATCHES = 20
RESTART_SECONDS = 1.0
STANDBY_SECONDS = 2.0
SWEEP_AFTER = timedelta(days=1)
log = structlog.get_logger("worker")


@dataclass(frozen=True, slots=True)
class Loops:
    """What a process may run; `entries` are the ways in from platforms."""

    turns: Turns
    media: Media
    jobs: Jobs
    deliveries: Deliveries
    entries: Sequence[Loop] = ()


class Worker:
    """Runs turns, media and due jobs; a loop that fails is logged and started again."""

    def __init__(self, parts: Parts, loops: Loops) -> None:
        self._parts, self._own = parts, loops

    @asynccontextmanager
    async def running(self, roles: Roles | None = None) -> AsyncIterator[None]:
        """Run the loops of `roles` inside the block, then let them finish what they hold."""
        present = roles or ALL_ROLES
        await self._begin()
        await self._parts.peers.join(present, self._parts.wake.hear)
        tasks = [
            asyncio.create_task(self._forever(name, loop), name=name)
            for name, loop in self._loops(present)
        ]
        try:
            yield
        finally:
            self._parts.wake.stopping.set()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._parts.peers.leave()
            await self._end()

    def _loops(self, roles: Roles) -> list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]]:
        loops: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = [
            ("watch", Watch(self._parts).run)
        ]
        own = self._own
        if "turns" in roles:
            loops += [("turns", own.turns.run)]
        # Uploads lie where they were received; what lies on another machine is left to it.
        if roles & {"turns", "web"}:
            loops += [("media", own.media.run)]
        if "deliveries" in roles and own.deliveries.has_work:
            loops += [("deliveries", partial(self._alone, "deliveries", own.deliveries.run))]
        if "jobs" in roles:
            loops += [("jobs", partial(self._alone, "jobs", own.jobs.run))]
        for one in own.entries:
            if one.role in roles:
                run = partial(self._alone, one.name, one.run) if one.alone else one.run
                loops += [(one.name, run)]
        return loops

    async def _alone(self, name: str, loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a loop in one process of the installation; the others stand by."""
        if await self._parts.peers.hold(name):
            await loop()
        await asyncio.sleep(STANDBY_SECONDS)

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
        """Note that we run; after an unclean stop the first turns are careful.

        Where several processes share the data none knows how the others ended, so that each is
        careful when it starts.
        """
        clean = await self._parts.database.write(lambda c: notes.swap(c, "stopped", "no"))
        if self._parts.database.is_shared:
            self._own.turns.careful = CAREFUL_BATCHES
        elif clean == "no":
            self._own.turns.careful = CAREFUL_BATCHES
            log.error("unclean_stop")
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
        await self._parts.incoming.remove_unfinished(before)
        try:
            await self._sweep_photos(before, named)
        except PhotoStoreAway as away:
            # People can be served without it: what is left over goes at the next start.
            log.error("photo_store_away", error=type(away).__name__)

    async def _sweep_photos(self, before: datetime, named: Collection[str]) -> None:
        async for key in self._parts.photos.keys(before=before):
            if key not in named:
                await self._parts.photos.erase(key)
        await self._parts.photos.remove_unfinished(before)
