"""Tokens of Zalo Official Accounts: a row each, changed only by whoever still has the right.

Renewing spends a refresh token, and Zalo tells its successor once. So the right to ask is a mark in
the row, committed before asking. It names who asks, and the version of the pair that is spent:
whoever comes late changes nothing of a newer pair. Tokens come and go sealed (`handlers.zalo`).
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.models import zalo_token

State = Literal["ok", "human"]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pair of tokens as it is kept, and the moment (ms since 1970) its access token ends."""

    access: str
    refresh: str
    access_expires_ms: int


@dataclass(frozen=True, slots=True)
class KeptTokens:
    """The row of one account. `human`: nothing is renewed until somebody gives consent again.

    `code` is Zalo's number for why. `asking` is who asks Zalo now, `asking_ms` since when. `spent`
    is the digest of the refresh token that was shown to Zalo, `asked` times, with no answer yet
    that is kept; before `again_ms` nobody asks again.
    """

    oa_id: str
    pair: Sealed
    version: int
    rotated_ms: int
    state: State
    code: str | None
    alarmed_ms: int | None
    asking: str | None
    asking_ms: int | None
    spent: str | None
    asked: int
    again_ms: int | None


async def get(connection: Connection, oa_id: str) -> KeptTokens | None:
    """Return the row of an account; None while none is kept."""
    c = zalo_token.c
    row = (await connection.execute(select(zalo_token).where(c.oa_id == oa_id))).mappings().first()
    if row is None:
        return None
    values = dict(row)
    pair = Sealed(*(values.pop(name) for name in ("access", "refresh", "access_expires_ms")))
    return KeptTokens(pair=pair, **values)


async def add(connection: Connection, oa_id: str, pair: Sealed, *, at_ms: int) -> bool:
    """Keep the first pair of an account; False, and nothing changed, when there is one already."""
    insert: Any = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    values = {"oa_id": oa_id, "version": 1, "rotated_ms": at_ms, **_columns(pair)}
    first = insert(zalo_token).values(**values).on_conflict_do_nothing(index_elements=["oa_id"])
    return bool((await connection.execute(first)).rowcount == 1)


async def set_pair(connection: Connection, oa_id: str, pair: Sealed, *, at_ms: int) -> int:
    """Keep a pair that a human brought, whatever was there, and return its version.

    Who is asking Zalo at this moment keeps nothing of what comes.
    """
    c = zalo_token.c
    if await add(connection, oa_id, pair, at_ms=at_ms):
        return 1
    values = _columns(pair) | _SETTLED | {"rotated_ms": at_ms, "version": c.version + 1}
    seeded = update(zalo_token).where(c.oa_id == oa_id).values(**values)
    version: int = (await connection.execute(seeded.returning(c.version))).scalar_one()
    return version


async def set_mark(
    connection: Connection, kept: KeptTokens, *, asking: str, spent: str, at_ms: int
) -> bool:
    """Write that `asking` is about to show Zalo the refresh token of `kept`; False: it may not.

    It may while the pair is the one of `kept` and nobody asks but who did when `kept` was read,
    whose answer the caller has given up. The same caller may write it twice.
    """
    c = zalo_token.c
    before = c.asking.is_(None) if kept.asking is None else c.asking == kept.asking
    free = and_(_is_pair(kept), c.state == "ok", or_(before, c.asking == asking))
    # Not `asked + 1`: written twice it is the same.
    values = {"asking": asking, "asking_ms": at_ms, "spent": spent, "asked": kept.asked + 1}
    return await _change(connection, free, **values)


async def set_next(connection: Connection, kept: KeptTokens, pair: Sealed, *, at_ms: int) -> bool:
    """Keep the pair that Zalo gave for the one of `kept`; False when that is no longer the pair.

    Also when somebody else took over meanwhile, or was refused: one use gives one successor, and
    this is it.
    """
    values = _columns(pair) | _SETTLED | {"rotated_ms": at_ms, "version": kept.version + 1}
    if await _change(connection, _is_pair(kept), **values):
        return True
    now = await get(connection, kept.oa_id)
    # Written twice: the second time the first one stands there.
    return now is not None and now.pair == pair


async def set_refused(connection: Connection, kept: KeptTokens, *, asking: str, code: str) -> bool:
    """Write that Zalo refused, so that a human is needed; True for the one whose refusal counts.

    That one raises the alarm, then `set_alarmed`. The mark stays: should it die before, whoever
    takes over the mark raises it.
    """
    values = {"state": "human", "code": code, "alarmed_ms": None}
    mine = and_(_is_pair(kept), zalo_token.c.asking == asking)
    return await _change(connection, mine, **values)


async def set_unclear(
    connection: Connection, kept: KeptTokens, *, asking: str, again_ms: int, sent: bool
) -> None:
    """Write that no answer came, and when somebody may ask again; nothing if others took over.

    What was never `sent` did not spend the token.
    """
    mine = and_(_is_pair(kept), zalo_token.c.asking == asking)
    values: dict[str, Any] = {"asking": None, "asking_ms": None, "again_ms": again_ms}
    if not sent:
        values |= {"asked": kept.asked, "spent": kept.spent}
    await _change(connection, mine, **values)


async def set_alarmed(connection: Connection, kept: KeptTokens, *, at_ms: int) -> bool:
    """Write that the alarm is raised at `at_ms`; True for one process, unless others were first."""
    c = zalo_token.c
    same = and_(_is_pair(kept), c.state == "human", c.alarmed_ms == kept.alarmed_ms)
    return await _change(connection, same, alarmed_ms=at_ms)


async def remove_all(connection: Connection) -> int:
    """Forget every account's tokens; return how many accounts there were."""
    return (await connection.execute(delete(zalo_token))).rowcount


_SETTLED: dict[str, Any] = {
    "state": "ok", "code": None, "alarmed_ms": None, "asking": None, "asking_ms": None,
    "spent": None, "asked": 0, "again_ms": None,
}  # fmt: skip


def _columns(pair: Sealed) -> dict[str, Any]:
    return {name: getattr(pair, name) for name in ("access", "refresh", "access_expires_ms")}


def _is_pair(kept: KeptTokens) -> Any:
    c = zalo_token.c
    return and_(c.oa_id == kept.oa_id, c.version == kept.version)


async def _change(connection: Connection, where: Any, **values: Any) -> bool:
    changed = await connection.execute(update(zalo_token).where(where).values(**values))
    return changed.rowcount == 1
