"""Far photos are fetched, a few at a time, so that a slow one does not keep the others waiting.

What is known of a photo stands in its row: whatever is cut off is simply fetched again. What may
pass is tried again after growing pauses, for some minutes; then its person is asked to send it
again.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog

from handlers.albums import Albums
from handlers.far.fetch import Fetcher, NotFetched
from handlers.parts import Parts
from storage import evidence
from storage.evidence import Pending
from storage.seams import to_ms

MOST = 4
AT_ONCE = 20
# Tried again after one second, two, four ... and at least every minute.
FIRST_PAUSE_MS, MOST_PAUSE_MS = 1_000, 60_000
# Given up after so long and so many attempts: what waited while we stood still is tried too.
PATIENCE_MS, TRIES = 300_000, 4
# After so many vain attempts its person is told.
LATE_AFTER = 4
SWEEP_EVERY_MS = 3_600_000
PREFIX = "far-"
log = structlog.get_logger("far")


@dataclass(slots=True)
class _Tried:
    """How often a photo was tried in vain, and when it is tried again."""

    count: int = 0
    next_ms: int = 0


class Far:
    """Fetches far photos; `stop` what is under way before the program ends."""

    def __init__(self, parts: Parts, fetcher: Fetcher) -> None:
        self._parts, self._fetcher, self._albums = parts, fetcher, Albums(parts)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._tried: dict[str, _Tried] = {}
        self._swept_ms: int | None = None

    async def once(self) -> int:
        """Fetch what is due now and wait for it; return how many were tried."""
        await self._sweep()
        tried = 0
        while began := await self._begin():
            tried += len(began)
            try:
                await asyncio.gather(*began)
            finally:
                await self.stop()
        return tried

    async def begin(self) -> None:
        """Begin to fetch what is due, as far as hands are free; each done rings `wake.media`."""
        await self._sweep()
        await self._begin()

    def seconds_left(self) -> float | None:
        """Return how long until a photo is to be tried again; None: nothing waits for that."""
        if len(self._tasks) >= MOST:
            return None
        waiting = [tried.next_ms for id, tried in self._tried.items() if id not in self._tasks]
        return (min(waiting) - to_ms(self._parts.now())) / 1000 if waiting else None

    async def stop(self) -> None:
        """Break off what is under way; it is fetched again another time."""
        for task in (tasks := tuple(self._tasks.values())):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self) -> list[asyncio.Task[None]]:
        began, last, seen = list[asyncio.Task[None]](), None, set[str]()
        while len(self._tasks) < MOST:
            waiting = await self._list(last)
            if not waiting:
                # All were seen: whatever else was tried once is settled.
                self._tried = {id: tried for id, tried in self._tried.items() if id in seen}
                break
            last = waiting[-1]
            seen.update(photo.id for photo in waiting)
            for photo in waiting:
                if len(self._tasks) < MOST and self._is_due(photo):
                    began.append(self._start(photo))
        return began

    async def _list(self, after: Pending | None) -> list[Pending]:
        async with self._parts.database.reading() as connection:
            return await evidence.list_pending(connection, limit=AT_ONCE, after=after, far=True)

    def _is_due(self, photo: Pending) -> bool:
        tried = self._tried.get(photo.id)
        free = photo.id not in self._tasks
        left_ms = 0 if tried is None else tried.next_ms - to_ms(self._parts.now())
        # More than the longest pause: the clock was set back since.
        return free and not 0 < left_ms <= MOST_PAUSE_MS

    def _start(self, photo: Pending) -> asyncio.Task[None]:
        task = asyncio.create_task(self._one(photo), name="far")
        self._tasks[photo.id] = task
        task.add_done_callback(lambda _: self._ended(photo))
        return task

    def _ended(self, photo: Pending) -> None:
        self._tasks.pop(photo.id, None)
        self._parts.wake.media.ring_here()

    async def _one(self, photo: Pending) -> None:
        """Fetch a photo unless another process is at it; what fails, fails for it alone."""
        tried = self._tried.setdefault(photo.id, _Tried())
        try:
            if not await self._parts.peers.hold(f"far:{photo.id}"):
                tried.next_ms = to_ms(self._parts.now()) + FIRST_PAUSE_MS
                return
            try:
                await self._try(photo, tried)
            finally:
                await self._parts.peers.release(f"far:{photo.id}")
        except Exception as error:
            # The database, or our disk: no fault of the photo, so that it is never given up.
            self._put_off(tried)
            log.error("far_photo_failed", evidence=photo.id, error=type(error).__name__)

    async def _try(self, photo: Pending, tried: _Tried) -> None:
        assert photo.source is not None, "only far photos are listed"
        # Since it was listed somebody else may have fetched it: that file must not be touched.
        async with self._parts.database.reading() as connection:
            if not await evidence.is_far(connection, photo.id):
                return
        self._parts.seams.crashpoint("far.fetch")
        try:
            await self._fetcher.fetch(photo.source, photo.incoming)
        except NotFetched as failed:
            await self._failed(photo, tried, failed)
            return
        self._parts.seams.crashpoint("far.fetched")
        at_ms = to_ms(self._parts.now())
        noted = await self._parts.database.write(
            lambda c: evidence.set_fetched(c, photo.id, at_ms=at_ms)
        )
        if not noted:
            await self._remove(photo)
        self._tried.pop(photo.id, None)

    async def _remove(self, photo: Pending) -> None:
        """Remove what came for a photo that was erased, or taken back, meanwhile."""
        async with self._parts.database.reading() as connection:
            awaited = photo.incoming in await evidence.list_incoming(connection)
        if not awaited:
            await self._parts.incoming.remove(photo.incoming)

    async def _failed(self, photo: Pending, tried: _Tried, failed: NotFetched) -> None:
        tried.count += 1
        old = to_ms(self._parts.now()) - photo.at_ms >= PATIENCE_MS
        log.info("far_photo_not_fetched", reason_code=failed.detail, attempts=tried.count)
        if not failed.passes or (old and tried.count >= TRIES):
            self._parts.measures.photo("refused")
            await self._albums.lose(photo, failed.reason)
            self._tried.pop(photo.id, None)
            return
        self._put_off(tried)
        if tried.count == LATE_AFTER:
            await self._parts.database.write(lambda c: self._albums.late(c, photo))
            self._parts.wake.turns.ring()

    def _put_off(self, tried: _Tried) -> None:
        pause = min(FIRST_PAUSE_MS << min(max(tried.count - 1, 0), 10), MOST_PAUSE_MS)
        tried.next_ms = to_ms(self._parts.now()) + pause

    async def _sweep(self) -> None:
        """Remove far photos that no row waits for: erased while a fetch was cut off.

        Names are read before rows, and a row is there before its file: none goes that is awaited.
        """
        now_ms = to_ms(self._parts.now())
        if self._swept_ms is not None and 0 <= now_ms - self._swept_ms < SWEEP_EVERY_MS:
            return
        self._swept_ms = now_ms
        with suppress(FileNotFoundError):
            names = {n async for n in self._parts.incoming.names() if n.startswith(PREFIX)}
            if not names:
                return
            async with self._parts.database.reading() as connection:
                awaited = await evidence.list_incoming(connection)
            for name in names - awaited:
                await self._parts.incoming.remove(name)
