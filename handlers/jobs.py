"""Due times: each row fires once, as an event in an inbox or as a file removed."""

from collections.abc import Mapping

import structlog

from dialogs.effects import NoticeTold
from handlers.channel import Channel
from handlers.ears import choose_ears
from handlers.internal import notice_due
from handlers.parts import Parts
from handlers.retention import Retention
from storage import conversations, declarations, due, evidence, inbox
from storage.criteria_versions import refresh
from storage.database import Connection
from storage.due import Due
from storage.effects import apply_decision
from storage.inbox import Arrival
from storage.photos import PhotoStoreAway, drawer_of
from storage.seams import to_ms

POLL_SECONDS = 5.0
RETRY_MS = 5_000
UNSERVED_MS = 3_600_000
log = structlog.get_logger("jobs")


class Jobs:
    """Fires what is due."""

    def __init__(self, parts: Parts, retention: Retention, channels: Mapping[str, Channel]) -> None:
        self._parts = parts
        self._retention = retention
        self._channels = channels

    async def run(self) -> None:
        """Fire due rows until cancelled."""
        while True:
            if not await self.once():
                await self._parts.wake.jobs.wait(await self._pause())

    async def _pause(self) -> float:
        """Return how long to wait: until the next row is due, and never long."""
        async with self._parts.database.reading() as connection:
            next_ms = await due.next_due_ms(connection)
        if next_ms is None:
            return POLL_SECONDS
        left = (next_ms - to_ms(self._parts.now())) / 1000
        return min(max(left, 0.05), POLL_SECONDS)

    async def once(self) -> int:
        """Fire what is due now; return how many rows."""
        await self._retention.daily()
        now_ms = to_ms(self._parts.now())
        async with self._parts.database.reading() as connection:
            await refresh(connection, self._parts.library)
            rows = await due.list_due(connection, now_ms=now_ms)
        for row in rows:
            await self._fire(row)
        return len(rows)

    async def _fire(self, row: Due) -> None:
        if row.kind == due.NOTICE:
            await self._notice(row)
        elif row.kind == due.REMOVE_PHOTO:
            await self._remove_photo(row)
        elif row.kind == due.EMPTY_LOG:
            await self._empty_log(row)
        else:
            await self._parts.incoming.remove(row.arg)
            self._parts.seams.crashpoint("jobs.upload_removed")
            await self._remove(row)

    async def _notice(self, row: Due) -> None:
        """Tell the declarant's conversations (`choose_ears`); the row closes in the same write."""
        assert row.declaration is not None, "a notice is about a declaration"
        declaration = row.declaration
        raw = notice_due(declaration, int(row.arg))
        now_ms = to_ms(self._parts.now())

        async def work(connection: Connection) -> None:
            person = await declarations.get_person(connection, declaration)
            ears = (
                [] if person is None else await conversations.list_ears(connection, person=person)
            )
            chosen = choose_ears(ears, self._channels, now_ms=now_ms)
            if ears and not chosen:
                # Their channel is switched off at present: what was decided stays news.
                await due.postpone(connection, row.id, due_ms=now_ms + UNSERVED_MS)
                return
            closed = await due.set_done(connection, [row.id], now_ms=now_ms, outcome="sent")
            if not closed or person is None:
                return
            events = [
                Arrival(ear.channel, ear.sender, f"due:{row.id}:{n}", raw, now_ms, ear.bot)
                for n, ear in enumerate(chosen)
            ]
            if events:
                await inbox.add(connection, events)
            else:
                # Nobody to hear it in a chat (a paper form): from now on it is an open decision.
                told = [NoticeTold(declaration)]
                await apply_decision(connection, told, now=self._parts.now())

        self._parts.seams.crashpoint("jobs.notice")
        await self._parts.database.write(work)
        self._parts.wake.turns.ring()

    async def _remove_photo(self, row: Due) -> None:
        """Remove bytes that no evidence names any more; the same bytes may serve another file."""
        try:
            await self._erase(row.arg)
        except PhotoStoreAway:
            log.error("photo_store_away", kind=row.kind)
            await self._later(row)
            return
        await self._remove(row)

    async def _erase(self, key: str) -> None:
        drawer = self._parts.peers.alone_with([drawer_of(key)])
        async with self._parts.photos.naming, drawer:
            async with self._parts.database.reading() as connection:
                used = await evidence.is_used(connection, key)
            if not used:
                self._parts.seams.crashpoint("jobs.remove")
                await self._parts.photos.erase(key)

    async def _empty_log(self, row: Due) -> None:
        """Let nothing erased stay in the database's log; while it is busy, try again soon."""
        self._parts.seams.crashpoint("jobs.empty_log")
        if await self._parts.database.empty_log():
            self._parts.seams.crashpoint("jobs.log_emptied")
            await self._remove(row)
        else:
            await self._later(row)

    async def _later(self, row: Due) -> None:
        """Try this row again soon; those behind it do not wait for it."""
        later = to_ms(self._parts.now()) + RETRY_MS
        await self._parts.database.write(lambda c: due.postpone(c, row.id, due_ms=later))

    async def _remove(self, row: Due) -> None:
        await self._parts.database.write(lambda c: due.remove(c, row.id))
