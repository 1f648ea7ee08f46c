"""Are the kept sums what counting every file gives? One statement looks at one moment of both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.figures import Figures
from storage import audit
from storage.database import Connection
from storage.models import COUNTS, declaration, place_sum
from storage.sums import Key


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that does not hold what counting gives."""

    key: Key
    kept: Figures
    counted: Figures

    def counts(self) -> Iterator[tuple[str, int, int]]:
        """Yield name, kept and counted number of every count that differs."""
        for name in COUNTS:
            kept, counted = getattr(self.kept, name), getattr(self.counted, name)
            if kept != counted:
                yield name, kept, counted


async def count_rows(connection: Connection) -> int:
    """Return how many sums are kept."""
    query = select(func.count()).select_from(place_sum)
    number: int = (await connection.execute(query)).scalar_one()
    return number


async def list_differences(connection: Connection) -> list[Difference]:
    """Return every sum that is not what the files of this moment give, by key."""
    both = union_all(_kept(), _counted("commune", "province"), _counted("village", "commune"))
    rows = both.subquery()
    keys = [rows.c[name] for name in Key._fields]
    names = [f"{side}_{name}" for side in ("kept", "counted") for name in COUNTS]
    sums = {name: func.sum(rows.c[name]) for name in names}
    differ = or_(*(sums[f"kept_{name}"] != sums[f"counted_{name}"] for name in COUNTS))
    query = select(*keys, *sums.values()).group_by(*keys).having(differ).order_by(*keys)
    return [_difference(row) for row in await connection.execute(query)]


async def repair(connection: Connection, *, at_ms: int) -> list[Difference]:
    """Set every wrong sum to what was counted, on record, and return what was wrong."""
    wrong = await list_differences(connection)
    if not wrong:
        return wrong
    sqlite = connection.dialect.name == "sqlite"
    fresh = (sqlite_insert if sqlite else postgresql_insert)(place_sum)
    counted = {name: fresh.excluded[name] for name in COUNTS}
    setting = fresh.on_conflict_do_update(index_elements=Key._fields, set_=counted)
    rows = [
        one.key._asdict() | dict(zip(COUNTS, one.counted.counts(), strict=True)) for one in wrong
    ]
    await connection.execute(setting, rows)
    details = {"sums": len(wrong)}
    await audit.add(connection, "recount_repair", at_ms=at_ms, via="command", details=details)
    return wrong


def _difference(row: Any) -> Difference:
    parent, period, place, title, demo, *counts = row
    numbers, middle = list(map(int, counts)), len(COUNTS)
    key = Key(parent, period, place, title, bool(demo))
    return Difference(key, Figures(*numbers[:middle]), Figures(*numbers[middle:]))


def _kept() -> Select[Any]:
    counts = [place_sum.c[name].label(f"kept_{name}") for name in COUNTS]
    none = [literal(0).label(f"counted_{name}") for name in COUNTS]
    return select(*(place_sum.c[name] for name in Key._fields), *counts, *none)


def _counted(place: str, parent: str) -> Select[Any]:
    """Return the query that counts all files of one level of places."""
    c = declaration.c
    keys = (c[parent].label("parent"), c.period, c[place].label("place"), c.title, c.demo)
    none = [literal(0).label(f"kept_{name}") for name in COUNTS]
    counts = [
        func.sum(case((_stands(name), 1), else_=0)).label(f"counted_{name}") for name in COUNTS
    ]
    query = select(*keys, *none, *counts).where(c[place].is_not(None))
    return query.group_by(c[parent], c.period, c[place], c.title, c.demo)


def _stands(name: str) -> ColumnElement[bool]:
    """Return the condition that a file counts as `name`, said anew and not taken from sums.py."""
    c = declaration.c
    match name:
        case "begun":
            return and_(c.status == "draft", c.code.is_(None))
        case "taken_back":
            return and_(c.status == "draft", c.code.is_not(None))
    return c.status == name
