"""The journal as it is read: always within a place, by pages, and never about an erased file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from dialogs.rights import place_level
from storage.audit import FORGOTTEN
from storage.database import Connection
from storage.declarations import handed_in
from storage.models import audit, declaration, officer
from storage.seams import from_ms

DECISIONS = ("approve", "return", "reject")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines are wanted; None wants all. `declaration` and `officer` are row ids."""

    declaration: int | None = None
    officer: int | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `declaration` is the public id of a file that is still there."""

    id: int
    at: datetime
    action: str
    place: str
    declaration: str | None
    officer: int | None
    officer_name: str | None
    via: str
    source: str | None
    target: str | None
    details: Mapping[str, Any]


_later = audit.alias("later")
# A row number may be given again after its file was erased: earlier lines are not the new file's.
_STILL = and_(
    declaration.c.id == audit.c.declaration_id,
    ~exists().where(
        _later.c.declaration_id == audit.c.declaration_id,
        _later.c.target == FORGOTTEN,
        _later.c.id >= audit.c.id,
    ),
)
_LINES = (
    select(
        *(audit.c[n] for n in ("id", "at_ms", "action", "place")),
        declaration.c.public_id,
        audit.c.officer_id,
        officer.c.name,
        *(audit.c[n] for n in ("via", "source", "target", "details")),
    )
    .select_from(
        audit.outerjoin(declaration, _STILL).outerjoin(officer, officer.c.id == audit.c.officer_id)
    )
    .order_by(audit.c.id)
)


async def list_lines(
    connection: Connection, *, scope: str | None, wanted: Wanted, after: int = 0, limit: int = 50
) -> list[Line]:
    """Return lines of the place `scope` (None: everywhere) by id after `after`, oldest first."""
    query = _LINES.where(audit.c.id > after)
    if scope is not None:
        query = query.where(_within(scope))
    if wanted.declaration is not None:
        # Only those of the file that has this number now.
        query = query.where(declaration.c.id == wanted.declaration)
    if wanted.officer is not None:
        query = query.where(audit.c.officer_id == wanted.officer)
    if wanted.action is not None:
        query = query.where(audit.c.action == wanted.action)
    return [_read(row) for row in await connection.execute(query.limit(limit))]


def _within(scope: str) -> ColumnElement[bool]:
    """Return the condition that a line belongs to a village or a commune.

    The lines of a commune's files and of its officers carry its code; a village's are found by
    the file, or by the village's own code.
    """
    if place_level(scope) == "village":
        return or_(audit.c.place == scope, declaration.c.village == scope)
    return or_(audit.c.place == scope, audit.c.place.startswith(f"{scope}-", autoescape=True))


def _read(row: Sequence[Any]) -> Line:
    number, at_ms, *kept, details = row
    read: list[Any] = [number, from_ms(at_ms), *kept, msgspec.json.decode(details)]
    return Line(*read)


async def get_declaration(
    connection: Connection, *, scope: str | None, public_id: str
) -> int | None:
    """Return the row id of a file that was handed in, if it lies in `scope` (None: anywhere)."""
    here = declaration.c.code.is_not(None) if scope is None else handed_in(scope)
    query = select(declaration.c.id).where(declaration.c.public_id == public_id, here)
    return (await connection.execute(query)).scalar_one_or_none()


async def count_decisions(
    connection: Connection, *, officer: int, place: str, since_ms: int
) -> int:
    """Return how many decisions an officer has made in the chain of `place` since `since_ms`."""
    c = audit.c
    own = and_(c.place == place, c.officer_id == officer, c.action.in_(DECISIONS))
    query = select(func.count()).select_from(audit).where(own, c.at_ms >= since_ms)
    number: int = (await connection.execute(query)).scalar_one()
    return number
