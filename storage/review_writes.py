"""How a review is written: moves, points, corrections, notices; each with its journal line."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, insert, select, update

from dialogs import effects as e
from dialogs.folding import fold
from dialogs.model import ReturnItem
from storage import due
from storage.audit import Line
from storage.database import Connection
from storage.models import declaration, person, return_item, reviewed
from storage.seams import to_ms
from storage.writing import At, Conflict, write


@write.register
async def _(effect: e.Move, connection: Connection, at: At) -> None:
    at_ms = to_ms(effect.at)
    values: dict[str, Any] = {"status": effect.target, "version": effect.version + 1}
    if effect.total is not None:
        values["total"] = effect.total
    if effect.code is not None:
        values["code"] = effect.code
    if effect.action == "submit":
        values["submitted_ms"] = at_ms
    if effect.action in ("approve", "return", "reject"):
        values |= _decision(effect, at_ms)
    if effect.action in ("undo", "submit"):
        values |= {"decision_action": None, "decision_reason": None, "decision_told": False}
        values["return_by"] = None
    seen = and_(declaration.c.id == effect.declaration, declaration.c.version == effect.version)
    moved = update(declaration).where(seen, declaration.c.status == effect.source)
    if (await connection.execute(moved.values(**values))).rowcount != 1:
        raise Conflict("declaration")
    if effect.action in ("return", "undo"):
        await _ask(connection, effect.declaration, effect.items)
    at.journal.append(
        Line(
            effect.action,
            at_ms=at_ms,
            declaration=effect.declaration,
            officer_id=effect.by.officer,
            via=effect.by.via,
            source=effect.source,
            target=effect.target,
            details={"version": effect.version, "items": [i.criterion for i in effect.items]},
        )
    )


def _decision(effect: e.Move, at_ms: int) -> dict[str, Any]:
    return {
        "decision_action": effect.action,
        "decision_reason": effect.reason,
        "decision_ms": at_ms,
        "decision_officer": effect.by.officer,
        "decision_told": False,
        "return_by": effect.return_by.isoformat() if effect.return_by else None,
    }


async def _ask(connection: Connection, number: int, items: Sequence[ReturnItem]) -> None:
    await connection.execute(delete(return_item).where(return_item.c.declaration_id == number))
    rows = [
        {
            "declaration_id": number,
            "criterion": i.criterion,
            "reason": i.reason,
            "note": i.note,
            "needs": i.needs,
            "settled": i.settled,
        }
        for i in items
    ]
    if rows:
        await connection.execute(insert(return_item), rows)


async def _bump(connection: Connection, number: int, seen: int, **values: object) -> None:
    """Change a declaration an officer looked at, if it is still at the version seen."""
    one = and_(declaration.c.id == number, declaration.c.version == seen)
    changed = update(declaration).where(one).values(version=seen + 1, **values)
    if (await connection.execute(changed)).rowcount != 1:
        raise Conflict("declaration")


@write.register
async def _(effect: e.SetReviewed, connection: Connection, at: At) -> None:
    await _bump(connection, effect.declaration, effect.version, total=effect.total)
    one = and_(
        reviewed.c.declaration_id == effect.declaration, reviewed.c.criterion == effect.criterion
    )
    await connection.execute(delete(reviewed).where(one))
    row = {
        "declaration_id": effect.declaration,
        "criterion": effect.criterion,
        "points": effect.points,
        "reason": effect.reason,
        "officer_id": effect.by.officer,
        "at_ms": to_ms(effect.at),
    }
    await connection.execute(insert(reviewed), row)
    at.journal.append(
        Line(
            "score",
            at_ms=to_ms(effect.at),
            declaration=effect.declaration,
            officer_id=effect.by.officer,
            via=effect.by.via,
            details={
                "version": effect.version,
                "criterion": effect.criterion,
                "points": effect.points,
            },
        )
    )


@write.register
async def _(effect: e.CorrectFile, connection: Connection, at: At) -> None:
    place = {"village": effect.village, "village_text": None} if effect.village else {}
    await _bump(connection, effect.declaration, effect.version, **place)
    if effect.name:
        whose = select(declaration.c.person_id).where(declaration.c.id == effect.declaration)
        values = {"name": effect.name, "name_folded": fold(effect.name), "settled": True}
        changed = update(person).where(person.c.id == whose.scalar_subquery())
        await connection.execute(changed.values(**values))
    corrected = {
        "version": effect.version,
        "name": bool(effect.name),
        "village": effect.village,
    }
    at.journal.append(
        Line(
            "correct",
            at_ms=to_ms(effect.at),
            declaration=effect.declaration,
            officer_id=effect.by.officer,
            via=effect.by.via,
            details=corrected,
        )
    )


@write.register
async def _(effect: e.ScheduleNotice, connection: Connection, at: At) -> None:
    await due.add(
        connection,
        due.NOTICE,
        at_ms=to_ms(effect.due),
        declaration=effect.declaration,
        arg=str(effect.version),
    )


@write.register
async def _(effect: e.CancelNotice, connection: Connection, at: At) -> None:
    if not await due.cancel_notice(connection, declaration=effect.declaration, now_ms=at.at_ms):
        raise Conflict("notice")
