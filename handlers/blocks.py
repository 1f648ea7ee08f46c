"""Whom the door does not listen to for now: asked at every message, read every few seconds.

Blocks are few and set by hand, so a process keeps all that are in force and asks the database for
them again when they are FRESH old. What a blocked person sends is not taken, and nothing that was
kept is touched: the draft waits.
"""

import asyncio
from datetime import datetime, timedelta

import structlog

from storage import blocks
from storage.database import Database, is_unavailable
from storage.seams import to_ms

FRESH = timedelta(seconds=5)
log = structlog.get_logger("blocks")


class Blocks:
    """The blocks in force, as this process knows them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._one = asyncio.Lock()
        self._read: datetime | None = None
        self._until_ms: dict[str, int] = {}

    async def left(self, sender: str, now: datetime) -> float:
        """Return for how many seconds more `sender` is blocked, 0.0 if not at all."""
        if self._read is None or abs(now - self._read) >= FRESH:
            await self._look(now)
        until_ms = self._until_ms.get(sender)
        return 0.0 if until_ms is None else max(until_ms - to_ms(now), 0) / 1000

    def forget(self) -> None:
        """Ask the database again at the next message: a block was set or taken away here."""
        self._read = None

    async def _look(self, now: datetime) -> None:
        """Read the blocks; while the database is away the last ones known stand."""
        async with self._one:
            if self._read is not None and abs(now - self._read) < FRESH:
                return
            try:
                async with self._database.reading() as connection:
                    self._until_ms = await blocks.list_senders(connection, now_ms=to_ms(now))
            except Exception as error:
                if not is_unavailable(error):
                    raise
                log.warning("blocks_unread", error=type(error).__name__)
            self._read = now
