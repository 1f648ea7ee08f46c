"""What readiness, metrics, alarms and the doctor ask the database: does work pile up?

Every question is answered from an index over the few rows it is about.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select

from dialogs.state import STATE_VERSION
from storage.database import Connection
from storage.models import (
    INBOX_DEAD,
    INBOX_WAITING,
    audit,
    block,
    conversation,
    due,
    evidence,
    inbox,
    outbox,
)

# Literals, not values: only so does SQLite see that the partial indexes serve.
_WAITS: ColumnElement[bool] = inbox.c.status == literal_column(str(INBOX_WAITING))
_DEAD: ColumnElement[bool] = inbox.c.status == literal_column(str(INBOX_DEAD))
_QUEUED: ColumnElement[bool] = outbox.c.status == literal_column("'queued'")
_PENDING: ColumnElement[bool] = evidence.c.verdict == literal_column("'pending'")
# What is tried again within an hour is under way, not held.
_SOON_MS = 3_600_000
_OPEN: ColumnElement[bool] = due.c.done_ms.is_(None)


@dataclass(frozen=True, slots=True)
class Queue:
    """How many wait, and since when the oldest does (ms since 1970; None: nothing waits)."""

    count: int
    since_ms: int | None


@dataclass(frozen=True, slots=True)
class Load:
    """What waits at one moment.

    `jobs` counts those whose time has come. `stuck` are conversations with a message that waits
    since before the moment asked for, `newer` those among them that only a newer program can read.
    `dead` are the dead letters, `blocks` the blocks in force, `held` messages out that wait for
    their person to write, or for another month.
    """

    turns: Queue
    outbox: Queue
    jobs: Queue
    photos: Queue
    stuck: int
    newer: int
    dead: int
    blocks: int
    held: int = 0


async def get_load(connection: Connection, *, now_ms: int, stuck_before_ms: int) -> Load:
    """Return what waits, counted over the rows that wait and no others."""
    turns = await _waiting(connection)
    late = turns.since_ms is not None and turns.since_ms < stuck_before_ms
    stuck = await _count(connection, _stuck(stuck_before_ms)) if late else 0
    newer = await _count(connection, _newer(stuck_before_ms)) if stuck else 0
    return Load(
        turns,
        await _queue(connection, _leaving(now_ms)),
        await _queue(connection, _overdue(now_ms)),
        await _queue(connection, select(func.count(), func.min(evidence.c.at_ms)).where(_PENDING)),
        stuck,
        newer,
        await _count(connection, select(func.count(inbox.c.id)).where(_DEAD)),
        await _count(connection, select(func.count()).where(block.c.until_ms > now_ms)),
        await _count(connection, _held(now_ms)),
    )


async def _waiting(connection: Connection) -> Queue:
    """Return the inbox's queue; ids rise with arrival, so the smallest is the oldest."""
    counted = select(func.count(), func.min(inbox.c.id)).where(_WAITS)
    count, first = (await connection.execute(counted)).one()
    if first is None:
        return Queue(0, None)
    at = select(inbox.c.at_ms).where(inbox.c.id == first)
    return Queue(count, (await connection.execute(at)).scalar_one_or_none())


def _leaving(now_ms: int) -> Select[Any, Any]:
    """Return the query of what may leave now, or is just being tried again."""
    soon = or_(outbox.c.due_ms.is_(None), outbox.c.due_ms <= now_ms)
    return select(func.count(), func.min(outbox.c.at_ms)).where(_QUEUED, soon)


def _held(now_ms: int) -> Select[Any]:
    return select(func.count(outbox.c.n)).where(_QUEUED, outbox.c.due_ms > now_ms + _SOON_MS)


def _overdue(now_ms: int) -> Select[Any, Any]:
    return select(func.count(), func.min(due.c.due_ms)).where(_OPEN, due.c.due_ms <= now_ms)


def _stuck(before_ms: int) -> Select[Any]:
    return select(func.count(inbox.c.sender.distinct())).where(_WAITS, inbox.c.at_ms < before_ms)


def _newer(before_ms: int) -> Select[Any]:
    theirs = and_(
        conversation.c.sender == inbox.c.sender,
        conversation.c.channel == inbox.c.channel,
        conversation.c.bot == inbox.c.bot,
    )
    late = (_WAITS, inbox.c.at_ms < before_ms, conversation.c.state_version > STATE_VERSION)
    counted = select(func.count(inbox.c.sender.distinct()))
    return counted.join_from(inbox, conversation, theirs).where(*late)


async def _queue(connection: Connection, query: Select[Any, Any]) -> Queue:
    count, since_ms = (await connection.execute(query)).one()
    return Queue(count, since_ms)


async def _count(connection: Connection, query: Select[Any]) -> int:
    return int((await connection.execute(query)).scalar_one())


async def newest_ms(connection: Connection) -> int | None:
    """Return the moment of the last message or journal line, None in an empty database."""
    moments = []
    for table in (inbox, audit):
        last = select(table.c.at_ms).order_by(table.c.id.desc()).limit(1)
        moments.append((await connection.execute(last)).scalar_one_or_none())
    return max((moment for moment in moments if moment is not None), default=None)
