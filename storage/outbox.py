"""What we say: kept in the same transaction as the decision to say it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, literal_column, or_, select, tuple_

from storage.database import Connection
from storage.models import INBOX_WAITING, evidence, inbox, outbox
from storage.prepared import Prepared, one_of

SENT, QUEUED = "sent", "queued"
# What a person waits for, and news nobody asked for.
ANSWER, NOTICE = 0, 1


@dataclass(frozen=True, slots=True)
class Said:
    """One message out. `cursor` orders a conversation's messages; `payload` is channel form."""

    inbox_id: int
    n: int
    payload: str

    @property
    def cursor(self) -> str:
        """The place of this message in its conversation."""
        return f"{self.inbox_id}.{self.n}"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of history: what we said (payload) or what the person said (words)."""

    inbox_id: int
    n: int
    payload: str | None
    said: str | None


# Eighteen digits always fit a row id (63 bits), on both databases.
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9]{1,4})")


def read_cursor(cursor: str) -> tuple[int, int]:
    """Return the position a cursor names; ValueError for what is none."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise ValueError("not a cursor")
    return int(found[1]), int(found[2])


_COLUMNS = (outbox.c.inbox_id, outbox.c.n, outbox.c.payload)


async def list_answers(connection: Connection, *, conversation: int, message: int) -> list[Said]:
    """Return what was said in answer to the inbox message `message`."""
    answers = or_(
        and_(outbox.c.inbox_id == message, outbox.c.reply_to.is_(None)),
        outbox.c.reply_to == message,
    )
    query = select(*_COLUMNS).where(outbox.c.conversation_id == conversation, answers)
    return [Said(*row) for row in await connection.execute(query.order_by(*_COLUMNS[:2]))]


_UNSENT = Prepared(
    select(outbox.c.conversation_id).where(
        one_of(outbox.c.conversation_id, "conversations"),
        outbox.c.status == literal_column("'queued'"),
        outbox.c.number.is_not(None),
    )
)


async def list_unsent(connection: Connection, conversations: Sequence[int]) -> frozenset[int]:
    """Return those of these conversations that have a question which has not left."""
    rows = await _UNSENT.rows(connection, conversations=list(conversations))
    return frozenset(number for (number,) in rows)


async def is_over(connection: Connection, *, message: int) -> bool:
    """Tell whether a message was dealt with and no album of it waits to be answered."""
    album = exists().where(evidence.c.album == message)
    query = select(inbox.c.id).where(inbox.c.id == message, inbox.c.status != INBOX_WAITING)
    return (await connection.execute(query.where(~album))).first() is not None


async def list_after(
    connection: Connection, *, conversation: int, after: tuple[int, int], limit: int = 50
) -> list[Said]:
    """Return what was said in a conversation after a cursor, oldest first."""
    later = tuple_(outbox.c.inbox_id, outbox.c.n) > tuple_(*after)
    query = select(*_COLUMNS).where(outbox.c.conversation_id == conversation, later)
    rows = await connection.execute(query.order_by(*_COLUMNS[:2]).limit(limit))
    return [Said(*row) for row in rows]


async def list_history(
    connection: Connection, *, conversation: int, sender: str, limit: int = 50
) -> list[Line]:
    """Return the last messages of both sides, oldest first."""
    ours = select(*_COLUMNS).where(outbox.c.conversation_id == conversation)
    theirs = select(inbox.c.id, inbox.c.said).where(
        inbox.c.sender == sender, inbox.c.said.is_not(None)
    )
    out = await connection.execute(ours.order_by(*(c.desc() for c in _COLUMNS[:2])).limit(limit))
    said = await connection.execute(theirs.order_by(inbox.c.id.desc()).limit(limit))
    lines = [Line(i, n, payload, None) for i, n, payload in out]
    lines += [Line(i, -1, None, words) for i, words in said]
    return sorted(lines, key=lambda line: (line.inbox_id, line.n))[-limit:]
