"""Taking what Zalo sent: on disk in time, in the database or, while that is away, beside it.

Zalo wants its answer within two seconds whatever happens here (Zalo OA, webhook), and then thinks
the event delivered. So nothing else is done in the request, and nothing that was taken is dropped.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog

from handlers.door import Door
from handlers.errors import RETRY_SECONDS, standard
from handlers.parts import Parts
from handlers.zalo.hearing import Ear, Heard
from storage import contacts
from storage.database import Connection, is_unavailable
from storage.inbox import Arrival
from storage.seams import to_ms
from storage.spool import Item, Spool, Stop

# Together well below the two seconds that Zalo waits.
KEEP_SECONDS = 1.4
BLOCK_SECONDS = 0.4
POLL_SECONDS = 1.0
SAID_AGAIN = timedelta(minutes=1)
log = structlog.get_logger("zalo")


class Intake:
    """Keeps what was heard, by the door or in the spool; `run` brings the spool's content in."""

    def __init__(self, parts: Parts, door: Door, spool: Spool) -> None:
        self._parts, self._door, self._spool = parts, door, spool
        self._said: dict[str, datetime] = {}

    async def take(self, ear: Ear, body: bytes) -> None:
        """Keep what an authentic body comes to; Problem 503 if there is no room on any disk."""
        heard = ear.hear(body, to_ms(self._parts.now()))
        self.count(ear.channel, heard.outcome)
        if heard.outcome in ("unknown", "foreign", "unreadable") and self.is_news(heard.outcome):
            log.warning(f"{heard.outcome}_event", channel=ear.channel)
        if heard.items:
            await self._take(ear, heard)

    def count(self, channel: str, outcome: str) -> None:
        """Count what a platform sent and what became of it."""
        self._parts.measures.heard(channel, outcome)

    def is_news(self, what: str) -> bool:
        """Tell whether something is to be logged again: once a minute, however often it happens."""
        now, last = self._parts.now(), self._said.get(what)
        if last is not None and abs(now - last) < SAID_AGAIN:
            return False
        self._said[what] = now
        return True

    async def _take(self, ear: Ear, heard: Heard) -> None:
        if not self._spool.diverts:
            try:
                async with asyncio.timeout(KEEP_SECONDS):
                    return await self._keep(heard.items)
            except Exception as error:
                self._tell(error)
        self.count(ear.channel, "spooled")
        try:
            await self._spool.add(heard.items)
        except OSError as full:
            raise standard(503, headers={"Retry-After": str(RETRY_SECONDS)}) from full

    def _tell(self, error: Exception) -> None:
        """Say why something is not in the database yet."""
        if not isinstance(error, TimeoutError) and not is_unavailable(error):
            log.error("request_failed", error=type(error).__name__, exc_info=error)
        elif self.is_news("spooling"):
            self._parts.measures.unavailable()
            log.warning("spooling", error=type(error).__name__)

    async def run(self) -> None:
        """Bring in what waits in the spool, as soon as the database works; until cancelled."""
        while True:
            if self._spool.diverts or self._spool.waits:
                await self.drain()
            await asyncio.sleep(0 if self._spool.diverts else POLL_SECONDS)

    async def drain(self) -> None:
        """Bring in what waits in the spool, or wait a moment where that is not possible yet."""
        try:
            drained = await self._spool.drain(self._keep)
        except Exception as error:
            if not is_unavailable(error):
                raise
            await asyncio.sleep(POLL_SECONDS)
            return
        if drained.kept:
            log.info("spool_drained", kept=drained.kept)
        if drained.aside:
            log.error("spool_aside", count=drained.aside)

    async def _keep(self, items: Sequence[Item]) -> None:
        """Keep items in their order; what was kept before changes nothing."""
        taken = [item for item in items if isinstance(item, Stop) or await self._is_heard(item)]
        arrivals = [item for item in taken if isinstance(item, Arrival)]
        places = await asyncio.gather(*(self._door.keep(arrival) for arrival in arrivals))
        for arrival, (_, new) in zip(arrivals, places, strict=True):
            if new and arrival.dead is not None:
                self._parts.measures.dead()
        for item in taken:
            if isinstance(item, Stop):
                await self._parts.database.write(partial(_stop, stop=item))

    async def _is_heard(self, arrival: Arrival) -> bool:
        """Tell whether somebody is listened to at the moment (see `handlers.blocks`).

        What is no act of theirs in a conversation, their wish to be erased above all, always is.
        """
        if not arrival.acts:
            return True
        try:
            async with asyncio.timeout(BLOCK_SECONDS):
                left = await self._parts.blocks.left(arrival.sender, self._parts.now())
        except TimeoutError:
            return True
        if left:
            self.count(arrival.channel, "blocked")
        return not left


async def _stop(connection: Connection, stop: Stop) -> None:
    """Note that somebody left, unless they came back since: events come in any order."""
    known = (await contacts.get(connection, [stop.sender])).get(stop.sender)
    if known is None or known.acted_ms is None or known.acted_ms <= stop.at_ms:
        await contacts.stop(connection, stop.sender, stop.code, at_ms=stop.at_ms)
