"""Looks after the process from inside: what an operator should hear is logged as an alarm.

An alarm is raised when its condition begins and again each hour while it lasts; its end is logged
as `alarm_over`. Every process looks for itself, so that a dead worker is seen by the others.
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from dialogs.linking import EVERYWHERE_MOST
from handlers.alarms import ALARMS
from handlers.health import NO_ANSWER, NOT_KNOWN, Health, State, look_at_load, waits_seconds
from handlers.parts import Parts
from storage import links
from storage.health import newest_ms
from storage.seams import from_ms, to_ms

POLL_SECONDS = 30.0
OLDEST_OUT_SECONDS = 300
AGAIN = timedelta(hours=1)
# Clocks are set right by a second or two all the time.
CLOCK_BACK = timedelta(minutes=1)
# What `Health` looks at, and the alarm when it fails.
PARTS: Mapping[str, str] = {
    "turns": "queue_old",
    "media": "queue_old",
    "jobs": "queue_old",
    "disk": "disk_almost_full",
    "database": "database_unavailable",
    "photos": "photo_store_away",
}
log = structlog.get_logger("watch")


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that is wrong: the alarm, what it is about, a few figures."""

    alarm: str
    part: str
    detail: str


class Watch:
    """Turns what `Health` sees, and the clock, into alarms."""

    def __init__(self, parts: Parts, health: Health | None = None) -> None:
        self._parts = parts
        self._health = health or Health()
        self._raised: dict[tuple[str, str], datetime] = {}
        self._latest: datetime | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(POLL_SECONDS)

    async def once(self) -> None:
        """Look once: raise what is wrong now, and say what is over."""
        await self._look_at_clock()
        now = self._parts.now()
        seen = [*_failing(await self._health.look(self._parts)), *await self._stuck()]
        seen += await self._guessed()
        for one in seen:
            last = self._raised.get((one.alarm, one.part))
            if last is None or abs(now - last) >= AGAIN:
                self._raised[one.alarm, one.part] = now
                self._raise(one)
        for alarm, part in self._raised.keys() - {(one.alarm, one.part) for one in seen}:
            del self._raised[alarm, part]
            log.info("alarm_over", of=alarm, part=part)

    def _raise(self, one: Seen) -> None:
        assert one.alarm in ALARMS, "an alarm has a line in the runbook"
        self._parts.measures.alarmed(one.alarm)
        log.error(one.alarm, part=one.part, detail=one.detail)

    async def _stuck(self) -> list[Seen]:
        """Return the alarms of conversations nobody answers and of answers that do not leave.

        Neither makes a process unready: others may serve, and a platform may be away.
        """
        try:
            async with self._parts.database.reading() as connection:
                load = await look_at_load(self._parts, connection)
        except NO_ANSWER:
            return []  # the database has its own alarm
        seen = []
        if load.stuck:
            detail = f"{load.stuck} conversations, {load.newer} of them for a newer program"
            seen.append(Seen("stuck_conversation", "turns", detail))
        if (waits := waits_seconds(self._parts, load.outbox)) > OLDEST_OUT_SECONDS:
            detail = f"{load.outbox.count} wait, the oldest for {waits:.0f} s"
            seen.append(Seen("queue_old", "deliveries", detail))
        return seen

    async def _guessed(self) -> list[Seen]:
        """Return the alarm of codes that are being guessed: they rest for everybody meanwhile."""
        now_ms = to_ms(self._parts.now())
        try:
            async with self._parts.database.reading() as connection:
                tries = await links.count_tries(connection, now_ms=now_ms)
        except NO_ANSWER:
            return []  # the database has its own alarm
        if tries < EVERYWHERE_MOST:
            return []
        return [Seen("link_guessing", "links", f"{tries} wrong codes in 15 minutes")]

    async def _look_at_clock(self) -> None:
        """Raise the alarm when the clock stands before what was already seen or written.

        It is raised once: from then on the new time is taken for the right one.
        """
        now = self._parts.now()
        latest = await self._written() if self._latest is None else self._latest
        behind = (latest or now) - now
        self._latest = now
        if behind >= CLOCK_BACK:
            self._raise(Seen("clock_back", "clock", f"{int(behind.total_seconds())} s behind"))

    async def _written(self) -> datetime | None:
        """Return the moment of the last message or journal line, None while it is not known."""
        try:
            async with self._parts.database.reading() as connection:
                newest = await newest_ms(connection)
        except NO_ANSWER:
            return None
        return None if newest is None else from_ms(newest)


def _failing(states: Mapping[str, State]) -> Iterator[Seen]:
    """Yield what fails; a part that cannot be looked at is no alarm of its own."""
    for part, state in states.items():
        if part in PARTS and not state.ok and state.detail != NOT_KNOWN:
            yield Seen(PARTS[part], part, state.detail)
