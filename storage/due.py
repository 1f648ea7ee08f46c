"""What happens later: one table of due times, each row firing once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from storage.database import Connection
from storage.models import due

NOTICE, REMOVE_PHOTO, REMOVE_UPLOAD = "notice", "remove_photo", "remove_upload"
# Erased rows are overwritten in the database; this empties the log that still has them.
EMPTY_LOG = "empty_log"


@dataclass(frozen=True, slots=True)
class Due:
    """A row whose time has come."""

    id: int
    kind: str
    declaration: int | None
    arg: str
    due_ms: int


async def add(
    connection: Connection, kind: str, *, at_ms: int, declaration: int | None = None, arg: str = ""
) -> None:
    """Plan something for `at_ms`."""
    row = {"kind": kind, "due_ms": at_ms, "declaration_id": declaration, "arg": arg}
    await connection.execute(insert(due), row)


async def list_due(connection: Connection, *, now_ms: int, limit: int = 200) -> list[Due]:
    """Return open rows whose time has come, oldest first."""
    c = due.c
    query = select(c.id, c.kind, c.declaration_id, c.arg, c.due_ms)
    open_now = query.where(c.done_ms.is_(None), c.due_ms <= now_ms)
    rows = await connection.execute(open_now.order_by(c.due_ms, c.id).limit(limit))
    return [Due(*row) for row in rows]


async def next_due_ms(connection: Connection) -> int | None:
    """Return when the next open row is due."""
    query = select(due.c.due_ms).where(due.c.done_ms.is_(None)).order_by(due.c.due_ms).limit(1)
    return (await connection.execute(query)).scalar_one_or_none()


async def set_done(
    connection: Connection, rows: Sequence[int], *, now_ms: int, outcome: str
) -> int:
    """Close open rows with their outcome; return how many were still open."""
    closed = update(due).where(due.c.id.in_(rows), due.c.done_ms.is_(None))
    return (await connection.execute(closed.values(done_ms=now_ms, outcome=outcome))).rowcount


async def remove(connection: Connection, row: int) -> None:
    """Delete a row that is done: what it names (a photo's digest) has no reason to stay."""
    await connection.execute(delete(due).where(due.c.id == row))


async def postpone(connection: Connection, row: int, *, due_ms: int) -> None:
    """Try an open row again at `due_ms`."""
    later = update(due).where(due.c.id == row, due.c.done_ms.is_(None))
    await connection.execute(later.values(due_ms=due_ms))


async def cancel_notice(connection: Connection, *, declaration: int, now_ms: int) -> bool:
    """Take back the open notice of a declaration; False when it has left or there is none."""
    open_notice = (due.c.declaration_id == declaration, due.c.kind == NOTICE)
    closed = update(due).where(*open_notice, due.c.done_ms.is_(None))
    done = await connection.execute(closed.values(done_ms=now_ms, outcome="cancelled"))
    return done.rowcount > 0
