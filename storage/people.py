"""Persons and their consents, and forgetting them for real."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from dialogs.effects import ConsentText, Forget
from dialogs.facts import Held
from dialogs.folding import fold
from dialogs.model import Declaration, Purpose
from dialogs.state import STATE_VERSION, State
from storage import due
from storage.audit import FORGOTTEN, Line
from storage.conversations import encode_state
from storage.database import Connection
from storage.declarations import DECLARATION_COLUMNS, list_declarations, read_declaration
from storage.desks import forget_at_desks
from storage.models import (
    answer,
    consent,
    consent_text,
    conversation,
    declaration,
    evidence,
    inbox,
    outbox,
    person,
    return_item,
    reviewed,
)
from storage.seams import from_ms

DECIDED = ("approved", "rejected")


async def add_person(connection: Connection, *, at_ms: int) -> int:
    """Open an empty person and return its id."""
    row = insert(person).values(settled=True, at_ms=at_ms).returning(person.c.id)
    number: int = (await connection.execute(row)).scalar_one()
    return number


async def set_person(
    connection: Connection, number: int, *, name: str | None, birth_year: int | None, settled: bool
) -> None:
    """Set name and year of birth."""
    values = {"name": name, "birth_year": birth_year, "settled": settled}
    folded = fold(name) if name else None
    changed = update(person).where(person.c.id == number)
    await connection.execute(changed.values(**values, name_folded=folded))


async def count_turn(connection: Connection, number: int, *, seen: int) -> bool:
    """Count a turn of a person with several conversations; False when `seen` is no longer so."""
    mine = update(person).where(person.c.id == number, person.c.version == seen)
    return (await connection.execute(mine.values(version=seen + 1))).rowcount == 1


async def add_consent(
    connection: Connection,
    number: int,
    purpose: Purpose,
    text: ConsentText,
    *,
    inbox_id: int,
    at_ms: int,
) -> None:
    """Keep a consent with its very words."""
    known = select(consent_text.c.version).where(consent_text.c.version == text.version)
    if (await connection.execute(known)).first() is None:
        words = {"version": text.version, "text": text.text}
        await connection.execute(insert(consent_text), words)
    given = {"person_id": number, "purpose": purpose, "given_ms": at_ms, "inbox_id": inbox_id}
    shown = {"text_version": text.version, "locale": text.locale}
    await connection.execute(insert(consent), {**given, **shown})


async def withdraw_consent(
    connection: Connection, number: int, purpose: Purpose, *, at_ms: int
) -> None:
    """Note that a purpose is no longer agreed to; the record of the consent stays."""
    whose = (consent.c.person_id == number, consent.c.purpose == purpose)
    changed = update(consent).where(*whose, consent.c.withdrawn_ms.is_(None))
    await connection.execute(changed.values(withdrawn_ms=at_ms))


async def get_held(connection: Connection, number: int) -> Held:
    """Return how many messages are kept of a person, and since when the person is known."""
    ours = select(conversation.c.id).where(conversation.c.person_id == number)
    senders = select(conversation.c.sender).where(conversation.c.person_id == number)
    out = select(func.count()).select_from(outbox).where(outbox.c.conversation_id.in_(ours))
    said = select(func.count()).select_from(inbox)
    said = said.where(inbox.c.sender.in_(senders), inbox.c.said.is_not(None))
    messages = (await connection.execute(out)).scalar_one()
    messages += (await connection.execute(said)).scalar_one()
    since = (
        await connection.execute(select(person.c.at_ms).where(person.c.id == number))
    ).scalar_one_or_none()
    return Held(messages, from_ms(since) if since else None, await _files(connection, number))


async def _files(connection: Connection, number: int) -> tuple[Declaration, ...]:
    """Return every file of a person, newest year first."""
    c = declaration.c
    query = select(*(c[name] for name in DECLARATION_COLUMNS)).where(c.person_id == number)
    rows = await connection.execute(query.order_by(c.period.desc(), c.id.desc()))
    bare = [read_declaration(row) for row in rows]
    whole = await list_declarations(connection, bare)
    return tuple(whole[one.id] for one in bare)


async def forget(
    connection: Connection,
    effect: Forget,
    *,
    conversation_id: int | None,
    at_ms: int,
    journal: list[Line],
) -> None:
    """Remove a person with file, answers, photos, consents and every message of both sides.

    `conversation_id` is the one whose turn this is (it writes its own state), None outside of any.
    An erased person's decided file keeps the decision's facts (code, place, points, dates)
    without name, answers, photos or words; audit rows hold none of these anyway. The caller keeps
    the sums over it (`sums.kept`), and writes `journal`, which gets a line for each file.
    """
    conversations = [conversation_id] if conversation_id else []
    if effect.person is not None:
        whose = conversation.c.person_id == effect.person
        rows = await connection.execute(select(conversation.c.id).where(whose))
        conversations = sorted({*conversations, *(number for (number,) in rows)})
        await forget_at_desks(connection, effect.person)
        await _forget_files(connection, effect, at_ms=at_ms, journal=journal)
    await forget_messages(connection, conversations)
    if effect.person is not None:
        await _leave(connection, effect.person, but=conversation_id, at_ms=at_ms)
        await connection.execute(delete(consent).where(consent.c.person_id == effect.person))
        await connection.execute(delete(person).where(person.c.id == effect.person))
    await due.add(connection, due.EMPTY_LOG, at_ms=at_ms)


async def forget_messages(connection: Connection, conversations: Sequence[int]) -> None:
    """Delete what was said to these conversations, and what they said; event ids stay as hashes."""
    senders = select(conversation.c.sender).where(conversation.c.id.in_(conversations))
    gone = delete(outbox).where(outbox.c.conversation_id.in_(conversations))
    await connection.execute(gone)
    emptied = update(inbox).where(inbox.c.sender.in_(senders), inbox.c.status != 0)
    await connection.execute(emptied.values(said=None, raw=None, sender=""))


async def _leave(connection: Connection, number: int, *, but: int | None, at_ms: int) -> None:
    """Unlink the person's conversations; all but the present one begin anew."""
    whose = update(conversation).where(conversation.c.person_id == number)
    fresh = {
        "state": encode_state(State(step="farewell")),
        "state_version": STATE_VERSION,
        "version": conversation.c.version + 1,
        "seen_ms": at_ms,
    }
    others = whose if but is None else whose.where(conversation.c.id != but)
    await connection.execute(others.values(**fresh))
    await connection.execute(whose.values(person_id=None, linked_ms=None))


async def _forget_files(
    connection: Connection, effect: Forget, *, at_ms: int, journal: list[Line]
) -> None:
    d = declaration.c
    whose = select(d.id, d.status, d.version, d.commune, d.code).where(d.person_id == effect.person)
    files = (await connection.execute(whose)).all()
    journal += [_farewell(effect, at_ms, file) for file in files if file.code]
    ids = [file.id for file in files]
    await remove_photos(connection, evidence.c.declaration_id.in_(ids), at_ms=at_ms)
    for table in (answer, return_item, reviewed):
        await connection.execute(delete(table).where(table.c.declaration_id.in_(ids)))
    mine = declaration.c.id.in_(ids)
    stays = declaration.c.status.in_(DECIDED) if effect.reason == "erased" else declaration.c.id < 0
    bare = {"person_id": None, "village_text": None, "decision_reason": None, "photos": 0}
    kept = update(declaration).where(mine, stays)
    await connection.execute(kept.values(**bare, version=declaration.c.version + 1))
    await connection.execute(delete(declaration).where(mine, ~stays))
    for number in ids:
        await due.cancel_notice(connection, declaration=number, now_ms=at_ms)


def _farewell(effect: Forget, at_ms: int, file: Any) -> Line:
    """Return the journal's line on a forgotten file that was once handed in."""
    stays = effect.reason == "erased" and file.status in DECIDED
    return Line(
        f"forget_{effect.reason}",
        at_ms,
        place=file.commune,
        declaration=file.id,
        via="command" if effect.reason == "expired" else "chat",
        source=file.status,
        target=file.status if stays else FORGOTTEN,
        details={"version": file.version},
    )


async def remove_photos(connection: Connection, which: ColumnElement[bool], *, at_ms: int) -> None:
    """Delete evidence rows and plan the removal of their files (`which` is a condition)."""
    columns = (evidence.c.photo_key, evidence.c.thumb_key, evidence.c.incoming)
    rows = (await connection.execute(select(*columns).where(which))).all()
    for photo, thumb, incoming in rows:
        for key in {photo, thumb} - {None}:
            await due.add(connection, due.REMOVE_PHOTO, at_ms=at_ms, arg=key)
        if incoming:
            await due.add(connection, due.REMOVE_UPLOAD, at_ms=at_ms, arg=incoming)
    await connection.execute(delete(evidence).where(which))
