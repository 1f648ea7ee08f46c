"""Messages on their way out: claimed for a time, sent by nobody twice at once, each accounted for.

A row is queued, then sending, then one of: sent, failed, unreachable, expired, unknown. The claim
is written before the call; `attempts` fences it, so that whoever comes back late changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    Text,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)

from dialogs.model import Unsent
from storage.contacts import NEVER_MS
from storage.database import Connection
from storage.models import contact, conversation, outbox
from storage.outbox import NOTICE
from storage.prepared import Prepared, columns
from storage.seams import from_ms
from storage.writing import Conflict

LEASE_MS = 60_000
# Why a row that nobody knows the fate of is sent again, once.
UNCLEAR = "unclear"
Reason = Literal["must_write", "stopped", "quota", "waiting", "lost"]
Final = Literal["sent", "failed", "unreachable", "expired", "unknown"]
_OPEN = ("queued", "sending")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message at the head of its conversation, with what is known of whom it goes to.

    `attempts` is that of the claim once it is claimed; `error` why the attempt before failed.
    `repeated`: the same words follow in the same conversation.
    """

    inbox_id: int
    n: int
    conversation: int
    sender: str
    payload: str
    kind: int
    attempts: int
    error: str | None
    at_ms: int
    acted_ms: int | None
    stopped: str | None
    repeated: bool = False

    @property
    def is_notice(self) -> bool:
        """Whether nobody asked for it: it may wait, an answer may not."""
        return self.kind != 0


# Literals, not values: only so does SQLite see that the partial index over open rows serves.
_IS_QUEUED: ColumnElement[bool] = outbox.c.status == literal_column("'queued'")


def _heads() -> Select[Any]:
    """Return the query of the messages that may be sent now, the oldest of each conversation."""
    o, c, k = outbox.c, conversation.c, contact.c
    other = outbox.alias("other")
    waits = other.c.status.in_([literal_column("'queued'"), literal_column("'sending'")])
    mine = and_(other.c.conversation_id == o.conversation_id, waits)
    place, others = tuple_(o.inbox_id, o.n), tuple_(other.c.inbox_id, other.c.n)
    earlier = exists().where(mine, others < place)
    again = exists().where(mine, others > place, other.c.payload == o.payload)
    own = (o.inbox_id, o.n, o.conversation_id, c.sender, o.payload, o.kind, o.attempts, o.error)
    due = or_(o.due_ms.is_(None), o.due_ms <= bindparam("now_ms", type_=BigInteger))
    of_account = (c.channel == bindparam("channel"), c.bot == bindparam("bot"))
    return (
        select(*own, o.at_ms, k.acted_ms, k.stopped, again)
        .select_from(outbox)
        .join(conversation, c.id == o.conversation_id)
        .outerjoin(contact, k.sender == c.sender)
        .where(_IS_QUEUED, *of_account, due, ~earlier)
        .order_by(o.inbox_id, o.n)
        .limit(bindparam("most", type_=Integer))
    )


_HEADS = Prepared(_heads())


async def list_heads(
    connection: Connection, *, channel: str, bot: str, now_ms: int, limit: int
) -> list[Outgoing]:
    """Return what may be sent on an account now, oldest first; nothing behind one under way."""
    rows = await _HEADS.rows(connection, channel=channel, bot=bot, now_ms=now_ms, most=limit)
    return [Outgoing(*row) for row in rows]


def _claiming(given: Any) -> Any:
    """Return the update whose values `given(name)` stands for."""
    named = and_(outbox.c.inbox_id == given("row_inbox"), outbox.c.n == given("row_n"))
    leased = {"status": "sending", "attempts": outbox.c.attempts + 1, "due_ms": None}
    return update(outbox).where(named, _IS_QUEUED).values(**leased, lease_ms=given("until_ms"))


_CLAIMED_ROWS = columns("given", row_inbox=BigInteger, row_n=SmallInteger, until_ms=BigInteger)
_CLAIM = Prepared(sqlite=_claiming(bindparam), postgresql=_claiming(_CLAIMED_ROWS.c.__getitem__))


async def claim(connection: Connection, rows: Sequence[Outgoing], *, now_ms: int) -> None:
    """Note that these are being sent: for LEASE_MS nobody else does.

    Conflict where somebody else has begun with one of them: nothing of the transaction stays.
    """
    until_ms = now_ms + LEASE_MS
    given = [{"row_inbox": r.inbox_id, "row_n": r.n, "until_ms": until_ms} for r in rows]
    if await _CLAIM.write(connection, given) != len(given):
        raise Conflict("outbox")


async def put_off(
    connection: Connection, rows: Sequence[Outgoing], *, due_ms: int, error: str
) -> None:
    """Let unclaimed messages wait until `due_ms` (NEVER_MS: until the person writes)."""
    await _set(connection, rows, {"due_ms": due_ms, "error": error[:40]})


async def finish(
    connection: Connection, rows: Sequence[Outgoing], status: Final, error: str
) -> None:
    """End unclaimed messages in a final state."""
    await _set(connection, rows, {"status": status, "error": error[:40]})


async def _set(connection: Connection, rows: Sequence[Outgoing], values: dict[str, Any]) -> None:
    if not rows:
        return
    named = tuple_(outbox.c.inbox_id, outbox.c.n).in_([(r.inbox_id, r.n) for r in rows])
    await connection.execute(
        update(outbox).where(named, outbox.c.status == "queued").values(values)
    )


def _recording(given: Any) -> Any:
    """Return the update whose values `given(name)` stands for."""
    o = outbox.c
    ours = (o.inbox_id == given("row_inbox"), o.n == given("row_n"), o.attempts == given("claimed"))
    ended = {"status": given("ended"), "error": given("why"), "ref": given("theirs")}
    sending = o.status == literal_column("'sending'")
    return update(outbox).where(*ours, sending).values(**ended, lease_ms=None)


_ENDED_ROWS = columns(
    "given",
    row_inbox=BigInteger,
    row_n=SmallInteger,
    claimed=SmallInteger,
    ended=Text,
    why=Text,
    theirs=Text,
)
_RECORD = Prepared(sqlite=_recording(bindparam), postgresql=_recording(_ENDED_ROWS.c.__getitem__))


async def record(
    connection: Connection,
    row: Outgoing,
    status: Final,
    *,
    error: str | None = None,
    ref: str | None = None,
) -> bool:
    """End a claimed message; False when the claim is no longer ours: nothing changes then."""
    given = {
        "row_inbox": row.inbox_id,
        "row_n": row.n,
        "claimed": row.attempts,
        "ended": status,
        "why": error and error[:40],
        "theirs": ref and ref[:80],
    }
    return await _RECORD.write(connection, [given]) == 1


async def again(connection: Connection, row: Outgoing, *, due_ms: int, error: str) -> bool:
    """Let a claimed message be sent again from `due_ms` on; False as in `record`."""
    waiting = {"status": "queued", "due_ms": due_ms, "error": error[:40], "lease_ms": None}
    return await _settle(connection, row, waiting)


async def _settle(connection: Connection, row: Outgoing, values: dict[str, Any]) -> bool:
    o = outbox.c
    ours = (o.inbox_id == row.inbox_id, o.n == row.n, o.attempts == row.attempts)
    done = update(outbox).where(*ours, o.status == "sending").values(values)
    return (await connection.execute(done)).rowcount == 1


async def recover(
    connection: Connection,
    *,
    now_ms: int,
    all_claims: bool = False,
    but: Collection[tuple[int, int]] = (),
) -> int:
    """Take back claims that ran out, or all; return how many.

    Nobody knows whether such a message left. It is sent once more, for silence is worse than a
    repeated question; after the second time it is `unknown`. `but` are those (inbox id, n) that
    the caller itself is still busy with, however long it takes.
    """
    o = outbox.c
    lost = [o.status == "sending", tuple_(o.inbox_id, o.n).not_in(sorted(but))]
    if not all_claims:
        lost.append(o.lease_ms <= now_ms)
    twice = update(outbox).where(*lost, o.error == UNCLEAR)
    gone = await connection.execute(twice.values(status="unknown", lease_ms=None))
    once = update(outbox).where(*lost)
    back = {"status": "queued", "error": UNCLEAR, "lease_ms": None, "due_ms": None}
    return gone.rowcount + (await connection.execute(once.values(back))).rowcount


async def get_unsent(connection: Connection, person: int) -> Unsent | None:
    """Return the newest notice to a person on a channel we send on, unless it was sent."""
    o, c = outbox.c, conversation.c
    query = (
        select(c.channel, o.status, o.error, o.at_ms)
        .join_from(outbox, conversation, c.id == o.conversation_id)
        .join(contact, contact.c.sender == c.sender)
        .where(c.person_id == person, o.kind == NOTICE)
        .order_by(o.inbox_id.desc(), o.n.desc())
        .limit(1)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None or row.status == "sent":
        return None
    return Unsent(row.channel, _reason(row.status, row.error), from_ms(row.at_ms))


_REASONS: Mapping[str | None, Reason] = {
    "window_paid": "must_write",
    "window_closed": "must_write",
    "quota": "quota",
    UNCLEAR: "waiting",
    None: "waiting",
}


def _reason(status: str, error: str | None) -> Reason:
    return _REASONS.get(error, "stopped") if status in _OPEN else "lost"


_LOST = Prepared(
    select(outbox.c.n)
    .where(
        outbox.c.status == literal_column("'sending'"),
        outbox.c.lease_ms <= bindparam("now_ms", type_=BigInteger),
    )
    .limit(literal_column("1"))
)


async def has_lost(connection: Connection, *, now_ms: int) -> bool:
    """Tell whether a claim ran out."""
    return bool(await _LOST.rows(connection, now_ms=now_ms))


_MOMENT = func.coalesce(outbox.c.due_ms, outbox.c.lease_ms)
_NEXT = Prepared(
    select(func.min(_MOMENT)).where(
        outbox.c.status.in_([literal_column("'queued'"), literal_column("'sending'")]),
        literal_column(str(NEVER_MS), BigInteger) > _MOMENT,
        bindparam("after_ms", type_=BigInteger) < _MOMENT,
    )
)


async def next_due_ms(connection: Connection, *, after_ms: int = 0) -> int | None:
    """Return when after a moment the next message is due, or a claim runs out; None for never.

    What was due before it waits for something else: its account's pause or pace.
    """
    ((due_ms,),) = await _NEXT.rows(connection, after_ms=after_ms)
    return None if due_ms is None else int(due_ms)
