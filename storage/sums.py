"""Sums of villages and communes: kept in the transaction that changes a file, read for figures.

A village counts what is mapped to it; its commune counts that and what is not mapped. Larger units
keep nothing: their communes are added when they are read. Invented files (the demo) have rows of
their own. `recount.py` beside proves all of it equal to counting the files.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from functools import cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, bindparam, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs import effects as e
from dialogs.figures import Figures
from dialogs.model import Counts
from dialogs.rights import place_level
from storage.database import Connection
from storage.models import COUNTS, declaration, place_sum, village
from storage.prepared import Prepared, one_of


class Key(NamedTuple):
    """Which files a row counts: those of one title and period in a place, invented or real."""

    parent: str
    period: int
    place: str
    title: str
    demo: bool


assert tuple(f.name for f in fields(Figures)) == COUNTS


@dataclass(frozen=True, slots=True)
class Touched:
    """Files that a transaction may count elsewhere: by row id, by public id (new), by person."""

    ids: frozenset[int] = frozenset()
    new: frozenset[str] = frozenset()
    people: frozenset[int] = frozenset()


def list_touched(effects: Iterable[e.Effect]) -> Touched | None:
    """Return the files whose status or place these effects change; None for none at all."""
    ids, new, people = set(), set(), set()
    for effect in effects:
        if type(effect) not in _TOUCHING:
            continue
        match effect:
            case e.Move() | e.SetPlace() | e.CorrectFile():
                ids.add(effect.declaration)
            case e.BeginDeclaration():
                new.add(effect.public_id)
            case e.Forget(person=int(number)):
                people.add(number)
    if not (ids or new or people):
        return None
    return Touched(frozenset(ids), frozenset(new), frozenset(people))


_TOUCHING = frozenset((e.Move, e.SetPlace, e.CorrectFile, e.BeginDeclaration, e.Forget))
_Cells = dict[int, tuple[tuple[Key, ...], str]]


@asynccontextmanager
async def kept(connection: Connection, touched: Touched | None) -> AsyncIterator[None]:
    """Keep the sums right over a block that changes these files, inside one transaction.

    The files stay locked, in the order of their ids, until the transaction ends; then the
    differences are added in the order of their keys, so that two transactions never wait for each
    other. Whatever changes status, place or `demo` of a file, or removes it, does so in here.
    """
    if touched is None:
        yield
        return
    before = await _read(connection, touched)
    yield
    ids = touched.ids | before.keys()
    after = await _read(connection, Touched(ids=frozenset(ids), new=touched.new))
    await _add(connection, before, after)


_STANDING = select(
    *(declaration.c[n] for n in ("id", "province", "commune", "village", "period", "title")),
    declaration.c.demo,
    declaration.c.status,
    declaration.c.code.is_not(None),
)
_BY_ID, _BY_PUBLIC_ID, _BY_PERSON = (
    Prepared(_STANDING.where(one_of(column, "wanted")).order_by(declaration.c.id).with_for_update())
    for column in (declaration.c.id, declaration.c.public_id, declaration.c.person_id)
)


async def _read(connection: Connection, touched: Touched) -> _Cells:
    rows: list[Sequence[Any]] = []
    for query, wanted in (
        (_BY_ID, touched.ids),
        (_BY_PERSON, touched.people),
        (_BY_PUBLIC_ID, touched.new),
    ):
        if wanted:
            rows += await query.rows(connection, wanted=sorted(wanted))
    return {row[0]: _standing(row) for row in rows}


def _standing(row: Sequence[Any]) -> tuple[tuple[Key, ...], str]:
    """Return the rows a file counts in, and as what."""
    _, province, commune, village, period, title, demo, status, coded = row
    whole = Key(province, period, commune, title, bool(demo))
    keys = (whole, Key(commune, period, village, title, bool(demo))) if village else (whole,)
    if status != "draft":
        return keys, status
    return keys, "taken_back" if coded else "begun"


async def _add(connection: Connection, before: _Cells, after: _Cells) -> None:
    changes: dict[Key, dict[str, int]] = {}
    for number in before.keys() | after.keys():
        old, new = before.get(number), after.get(number)
        if old != new:
            _note(changes, old, -1)
            _note(changes, new, 1)
    ordered = [(key, {c: n for c, n in changes[key].items() if n}) for key in sorted(changes)]
    # Most often all rows change the same counts, and are one statement.
    for counts, some in groupby((one for one in ordered if one[1]), lambda one: frozenset(one[1])):
        rows = [_row(*one) for one in some]
        if connection.dialect.name == "postgresql":
            # Sent together, run one after the other: what is added cannot be an INSERT's own rows.
            await connection.execute(_adding_to(counts, postgresql_insert), rows)
        else:
            await _prepared(counts).write(connection, rows)


def _note(
    changes: dict[Key, dict[str, int]], cell: tuple[tuple[Key, ...], str] | None, n: int
) -> None:
    if cell is not None:
        keys, count = cell
        for key in keys:
            change = changes.setdefault(key, {})
            change[count] = change.get(count, 0) + n


def _row(key: Key, change: Mapping[str, int]) -> dict[str, object]:
    """Return the values of an upsert: a new row's counts, and what is added to a known one's."""
    parent, period, place, title, demo = key
    row: dict[str, object] = {
        "new_parent": parent,
        "new_period": period,
        "new_place": place,
        "new_title": title,
        "new_demo": demo,
    }
    for name, n in change.items():
        row[f"new_{name}"] = n if n > 0 else 0
        row[f"add_{name}"] = n
    return row


@cache
def _prepared(counts: frozenset[str]) -> Prepared:
    return Prepared(sqlite=_adding_to(counts, sqlite_insert))


@cache
def _adding_to(counts: frozenset[str], insert: Any) -> Any:
    """Return the upsert that adds to these counts; a new row has nothing of the others."""
    c = place_sum.c
    added = {n: c[n] + bindparam(f"add_{n}", type_=Integer) for n in sorted(counts)}
    fresh: dict[str, Any] = {name: literal_column("0") for name in COUNTS}
    given = (*Key._fields, *sorted(counts))
    fresh |= {name: bindparam(f"new_{name}", type_=c[name].type) for name in given}
    statement = insert(place_sum).values(fresh)
    return statement.on_conflict_do_update(index_elements=Key._fields, set_=added)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which figures are asked for; without a title those of every title."""

    period: int
    title: str | None = None
    demo: bool = False

    def condition(self) -> ColumnElement[bool]:
        """Return the condition on the rows."""
        c = place_sum.c
        found = (c.period == self.period) & (c.demo == self.demo)
        return found & (c.title == self.title) if self.title else found


# title -> place -> figures
Sums = dict[str, dict[str, Figures]]


async def list_parts(connection: Connection, parent: str, wanted: Wanted) -> Sums:
    """Return the figures of the villages of a commune, or of the communes of a province."""
    return await _list(connection, place_sum.c.place, place_sum.c.parent == parent, wanted)


async def list_place(connection: Connection, place: str, wanted: Wanted) -> Sums:
    """Return the figures of a village or a commune itself."""
    return await _list(connection, place_sum.c.place, place_sum.c.place == place, wanted)


async def list_provinces(connection: Connection, provinces: Sequence[str], wanted: Wanted) -> Sums:
    """Return the figures of provinces, each its communes added up."""
    parent = place_sum.c.parent
    return await _list(connection, parent, parent.in_(provinces), wanted)


async def _list(
    connection: Connection,
    place: ColumnElement[str],
    which: ColumnElement[bool],
    wanted: Wanted,
) -> Sums:
    title, sums = place_sum.c.title, [func.sum(place_sum.c[name]) for name in COUNTS]
    query = select(title, place, *sums).where(which, wanted.condition()).group_by(title, place)
    found: Sums = defaultdict(dict)
    for kind, code, *counts in await connection.execute(query):
        found[kind][code] = Figures(*map(int, counts))
    return dict(found)


async def count_by_status(connection: Connection, *, scope: str, period: int) -> Counts:
    """Return the files of a place by status in a period, all titles, handed in at least once.

    The demo's files count here too: it is the desk of an officer who looks at them.
    """
    c = place_sum.c
    # What a province has is what its communes have.
    which = c.parent == scope if place_level(scope) == "province" else c.place == scope
    sums = [func.sum(c[name]) for name in COUNTS]
    row = (await connection.execute(select(*sums).where(which, c.period == period))).one()
    held = dict(zip(COUNTS, row, strict=True))
    held["draft"] = held.pop("taken_back")
    del held["begun"]
    return Counts(scope, period, {status: int(n) for status, n in held.items() if n})


async def list_names(connection: Connection, commune: str) -> dict[str, str]:
    """Return the names of all villages of a commune by code, also of those that are no more."""
    query = select(village.c.code, village.c.name).where(village.c.commune == commune)
    return {row.code: row.name for row in await connection.execute(query)}
