"""The outbox loop: claim what may leave, send it with no transaction open, record what happened.

No platform takes an idempotency key, so the promise is about accounts: every message ends in a
named state. Where nobody knows whether one was taken it is sent once more, then it is `unknown`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from handlers.channel import Channel, NotSent, Pushed, Unclear, Wrong
from handlers.consequences import Consequence, consequence_of
from handlers.parts import Parts
from handlers.reach import End, Share, Wait, judge
from storage import contacts, deliveries, outlets
from storage.contacts import NEVER_MS, Contact
from storage.database import Connection, is_unavailable
from storage.deliveries import Outgoing
from storage.outlets import Outlet
from storage.seams import to_ms

# The name under which one process of the installation sends.
ROLE = "deliveries"
POLL_SECONDS = 1.0
# How many messages of one account are on the line at the same time.
AT_ONCE = 32
BURST_MS = 1000
# Well within a claim's time.
SEND_SECONDS = 45.0
# What is on the line when we stop may come back this long.
STOP_SECONDS = 5.0
log = structlog.get_logger("deliveries")
Work = Callable[[Connection], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class _Taken:
    """Of `seen` messages at the head of their conversations those that leave now."""

    leaving: tuple[Outgoing, ...] = ()
    seen: int = 0


class Deliveries:
    """Sends on every channel that is pushed to. One process of the installation runs it."""

    def __init__(self, parts: Parts, channels: Mapping[str, Channel]) -> None:
        self._parts = parts
        self._pushed = [c for c in channels.values() if isinstance(c, Pushed)]
        # What is being sent, until what became of it is written down.
        self._on_line: dict[str, dict[asyncio.Task[None], Outgoing]] = {
            channel.name: {} for channel in self._pushed
        }

    @property
    def has_work(self) -> bool:
        """Whether there is any channel to send on."""
        return bool(self._pushed)

    async def run(self) -> None:
        """Send until cancelled, or until another process does; let what is on the line come back.

        It may run again while that lasts, after a failure: what is on the line is not taken back.
        """
        now_ms, busy = to_ms(self._parts.now()), self._busy()
        lost = await self._parts.database.write(
            lambda c: deliveries.recover(c, now_ms=now_ms, all_claims=True, but=busy)
        )
        if lost:
            log.warning("claims_lost", count=lost)
        try:
            while await self._parts.peers.hold(ROLE):
                if not await self.once():
                    await self._parts.wake.deliveries.wait(await self._pause())
        finally:
            if left := [task for tasks in self._on_line.values() for task in tasks]:
                await asyncio.wait(left, timeout=STOP_SECONDS)

    async def once(self) -> int:
        """Begin sending what may leave now; return how many messages were dealt with."""
        dealt = 0
        for channel in self._pushed:
            taken = await self._claim(channel)
            for row in taken.leaving:
                self._begin(channel, row)
            dealt += taken.seen
        return dealt

    async def _pause(self) -> float:
        """Return how long to wait: until the next is due, and never long."""
        now_ms = to_ms(self._parts.now())
        due_ms = await self._parts.database.read(
            lambda c: deliveries.next_due_ms(c, after_ms=now_ms)
        )
        if due_ms is None:
            return POLL_SECONDS
        return min(max((due_ms - now_ms) / 1000, 0.02), POLL_SECONDS)

    def _busy(self) -> list[tuple[int, int]]:
        """Return which messages are on the line."""
        return [(r.inbox_id, r.n) for rows in self._on_line.values() for r in rows.values()]

    def _begin(self, channel: Pushed, row: Outgoing) -> None:
        tasks = self._on_line[channel.name]
        task = asyncio.create_task(self._send(channel, row), name=f"send-{channel.name}")
        tasks[task] = row
        task.add_done_callback(tasks.pop)

    async def _claim(self, channel: Pushed) -> _Taken:
        """Take what may leave on a channel now, and settle what may not."""
        room = AT_ONCE - len(self._on_line[channel.name])
        if room <= 0:
            return _Taken()
        now, busy = self._parts.now(), self._busy()

        async def work(connection: Connection) -> _Taken:
            if lost:
                await deliveries.recover(connection, now_ms=to_ms(now), but=busy)
            outlet = await outlets.get(connection, channel.name, channel.identity)
            return await self._take(connection, channel, outlet, room, now)

        waiting, lost = await self._look(channel, to_ms(now))
        if not waiting and not lost:
            return _Taken()
        return await self._parts.database.write(work)

    async def _look(self, channel: Pushed, now_ms: int) -> tuple[bool, bool]:
        """Tell whether something may leave, whether a claim ran out; reading disturbs nobody."""
        whose = {"channel": channel.name, "bot": channel.identity}

        async def work(connection: Connection) -> tuple[bool, bool]:
            heads = await deliveries.list_heads(connection, **whose, now_ms=now_ms, limit=1)
            return bool(heads), await deliveries.has_lost(connection, now_ms=now_ms)

        return await self._parts.database.read(work)

    async def _take(
        self, connection: Connection, channel: Pushed, outlet: Outlet, room: int, now: datetime
    ) -> _Taken:
        now_ms, month = to_ms(now), self._month(now)
        if outlet.is_paused(now_ms):
            return _Taken()
        every_ms = 1000 / channel.rate
        most_ms = max(BURST_MS, every_ms)
        # Further ahead than we ever send: the clock was set back since.
        from_ms = now_ms if outlet.next_ms > now_ms + most_ms else max(outlet.next_ms, now_ms)
        allowed = min(room, int((now_ms + most_ms - from_ms) / every_ms))
        if allowed < 1:
            return _Taken()
        heads = await deliveries.list_heads(
            connection, channel=channel.name, bot=channel.identity, now_ms=now_ms, limit=allowed
        )
        share = Share(channel.quota, outlet.spent(month), self._next_month_ms(now))
        leaving = await self._sort(connection, heads, channel, share, now_ms)
        if leaving:
            await deliveries.claim(connection, leaving, now_ms=now_ms)
            next_ms = from_ms + int(len(leaving) * every_ms)
            await outlets.spend(
                connection,
                channel.name,
                channel.identity,
                count=len(leaving),
                next_ms=next_ms,
                month=month,
            )
        return _Taken(tuple(_claimed(row) for row in leaving), len(heads))

    async def _sort(
        self,
        connection: Connection,
        heads: list[Outgoing],
        channel: Pushed,
        share: Share,
        now_ms: int,
    ) -> list[Outgoing]:
        """Settle the messages that may not leave; return the others."""
        leaving: list[Outgoing] = []
        waiting: list[tuple[Outgoing, Wait]] = []
        for row in heads:
            left = replace(share, spent=share.spent + len(leaving))
            match judge(row, channel.window, left, now_ms=now_ms):
                case Wait() as wait:
                    waiting.append((row, wait))
                case End(status=status, code=code):
                    await deliveries.finish(connection, [row], status, code)
                case _:
                    leaving.append(row)
        await self._put_off(connection, waiting)
        return leaving

    async def _put_off(
        self, connection: Connection, waiting: Sequence[tuple[Outgoing, Wait]]
    ) -> None:
        """Let messages wait, unless their person does something in this very moment."""
        if not waiting:
            return
        known = await contacts.lock(connection, [row.sender for row, _ in waiting])
        for row, wait in waiting:
            if not _acted(row, known):
                await deliveries.put_off(connection, [row], due_ms=wait.due_ms, error=wait.code)

    async def _send(self, channel: Pushed, row: Outgoing) -> None:
        self._parts.seams.crashpoint("delivery.claimed")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                ref = await channel.send(row.sender, row.payload)
        except TimeoutError:
            await self._refused(channel, row, Unclear("timeout"))
        except NotSent as refused:
            await self._refused(channel, row, refused)
        except Exception as error:
            log.error("sending_failed", channel=channel.name, exc_info=error)
            await self._refused(channel, row, Wrong("defect"))
        else:
            self._parts.seams.crashpoint("delivery.sent")
            await self._persist(lambda c: deliveries.record(c, row, "sent", ref=ref))
            self._count(channel, row, "sent")
        self._parts.seams.crashpoint("delivery.recorded")
        self._parts.wake.deliveries.ring_here()

    async def _refused(self, channel: Pushed, row: Outgoing, refused: NotSent) -> None:
        """Do with a message what its refusal asks for."""
        now_ms = to_ms(self._parts.now())
        found = consequence_of(row, refused, now_ms=now_ms)

        async def work(connection: Connection) -> None:
            # Who wrote while it was on the line is not to wait, nor to be let alone.
            held = found.stops or found.due_ms == NEVER_MS
            known = await contacts.lock(connection, [row.sender]) if held else {}
            wrote = _acted(row, known)
            if found.stops and not wrote:
                await contacts.stop(connection, row.sender, found.error, at_ms=now_ms)
            if found.pause_ms is not None:
                await outlets.pause(
                    connection,
                    channel.name,
                    channel.identity,
                    until_ms=now_ms + found.pause_ms,
                    code=found.error,
                )
            if found.status is None:
                due_ms, error = now_ms if wrote else found.due_ms, found.error
                await deliveries.again(connection, row, due_ms=due_ms, error=error)
            else:
                await deliveries.record(connection, row, found.status, error=found.error)

        await self._persist(work)
        _tell(channel, found)
        self._count(channel, row, found.status or "again")

    def _count(self, channel: Pushed, row: Outgoing, outcome: str) -> None:
        waited = (to_ms(self._parts.now()) - row.at_ms) / 1000
        self._parts.measures.delivery(channel.name, outcome, waited)

    async def _persist(self, work: Work) -> None:
        """Write what became of a message, however long the database is away."""
        while True:
            try:
                await self._parts.database.write(work)
                return
            except Exception as error:
                if not is_unavailable(error):
                    raise
                await asyncio.sleep(POLL_SECONDS)

    def _month(self, now: datetime) -> str:
        return now.astimezone(self._parts.zone).strftime("%Y-%m")

    def _next_month_ms(self, now: datetime) -> int:
        local = now.astimezone(self._parts.zone)
        first = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        year, month = divmod(first.year * 12 + first.month, 12)
        return to_ms(first.replace(year=year, month=month + 1))


def _tell(channel: Pushed, found: Consequence) -> None:
    """Tell operators what they may have to do something about."""
    about = {"channel": channel.name, "code": found.error}
    match found.event:
        case "message_refused":
            log.error("message_refused", **about)
        case "sending_needs_human":
            log.error("sending_needs_human", **about)
        case "sending_paused":
            log.warning("sending_paused", **about)


def _acted(row: Outgoing, known: Mapping[str, Contact]) -> bool:
    """Tell whether a person did something since a message was looked at."""
    now = known.get(row.sender)
    return now is not None and now.acted_ms != row.acted_ms


def _claimed(row: Outgoing) -> Outgoing:
    """Return a row with the number of its new claim, which fences what is recorded."""
    return replace(row, attempts=row.attempts + 1)
