"""Words by which one person joins several channels: kept as keyed hashes, used once."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update

from dialogs.effects import OfferLink, RedeemLink
from dialogs.facts import Invitation, Others, Tries
from dialogs.linking import LOCKED_MS, OWN_MOST, WINDOW_MS
from dialogs.model import Officer
from storage.database import Connection
from storage.models import conversation, credential, inbox, link, link_try, officer, person
from storage.seams import to_ms
from storage.writing import Conflict

DAY_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A word that can be used: whose it is, and the conversation that was given it."""

    person: int
    conversation: int
    sender: str


async def get_offered(connection: Connection, kept: str, *, now_ms: int) -> Offered | None:
    """Return what the word kept as `kept` leads to; None when it is unknown, used or too old.

    A conversation that has left the person since gives nobody in any more.
    """
    usable = and_(link.c.kept == kept, link.c.used_ms.is_(None), link.c.expires_ms > now_ms)
    giver = and_(
        conversation.c.id == link.c.conversation_id, conversation.c.person_id == link.c.person_id
    )
    columns = (link.c.person_id, link.c.conversation_id, conversation.c.sender)
    query = select(*columns).join_from(link, conversation, giver).where(usable)
    row = (await connection.execute(query)).first()
    return Offered(*row) if row else None


async def offer(
    connection: Connection, effect: OfferLink, *, conversation_id: int, at_ms: int
) -> None:
    """Keep words for a person; of six-digit codes the newest alone is good.

    Conflict where a code is another person's at the moment: another one is to be drawn.
    """
    mine = and_(link.c.person_id == effect.person, link.c.used_ms.is_(None))
    if any(kind == "code" for kind, _ in effect.words):
        await connection.execute(delete(link).where(mine, link.c.kind == "code"))
    wanted = link.c.kept.in_([kept for _, kept in effect.words])
    over = and_(wanted, or_(link.c.used_ms.is_not(None), link.c.expires_ms <= at_ms))
    old = link.c.expires_ms <= at_ms - DAY_MS
    await connection.execute(delete(link).where(or_(over, old)))
    if (await connection.execute(select(link.c.kept).where(wanted))).first() is not None:
        raise Conflict("link")
    shared = {"person_id": effect.person, "conversation_id": conversation_id}
    ends = {"expires_ms": to_ms(effect.until)}
    rows = [{"kept": kept, "kind": kind, **shared, **ends} for kind, kept in effect.words]
    await connection.execute(insert(link), rows)


async def redeem(
    connection: Connection, effect: RedeemLink, *, conversation_id: int, at_ms: int
) -> None:
    """Use a word: the conversation joins its person. Conflict unless it can still be used.

    From now on the person's turns are counted, since two conversations may speak at once.
    """
    usable = and_(
        link.c.kept == effect.kept,
        link.c.person_id == effect.person,
        link.c.used_ms.is_(None),
        link.c.expires_ms > at_ms,
    )
    used = await connection.execute(update(link).where(usable).values(used_ms=at_ms))
    free = and_(conversation.c.id == conversation_id, conversation.c.person_id.is_(None))
    joins = update(conversation).where(free)
    joined = await connection.execute(joins.values(person_id=effect.person, linked_ms=at_ms))
    if (used.rowcount, joined.rowcount) != (1, 1):
        raise Conflict("link")
    counted = update(person).where(person.c.id == effect.person)
    await connection.execute(counted.values(version=func.coalesce(person.c.version, 0) + 1))


async def add_try(connection: Connection, *, conversation_id: int, at_ms: int) -> None:
    """Count a word that led nowhere; what is too old to matter goes."""
    old = link_try.c.at_ms < at_ms - WINDOW_MS - LOCKED_MS
    await connection.execute(delete(link_try).where(old))
    row = {"conversation_id": conversation_id, "at_ms": at_ms}
    await connection.execute(insert(link_try), row)


async def get_tries(connection: Connection, *, message: int, now_ms: int) -> Tries:
    """Return the wrong words of the conversation in which a message came, and of everybody."""
    mine = select(conversation.c.id).join_from(
        inbox, conversation, conversation.c.sender == inbox.c.sender
    )
    own = select(link_try.c.at_ms).where(
        link_try.c.conversation_id.in_(mine.where(inbox.c.id == message))
    )
    newest = own.order_by(link_try.c.at_ms.desc()).limit(OWN_MOST)
    moments = [at_ms for (at_ms,) in await connection.execute(newest)]
    return Tries(tuple(reversed(moments)), await count_tries(connection, now_ms=now_ms))


async def count_tries(connection: Connection, *, now_ms: int) -> int:
    """Return how many words led nowhere in the last quarter of an hour, of all conversations."""
    late = select(func.count()).select_from(link_try).where(link_try.c.at_ms > now_ms - WINDOW_MS)
    number: int = (await connection.execute(late)).scalar_one()
    return number


async def get_others(connection: Connection, *, person_id: int, message: int) -> Others:
    """Return a person's conversations beside the one in which a message came, oldest first."""
    c = conversation.c
    joined = func.coalesce(c.linked_ms, 0)
    query = select(c.channel, c.sender).where(c.person_id == person_id).order_by(joined, c.id)
    rows = (await connection.execute(query)).all()
    own = (
        await connection.execute(select(inbox.c.sender).where(inbox.c.id == message))
    ).scalar_one_or_none()
    channels = tuple(channel for channel, sender in rows if sender != own)
    return Others(channels, bool(rows) and rows[0].sender == own)


async def list_others(
    connection: Connection, *, person_id: int, but: int
) -> Sequence[tuple[int, str, str, str]]:
    """Return (id, channel, bot, sender) of a person's conversations but one."""
    c = conversation.c
    query = select(c.id, c.channel, c.bot, c.sender).where(c.person_id == person_id, c.id != but)
    return [(i, h, b, s) for i, h, b, s in await connection.execute(query.order_by(c.id))]


async def get_channel(connection: Connection, number: int) -> str:
    """Return the channel of a conversation."""
    query = select(conversation.c.channel).where(conversation.c.id == number)
    channel: str = (await connection.execute(query)).scalar_one()
    return channel


async def get_invitation(connection: Connection, kept: str, *, now_ms: int) -> Invitation:
    """Return whom the one-time invitation kept as `kept` is for, while it can be used."""
    columns = (officer.c[n] for n in ("id", "name", "role", "place", "locale"))
    usable = and_(*_usable(kept, now_ms), officer.c.revoked_ms.is_(None))
    query = select(*columns).join_from(credential, officer).where(usable)
    row = (await connection.execute(query)).first()
    return Invitation(kept, Officer(*row) if row else None)


async def accept(
    connection: Connection, kept: str, *, officer_id: int, conversation_id: int, at_ms: int
) -> None:
    """Use an invitation: the conversation is the officer's desk. Conflict where it was used."""
    mine = credential.c.officer_id == officer_id
    used = update(credential).where(*_usable(kept, at_ms), mine).values(used_ms=at_ms)
    spent = await connection.execute(used)
    free = and_(conversation.c.id == conversation_id, conversation.c.person_id.is_(None))
    becomes = update(conversation).where(free).values(officer_id=officer_id)
    if (spent.rowcount, (await connection.execute(becomes)).rowcount) != (1, 1):
        raise Conflict("invitation")


def _usable(kept: str, now_ms: int) -> tuple[ColumnElement[bool], ...]:
    return (
        credential.c.token_hash == kept,
        credential.c.kind == "link",
        credential.c.used_ms.is_(None),
        credential.c.expires_ms > now_ms,
    )
