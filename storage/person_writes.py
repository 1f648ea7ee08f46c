"""How the effects of a person's own turn are written: file, answers, photos, consents."""

from sqlalchemy import and_, func, insert, select, update

from dialogs import effects as e
from storage import due, people
from storage.answers import save_answers
from storage.audit import Line
from storage.database import Connection
from storage.models import audit, conversation, declaration, evidence, return_item
from storage.officers import tell_officers
from storage.writing import At, write


@write.register
async def _(effect: e.BeginDeclaration, connection: Connection, at: At) -> None:
    mine = conversation.c.id == at.conversation_id
    known = select(conversation.c.person_id).where(mine)
    number = (await connection.execute(known)).scalar_one()
    if number is None:
        number = await people.add_person(connection, at_ms=at.at_ms)
        owned = update(conversation).where(mine).values(person_id=number)
        await connection.execute(owned)
    await people.add_consent(
        connection, number, "declaration", effect.consent, inbox_id=at.inbox_id, at_ms=at.at_ms
    )
    row = {
        "public_id": effect.public_id,
        "person_id": number,
        "title": effect.title,
        "period": effect.period,
        "criteria": effect.criteria,
        "status": "draft",
        "version": 1,
        "province": effect.province,
        "commune": effect.commune,
        "village": effect.village,
        "village_text": effect.village_text,
        "at_ms": at.at_ms,
    }
    await connection.execute(insert(declaration), row | await _fresh_id(connection))


async def _fresh_id(connection: Connection) -> dict[str, int]:
    """Return the id of a new file where the database would give that of an erased one again.

    What officers opened is remembered by id: a file in the place of an erased one would count as
    seen. PostgreSQL never gives an id twice; SQLite does, with one writer at a time.
    """
    if connection.dialect.name != "sqlite":
        return {}
    newest = [func.max(declaration.c.id), func.max(audit.c.declaration_id)]
    known = [(await connection.execute(select(n))).scalar_one() or 0 for n in newest]
    return {"id": max(known) + 1}


@write.register
async def _(effect: e.SetPerson, connection: Connection, at: At) -> None:
    await people.set_person(
        connection,
        effect.person,
        name=effect.name,
        birth_year=effect.birth_year,
        settled=effect.settled,
    )


@write.register
async def _(effect: e.SetPlace, connection: Connection, at: At) -> None:
    place = {"province": effect.province, "commune": effect.commune, "village": effect.village}
    changed = update(declaration).where(declaration.c.id == effect.declaration)
    await connection.execute(changed.values(**place, village_text=effect.village_text))


@write.register
async def _(effect: e.SaveAnswer, connection: Connection, at: At) -> None:
    await save_answers(connection, [(effect, at.inbox_id)])


@write.register
async def _(effect: e.AttachEvidence, connection: Connection, at: At) -> None:
    nowhere = (None,) * len(effect.files)
    rows = [
        {
            "id": number,
            "declaration_id": effect.declaration,
            "album": effect.album or at.inbox_id,
            "n": effect.first + n,
            "criterion": effect.criterion,
            "verdict": "pending",
            "incoming": file,
            "source": source,
            "conversation_id": at.conversation_id,
            "quiet_ms": effect.quiet_ms,
            "at_ms": at.at_ms,
        }
        for n, (number, file, source) in enumerate(
            zip(effect.ids, effect.files, effect.sources or nowhere, strict=True)
        )
    ]
    await connection.execute(insert(evidence), rows)
    more = update(declaration).where(declaration.c.id == effect.declaration)
    await connection.execute(more.values(photos=declaration.c.photos + len(rows)))


@write.register
async def _(effect: e.DropEvidence, connection: Connection, at: At) -> None:
    mine = and_(evidence.c.declaration_id == effect.declaration, evidence.c.id.in_(effect.ids))
    await people.remove_photos(connection, mine, at_ms=at.at_ms)
    fewer = update(declaration).where(declaration.c.id == effect.declaration)
    await connection.execute(fewer.values(photos=declaration.c.photos - len(effect.ids)))


@write.register
async def _(effect: e.DropUploads, connection: Connection, at: At) -> None:
    for file in effect.files:
        await due.add(connection, due.REMOVE_UPLOAD, at_ms=at.at_ms, arg=file)


@write.register
async def _(effect: e.SettleItem, connection: Connection, at: At) -> None:
    one = and_(
        return_item.c.declaration_id == effect.declaration,
        return_item.c.criterion == effect.criterion,
    )
    await connection.execute(update(return_item).where(one).values(settled=True))


@write.register
async def _(effect: e.NoticeTold, connection: Connection, at: At) -> None:
    told = update(declaration).where(declaration.c.id == effect.declaration)
    await connection.execute(told.values(decision_told=True))


@write.register
async def _(effect: e.TellOfficers, connection: Connection, at: At) -> None:
    await tell_officers(connection, effect, at_ms=at.at_ms)


@write.register
async def _(effect: e.GiveConsent, connection: Connection, at: At) -> None:
    await people.add_consent(
        connection,
        effect.person,
        effect.purpose,
        effect.consent,
        inbox_id=at.inbox_id,
        at_ms=at.at_ms,
    )


@write.register
async def _(effect: e.WithdrawConsent, connection: Connection, at: At) -> None:
    await people.withdraw_consent(connection, effect.person, effect.purpose, at_ms=at.at_ms)


@write.register
async def _(effect: e.Forget, connection: Connection, at: At) -> None:
    assert at.conversation_id is not None, "only a person's own turn forgets"
    await people.forget(
        connection,
        effect,
        conversation_id=at.conversation_id,
        at_ms=at.at_ms,
        journal=at.journal,
    )
    at.journal.append(Line(f"forget_{effect.reason}", at.at_ms))
