"""Albums as rows: which are whole and settled, and who is to hear of them."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, literal_column, or_, select, update

from storage.database import Connection
from storage.models import conversation, declaration, evidence

# A literal, not a value: only so does SQLite see at once that the index over waiting rows serves.
_PENDING: ColumnElement[bool] = evidence.c.verdict == literal_column("'pending'")
_GROWING: ColumnElement[bool] = evidence.c.quiet_ms.is_not(None)
# Nobody waits longer for the next piece of an album.
LONGEST_QUIET_MS = 60_000


@dataclass(frozen=True, slots=True)
class Hearer:
    """A conversation of the person behind a photo; `sent` marks the one it came by."""

    id: int
    channel: str
    bot: str
    sender: str
    sent: bool


async def list_hearers(connection: Connection, number: str) -> list[Hearer]:
    """Return the conversations of the person behind photo `number`, oldest first.

    Of a photo that does not know how it came, the oldest conversation counts as the one.
    """
    c, e = conversation.c, evidence.c
    query = (
        select(c.id, c.channel, c.bot, c.sender, e.conversation_id)
        .join_from(evidence, declaration, declaration.c.id == e.declaration_id)
        .join(conversation, c.person_id == declaration.c.person_id)
        .where(e.id == number)
        .order_by(c.id)
    )
    rows = (await connection.execute(query)).all()
    sent = (rows[0].conversation_id or rows[0].id) if rows else None
    return [Hearer(row.id, row.channel, row.bot, row.sender, row.id == sent) for row in rows]


async def is_album_settled(connection: Connection, number: str, album: int) -> bool:
    """Tell whether `album`, to which photo `number` belongs, came whole and waits no more.

    Two processes that settle its last two photos at the same moment must not both see the other's
    wait: so the album's rows are written to, and the later of the two looks again.
    """
    file = select(evidence.c.declaration_id).where(evidence.c.id == number).scalar_subquery()
    mine = and_(evidence.c.declaration_id == file, evidence.c.album == album)
    await connection.execute(update(evidence).where(mine).values(album=evidence.c.album))
    waits = select(func.count()).where(mine, or_(_PENDING, _GROWING))
    return (await connection.execute(waits)).scalar_one() == 0


@dataclass(frozen=True, slots=True)
class Grown:
    """An album in pieces that is to be answered: one of its photos, and how many it has."""

    album: int
    evidence: str
    photos: int


async def take_grown(connection: Connection, *, now_ms: int) -> list[Grown]:
    """Return the settled albums to which nothing was added for a while, each of them once.

    A piece that joins later makes its album one to be answered again.
    """
    e = evidence.c
    growing = select(e.declaration_id, e.album).where(_GROWING).group_by(e.declaration_id, e.album)
    ready = growing.having(~_grows(func.max(e.quiet_ms), now_ms))
    found = []
    for file, album in (await connection.execute(ready)).all():
        grown = await _take(connection, file, album, now_ms)
        found += [grown] if grown else []
    return found


def _grows(quiet_ms: ColumnElement[int], now_ms: int) -> ColumnElement[bool]:
    """Return whether more pieces may come; nobody waits for a clock that was set back."""
    return and_(quiet_ms > now_ms, quiet_ms <= now_ms + LONGEST_QUIET_MS)


async def _take(connection: Connection, file: int, album: int, now_ms: int) -> Grown | None:
    """Mark an album as answered, unless it still waits or somebody else did.

    One statement, which sees one moment: a piece that is added meanwhile is not among its rows.
    """
    e, other = evidence.c, evidence.alias()
    waits = exists().where(
        other.c.declaration_id == file,
        other.c.album == album,
        or_(other.c.verdict == "pending", _grows(other.c.quiet_ms, now_ms)),
    )
    mine = and_(e.declaration_id == file, e.album == album, _GROWING, ~waits)
    taken = update(evidence).where(mine).values(quiet_ms=None).returning(e.id, e.n)
    rows = (await connection.execute(taken)).all()
    if not rows:
        return None
    last = max(rows, key=lambda row: row.n)
    return Grown(album, last.id, last.n + 1)


async def next_quiet_ms(connection: Connection) -> int | None:
    """Return when the next settled album in pieces is to be answered; None: there is none."""
    e = evidence.c
    quiet = func.max(e.quiet_ms).label("quiet_ms")
    albums = select(quiet).where(_GROWING).group_by(e.declaration_id, e.album)
    # Where a photo still waits, nothing is to be done before that is settled.
    settled = albums.having(func.max(case((_PENDING, 1), else_=0)) == 0).subquery()
    first: int | None = (
        await connection.execute(select(func.min(settled.c.quiet_ms)))
    ).scalar_one_or_none()
    return first
