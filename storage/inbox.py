"""What was said to us, kept before it is answered."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.changes import Record
from dialogs.state import STATE_VERSION
from storage import contacts
from storage.database import Connection
from storage.models import INBOX_DEAD, INBOX_DONE, INBOX_WAITING, conversation, inbox
from storage.prepared import Prepared, columns, one_of
from storage.shards import shard_of


class Arrival(Record, frozen=True):
    """A raw message at a door. `external_id` is unique per channel and bot (see `event_key`).

    `acts`: with it the person did something on a channel we send on, which opens its window.
    `dead`: it is a dead letter from the start, with this error: nobody is answered.
    """

    channel: str
    sender: str
    external_id: str
    raw: str
    at_ms: int
    bot: str = ""
    acts: bool = False
    dead: str | None = None


class Kept(Record, frozen=True):
    """A message in the inbox."""

    id: int
    channel: str
    bot: str
    sender: str
    raw: str
    at_ms: int
    attempts: int


def event_key(secret: bytes, *parts: str) -> str:
    """Return the keyed hash under which a platform's event id is kept (32 hex characters).

    It stays when everything else of a person is forgotten, and names nobody.
    """
    return blake2b("\x1f".join(parts).encode(), key=secret[:64], digest_size=16).hexdigest()


_ARRIVAL = ("channel", "sender", "external_id", "raw", "at_ms", "bot", "shard")
_GIVEN: BindParameter[str] = bindparam("arrivals")


def _adding(insert: Any, rows: FromClause, values: Sequence[ColumnElement[Any]]) -> Any:
    """Return the statement that keeps all arrivals of one list; a known one changes nothing."""
    # SQLite takes ON CONFLICT behind a SELECT only if that has a WHERE.
    selected = select(*values).select_from(rows).where(true())
    added = insert(inbox).from_select(_ARRIVAL, selected)
    return added.on_conflict_do_nothing().returning(inbox.c.id, inbox.c.external_id)


def _adding_sqlite() -> Any:
    rows = func.json_each(_GIVEN).table_valued("value")
    values = [
        func.json_extract(rows.c.value, literal_column(f"'$[{n}]'")) for n in range(len(_ARRIVAL))
    ]
    return _adding(sqlite_insert, rows, values)


def _adding_postgresql() -> Any:
    rows = func.json_array_elements(cast(_GIVEN, JSON)).table_valued("value")
    values = [
        cast(rows.c.value.op("->>")(literal_column(str(n))), inbox.c[name].type)
        for n, name in enumerate(_ARRIVAL)
    ]
    return _adding(postgresql_insert, rows, values)


_ADDED = Prepared(sqlite=_adding_sqlite(), postgresql=_adding_postgresql())


async def add(connection: Connection, arrivals: Sequence[Arrival]) -> dict[str, tuple[int, bool]]:
    """Keep arrivals; return `{external_id: (inbox id, new)}`, `new` False for one seen before."""
    rows = [
        (a.channel, a.sender, a.external_id, a.raw, a.at_ms, a.bot, shard_of(a.sender))
        for a in arrivals
        if a.dead is None
    ]
    kept: dict[str, tuple[int, bool]] = {}
    if rows:
        added = await _ADDED.rows(connection, arrivals=msgspec.json.encode(rows).decode())
        kept = {external: (number, True) for number, external in added}
    if letters := [a for a in arrivals if a.dead is not None]:
        kept |= await _add_letters(connection, letters)
    # What comes again is no new act.
    if acted := {a.sender: a.at_ms for a in arrivals if a.acts and a.external_id in kept}:
        await contacts.act(connection, acted)
    missing = [a.external_id for a in arrivals if a.external_id not in kept]
    if missing:
        seen = select(inbox.c.id, inbox.c.external_id).where(inbox.c.external_id.in_(missing))
        kept |= {external: (number, False) for number, external in await connection.execute(seen)}
    return kept


async def _add_letters(
    connection: Connection, letters: Sequence[Arrival]
) -> dict[str, tuple[int, bool]]:
    """Keep what is a dead letter from the start; return the new ones as `add` does."""
    sqlite = connection.dialect.name == "sqlite"
    added = (sqlite_insert if sqlite else postgresql_insert)(inbox).on_conflict_do_nothing()
    rows = [
        {
            **{name: getattr(a, name) for name in _ARRIVAL[:-1]},
            "shard": shard_of(a.sender),
            "status": INBOX_DEAD,
            "error": (a.dead or "")[:200],
        }
        for a in letters
    ]
    new = added.values(rows).returning(inbox.c.id, inbox.c.external_id)
    return {external: (number, True) for number, external in await connection.execute(new)}


# A literal, not a value: only so does SQLite see at once that the index over waiting rows serves.
_IS_WAITING = inbox.c.status == literal_column(str(INBOX_WAITING))
_IS_OURS = one_of(inbox.c.shard, "shards")
_NEWER = exists().where(
    conversation.c.sender == inbox.c.sender, conversation.c.state_version > STATE_VERSION
)


def _waiting(*among: ColumnElement[bool]) -> Select[Any]:
    """Return the query of each sender's oldest waiting message, where `among` holds."""
    heads = (
        select(func.min(inbox.c.id))
        .where(_IS_WAITING, *among)
        .group_by(inbox.c.sender, inbox.c.channel, inbox.c.bot)
        .order_by(func.min(inbox.c.id))
        .limit(bindparam("most", type_=Integer))
    )
    return select(*(inbox.c[name] for name in Kept.__struct_fields__)).where(inbox.c.id.in_(heads))


def _by_age(*among: ColumnElement[bool]) -> Prepared:
    return Prepared(
        sqlite=_waiting(*among).order_by(inbox.c.id),
        postgresql=_waiting(_IS_OURS, *among).order_by(inbox.c.id),
    )


_WAITING, _CLAIMABLE = _by_age(), _by_age(~_NEWER)


async def list_waiting(
    connection: Connection, *, limit: int, shards: Sequence[int], claimable: bool = False
) -> list[Kept]:
    """Return the oldest waiting message of each of at most `limit` senders, oldest first.

    Of `shards` alone (see `shards.lock`); `claimable` leaves out conversations that a newer
    program has written, for which each row must be looked up.
    """
    query = _CLAIMABLE if claimable else _WAITING
    return [Kept(*row) for row in await query.rows(connection, most=limit, shards=shards)]


async def is_waiting(connection: Connection, message: int) -> bool:
    """Tell whether a message still waits for its answer."""
    status = select(inbox.c.status).where(inbox.c.id == message)
    return (await connection.execute(status)).scalar_one_or_none() == INBOX_WAITING


async def count_attempt(connection: Connection, ids: Sequence[int]) -> None:
    """Note that these messages are being tried, before they are."""
    tried = update(inbox).where(inbox.c.id.in_(ids))
    await connection.execute(tried.values(attempts=inbox.c.attempts + 1))


def _doing(given: Any) -> Any:
    """Return the update whose values `given(name)` stands for."""
    done = update(inbox).where(inbox.c.id == given("done_id"))
    return done.values(status=INBOX_DONE, raw=None, said=given("said"))


_ANSWERED = columns("given", done_id=BigInteger, said=Text)
_DONE = Prepared(sqlite=_doing(bindparam), postgresql=_doing(_ANSWERED.c.__getitem__))


async def set_done(connection: Connection, done: Sequence[Mapping[str, object]]) -> None:
    """Mark messages answered (`{"done_id", "said"}`); their raw form goes, what was said stays."""
    await _DONE.write(connection, done)


async def set_dead(connection: Connection, message: int, error: str) -> None:
    """Move a message to the dead letters with the name of what went wrong (no content)."""
    dead = update(inbox).where(inbox.c.id == message)
    await connection.execute(dead.values(status=INBOX_DEAD, error=error[:200]))


async def list_raw(connection: Connection) -> list[str]:
    """Return the raw forms that are still kept: of messages that wait, and of dead letters."""
    query = select(inbox.c.raw).where(inbox.c.raw.is_not(None), inbox.c.status != INBOX_DONE)
    return [raw for (raw,) in await connection.execute(query)]


_MORE = select(inbox.c.id).where(_IS_WAITING).limit(bindparam("most", type_=Integer))
_COUNTED_MORE = Prepared(select(func.count()).select_from(_MORE.subquery()))


async def waits_more(connection: Connection, than: int) -> bool:
    """Tell whether more than so many messages wait, without counting all of them."""
    ((count,),) = await _COUNTED_MORE.rows(connection, most=than + 1)
    return int(count) > than


_COUNTED = Prepared(select(func.count()).select_from(inbox).where(_IS_WAITING))


async def count_waiting(connection: Connection) -> int:
    """Return how many messages wait."""
    ((count,),) = await _COUNTED.rows(connection)
    return int(count)
