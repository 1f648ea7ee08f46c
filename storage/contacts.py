"""Who may be written to on the channels we send on: their last action, and what stops us."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.models import contact, conversation, outbox
from storage.prepared import Prepared, columns, one_of

# What waits for the person to write again is due at no time until then.
NEVER_MS = 9_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Contact:
    """When a person last did something (None: never), and the code of what stops us."""

    acted_ms: int | None
    stopped: str | None


def _acting(insert: Any, latest: Any) -> Any:
    """Return the upsert on an insert of (sender, acted_ms)."""
    c = contact.c
    known = latest(func.coalesce(c.acted_ms, 0), insert.excluded.acted_ms)
    news = {"acted_ms": known, "stopped": None, "stopped_ms": None}
    return insert.on_conflict_do_update(index_elements=[c.sender], set_=news)


_GIVEN = columns("given", sender=Text, acted_ms=BigInteger)
_ACTED = Prepared(
    sqlite=_acting(
        sqlite_insert(contact).values(sender=bindparam("sender"), acted_ms=bindparam("acted_ms")),
        func.max,
    ),
    postgresql=_acting(
        postgresql_insert(contact).from_select(["sender", "acted_ms"], select(*_GIVEN.c)),
        func.greatest,
    ),
)
_HELD = Prepared(
    select(outbox.c.inbox_id)
    .join_from(outbox, conversation, conversation.c.id == outbox.c.conversation_id)
    .where(
        one_of(conversation.c.sender, "senders"),
        outbox.c.status == literal_column("'queued'"),
        outbox.c.due_ms.is_not(None),
    )
    .limit(literal_column("1"))
)


async def act(connection: Connection, acted: Mapping[str, int]) -> None:
    """Note when senders did something; what waits for them may be sent from then on.

    That is whatever waits, for a later try too: else their answer would wait behind it. An older
    moment than the known one changes nothing but what stopped us.
    """
    # Always in one order, so that two processes never wait for each other.
    senders = sorted(acted)
    await _ACTED.write(connection, [{"sender": s, "acted_ms": acted[s]} for s in senders])
    if await _HELD.rows(connection, senders=senders):
        await _release(connection, senders)


async def _release(connection: Connection, senders: list[str]) -> None:
    mine = select(conversation.c.id).where(conversation.c.sender.in_(senders))
    held = (outbox.c.status == "queued", outbox.c.due_ms.is_not(None))
    freed = update(outbox).where(outbox.c.conversation_id.in_(mine), *held)
    # Why it waited stays known: what nobody knows the fate of is sent once more, not twice.
    await connection.execute(freed.values(due_ms=None))


async def stop(connection: Connection, sender: str, code: str, *, at_ms: int) -> None:
    """Note that nothing can be sent to a sender until they do something again, and why."""
    sqlite = connection.dialect.name == "sqlite"
    row = {"sender": sender, "stopped": code[:40], "stopped_ms": at_ms}
    added = (sqlite_insert if sqlite else postgresql_insert)(contact).values(row)
    news = {"stopped": row["stopped"], "stopped_ms": at_ms}
    await connection.execute(
        added.on_conflict_do_update(index_elements=[contact.c.sender], set_=news)
    )


_KNOWN = select(contact.c.sender, contact.c.acted_ms, contact.c.stopped)


async def get(connection: Connection, senders: Sequence[str]) -> dict[str, Contact]:
    """Return what is known of these senders; one that never did anything is absent."""
    query = _KNOWN.where(contact.c.sender.in_(senders))
    return {sender: Contact(at, why) for sender, at, why in await connection.execute(query)}


async def lock(connection: Connection, senders: Sequence[str]) -> dict[str, Contact]:
    """Return what `get` does; nobody changes it before the transaction ends.

    Who holds something back until its person acts needs it: else an act in the same moment would
    not find it.
    """
    # In one order, as `act` writes them.
    query = _KNOWN.where(contact.c.sender.in_(senders)).order_by(contact.c.sender)
    rows = await connection.execute(query.with_for_update())
    return {sender: Contact(at, why) for sender, at, why in rows}
