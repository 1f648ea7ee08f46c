"""Dead letters: messages that could not be answered, looked at and put back by an operator.

What somebody wrote is never read here: a letter is its number, channel, age and error class.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select, update

from storage import audit, inbox
from storage.database import Connection
from storage.inbox import Arrival
from storage.models import INBOX_DEAD, INBOX_DONE, conversation
from storage.models import inbox as kept

# A literal, not a value: only so does SQLite see that the index over dead letters serves.
IS_DEAD: ColumnElement[bool] = kept.c.status == literal_column(str(INBOX_DEAD))
ERROR_MAX = 24


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter. `conversation` is None when there is none (any more).

    `empty`: its text is no longer kept, so it cannot be answered again.
    """

    id: int
    channel: str
    conversation: int | None
    at_ms: int
    attempts: int
    error: str
    empty: bool


_COLUMNS = (
    kept.c.id,
    kept.c.channel,
    conversation.c.id,
    kept.c.at_ms,
    kept.c.attempts,
    kept.c.error,
    kept.c.raw.is_(None),
)


def _letters() -> Select[Any]:
    theirs = (
        (conversation.c.sender == kept.c.sender)
        & (conversation.c.channel == kept.c.channel)
        & (conversation.c.bot == kept.c.bot)
    )
    return select(*_COLUMNS).outerjoin_from(kept, conversation, theirs).where(IS_DEAD)


async def list_letters(
    connection: Connection, *, after: int = 0, limit: int = 100, error: str | None = None
) -> list[Letter]:
    """Return dead letters with an id greater than `after`, oldest first."""
    query = _letters().where(kept.c.id > after)
    if error is not None:
        query = query.where(kept.c.error == error)
    return [
        _letter(row) for row in await connection.execute(query.order_by(kept.c.id).limit(limit))
    ]


async def get_letter(connection: Connection, number: int) -> Letter | None:
    """Return a dead letter; None when there is none with this number."""
    row = (await connection.execute(_letters().where(kept.c.id == number))).first()
    return _letter(row) if row else None


def _letter(row: Sequence[Any]) -> Letter:
    number, channel, talk, at_ms, attempts, error, empty = row
    return Letter(number, channel, talk, at_ms, attempts, error or "unknown", bool(empty))


async def replay(connection: Connection, number: int, *, at_ms: int) -> int | None:
    """Put a letter back as a fresh message that waits; return that message's id.

    None when there is no such letter, or nothing of it is kept. It comes in behind what its sender
    has said since, so that the answer is new to every page; the old row keeps its event id, so
    that the platform's own repetition still counts as known. Twice at once replays once.
    """
    query = select(kept.c.channel, kept.c.bot, kept.c.sender, kept.c.raw)
    mine = query.where(kept.c.id == number, IS_DEAD, kept.c.raw.is_not(None))
    row = (await connection.execute(mine)).first()
    if row is None or not await _close(connection, number):
        return None
    fresh = Arrival(row.channel, row.sender, f"replay:{number}", row.raw, at_ms, row.bot)
    ((message, _),) = (await inbox.add(connection, [fresh])).values()
    details = {"letter": number, "message": message}
    await audit.add(connection, "letter_replay", at_ms=at_ms, via="command", details=details)
    return message


async def drop(connection: Connection, number: int, *, at_ms: int) -> bool:
    """Give a letter up: its text goes; False when there is no such letter."""
    query = select(kept.c.error).where(kept.c.id == number, IS_DEAD)
    row = (await connection.execute(query)).first()
    if row is None or not await _close(connection, number):
        return False
    details = {"letter": number, "error": (row.error or "unknown")[:ERROR_MAX]}
    await audit.add(connection, "letter_drop", at_ms=at_ms, via="command", details=details)
    return True


async def _close(connection: Connection, number: int) -> bool:
    """Let a row be a dead letter no more; False when somebody was faster."""
    closed = update(kept).where(kept.c.id == number, IS_DEAD)
    done = await connection.execute(closed.values(status=INBOX_DONE, raw=None, attempts=0))
    return done.rowcount == 1
