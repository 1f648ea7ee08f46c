"""The journal over HTTP: who moved what, within the caller's place."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from dialogs.rights import READERS
from handlers.admin import people_schemas as p
from handlers.admin.auth import InParts, who
from handlers.admin.cursor import BadCursor, read_cursor, write_cursor
from handlers.admin.files import is_id
from handlers.admin.ids import officer_id, read_officer_id
from handlers.admin.problems import READING, bad_cursor
from handlers.errors import standard
from handlers.parts import Parts
from storage import audit_query
from storage.audit_query import Line, Wanted
from storage.database import Connection
from storage.officers import Signed

Auditor = Annotated[Signed, Depends(who(*READERS, "operator"))]
NOBODY = 0
router = APIRouter(prefix="/api/v1", tags=["journal"])


@router.get("/audit", operation_id="listAudit", summary="Read the journal", responses=READING)
async def list_audit(
    officer: Auditor,
    parts: InParts,
    declaration: Annotated[
        str | None, Query(max_length=64, description="Id of a file in your place.")
    ] = None,
    by: Annotated[
        str | None, Query(alias="officer", max_length=64, description="Id of who acted.")
    ] = None,
    action: Annotated[
        str | None, Query(pattern="^[a-z_]+$", max_length=24, examples=["approve"])
    ] = None,
    after: Annotated[
        str | None, Query(max_length=64, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> p.Journal:
    """Every move of the files of your place and every act on its officers, oldest first: ids and
    codes, no names of citizens. An operator reads the lines of every place.
    """
    scope = None if officer.role == "operator" else officer.place
    key = parts.secret("audit-cursor")
    start = read_start(key, after)
    async with parts.database.reading() as connection:
        file = await _file(connection, scope, declaration) if declaration is not None else None
        acted = (read_officer_id(parts, by) or NOBODY) if by is not None else None
        found = await audit_query.list_lines(
            connection, scope=scope, wanted=Wanted(file, acted, action), after=start,
            limit=limit + 1,
        )  # fmt: skip
    page = found[:limit]
    more = write_cursor(key, page[-1].id) if len(found) > limit else None
    return p.Journal(items=[_to_line(parts, line) for line in page], next=more)


def read_start(key: bytes, after: str | None) -> int:
    """Return the row to go on after; 422 for what is no cursor of this list."""
    try:
        return read_cursor(key, after) if after is not None else 0
    except BadCursor as error:
        raise bad_cursor() from error


async def _file(connection: Connection, scope: str | None, public_id: str) -> int:
    found = None
    if is_id(public_id):
        found = await audit_query.get_declaration(connection, scope=scope, public_id=public_id)
    if found is None:
        raise standard(404)
    return found


def _to_line(parts: Parts, line: Line) -> p.Journalled:
    return p.Journalled(
        at=line.at,
        action=line.action,
        place=line.place,
        declaration=line.declaration,
        officer=None if line.officer is None else officer_id(parts, line.officer),
        officer_name=line.officer_name,
        via=line.via,
        source=line.source,
        target=line.target,
        details={name: _shown(parts, name, value) for name, value in line.details.items()},
    )


def _shown(parts: Parts, name: str, value: Any) -> object:
    """Return a detail as others may see it: officers by their ids in addresses."""
    if name == "officer" and isinstance(value, int):
        return officer_id(parts, value)
    return value
