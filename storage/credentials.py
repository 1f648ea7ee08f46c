"""API tokens as their holders and operators see them: whose they are, never what they are.

A token is named by the first ID_LENGTH hex digits of the hash it is kept by. They are as random as
the token itself (88 bits) and lead back to it no more than the whole hash does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, select

from storage.database import Connection
from storage.models import credential, officer
from storage.officers import LISTED, Listed, read_listed
from storage.seams import from_ms

ID_LENGTH = 22


@dataclass(frozen=True, slots=True)
class Token:
    """An API token by its `id`: made `at`, without end when `expires_at` is None."""

    id: str
    officer_id: int
    at: datetime
    expires_at: datetime | None


def id_of(token_hash: str) -> str:
    """Return the id that names the token kept as `token_hash`."""
    return token_hash[:ID_LENGTH]


_COLUMNS = tuple(credential.c[n] for n in ("token_hash", "officer_id", "at_ms", "expires_ms"))
_API = credential.c.kind == "api"


def _read(row: Sequence[Any]) -> Token:
    kept, holder, at_ms, expires_ms = row
    return Token(id_of(kept), holder, from_ms(at_ms), from_ms(expires_ms) if expires_ms else None)


async def list_tokens(connection: Connection) -> list[Listed]:
    """Return the holders of API tokens by id, revoked ones included."""
    holds = exists().where(and_(credential.c.officer_id == officer.c.id, _API))
    rows = await connection.execute(LISTED.where(holds).order_by(officer.c.id))
    return [read_listed(row) for row in rows]


async def list_tokens_of(connection: Connection, number: int, *, now_ms: int) -> list[Token]:
    """Return the tokens of an officer that are valid now, oldest first."""
    query = select(*_COLUMNS).where(credential.c.officer_id == number, _API, _valid(now_ms))
    ordered = query.order_by(credential.c.at_ms, credential.c.token_hash)
    return [_read(row) for row in await connection.execute(ordered)]


async def get_token(connection: Connection, id: str) -> Token | None:
    """Return the token that `id` (ID_LENGTH hex digits) names."""
    query = select(*_COLUMNS).where(_API, _named(id))
    row = (await connection.execute(query)).first()
    return _read(row) if row else None


async def end_token(connection: Connection, id: str) -> bool:
    """End a token at once and for good; False if there was none."""
    ended = await connection.execute(delete(credential).where(_API, _named(id)))
    return ended.rowcount == 1


def _named(id: str) -> Any:
    return func.substr(credential.c.token_hash, 1, ID_LENGTH) == id


def _valid(now_ms: int) -> Any:
    return or_(credential.c.expires_ms.is_(None), credential.c.expires_ms > now_ms)
