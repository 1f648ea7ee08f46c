"""Officers over HTTP: who works here, inviting those below, ending their rights at once."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from dialogs.folding import compose
from dialogs.model import Officer
from dialogs.rights import check_below, check_level, commune_of, oversees, place_level
from dialogs.screen import Msg
from handlers.admin import people_schemas as p
from handlers.admin.auth import Appointer, InParts, still_signed
from handlers.admin.bounded import BoundedRoute
from handlers.admin.cursor import write_cursor
from handlers.admin.files import is_place
from handlers.admin.ids import read_officer_id
from handlers.admin.journal import read_start
from handlers.admin.people_words import to_officer
from handlers.admin.problems import CHANGING, READING
from handlers.errors import Problem, standard
from handlers.field_errors import FieldError
from handlers.parts import Parts
from storage import audit, officers, places
from storage.database import Connection
from storage.officers import Listed, Signed
from storage.seams import from_ms, to_ms

PersonId = Annotated[str, Path(alias="id", description="Id of the officer, as lists give it.")]
router = APIRouter(prefix="/api/v1/officers", tags=["officers"], route_class=BoundedRoute)


@router.get("", operation_id="listOfficers", summary="List officers", responses=READING)
async def list_officers(
    officer: Appointer,
    parts: InParts,
    place: Annotated[
        str | None, Query(description="A place within your own.", examples=["20242"])
    ] = None,
    after: Annotated[
        str | None, Query(max_length=64, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> p.Officers:
    """Officers of your place and the places in it, revoked ones too; an operator sees them all."""
    key = parts.secret("officers-cursor")
    start, scope = read_start(key, after), _scope(parts, officer, place)
    inside = parts.index.communes(scope) if scope and place_level(scope) == "province" else ()
    async with parts.database.reading() as connection:
        found = await officers.list_at(
            connection,
            scope=scope,
            communes=[commune.code for commune in inside],
            after=start,
            limit=limit + 1,
        )
    page = found[:limit]
    more = write_cursor(key, page[-1].officer.id) if len(found) > limit else None
    return p.Officers(items=[to_officer(parts, officer, one) for one in page], next=more)


def _scope(parts: Parts, officer: Signed, place: str | None) -> str | None:
    """Return the place to look in, None for everywhere; 404 for one outside, or that is none."""
    if place is None:
        return None if officer.role == "operator" else officer.place
    known = is_place(place) and (
        parts.index.province(place) or parts.index.get(commune_of(place) or "")
    )
    if not known or not oversees(officer, place):
        raise standard(404)
    return place


@router.post(
    "/invitations",
    operation_id="inviteOfficer",
    summary="Invite an officer",
    status_code=201,
    responses=CHANGING,
)
async def invite(body: p.Invite, officer: Appointer, parts: InParts) -> p.Invitation:
    """Make a one-time link for a new officer whose role stands below yours: a leader invites
    village reviewers and officers of the own commune, an operator everybody but operators. Link
    and code are shown this once.
    """
    name = compose(body.name)
    if not name:
        raise _wrong("name", "problem.field.too_short")
    token = parts.seams.token()

    async def work(connection: Connection) -> p.Invitation:
        by = await still_signed(connection, parts, officer)
        await _check_invited(connection, parts, by, body)
        at_ms = to_ms(parts.now())
        number = await officers.add_officer(
            connection, name=name, role=body.role, place=body.place, at_ms=at_ms
        )
        await _note(connection, parts, by, "officer_invite", number, body.role, body.place)
        return await _give_link(connection, parts, by, number, token)

    return await parts.database.write(work)


async def _check_invited(connection: Connection, parts: Parts, by: Officer, body: p.Invite) -> None:
    """Raise NotAllowed, WrongLevel, or 404 for a place outside the own or that is none."""
    check_below(by, body.role)
    check_level(body.role, body.place)
    known = parts.index.province(body.place) is not None
    if not known and oversees(by, body.place):
        known = await places.get_place(connection, parts.index, body.place) is not None
    if not known or not oversees(by, body.place):
        raise standard(404)


@router.post(
    "/{id}/link",
    operation_id="linkOfficer",
    summary="Give a new link",
    status_code=201,
    responses=CHANGING,
)
async def give_link(number: PersonId, officer: Appointer, parts: InParts) -> p.Invitation:
    """Make a further one-time link for an officer whose role stands below yours: the first one
    was not used in time, or the session has ended.
    """
    token = parts.seams.token()

    async def work(connection: Connection) -> p.Invitation:
        by = await still_signed(connection, parts, officer)
        found = await _open(connection, parts, by, number)
        check_below(by, found.officer.role)
        if found.revoked:
            raise standard(404)
        own = found.officer
        await _note(connection, parts, by, "officer_link", own.id, own.role, own.place)
        return await _give_link(connection, parts, by, own.id, token)

    return await parts.database.write(work)


@router.post(
    "/{id}/revoke", operation_id="revokeOfficer", summary="End all rights", responses=CHANGING
)
async def revoke(number: PersonId, officer: Appointer, parts: InParts) -> p.OfficerOut:
    """End an officer's rights at once: links, tokens and open chats are dead with the answer.
    Only who stands below you; the same again is 200.
    """

    async def work(connection: Connection) -> p.OfficerOut:
        by = await still_signed(connection, parts, officer)
        found = await _open(connection, parts, by, number)
        own = found.officer
        check_below(by, own.role)
        if await officers.revoke(connection, own.id, at_ms=to_ms(parts.now())):
            await _note(connection, parts, by, "officer_revoke", own.id, own.role, own.place)
        return to_officer(parts, by, await _open(connection, parts, by, number))

    return await parts.database.write(work)


async def _open(connection: Connection, parts: Parts, by: Officer, id: str) -> Listed:
    """Return an officer of the caller's place; else 404."""
    number = read_officer_id(parts, id)
    found = None if number is None else await officers.get_listed(connection, number)
    if found is None or not oversees(by, found.officer.place):
        raise standard(404)
    return found


async def _give_link(
    connection: Connection, parts: Parts, by: Officer, number: int, token: str
) -> p.Invitation:
    at_ms = to_ms(parts.now())
    ends = at_ms + parts.officer_link_minutes * 60_000
    await officers.add_credential(
        connection, token=token, officer_id=number, kind="link", at_ms=at_ms, expires_ms=ends
    )
    listed = await officers.get_listed(connection, number)
    assert listed is not None
    return p.Invitation(
        officer=to_officer(parts, by, listed),
        link=f"{parts.public_url}/officer/{token}",
        code=token,
        expires_at=from_ms(ends),
    )


async def _note(
    connection: Connection, parts: Parts, by: Officer, action: str, number: int, role: str, at: str
) -> None:
    """Write an act on an officer into the journal of the commune (or province) it is about."""
    await audit.add(
        connection,
        action,
        at_ms=to_ms(parts.now()),
        place=commune_of(at) or at,
        officer_id=by.id,
        via="api",
        details={"officer": number, "role": role, "place": at},
    )


def _wrong(field: str, key: str) -> Problem:
    errors = [FieldError("body", field, Msg(key))]
    return Problem(422, "invalid", Msg("problem.detail.invalid"), errors=errors)
