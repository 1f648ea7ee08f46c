"""What is kept only for a time: who and what is past it, and how it goes."""

from collections.abc import Sequence

from sqlalchemy import and_, delete, exists, or_, select, update

from dialogs.effects import Forget
from dialogs.state import State
from storage import audit, people, sums
from storage.conversations import decode_state, encode_state
from storage.database import Connection
from storage.models import (
    INBOX_DEAD,
    INBOX_WAITING,
    contact,
    conversation,
    declaration,
    inbox,
    outbox,
    person,
)

# What somebody said and nobody has read yet: after a long stop it counts as being here.
_UNREAD = exists().where(inbox.c.sender == conversation.c.sender, inbox.c.status == INBOX_WAITING)


async def list_dead(connection: Connection, *, before_ms: int) -> list[int]:
    """Return the dead letters from before a moment that still have their raw text."""
    old = and_(inbox.c.status == INBOX_DEAD, inbox.c.raw.is_not(None), inbox.c.at_ms < before_ms)
    return [number for (number,) in await connection.execute(select(inbox.c.id).where(old))]


async def empty_dead(connection: Connection, letters: Sequence[int]) -> None:
    """Empty dead letters; that they came, when, and what went wrong stays."""
    await connection.execute(update(inbox).where(inbox.c.id.in_(letters)).values(raw=None))


async def list_idle_people(connection: Connection, *, before_ms: int, limit: int) -> list[int]:
    """Return people who have nothing but drafts and were not here since a moment.

    A file that was ever handed in and is back as a draft counts as a draft.
    """
    files = select(declaration.c.id).where(declaration.c.person_id == person.c.id)
    others = files.where(declaration.c.status != "draft")
    talks = select(conversation.c.id).where(conversation.c.person_id == person.c.id)
    recent = talks.where(or_(conversation.c.seen_ms >= before_ms, _UNREAD))
    demo = files.where(declaration.c.demo)
    query = select(person.c.id).where(
        person.c.at_ms < before_ms, ~exists(others), ~exists(recent), ~exists(demo)
    )
    rows = await connection.execute(query.order_by(person.c.id).limit(limit))
    return [number for (number,) in rows]


async def forget_idle(connection: Connection, number: int, *, before_ms: int, at_ms: int) -> None:
    """Forget a person as erasing does, unless they came back meanwhile."""
    whose = conversation.c.person_id == number
    here = or_(conversation.c.seen_ms >= before_ms, _UNREAD)
    back = select(conversation.c.id).where(whose, here)
    if (await connection.execute(back)).first() is not None:
        return
    forget, journal = Forget(number, "expired"), list[audit.Line]()
    async with sums.kept(connection, sums.list_touched([forget])):
        await people.forget(connection, forget, conversation_id=None, at_ms=at_ms, journal=journal)
    journal.append(audit.Line("forget_expired", at_ms, via="command"))
    await audit.add_all(connection, journal)


async def list_strangers(connection: Connection, *, before_ms: int, limit: int) -> list[int]:
    """Return conversations without a person or officer that rest since a moment."""
    c = conversation.c
    news = or_(inbox.c.at_ms >= before_ms, inbox.c.status == INBOX_WAITING)
    came = exists().where(inbox.c.sender == c.sender, news)
    query = select(c.id).where(c.person_id.is_(None), c.officer_id.is_(None))
    rows = await connection.execute(query.where(c.seen_ms < before_ms, ~came).limit(limit))
    return [number for (number,) in rows]


async def remove_strangers(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete conversations with the messages of both sides; keyed hashes of event ids stay."""
    await people.forget_messages(connection, numbers)
    gone = conversation.c.id.in_(numbers)
    senders = select(conversation.c.sender).where(gone)
    await connection.execute(delete(contact).where(contact.c.sender.in_(senders)))
    await connection.execute(delete(conversation).where(gone))


async def list_left_desks(connection: Connection, *, before_ms: int, limit: int) -> list[int]:
    """Return officers' conversations that rest since a moment and still have messages."""
    c = conversation.c
    shown = exists().where(outbox.c.conversation_id == c.id)
    query = select(c.id).where(c.officer_id.is_not(None), c.seen_ms < before_ms, shown)
    return [number for (number,) in await connection.execute(query.limit(limit))]


async def clear_desks(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete the messages of officers' conversations, since they name people; begin them anew."""
    await people.forget_messages(connection, numbers)
    c = conversation.c
    for number, state in await _states(connection, numbers):
        fresh = encode_state(State(flow="officer", step="desk", locale=state.locale))
        anew = update(conversation).where(c.id == number)
        await connection.execute(anew.values(state=fresh, version=c.version + 1))


async def _states(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, State]]:
    query = select(conversation.c.id, conversation.c.state).where(conversation.c.id.in_(numbers))
    return [(number, decode_state(kept)) for number, kept in await connection.execute(query)]
