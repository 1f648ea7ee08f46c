"""Photos that wait are looked at and kept; then an event of our own enters the inbox.

Those that still lie on a platform are fetched meanwhile (`handlers.far`). The bytes are worked on
outside of any transaction. A photo is kept before its row says so, and its upload is removed after:
whatever is cut off is simply done again. While the photo store is away every upload stays where it
is, and its person is told once that it takes longer.
"""

import asyncio
from typing import TYPE_CHECKING

import structlog

from handlers.albums import Albums
from handlers.images.inspector import ImageInspector, Inspected, InspectorUnavailable, PhotoRefused
from handlers.parts import Parts
from storage import due, evidence
from storage.database import Connection, is_unavailable
from storage.evidence import Keys, Pending
from storage.photos import PhotoStoreAway, drawer_of, photo_key
from storage.seams import to_ms

if TYPE_CHECKING:
    # Its HTTP library is loaded only where a channel's photos are to be fetched.
    from handlers.far.fetching import Far

POLL_SECONDS, LEAST_SECONDS = 2.0, 0.02
AT_ONCE = 20
# A store that is away is asked again after half a second, one, two ... and at least every minute.
FIRST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 0.5, 60.0
# After so many vain attempts people who wait are told.
LATE_AFTER = 3
# A photo that fails by itself, for a reason nobody foresaw, is given up after so many attempts.
TRIES = 3
# Bytes that are not here after this time are on no other machine either.
ELSEWHERE_MS = 3_600_000
log = structlog.get_logger("media")


class Media:
    """Looks at pending photos, oldest first; `far` fetches those of platforms, where any come."""

    def __init__(self, parts: Parts, inspector: ImageInspector, far: "Far | None" = None) -> None:
        self._parts = parts
        self._inspector = inspector
        self._far = far
        self._albums = Albums(parts)
        self._vain = 0
        self._resume = 0.0
        self._failed: dict[str, int] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            while True:
                if not await self._round():
                    await self._parts.wake.media.wait(await self._pause())
        finally:
            if self._far is not None:
                await self._far.stop()

    async def once(self) -> int:
        """Fetch and settle the photos that wait here now; return how many were settled.

        Raises PhotoStoreAway or InspectorUnavailable when none can be settled now: all that is not
        settled waits on.
        """
        if self._far is not None:
            await self._far.once()
        settled = await self._settle_all()
        await self._albums.answer_grown()
        return settled

    async def _round(self) -> int:
        """Begin to fetch, settle what is here, answer; a store that is away stops only settling."""
        if self._far is not None:
            await self._far.begin()
        settled = 0
        if _seconds() >= self._resume:
            try:
                settled = await self._settle_all()
                self._vain = 0
            except (PhotoStoreAway, InspectorUnavailable) as away:
                self._resume = _seconds() + await self._put_off(away)
        return settled + await self._albums.answer_grown()

    async def _pause(self) -> float:
        """Return how long to wait at most for the bell: until something is due."""
        left = [POLL_SECONDS, await self._albums.seconds_left()]
        if self._far is not None:
            left.append(self._far.seconds_left())
        if self._vain:
            left.append(self._resume - _seconds())
        return max(min(seconds for seconds in left if seconds is not None), LEAST_SECONDS)

    async def _settle_all(self) -> int:
        settled, last = 0, None
        while waiting := await self._list(last):
            for photo in waiting:
                settled += await self._settle_ours(photo)
            last = waiting[-1]
        return settled

    async def _list(self, after: Pending | None) -> list[Pending]:
        async with self._parts.database.reading() as connection:
            return await evidence.list_pending(connection, limit=AT_ONCE, after=after)

    async def _settle_ours(self, photo: Pending) -> bool:
        """Settle a photo unless another process is at it, or has its bytes."""
        if self._is_elsewhere(photo) or not await self._parts.peers.hold(f"photo:{photo.id}"):
            return False
        try:
            await self._try(photo)
        finally:
            await self._parts.peers.release(f"photo:{photo.id}")
        return True

    def _is_elsewhere(self, photo: Pending) -> bool:
        """Tell whether the bytes may lie on another machine; after an hour they are lost."""
        young = to_ms(self._parts.now()) - photo.at_ms < ELSEWHERE_MS
        shared = self._parts.database.is_shared
        return shared and young and not self._parts.incoming.path(photo.incoming).exists()

    async def _put_off(self, away: Exception) -> float:
        """Return how many seconds to wait; tell those who have waited in vain."""
        self._vain += 1
        pause = min(FIRST_PAUSE_SECONDS * (1 << min(self._vain - 1, 10)), MOST_PAUSE_SECONDS)
        log.warning("photos_wait", error=type(away).__name__, seconds=pause, attempts=self._vain)
        if self._vain >= LATE_AFTER:
            await self._tell_late()
        return pause

    async def _tell_late(self) -> None:
        """Say once for each album that it is safe and takes longer."""

        async def work(connection: Connection) -> None:
            waiting = await evidence.list_pending(connection, limit=AT_ONCE)
            for photo in {p.album: p for p in waiting}.values():
                await self._albums.late(connection, photo)

        await self._parts.database.write(work)
        self._parts.wake.turns.ring()

    async def _try(self, photo: Pending) -> None:
        """Settle a photo; one that always fails is given up, and the others go on."""
        try:
            await self._settle(photo)
        except (PhotoStoreAway, InspectorUnavailable):
            raise
        except Exception as error:
            if is_unavailable(error):
                raise
            count = self._failed[photo.id] = self._failed.get(photo.id, 0) + 1
            log.error("photo_failed", evidence=photo.id, attempts=count, exc_info=error)
            if count < TRIES:
                return
            await self._lose(photo, "broken")
        self._failed.pop(photo.id, None)

    async def _settle(self, photo: Pending) -> None:
        try:
            inspected = await self._inspector.inspect(self._parts.incoming.path(photo.incoming))
        except PhotoRefused as refused:
            await self._lose(photo, refused.reason)
        except FileNotFoundError:
            await self._lose(photo, "broken")
        else:
            drawers = {drawer_of(photo_key(b)) for b in (inspected.full, inspected.thumb)}
            async with self._parts.photos.naming, self._parts.peers.alone_with(drawers):
                await self._keep(photo, inspected)
        await self._parts.incoming.remove(photo.incoming)
        self._parts.wake.turns.ring()

    async def _keep(self, photo: Pending, inspected: Inspected) -> None:
        self._parts.seams.crashpoint("media.keep")
        keys = Keys(
            await self._parts.photos.keep(inspected.full),
            await self._parts.photos.keep(inspected.thumb),
        )
        self._parts.seams.crashpoint("media.kept")

        async def work(connection: Connection) -> None:
            kept = await evidence.set_kept(
                connection,
                photo.id,
                verdict=inspected.verdict,
                keys=keys,
                size=(inspected.width, inspected.height),
                original_sha256=inspected.original_sha256,
            )
            if kept:
                await self._albums.settled(connection, photo)
            else:
                await self._orphan(connection, keys)

        await self._parts.database.write(work)
        self._parts.measures.photo(inspected.verdict)

    async def _orphan(self, connection: Connection, keys: Keys) -> None:
        """The row went away meanwhile (erased, taken back): its files go too."""
        at_ms = to_ms(self._parts.now())
        for key in (keys.photo, keys.thumb):
            await due.add(connection, due.REMOVE_PHOTO, at_ms=at_ms, arg=key)
        await due.add(connection, due.EMPTY_LOG, at_ms=at_ms)

    async def _lose(self, photo: Pending, reason: str) -> None:
        self._parts.measures.photo("refused")
        log.info("photo_refused", reason_code=reason)
        await self._albums.lose(photo, reason)


def _seconds() -> float:
    return asyncio.get_running_loop().time()
