"""Officers, their one-time links and API tokens; rights are read anew at every step."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, update

from dialogs.effects import TellOfficers
from dialogs.model import Officer, Role
from dialogs.rights import place_level
from storage import inbox
from storage.database import Connection
from storage.models import conversation, credential, officer, village
from storage.people import forget_messages
from storage.seams import from_ms

HOUR_MS = 3_600_000
DESK_ROLES = ("village_reviewer", "commune_officer", "commune_leader")


@dataclass(frozen=True, slots=True)
class Signed(Officer):
    """An officer as the API token of a request says: `credential` is the hash it is kept by."""

    credential: str = field(default="", repr=False)
    expires_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """An officer in a list, since `at`; `revoked` officers stay for the journal."""

    officer: Officer
    revoked: bool
    at: datetime
    village: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link: whose it is, and whether it can still be used."""

    officer: Officer
    usable: bool
    spent: bool


def hash_token(token: str) -> str:
    """Return the form in which a token is kept (it is random, so a plain digest will do)."""
    return sha256(token.encode()).hexdigest()


_COLUMNS = tuple(officer.c[n] for n in ("id", "name", "role", "place", "locale"))


async def add_officer(
    connection: Connection,
    *,
    name: str,
    role: Role,
    place: str,
    at_ms: int,
    locale: str = "vi",
    demo: bool = False,
) -> int:
    """Add an officer and return the id."""
    row = {"name": name, "role": role, "place": place, "locale": locale, "demo": demo}
    added = insert(officer).values(**row, at_ms=at_ms).returning(officer.c.id)
    number: int = (await connection.execute(added)).scalar_one()
    return number


async def get_officer(connection: Connection, number: int) -> Officer | None:
    """Return an officer who may still work."""
    query = select(*_COLUMNS).where(officer.c.id == number, officer.c.revoked_ms.is_(None))
    row = (await connection.execute(query)).first()
    return Officer(*row) if row else None


# Every officer with the name of the village, where the place is one.
LISTED = select(*_COLUMNS, officer.c.revoked_ms, officer.c.at_ms, village.c.name).select_from(
    officer.outerjoin(village, village.c.code == officer.c.place)
)


def read_listed(row: Sequence[Any]) -> Listed:
    """Return the officer in a row of LISTED."""
    return Listed(Officer(*row[:5]), row[5] is not None, from_ms(row[6]), row[7])


async def list_officers(connection: Connection) -> list[Listed]:
    """Return all officers by id."""
    rows = await connection.execute(LISTED.order_by(officer.c.id))
    return [read_listed(row) for row in rows]


async def list_at(
    connection: Connection,
    *,
    scope: str | None,
    communes: Sequence[str],
    after: int = 0,
    limit: int = 50,
) -> list[Listed]:
    """Return the officers whose place is `scope` or lies in it, by id after `after`.

    `scope` None: all of them. `communes` are those of a province, which its code does not tell.
    """
    query = LISTED.where(officer.c.id > after)
    if scope is not None:
        query = query.where(_lies_in(scope, communes))
    rows = await connection.execute(query.order_by(officer.c.id).limit(limit))
    return [read_listed(row) for row in rows]


def _lies_in(scope: str, communes: Sequence[str]) -> ColumnElement[bool]:
    place = officer.c.place
    match place_level(scope):
        case "village":
            return place == scope
        case "commune":
            return or_(place == scope, place.startswith(f"{scope}-", autoescape=True))
    return or_(place == scope, func.substr(place, 1, 5).in_(communes))


async def get_listed(connection: Connection, number: int) -> Listed | None:
    """Return an officer, revoked or not."""
    row = (await connection.execute(LISTED.where(officer.c.id == number))).first()
    return read_listed(row) if row else None


async def find_demo(connection: Connection) -> Officer | None:
    """Return the officer of the demo, if there is one."""
    query = select(*_COLUMNS).where(officer.c.demo, officer.c.revoked_ms.is_(None))
    row = (await connection.execute(query.order_by(officer.c.id).limit(1))).first()
    return Officer(*row) if row else None


async def revoke(connection: Connection, number: int, *, at_ms: int) -> bool:
    """End an officer's rights at once, links and tokens included; False if there were none.

    The messages of the officer's chats go too: they name people, and a cookie still shows them.
    """
    mine = and_(officer.c.id == number, officer.c.revoked_ms.is_(None))
    ended = await connection.execute(update(officer).where(mine).values(revoked_ms=at_ms))
    c = conversation.c
    desks = await connection.execute(select(c.id).where(c.officer_id == number))
    await forget_messages(connection, [desk for (desk,) in desks])
    # A turn of theirs that was decided before this is decided again, and then says nothing.
    anew = update(conversation).where(c.officer_id == number)
    await connection.execute(anew.values(version=c.version + 1))
    return ended.rowcount == 1


async def add_credential(
    connection: Connection,
    *,
    token: str,
    officer_id: int,
    kind: str,
    at_ms: int,
    expires_ms: int | None = None,
) -> None:
    """Keep the hash of a one-time link (`kind` "link") or an API token ("api")."""
    row = {"token_hash": hash_token(token), "officer_id": officer_id, "kind": kind}
    await connection.execute(insert(credential).values(**row, at_ms=at_ms, expires_ms=expires_ms))


async def get_link(connection: Connection, token: str, *, now_ms: int) -> Link | None:
    """Return whose one-time link this is without spending it."""
    joined = select(*_COLUMNS, credential.c.expires_ms, credential.c.used_ms)
    mine = and_(credential.c.token_hash == hash_token(token), credential.c.kind == "link")
    query = joined.join_from(credential, officer, officer.c.id == credential.c.officer_id)
    row = (await connection.execute(query.where(mine, officer.c.revoked_ms.is_(None)))).first()
    if row is None:
        return None
    spent = row[6] is not None
    return Link(Officer(*row[:5]), not spent and (row[5] or 0) > now_ms, spent)


async def spend_link(connection: Connection, token: str, *, now_ms: int) -> Officer | None:
    """Use a one-time link; None when it is unknown, used, too old, or its officer revoked."""
    link = await get_link(connection, token, now_ms=now_ms)
    if link is None or not link.usable:
        return None
    unused = and_(credential.c.token_hash == hash_token(token), credential.c.used_ms.is_(None))
    spent = await connection.execute(update(credential).where(unused).values(used_ms=now_ms))
    return link.officer if spent.rowcount == 1 else None


async def get_by_token(connection: Connection, token: str, *, now_ms: int) -> Signed | None:
    """Return the officer of an API token that is valid now."""
    return await get_signed(connection, hash_token(token), now_ms=now_ms)


async def get_signed(
    connection: Connection, token_hash: str, *, now_ms: int, hold: bool = False
) -> Signed | None:
    """Return the officer of the API token kept as `token_hash`, if it is valid now.

    `hold`: in a write transaction, nobody ends token or officer before that transaction ends.
    """
    mine = and_(
        credential.c.token_hash == token_hash,
        credential.c.kind == "api",
        or_(credential.c.expires_ms.is_(None), credential.c.expires_ms > now_ms),
        officer.c.revoked_ms.is_(None),
    )
    joined = select(*_COLUMNS, credential.c.token_hash, credential.c.expires_ms).join_from(
        credential, officer, officer.c.id == credential.c.officer_id
    )
    query = joined.where(mine)
    row = (await connection.execute(query.with_for_update(read=True) if hold else query)).first()
    return Signed(*row[:5], row[5], row[6]) if row else None


async def tell_officers(connection: Connection, effect: TellOfficers, *, at_ms: int) -> None:
    """Put "files wait" into the inbox of the place's officers, each once an hour at most."""
    places = [effect.commune, *([effect.village] if effect.village else [])]
    quiet = or_(officer.c.told_ms.is_(None), officer.c.told_ms <= at_ms - HOUR_MS)
    here = and_(officer.c.place.in_(places), officer.c.role.in_(DESK_ROLES))
    talks = exists().where(conversation.c.officer_id == officer.c.id)
    query = select(officer.c.id).where(here, quiet, officer.c.revoked_ms.is_(None), talks)
    numbers = [number for (number,) in await connection.execute(query)]
    if not numbers:
        return
    told = update(officer).where(officer.c.id.in_(numbers)).values(told_ms=at_ms)
    await connection.execute(told)
    c = conversation.c
    desks = select(c.id, c.channel, c.bot, c.sender).where(c.officer_id.in_(numbers))
    for number, channel, bot, sender in (await connection.execute(desks)).all():
        raw = '{"internal": "files_wait"}'
        external = f"files_wait:{number}:{at_ms}"
        await inbox.add(connection, [inbox.Arrival(channel, sender, external, raw, at_ms, bot=bot)])
