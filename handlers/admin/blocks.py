"""Blocks over HTTP: nobody listens to a person for a while. What the person declared stays."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from dialogs.model import Officer
from handlers.admin import schemas as s
from handlers.admin.auth import InParts, still_signed, who
from handlers.admin.bounded import BoundedRoute
from handlers.admin.cursor import BadCursor, read_cursor, write_cursor
from handlers.admin.decisions import FileId
from handlers.admin.files import is_id
from handlers.admin.problems import BLOCKING, READING, bad_cursor
from handlers.errors import standard
from handlers.parts import Parts
from storage import audit, blocks
from storage.blocks import Block, Whom
from storage.database import Connection
from storage.officers import Signed
from storage.seams import from_ms, to_ms
from storage.walls import within

router = APIRouter(prefix="/api/v1", tags=["blocks"], route_class=BoundedRoute)
Blocker = Annotated[Signed, Depends(who("commune_leader", "operator"))]


@router.get("/blocks", operation_id="listBlocks", summary="List blocks", responses=READING)
async def list_blocks(
    officer: Blocker,
    parts: InParts,
    after: Annotated[
        str | None, Query(max_length=64, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> s.Blocks:
    """Blocks in force, oldest first: of people with a file in your commune; an operator's, all."""
    key = parts.secret("cursor")
    try:
        start = read_cursor(key, after) if after is not None else 0
    except BadCursor as error:
        raise bad_cursor() from error
    async with parts.database.reading() as connection:
        found = await blocks.list_blocks(
            connection,
            now_ms=to_ms(parts.now()),
            commune=_commune(officer),
            after=start,
            limit=limit + 1,
        )
    page = found[:limit]
    more = write_cursor(key, page[-1].id) if len(found) > limit else None
    return s.Blocks(items=[_listed(one) for one in page], next=more)


@router.post(
    "/declarations/{id}/block",
    operation_id="blockDeclarant",
    summary="Block the declarant",
    responses=BLOCKING,
)
async def block_declarant(
    number: FileId, body: s.Block, officer: Blocker, parts: InParts
) -> s.BlockState:
    """Take no messages from the declarant of this file for some hours. The person is told until
    when; the draft stays as it is. Blocking again sets the end anew. It stands in the journal.
    """
    now = parts.now()
    until = now + timedelta(hours=body.hours)

    async def job(connection: Connection) -> s.BlockState:
        by, whom = await _opened(connection, parts, officer, number)
        set_now = await blocks.set_block(
            connection,
            whom,
            reason=body.reason,
            until_ms=to_ms(until),
            at_ms=to_ms(now),
            officer=by.id,
        )
        details = {"block": set_now, "hours": body.hours, "reason": body.reason}
        await _note(connection, parts, "block", by, whom, details)
        return s.BlockState(blocked=True, until=from_ms(to_ms(until)), reason=body.reason)

    state = await parts.database.write(within(_place(officer), job))
    parts.blocks.forget()
    return state


@router.delete(
    "/declarations/{id}/block",
    operation_id="unblockDeclarant",
    summary="End a block",
    responses=BLOCKING,
)
async def unblock_declarant(number: FileId, officer: Blocker, parts: InParts) -> s.BlockState:
    """Listen to the declarant again; where nobody is blocked, nothing changes."""

    async def job(connection: Connection) -> None:
        by, whom = await _opened(connection, parts, officer, number)
        if await blocks.end_for_person(connection, whom.person or 0):
            await _note(connection, parts, "unblock", by, whom, {})

    await parts.database.write(within(_place(officer), job))
    parts.blocks.forget()
    return s.BlockState(blocked=False, until=None, reason=None)


async def _opened(
    connection: Connection, parts: Parts, officer: Signed, number: str
) -> tuple[Officer, Whom]:
    """Return the officer as of now, and the declarant of a file in the officer's reach; else 404.

    A person who was erased is nobody to block.
    """
    by = await still_signed(connection, parts, officer)
    found = None
    if is_id(number):
        found = await blocks.find_file(connection, number, commune=_commune(by))
    if found is None:
        raise standard(404)
    return by, found


async def _note(
    connection: Connection,
    parts: Parts,
    action: str,
    by: Officer,
    whom: Whom,
    details: Mapping[str, object],
) -> None:
    await audit.add(
        connection,
        action,
        at_ms=to_ms(parts.now()),
        declaration=whom.declaration,
        officer_id=by.id,
        via="api",
        details=details,
    )


def _commune(officer: Officer) -> str | None:
    """Return the commune an officer may block people of; None for an operator, who may anywhere."""
    return None if officer.role == "operator" else officer.place


def _listed(one: Block) -> s.Blocked:
    return s.Blocked(
        declaration=one.declaration,
        reason=one.reason,
        since=from_ms(one.at_ms),
        until=from_ms(one.until_ms),
    )


def _place(officer: Signed) -> str:
    """Return where an officer may block: an operator everywhere."""
    return "" if officer.role == "operator" else officer.place
