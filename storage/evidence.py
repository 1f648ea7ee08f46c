"""Photos as rows: what waits to be looked at, what was kept, and who may see it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, tuple_, update

from dialogs.model import Verdict
from dialogs.rights import READERS
from storage.database import Connection
from storage.declarations import handed_in
from storage.models import conversation, declaration, evidence, officer


@dataclass(frozen=True, slots=True)
class Pending:
    """A photo to be looked at: where its bytes wait, and whose conversation hears of it.

    It is number `n` of what came with message `album` at `at_ms`.
    """

    at_ms: int
    album: int
    n: int
    id: str
    incoming: str
    channel: str
    bot: str
    sender: str


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the bytes of a kept photo are."""

    photo: str
    thumb: str


async def list_pending(
    connection: Connection, *, limit: int, after: Pending | None = None
) -> list[Pending]:
    """Return photos to be looked at, oldest first, those behind `after` if it is given."""
    e, c = evidence.c, conversation.c
    age = (e.at_ms, e.album, e.n)
    query = (
        select(*age, e.id, e.incoming, c.channel, c.bot, c.sender)
        .join_from(evidence, declaration, declaration.c.id == e.declaration_id)
        .join(conversation, c.person_id == declaration.c.person_id)
        .where(e.verdict == "pending")
        .order_by(*age)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(*age) > tuple_(after.at_ms, after.album, after.n))
    return [Pending(*row) for row in await connection.execute(query)]


async def set_kept(
    connection: Connection,
    number: str,
    *,
    verdict: Verdict,
    keys: Keys,
    size: tuple[int, int],
    original_sha256: str,
) -> bool:
    """Note that a pending photo is kept; False when it is gone or was settled before."""
    values = {
        "verdict": verdict,
        "photo_key": keys.photo,
        "thumb_key": keys.thumb,
        "width": size[0],
        "height": size[1],
        "original_sha256": original_sha256,
        "incoming": None,
    }
    return await _settle(connection, number, values)


async def set_lost(connection: Connection, number: str, *, reason: str) -> bool:
    """Note that a pending photo cannot be kept, and why (a code)."""
    return await _settle(
        connection, number, {"verdict": "lost", "reason": reason, "incoming": None}
    )


async def _settle(connection: Connection, number: str, values: dict[str, object]) -> bool:
    pending = update(evidence).where(evidence.c.id == number, evidence.c.verdict == "pending")
    return (await connection.execute(pending.values(**values))).rowcount == 1


async def is_album_settled(connection: Connection, number: str, album: int) -> bool:
    """Tell whether no photo of `album`, to which photo `number` belongs, waits any more.

    Two processes that settle its last two photos at the same moment must not both see the other's
    wait: so the album's rows are written to, and the later of the two looks again.
    """
    file = select(evidence.c.declaration_id).where(evidence.c.id == number).scalar_subquery()
    mine = and_(evidence.c.declaration_id == file, evidence.c.album == album)
    await connection.execute(update(evidence).where(mine).values(album=evidence.c.album))
    pending = select(func.count()).where(mine, evidence.c.verdict == "pending")
    return (await connection.execute(pending)).scalar_one() == 0


_KEYS = (evidence.c.photo_key, evidence.c.thumb_key)
_FILES = select(*_KEYS).join_from(
    evidence, declaration, declaration.c.id == evidence.c.declaration_id
)


async def get_for_officer(
    connection: Connection, *, scope: str, number: str, file: str | None = None
) -> Keys | None:
    """Return a kept photo of a file handed in within `scope` (public id `file`, if given)."""
    query = _FILES.where(handed_in(scope), evidence.c.id == number)
    if file is not None:
        query = query.where(declaration.c.public_id == file)
    return await _keys(connection, query)


async def get_for_sender(connection: Connection, *, sender: str, number: str) -> Keys | None:
    """Return a kept photo of the person behind a conversation."""
    mine = select(conversation.c.person_id).where(conversation.c.sender == sender)
    query = _FILES.where(declaration.c.person_id.in_(mine), evidence.c.id == number)
    return await _keys(connection, query)


async def get_for_face(connection: Connection, *, face: str, sender: str, id: str) -> Keys | None:
    """Return a kept photo the conversation of `sender` may show: own ones, or the officer's."""
    if face == "citizen":
        return await get_for_sender(connection, sender=sender, number=id)
    mine = conversation.c.sender == sender
    query = select(officer.c.place, officer.c.role).join_from(conversation, officer)
    row = (await connection.execute(query.where(mine, officer.c.revoked_ms.is_(None)))).first()
    if row is None or row.role not in READERS:
        return None
    return await get_for_officer(connection, scope=row.place, number=id)


async def _keys(connection: Connection, query: Select[Any]) -> Keys | None:
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    photo, thumb = row
    return Keys(photo, thumb) if photo and thumb else None


async def is_used(connection: Connection, key: str) -> bool:
    """Tell whether any evidence names these bytes."""
    uses = or_(evidence.c.photo_key == key, evidence.c.thumb_key == key)
    query = select(func.count()).select_from(evidence).where(uses)
    return (await connection.execute(query)).scalar_one() > 0


async def list_keys(connection: Connection) -> set[str]:
    """Return where the bytes are that some evidence names."""
    rows = (await connection.execute(select(*_KEYS))).all()
    return {key for row in rows for key in row if key is not None}


async def list_incoming(connection: Connection) -> set[str]:
    """Return the names of uploads that still wait to be looked at."""
    query = select(evidence.c.incoming).where(evidence.c.incoming.is_not(None))
    return {name for (name,) in await connection.execute(query)}
