"""Photos as rows: what waits to be looked at, what was kept, and who may see it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, or_, select, tuple_, update

from dialogs.model import Verdict
from dialogs.rights import READERS
from storage.database import Connection
from storage.declarations import handed_in
from storage.models import conversation, declaration, evidence, officer

# A literal, not a value: only so does SQLite see at once that the index over waiting rows serves.
_PENDING: ColumnElement[bool] = evidence.c.verdict == literal_column("'pending'")


@dataclass(frozen=True, slots=True)
class Pending:
    """A photo to be looked at, and where its bytes wait.

    It is number `n` of `album`, known since `at_ms`. `source` is where the bytes still lie, if they
    were not fetched yet: then nothing is at `incoming`.
    """

    at_ms: int
    album: int
    n: int
    id: str
    incoming: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the bytes of a kept photo are."""

    photo: str
    thumb: str


async def list_pending(
    connection: Connection, *, limit: int, after: Pending | None = None, far: bool = False
) -> list[Pending]:
    """Return photos to be looked at, oldest first, those behind `after` if it is given.

    Those whose bytes are with us, or the `far` ones, which are to be fetched.
    """
    e = evidence.c
    age = (e.at_ms, e.album, e.n, e.id)
    where = e.source.is_not(None) if far else e.source.is_(None)
    query = select(*age, e.incoming, e.source).where(_PENDING, where).order_by(*age).limit(limit)
    if after is not None:
        query = query.where(tuple_(*age) > tuple_(after.at_ms, after.album, after.n, after.id))
    return [Pending(*row) for row in await connection.execute(query)]


async def is_far(connection: Connection, number: str) -> bool:
    """Tell whether the bytes of a photo are still to be fetched."""
    far = select(evidence.c.id).where(evidence.c.id == number, _PENDING)
    return (await connection.execute(far.where(evidence.c.source.is_not(None)))).first() is not None


async def set_fetched(connection: Connection, number: str, *, at_ms: int) -> bool:
    """Note that the bytes of a far photo are with us now; False when it is gone or was settled.

    From now on it waits like one that was uploaded at `at_ms`.
    """
    fetched = update(evidence).where(evidence.c.id == number, _PENDING)
    fetched = fetched.where(evidence.c.source.is_not(None))
    return (await connection.execute(fetched.values(source=None, at_ms=at_ms))).rowcount == 1


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
    pending = update(evidence).where(evidence.c.id == number, _PENDING)
    return (await connection.execute(pending.values(**values, source=None))).rowcount == 1


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
