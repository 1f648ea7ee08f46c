"""Once a day: what was promised to be kept only for a time goes (docs/privacy.md)."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from handlers.parts import Parts
from storage import blocks, due, retention
from storage.database import Connection
from storage.seams import to_ms

EVERY = timedelta(days=1)
# An officer's session lasts a working day (see web.sessions): after this nobody can go on with it.
DESKS = timedelta(days=2)
AT_ONCE = 200
log = structlog.get_logger("retention")


@dataclass(frozen=True, slots=True)
class Terms:
    """How long raw dead letters and untouched drafts are kept."""

    raw: timedelta
    drafts: timedelta


class Retention:
    """Empties dead letters, forgets people whose draft rests too long, drops idle talks."""

    def __init__(self, parts: Parts, terms: Terms) -> None:
        self._parts = parts
        self._terms = terms
        self._next: datetime | None = None
        self._working = asyncio.Lock()

    async def daily(self) -> None:
        """Do the day's work if a day has passed since the last time."""
        async with self._working:
            await self._daily(self._parts.now())

    async def _daily(self, now: datetime) -> None:
        # A clock that once ran far ahead and was set back must not put the work off for long.
        if self._next is not None and now < self._next <= now + 2 * EVERY:
            return
        self._next = now + EVERY
        letters = await self._empty_dead(now)
        people = await self._forget_people(now)
        talks = await self._clear_talks(now)
        await self._parts.database.write(lambda c: blocks.remove_expired(c, now_ms=to_ms(now)))
        if letters or people or talks:
            at_ms = to_ms(now)
            await self._parts.database.write(lambda c: due.add(c, due.EMPTY_LOG, at_ms=at_ms))
        log.info("kept_no_longer", letters=letters, people=people, talks=talks)

    async def _empty_dead(self, now: datetime) -> int:
        before_ms = to_ms(now - self._terms.raw)
        async with self._parts.database.reading() as connection:
            letters = await retention.list_dead(connection, before_ms=before_ms)
        for start in range(0, len(letters), AT_ONCE):
            some = letters[start : start + AT_ONCE]
            await self._parts.database.write(partial(retention.empty_dead, letters=some))
        return len(letters)

    async def _forget_people(self, now: datetime) -> int:
        before_ms, at_ms, count = to_ms(now - self._terms.drafts), to_ms(now), 0
        while True:
            async with self._parts.database.reading() as connection:
                idle = await retention.list_idle_people(
                    connection, before_ms=before_ms, limit=AT_ONCE
                )
            for number in idle:
                forget = partial(
                    retention.forget_idle, number=number, before_ms=before_ms, at_ms=at_ms
                )
                await self._parts.database.write(forget)
            count += len(idle)
            if len(idle) < AT_ONCE:
                return count

    async def _clear_talks(self, now: datetime) -> int:
        strangers, desks = to_ms(now - self._terms.drafts), to_ms(now - DESKS)

        async def some(connection: Connection) -> int:
            at_rest = await retention.list_strangers(connection, before_ms=strangers, limit=AT_ONCE)
            await retention.remove_strangers(connection, at_rest)
            left = await retention.list_left_desks(connection, before_ms=desks, limit=AT_ONCE)
            await retention.clear_desks(connection, left)
            return len(at_rest) + len(left)

        count = cleared = await self._parts.database.write(some)
        while cleared:
            cleared = await self._parts.database.write(some)
            count += cleared
        return count
