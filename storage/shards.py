"""Shards: how several processes on one database divide the conversations among them.

A process locks the rows of the shards it works on for the length of one transaction; where a
process is killed the server frees them at once. On SQLite one process works alone.
"""

from collections.abc import Sequence
from math import ceil
from zlib import crc32

from sqlalchemy import Integer, bindparam, func, literal_column, select, true

from storage.database import Connection
from storage.models import INBOX_WAITING, inbox, shard
from storage.prepared import Prepared

SHARDS = 64
ALL = tuple(range(SHARDS))


def shard_of(sender: str) -> int:
    """Return the shard (0 to 63) of a sender's conversation."""
    return crc32(sender.encode()) % SHARDS


_IS_WAITING = inbox.c.status == literal_column(str(INBOX_WAITING))
_OLDEST = (
    select(func.min(inbox.c.id).label("oldest"))
    .where(_IS_WAITING, inbox.c.shard == shard.c.number)
    .lateral("work")
)
_LOCK = Prepared(
    select(shard.c.number)
    .select_from(shard.join(_OLDEST, true()))
    .where(_OLDEST.c.oldest.is_not(None))
    .order_by(_OLDEST.c.oldest)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=shard, skip_locked=True)
)


async def lock(connection: Connection, *, workers: int) -> Sequence[int]:
    """Lock shards in which messages wait, those that wait longest first; return their numbers.

    One of `workers` processes takes no more than its share, so that the others find work too.
    Shards that another process works on are passed over.
    """
    if connection.dialect.name == "sqlite":
        return ALL
    rows = await _LOCK.rows(connection, most=ceil(SHARDS / workers))
    return [number for (number,) in rows]


async def lock_of(connection: Connection, sender: str) -> None:
    """Lock the shard of a sender, waiting for a process that works on it."""
    if connection.dialect.name != "sqlite":
        one = select(shard.c.number).where(shard.c.number == shard_of(sender))
        await connection.execute(one.with_for_update())
