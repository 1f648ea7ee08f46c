"""API tokens over HTTP: everybody one's own, an operator those of whoever stands below."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from dialogs.errors import RuleBroken
from dialogs.model import Officer
from dialogs.rights import commune_of, may_keep_tokens_of
from dialogs.screen import Msg
from handlers.admin import people_schemas as p
from handlers.admin.auth import AnyOfficer, InParts, still_signed
from handlers.admin.bounded import BoundedRoute
from handlers.admin.ids import is_token_id, read_officer_id
from handlers.admin.people_words import to_token
from handlers.admin.problems import CHANGING, GONE, READING
from handlers.errors import standard
from handlers.parts import Parts
from storage import audit, credentials, officers
from storage.credentials import Token
from storage.database import Connection
from storage.officers import Signed
from storage.seams import from_ms, to_ms

TOKENS_MAX: Final = 20
TokenId = Annotated[str, Path(alias="id", description="Id of the token, as lists give it.")]
router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"], route_class=BoundedRoute)


class TooManyTokens(RuleBroken):
    """An officer holds as many tokens as anybody may: end one first."""

    code = "too_many_tokens"


class OutlivesMaker(RuleBroken):
    """A token made by a token that ends before it."""

    code = "outlives_maker"


@router.get("", operation_id="listTokens", summary="List tokens", responses=READING)
async def list_tokens(
    officer: AnyOfficer,
    parts: InParts,
    of: Annotated[
        str | None,
        Query(alias="officer", max_length=64, description="Whose; left out: yours."),
    ] = None,
) -> p.Tokens:
    """Your valid tokens, or (for operators) those of an officer: when made, when they end."""
    async with parts.database.reading() as connection:
        holder = await _holder(connection, parts, officer, of)
        now_ms = to_ms(parts.now())
        found = await credentials.list_tokens_of(connection, holder.id, now_ms=now_ms)
    return p.Tokens(items=[to_token(parts, officer, one) for one in found], next=None)


@router.post(
    "", operation_id="makeToken", summary="Make a token", status_code=201, responses=CHANGING
)
async def make_token(body: p.MakeToken, officer: AnyOfficer, parts: InParts) -> p.TokenMade:
    """Make a further token with the rights of its officer. It is shown this once. It ends no later
    than the token it is made with (`outlives_maker`), and nobody holds more than 20
    (`too_many_tokens`).
    """
    token = parts.seams.token()

    async def work(connection: Connection) -> p.TokenMade:
        by = await still_signed(connection, parts, officer)
        holder = await _holder(connection, parts, by, body.officer)
        at_ms = to_ms(parts.now())
        held = await credentials.list_tokens_of(connection, holder.id, now_ms=at_ms)
        if len(held) >= TOKENS_MAX:
            raise TooManyTokens(Msg("tokens.too_many", {"most": TOKENS_MAX}))
        ends = _end(by, at_ms, body.days)
        await officers.add_credential(
            connection, token=token, officer_id=holder.id, kind="api", at_ms=at_ms, expires_ms=ends
        )
        await _note(connection, parts, by, "token_add", holder)
        made = Token(
            credentials.id_of(officers.hash_token(token)),
            holder.id,
            from_ms(at_ms),
            from_ms(ends) if ends else None,
        )
        return p.TokenMade(**dict(to_token(parts, by, made)), token=token)

    return await parts.database.write(work)


def _end(by: Signed, at_ms: int, days: int | None) -> int | None:
    """Return when a token of `days` ends; a token that ends makes none that lasts longer."""
    if days is None:
        return by.expires_ms
    ends = at_ms + int(timedelta(days=days).total_seconds() * 1000)
    if by.expires_ms is not None and ends > by.expires_ms:
        raise OutlivesMaker(Msg("tokens.outlives"))
    return ends


@router.delete(
    "/{id}",
    operation_id="endToken",
    summary="End a token",
    status_code=204,
    response_class=Response,
    responses=GONE,
)
async def end_token(id: TokenId, officer: AnyOfficer, parts: InParts) -> Response:
    """End a token at once, the one of this call too. One that is gone is 404."""

    async def work(connection: Connection) -> None:
        by = await still_signed(connection, parts, officer)
        found = await credentials.get_token(connection, id) if is_token_id(id) else None
        holder = None if found is None else await officers.get_officer(connection, found.officer_id)
        if holder is None or not may_keep_tokens_of(by, holder):
            raise standard(404)
        await credentials.end_token(connection, id)
        await _note(connection, parts, by, "token_revoke", holder)

    await parts.database.write(work)
    return Response(status_code=204, headers={"Cache-Control": "no-store"})


async def _holder(connection: Connection, parts: Parts, by: Signed, id: str | None) -> Officer:
    """Return whose tokens are meant: the caller, or the officer with this id; else 404."""
    if id is None:
        return by
    number = read_officer_id(parts, id)
    found = None if number is None else await officers.get_officer(connection, number)
    if found is None or not may_keep_tokens_of(by, found):
        raise standard(404)
    return found


async def _note(
    connection: Connection, parts: Parts, by: Officer, action: str, holder: Officer
) -> None:
    """Write an act on a token into the journal: whose it was, never what it was."""
    await audit.add(
        connection,
        action,
        at_ms=to_ms(parts.now()),
        place=commune_of(holder.place) or holder.place,
        officer_id=by.id,
        via="api",
        details={"officer": holder.id},
    )
