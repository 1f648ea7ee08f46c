"""Blocks: whom nobody listens to until a moment. A person is blocked wherever the person writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.blocks import BlockReason
from storage.database import Connection
from storage.models import block, conversation, declaration


@dataclass(frozen=True, slots=True)
class Whom:
    """Exactly one of `person` and `sender` (of a conversation that has no person yet).

    `declaration` is the row of the file by which the person was found, if it was by one.
    """

    person: int | None = None
    sender: str | None = None
    declaration: int | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """A block in force. `declaration` is the public id of the file it was set by, if any."""

    id: int
    reason: BlockReason
    officer: int | None
    until_ms: int
    at_ms: int
    declaration: str | None


async def find_conversation(connection: Connection, number: int) -> Whom | None:
    """Return who speaks in a conversation; None for an officer's, or where there is none."""
    c = conversation.c
    query = select(c.person_id, c.sender).where(c.id == number, c.officer_id.is_(None))
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Whom(sender=row.sender) if row.person_id is None else Whom(person=row.person_id)


async def find_code(connection: Connection, code: str) -> Whom | None:
    """Return the declarant of a receipt code; None for an unknown one, or one forgotten."""
    return await _declarant(connection, declaration.c.code == code)


async def find_file(connection: Connection, public_id: str, *, commune: str | None) -> Whom | None:
    """Return the declarant of a file that was handed in, in `commune` if one is given."""
    mine = and_(declaration.c.public_id == public_id, declaration.c.code.is_not(None))
    here = mine if commune is None else and_(mine, declaration.c.commune == commune)
    return await _declarant(connection, here)


async def _declarant(connection: Connection, which: ColumnElement[bool]) -> Whom | None:
    c = declaration.c
    query = select(c.person_id, c.id).where(which, c.person_id.is_not(None))
    row = (await connection.execute(query)).first()
    return Whom(person=row.person_id, declaration=row.id) if row else None


async def set_block(
    connection: Connection,
    whom: Whom,
    *,
    reason: BlockReason,
    until_ms: int,
    at_ms: int,
    officer: int | None = None,
) -> int:
    """Block somebody until a moment and return the block's id.

    Who is blocked already has one block as before, with the new end and reason.
    """
    values: dict[str, Any] = {
        "declaration_id": whom.declaration,
        "reason": reason,
        "officer_id": officer,
        "until_ms": until_ms,
        "at_ms": at_ms,
    }
    sqlite = connection.dialect.name == "sqlite"
    added: Any = (sqlite_insert if sqlite else postgresql_insert)(block)
    added = added.values(person_id=whom.person, sender=whom.sender, **values)
    one = block.c.sender if whom.person is None else block.c.person_id
    kept = added.on_conflict_do_update(index_elements=[one], set_=values)
    number: int = (await connection.execute(kept.returning(block.c.id))).scalar_one()
    return number


async def list_blocks(
    connection: Connection,
    *,
    now_ms: int,
    commune: str | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[Block]:
    """Return blocks in force, oldest first; of a commune those of people with a file there."""
    query = _blocks(commune).where(block.c.until_ms > now_ms, block.c.id > after, *_in(commune))
    rows = await connection.execute(query.order_by(block.c.id).limit(limit))
    return [Block(*row) for row in rows]


def _blocks(commune: str | None) -> Select[Any]:
    """Name the file of a block only to those in whose commune it lies."""
    b = block.c
    file = declaration.c.id == b.declaration_id
    here = file if commune is None else and_(file, declaration.c.commune == commune)
    columns = (b.id, b.reason, b.officer_id, b.until_ms, b.at_ms, declaration.c.public_id)
    return select(*columns).outerjoin_from(block, declaration, here)


def _in(commune: str | None) -> Sequence[ColumnElement[bool]]:
    """Return the condition that a blocked person has handed in a file in `commune`."""
    if commune is None:
        return ()
    own = declaration.alias("own")
    theirs = and_(own.c.person_id == block.c.person_id, own.c.code.is_not(None))
    return (exists(select(own.c.id).where(theirs, own.c.commune == commune)),)


async def end_block(connection: Connection, number: int) -> bool:
    """End a block by its id; False when there is none."""
    return await _end(connection, block.c.id == number)


async def end_for_person(connection: Connection, person: int) -> bool:
    """End the block of a person; False when there is none."""
    return await _end(connection, block.c.person_id == person)


async def _end(connection: Connection, which: ColumnElement[bool]) -> bool:
    return (await connection.execute(delete(block).where(which))).rowcount == 1


async def remove_expired(connection: Connection, *, now_ms: int) -> int:
    """Forget blocks that are over; return how many."""
    return (await connection.execute(delete(block).where(block.c.until_ms <= now_ms))).rowcount


async def list_senders(connection: Connection, *, now_ms: int) -> dict[str, int]:
    """Return every sender that is blocked now, with the moment (ms since 1970) it ends."""
    b, c = block.c, conversation.c
    talks = select(c.sender, b.until_ms).join_from(block, conversation, b.person_id == c.person_id)
    senders = select(b.sender, b.until_ms).where(b.sender.is_not(None), b.until_ms > now_ms)
    found: dict[str, int] = {}
    for query in (talks.where(b.until_ms > now_ms, c.officer_id.is_(None)), senders):
        for sender, until_ms in await connection.execute(query):
            found[sender] = max(until_ms, found.get(sender, 0))
    return found
