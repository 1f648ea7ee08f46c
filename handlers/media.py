"""Photos that wait are looked at and kept; then an event of our own enters the inbox.

The bytes are worked on outside of any transaction. A photo is kept before its row says so, and
its upload is removed after: whatever is cut off is simply done again.
"""

import structlog

from handlers.images.inspector import ImageInspector, Inspected, PhotoRefused
from handlers.internal import photo_settled
from handlers.parts import Parts
from storage import due, evidence, inbox
from storage.database import Connection
from storage.evidence import Keys, Pending
from storage.inbox import Arrival
from storage.seams import to_ms

POLL_SECONDS = 2.0
AT_ONCE = 20
log = structlog.get_logger("media")


class Media:
    """Looks at pending photos, oldest first."""

    def __init__(self, parts: Parts, inspector: ImageInspector) -> None:
        self._parts = parts
        self._inspector = inspector

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self.once():
                await self._parts.wake.media.wait(POLL_SECONDS)

    async def once(self) -> int:
        """Settle the photos that wait now; return how many."""
        async with self._parts.database.reading() as connection:
            waiting = await evidence.list_pending(connection, limit=AT_ONCE)
        for photo in waiting:
            await self._settle(photo)
        return len(waiting)

    async def _settle(self, photo: Pending) -> None:
        try:
            inspected = await self._inspector.inspect(self._parts.incoming.path(photo.incoming))
        except PhotoRefused as refused:
            await self._lose(photo, refused.reason)
        except FileNotFoundError:
            await self._lose(photo, "broken")
        else:
            async with self._parts.photos.naming:
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
                await inbox.add(connection, [self._event(photo)])
            else:
                await self._orphan(connection, keys)

        await self._parts.database.write(work)

    async def _orphan(self, connection: Connection, keys: Keys) -> None:
        """The row went away meanwhile (erased, taken back): its files go too."""
        at_ms = to_ms(self._parts.now())
        for key in (keys.photo, keys.thumb):
            await due.add(connection, due.REMOVE_PHOTO, at_ms=at_ms, arg=key)
        await due.add(connection, due.EMPTY_LOG, at_ms=at_ms)

    async def _lose(self, photo: Pending, reason: str) -> None:
        log.info("photo_refused", reason_code=reason)

        async def work(connection: Connection) -> None:
            if await evidence.set_lost(connection, photo.id, reason=reason):
                await inbox.add(connection, [self._event(photo)])

        await self._parts.database.write(work)

    def _event(self, photo: Pending) -> Arrival:
        raw = photo_settled(photo.id, photo.album)
        at_ms = to_ms(self._parts.now())
        return Arrival(photo.channel, photo.sender, f"photo:{photo.id}", raw, at_ms, photo.bot)
