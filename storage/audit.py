"""The journal of moves: ids and codes, never personal values, so that erasing breaks nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select

from storage.database import Connection
from storage.models import audit, officer
from storage.seams import from_ms


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `officer` is the officer's name, None for the citizen."""

    id: int
    at: datetime
    action: str
    officer: str | None
    via: str
    source: str | None
    target: str | None
    details: Mapping[str, Any]


async def add(
    connection: Connection,
    action: str,
    *,
    at_ms: int,
    declaration: int | None = None,
    officer_id: int | None = None,
    via: str = "chat",
    source: str | None = None,
    target: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write one line; `details` hold codes and numbers only."""
    row = {
        "at_ms": at_ms,
        "action": action,
        "declaration_id": declaration,
        "officer_id": officer_id,
        "via": via,
        "source": source,
        "target": target,
        "details": msgspec.json.encode(dict(details or {})).decode(),
    }
    await connection.execute(insert(audit), row)


async def list_entries(connection: Connection, *, declaration: int) -> Sequence[Entry]:
    """Return the journal of a declaration, oldest first."""
    c = audit.c
    columns = (c.id, c.at_ms, c.action, officer.c.name, c.via, c.source, c.target, c.details)
    query = select(*columns).outerjoin_from(audit, officer, officer.c.id == c.officer_id)
    rows = await connection.execute(query.where(c.declaration_id == declaration).order_by(c.id))
    return [
        Entry(i, from_ms(at), action, name, via, source, target, msgspec.json.decode(details))
        for i, at, action, name, via, source, target, details in rows
    ]
