"""What was said to us, kept before it is answered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.models import INBOX_DEAD, INBOX_DONE, INBOX_WAITING, inbox


@dataclass(frozen=True, slots=True)
class Arrival:
    """A raw message at a door. `external_id` is unique per channel and bot (see `event_key`)."""

    channel: str
    sender: str
    external_id: str
    raw: str
    at_ms: int
    bot: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the inbox."""

    id: int
    channel: str
    bot: str
    sender: str
    raw: str
    at_ms: int
    attempts: int


def event_key(secret: bytes, *parts: str) -> str:
    """Return the keyed hash under which a platform's event id is kept (32 hex characters).

    It stays when everything else of a person is forgotten, and names nobody.
    """
    return blake2b("\x1f".join(parts).encode(), key=secret[:64], digest_size=16).hexdigest()


async def add(connection: Connection, arrivals: Sequence[Arrival]) -> dict[str, tuple[int, bool]]:
    """Keep arrivals; return `{external_id: (inbox id, new)}`, `new` False for one seen before."""
    dialect = connection.dialect.name
    insert_ = sqlite_insert(inbox) if dialect == "sqlite" else postgresql_insert(inbox)
    statement = insert_.on_conflict_do_nothing().returning(inbox.c.id, inbox.c.external_id)
    rows = await connection.execute(statement, [asdict(a) for a in arrivals])
    kept = {external: (number, True) for number, external in rows}
    missing = [a.external_id for a in arrivals if a.external_id not in kept]
    if missing:
        seen = select(inbox.c.id, inbox.c.external_id).where(inbox.c.external_id.in_(missing))
        kept |= {external: (number, False) for number, external in await connection.execute(seen)}
    return kept


async def list_waiting(connection: Connection, *, limit: int) -> list[Kept]:
    """Return the oldest waiting message of each of at most `limit` senders, oldest first."""
    waiting = inbox.c.status == INBOX_WAITING
    heads = (
        select(func.min(inbox.c.id))
        .where(waiting)
        .group_by(inbox.c.sender, inbox.c.channel, inbox.c.bot)
        .order_by(func.min(inbox.c.id))
        .limit(limit)
    )
    columns = (inbox.c.id, inbox.c.channel, inbox.c.bot, inbox.c.sender, inbox.c.raw)
    query = select(*columns, inbox.c.at_ms, inbox.c.attempts).where(inbox.c.id.in_(heads))
    rows = await connection.execute(query.order_by(inbox.c.id))
    return [Kept(*row) for row in rows]


async def count_attempt(connection: Connection, ids: Sequence[int]) -> None:
    """Note that these messages are being tried, before they are."""
    tried = update(inbox).where(inbox.c.id.in_(ids))
    await connection.execute(tried.values(attempts=inbox.c.attempts + 1))


_DONE = (
    update(inbox)
    .where(inbox.c.id == bindparam("done_id"))
    .values(status=INBOX_DONE, raw=None, said=bindparam("said"))
)


async def set_done(connection: Connection, done: Sequence[dict[str, object]]) -> None:
    """Mark messages answered (`{"done_id", "said"}`); their raw form goes, what was said stays."""
    await connection.execute(_DONE, done)


async def set_dead(connection: Connection, message: int, error: str) -> None:
    """Move a message to the dead letters with the name of what went wrong (no content)."""
    dead = update(inbox).where(inbox.c.id == message)
    await connection.execute(dead.values(status=INBOX_DEAD, error=error[:200]))


async def count_waiting(connection: Connection) -> int:
    """Return how many messages wait."""
    query = select(func.count()).select_from(inbox).where(inbox.c.status == INBOX_WAITING)
    return (await connection.execute(query)).scalar_one()


async def count_dead(connection: Connection) -> int:
    """Return how many messages lie in the dead letters."""
    query = select(func.count()).select_from(inbox).where(inbox.c.status == INBOX_DEAD)
    return (await connection.execute(query)).scalar_one()


async def add_internal(connection: Connection, arrival: Arrival) -> None:
    """Put an event of our own into the inbox of a conversation (once per external id)."""
    await add(connection, [arrival])
