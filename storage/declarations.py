"""Declarations with their answers, photos and review, read in bulk and always within a place."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, Table, and_, cast, func, or_, select
from sqlalchemy.sql import Select

from dialogs.changes import changed
from dialogs.folding import fold
from dialogs.model import (
    Decision,
    Declaration,
    Evidence,
    File,
    Person,
    ReturnItem,
    Reviewed,
)
from dialogs.rights import place_level
from storage.database import Connection
from storage.deliveries import get_unsent
from storage.models import answer, declaration, evidence, person, return_item, reviewed, village
from storage.prepared import Prepared, one_of
from storage.seams import from_ms

# Columns that a declaration takes as they are come first.
_AS_KEPT = (
    "id", "public_id", "title", "period", "criteria", "status", "version", "commune", "village",
    "village_text", "code",
)  # fmt: skip
_TO_READ = (
    "submitted_ms", "return_by", "decision_action", "decision_reason", "decision_ms",
    "decision_officer", "decision_told",
)  # fmt: skip
DECLARATION_COLUMNS = (*_AS_KEPT, *_TO_READ)
_BLANK = Declaration(0, "", "", 0, "", "draft", 0, "")


def read_declaration(row: Sequence[Any]) -> Declaration:
    """Return the declaration in a row of DECLARATION_COLUMNS, still without its parts."""
    kept = dict(zip(_AS_KEPT, row, strict=False))
    submitted, return_by, action, reason, decided, officer, told = row[len(_AS_KEPT) :]
    if submitted:
        kept["submitted_at"] = from_ms(submitted)
    if return_by:
        kept["return_by"] = date.fromisoformat(return_by)
    if action:
        kept["decision"] = Decision(action, reason, from_ms(decided), officer, bool(told))
    return changed(_BLANK, **kept)


async def list_declarations(
    connection: Connection, bare: Sequence[Declaration]
) -> dict[int, Declaration]:
    """Return `bare` declarations by id, completed with answers, photos, points and items."""
    if not bare:
        return {}
    ids = [file.id for file in bare]
    handed_in = [file.id for file in bare if file.code]
    answers = await _answers(connection, ids)
    photos = await _photos(connection, ids)
    points = await _reviewed(connection, handed_in) if handed_in else {}
    items = await _items(connection, handed_in) if handed_in else {}
    return {
        file.id: changed(
            file,
            answers=answers.get(file.id, {}),
            evidence=tuple(photos.get(file.id, ())),
            reviewed=points.get(file.id, {}),
            items=tuple(items.get(file.id, ())),
        )
        for file in bare
    }


def _of_files(table: Table, columns: Sequence[Column[Any]], *order: Column[Any]) -> Prepared:
    """Return the query of `columns` of the rows of many declarations."""
    whose = one_of(table.c.declaration_id, "ids")
    return Prepared(select(table.c.declaration_id, *columns).where(whose).order_by(*order))


_ANSWERS = _of_files(answer, (answer.c.criterion, answer.c.option))
_PHOTOS = _of_files(
    evidence,
    [evidence.c[n] for n in ("id", "album", "verdict", "criterion", "reason")],
    evidence.c.album,
    evidence.c.n,
)
_REVIEWED = _of_files(reviewed, [reviewed.c[n] for n in ("criterion", "points", "reason")])
_ITEMS = _of_files(
    return_item,
    [return_item.c[n] for n in ("criterion", "reason", "note", "needs", "settled")],
    return_item.c.criterion,
)


async def _answers(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for number, criterion, option in await _ANSWERS.rows(connection, ids=ids):
        found[number][criterion] = option
    return found


async def _photos(connection: Connection, ids: Sequence[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    for number, *parts in await _PHOTOS.rows(connection, ids=ids):
        found[number].append(Evidence(*parts))
    return found


async def _reviewed(connection: Connection, ids: Sequence[int]) -> dict[int, dict[str, Reviewed]]:
    found: dict[int, dict[str, Reviewed]] = defaultdict(dict)
    for number, criterion, points, reason in await _REVIEWED.rows(connection, ids=ids):
        found[number][criterion] = Reviewed(points, reason)
    return found


async def _items(connection: Connection, ids: Sequence[int]) -> dict[int, list[ReturnItem]]:
    found: dict[int, list[ReturnItem]] = defaultdict(list)
    for number, criterion, reason, note, needs, settled in await _ITEMS.rows(connection, ids=ids):
        found[number].append(ReturnItem(criterion, reason, note, needs, bool(settled)))
    return found


def within(scope: str) -> ColumnElement[bool]:
    """Return the condition that a declaration lies in the place `scope`, for every query."""
    match place_level(scope):
        case "village":
            return declaration.c.village == scope
        case "commune":
            return declaration.c.commune == scope
    return declaration.c.province == scope


def handed_in(scope: str) -> ColumnElement[bool]:
    """Return the condition for files officers may see: handed in at least once, in `scope`.

    A file taken back to draft, and what is erased, belongs to no officer.
    """
    kept = and_(declaration.c.person_id.is_not(None), declaration.c.status != "draft")
    return and_(within(scope), declaration.c.code.is_not(None), kept)


_PERSON = tuple(person.c[n].label(f"person_{n}") for n in ("id", "name", "birth_year", "settled"))
_FILES = select(
    *(declaration.c[n] for n in DECLARATION_COLUMNS),
    *_PERSON,
    village.c.name.label("village_name"),
).select_from(
    declaration.join(person, person.c.id == declaration.c.person_id).outerjoin(
        village, village.c.code == declaration.c.village
    )
)


async def _read_files(connection: Connection, query: Select[Any]) -> list[File]:
    rows = (await connection.execute(query)).all()
    width = len(DECLARATION_COLUMNS)
    bare = [read_declaration(row[:width]) for row in rows]
    whole = await list_declarations(connection, bare)
    return [
        File(whole[declared.id], Person(*row[width:-1]), row[-1])
        for declared, row in zip(bare, rows, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which files of a place are wanted; None and "" want all."""

    status: str | None = None
    title: str | None = None
    period: int | None = None
    q: str = ""


def _filtered(wanted: Filter) -> Iterable[ColumnElement[bool]]:
    c = declaration.c
    if wanted.status:
        yield c.status == wanted.status
    if wanted.title:
        yield c.title == wanted.title
    if wanted.period:
        yield c.period == wanted.period
    if wanted.q:
        name = person.c.name_folded.contains(fold(wanted.q), autoescape=True)
        plain = re.sub(r"[\s-]", "", wanted.q).upper()
        code = func.replace(c.code, "-", "").contains(plain, autoescape=True)
        yield or_(name, code)


async def list_files(
    connection: Connection, *, scope: str, wanted: Filter, after: int = 0, limit: int = 50
) -> list[File]:
    """Return files of a place by row id after `after`, oldest first."""
    query = _FILES.where(handed_in(scope), declaration.c.id > after, *_filtered(wanted))
    return await _read_files(connection, query.order_by(declaration.c.id).limit(limit))


async def get_file(connection: Connection, *, scope: str, public_id: str) -> File | None:
    """Return the file with this public id if it lies in the place `scope`."""
    query = _FILES.where(handed_in(scope), declaration.c.public_id == public_id)
    files = await _read_files(connection, query)
    return await _with_signs(connection, files[0]) if files else None


async def find_files(connection: Connection, *, scope: str, ending: str) -> list[File]:
    """Return files whose receipt code is or ends with `ending` (hyphens apart), five at most.

    Those that wait for a decision come first.
    """
    plain = func.replace(declaration.c.code, "-", "")
    query = _FILES.where(
        handed_in(scope), plain.endswith(ending.replace("-", "").upper(), autoescape=True)
    )
    waiting_first = (declaration.c.status != "submitted", declaration.c.id)
    files = await _read_files(connection, query.order_by(*waiting_first).limit(5))
    return [await _with_signs(connection, file) for file in files]


async def list_waiting(connection: Connection, *, scope: str, limit: int) -> list[File]:
    """Return the files that wait for a decision, longest first."""
    query = _FILES.where(handed_in(scope), declaration.c.status == "submitted")
    ordered = query.order_by(declaration.c.submitted_ms, declaration.c.id).limit(limit)
    return await _read_files(connection, ordered)


async def list_codes(connection: Connection, *, scope: str) -> list[str]:
    """Return the receipt codes of a place, for shortest endings."""
    rows = await connection.execute(select(declaration.c.code).where(handed_in(scope)))
    return [code for (code,) in rows]


async def count_waiting(connection: Connection, *, scope: str, before_ms: int) -> tuple[int, int]:
    """Return how many files wait, and how many of them since before `before_ms`."""
    old = func.coalesce(func.sum(cast(declaration.c.submitted_ms < before_ms, Integer)), 0)
    query = select(func.count(), old).where(handed_in(scope), declaration.c.status == "submitted")
    waiting, overdue = (await connection.execute(query)).one()
    return waiting, overdue


async def get_last_decided(connection: Connection, *, officer: int, scope: str) -> File | None:
    """Return the file this officer decided last whose notice has not left."""
    c = declaration.c
    waiting = and_(c.decision_officer == officer, c.decision_told.is_(False))
    decided = c.status.in_(("approved", "returned", "rejected"))
    query = _FILES.where(handed_in(scope), waiting, decided).order_by(c.decision_ms.desc())
    files = await _read_files(connection, query.limit(1))
    return files[0] if files else None


async def _with_signs(connection: Connection, file: File) -> File:
    """Add what is looked up for a single file: twins, and a notice that did not arrive."""
    number = await get_person(connection, file.declaration.id)
    unsent = None if number is None else await get_unsent(connection, number)
    return replace(file, twins=await _count_twins(connection, file), unsent=unsent)


async def _count_twins(connection: Connection, file: File) -> int:
    """Count other files that may be of the same person: name, year of birth, title, period."""
    if not file.person.name:
        return 0
    other = and_(
        person.c.name_folded == fold(file.person.name),
        person.c.birth_year == file.person.birth_year,
        person.c.id != file.person.id,
    )
    here = and_(
        declaration.c.commune == file.declaration.commune,
        declaration.c.title == file.declaration.title,
        declaration.c.period == file.declaration.period,
        declaration.c.code.is_not(None),
    )
    joined = declaration.join(person, person.c.id == declaration.c.person_id)
    query = select(func.count()).select_from(joined).where(other, here)
    return int((await connection.execute(query)).scalar_one())


async def get_person(connection: Connection, number: int) -> int | None:
    """Return the person a declaration belongs to; None once that person is forgotten."""
    query = select(declaration.c.person_id).where(declaration.c.id == number)
    return (await connection.execute(query)).scalar_one_or_none()
