"""What officers' chats still show of a person who is erased: those messages go too.

An officer's screens and words name people. Every screen about a file has the ending of its receipt
code, or the name, or a photo; whatever has one of them goes. A little too much is no harm: an
officer's present question is rebuilt from state and facts.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.sql.elements import KeyedColumnElement

from storage.database import Connection
from storage.models import conversation, declaration, evidence, inbox, officer, outbox, person

# The shortest ending by which officers name a file.
ENDING = 2


async def forget_at_desks(connection: Connection, number: int) -> None:
    """Remove what the chats of the place's officers say about a person's files handed in."""
    d = declaration.c
    query = select(d.id, d.code, d.commune, d.province)
    query = query.where(d.person_id == number, d.code.is_not(None))
    name = (await connection.execute(select(person.c.name).where(person.c.id == number))).scalar()
    for file, code, commune, province in (await connection.execute(query)).all():
        photos = select(evidence.c.id).where(evidence.c.declaration_id == file)
        marks = [code[-ENDING:], *([name] if name else [])]
        marks += [photo for (photo,) in await connection.execute(photos)]
        await _remove(connection, _desks(commune, province), marks)


def _desks(commune: str, province: str) -> ColumnElement[bool]:
    """Return the condition for officers who may have seen files of a commune."""
    place = officer.c.place
    here = or_(place.startswith(commune, autoescape=True), place == province)
    return and_(here, conversation.c.officer_id == officer.c.id)


async def _remove(connection: Connection, desks: ColumnElement[bool], marks: list[str]) -> None:
    chats = select(conversation.c.id).join_from(conversation, officer, desks)
    senders = select(conversation.c.sender).join_from(conversation, officer, desks)
    shown = and_(outbox.c.conversation_id.in_(chats), _has(outbox.c.payload, marks))
    await connection.execute(delete(outbox).where(shown))
    said = and_(inbox.c.sender.in_(senders), _has(inbox.c.said, marks))
    await connection.execute(update(inbox).where(said).values(said=None))


def _has(text: KeyedColumnElement[str | None], marks: Iterable[str]) -> ColumnElement[bool]:
    return or_(*(text.icontains(mark, autoescape=True) for mark in marks))
