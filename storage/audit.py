"""The journal of moves: ids and codes, never personal values, so that erasing breaks nothing.

Each line is chained to the one before it in its place (`audit_digest.py` says how,
`audit_chain.py` proves it), so what was written cannot be changed unseen. One chain a place and
not one for all: writers of two communes never wait for each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.audit_digest import CHAINED, FIRST, digest_of
from storage.database import Connection
from storage.models import audit, audit_head, declaration, officer
from storage.prepared import Prepared, one_of
from storage.seams import from_ms

# The target of a line that ends a file's journal: the file was erased, its number may come again.
FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True)
class Line:
    """A line to be written; `details` hold codes and numbers only.

    Its chain is that of `place` (an official code); without one that of the declaration's commune,
    or the one of the whole installation.
    """

    action: str
    at_ms: int
    place: str = ""
    declaration: int | None = None
    officer_id: int | None = None
    via: str = "chat"
    source: str | None = None
    target: str | None = None
    details: Mapping[str, object] = field(default_factory=dict)


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
    place: str = "",
    declaration: int | None = None,
    officer_id: int | None = None,
    via: str = "chat",
    source: str | None = None,
    target: str | None = None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Write one line, as the last thing of its transaction: until the end its chain is locked."""
    line = Line(
        action, at_ms, place, declaration, officer_id, via, source, target, dict(details or {})
    )
    await add_all(connection, [line])


async def add_all(connection: Connection, lines: Sequence[Line]) -> None:
    """Write lines in their order, as the last thing of their transaction.

    Chains are locked in the order of their places, so two transactions never wait for each other
    in a circle. However many lines: four or five statements.
    """
    if not lines:
        return
    placed = await _place(connection, lines)
    heads = await _lock(connection, placed)
    rows = []
    for place, line in placed:
        seq, before = heads[place]
        row = _row(place, seq + 1, line)
        row["digest"] = digest_of(before, tuple(row[name] for name in CHAINED))
        heads[place] = seq + 1, row["digest"]
        rows.append(row)
    await connection.execute(insert(audit), rows)
    moved = [{"of": place, "to": seq, "as": digest} for place, (seq, digest) in heads.items()]
    await connection.execute(_MOVED, moved)


async def list_entries(connection: Connection, *, declaration: int) -> Sequence[Entry]:
    """Return the journal of a declaration, oldest first.

    A number may be given again after its file was erased: lines of the erased one are left out.
    """
    c = audit.c
    columns = (c.id, c.at_ms, c.action, officer.c.name, c.via, c.source, c.target, c.details)
    query = select(*columns).outerjoin_from(audit, officer, officer.c.id == c.officer_id)
    rows = await connection.execute(query.where(c.declaration_id == declaration).order_by(c.id))
    entries = [
        Entry(i, from_ms(at), action, name, via, source, target, msgspec.json.decode(details))
        for i, at, action, name, via, source, target, details in rows
    ]
    ends = [n for n, entry in enumerate(entries, 1) if entry.target == FORGOTTEN]
    return entries[ends[-1] :] if ends else entries


_COMMUNES = Prepared(
    select(declaration.c.id, declaration.c.commune, audit_head.c.place)
    .outerjoin_from(declaration, audit_head, audit_head.c.place == declaration.c.commune)
    .where(one_of(declaration.c.id, "files"))
)
_LOCKED = Prepared(
    select(audit_head.c.place, audit_head.c.seq, audit_head.c.digest)
    .where(one_of(audit_head.c.place, "places"))
    .order_by(audit_head.c.place)
    .with_for_update()
)
_MOVED = (
    update(audit_head)
    .where(audit_head.c.place == bindparam("of"))
    .values(seq=bindparam("to"), digest=bindparam("as"))
)


async def _place(connection: Connection, lines: Sequence[Line]) -> list[tuple[str, Line]]:
    """Give every line its place, and see to it that each place has a head."""
    files = sorted({line.declaration for line in lines if line.declaration and not line.place})
    found = await _COMMUNES.rows(connection, files=files) if files else []
    communes = {number: commune for number, commune, _ in found}
    headed = {head for _, _, head in found}
    placed = [(line.place or communes.get(line.declaration, ""), line) for line in lines]
    new = {place for place, _ in placed} - headed
    if new:
        upsert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
        heads = [{"place": place, "seq": 0, "digest": FIRST} for place in sorted(new)]
        await connection.execute(upsert(audit_head).on_conflict_do_nothing(), heads)
    return placed


async def _lock(
    connection: Connection, placed: Iterable[tuple[str, Line]]
) -> dict[str, tuple[int, str]]:
    """Lock the heads of these chains until the transaction ends: `{place: (seq, digest)}`."""
    places = sorted({place for place, _ in placed})
    rows = await _LOCKED.rows(connection, places=places)
    return {place: (seq, digest) for place, seq, digest in rows}


def _row(place: str, seq: int, line: Line) -> dict[str, Any]:
    return {
        "place": place,
        "seq": seq,
        "at_ms": line.at_ms,
        "action": line.action,
        "declaration_id": line.declaration,
        "officer_id": line.officer_id,
        "via": line.via,
        "source": line.source,
        "target": line.target,
        "details": msgspec.json.encode(line.details).decode(),
    }
