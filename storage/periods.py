"""Periods as operators set them, and the revision by which every process notices new rules."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Integer, RowMapping, String, bindparam, cast, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.periods import COUNTRY, Period, usual_period
from storage.database import Connection
from storage.models import note, period
from storage.prepared import Prepared
from storage.writing import Conflict

# The note that counts changes of what is in force: criteria sets and periods.
RULES = "rules"
_REVISION = Prepared(select(note.c.value).where(note.c.name == bindparam("name")))


async def get_rules_revision(connection: Connection) -> int:
    """Return how often the rules in force were changed; one look at one row."""
    rows = await _REVISION.rows(connection, name=RULES)
    return int(rows[0][0]) if rows else 0


async def revise_rules(connection: Connection) -> None:
    """Let every process read the rules anew: call it in the transaction that changes them."""
    sqlite = connection.dialect.name == "sqlite"
    first = (sqlite_insert if sqlite else postgresql_insert)(note).values(name=RULES, value="1")
    more = cast(cast(note.c.value, Integer) + 1, String)
    await connection.execute(
        first.on_conflict_do_update(index_elements=["name"], set_={"value": more})
    )


async def all_periods(connection: Connection) -> Mapping[tuple[str, int, str], Period]:
    """Return every period that was set, by title, year and province."""
    rows = await connection.execute(select(period))
    found = [_period(row) for row in rows.mappings()]
    return {(one.title, one.year, one.province): one for one in found}


async def get_period(
    connection: Connection, title: str, year: int, province: str = COUNTRY
) -> Period:
    """Return the period to be changed: as it was set for exactly this province, else unset.

    One that was never set has version 0 and the days that hold there so far.
    """
    periods = await all_periods(connection)
    own = periods.get((title, year, province))
    if own is not None:
        return own
    so_far = periods.get((title, year, COUNTRY)) or usual_period(title, year)
    return Period(
        title, year, so_far.opens_on, so_far.closes_on, province, so_far.closed, version=0
    )


async def set_period(
    connection: Connection, changed: Period, *, officer_id: int | None, at_ms: int
) -> None:
    """Keep a period in place of the version before it; Conflict when that is no longer there."""
    row: dict[str, Any] = {
        "title": changed.title,
        "year": changed.year,
        "province": changed.province,
        "opens_on": changed.opens_on.isoformat(),
        "closes_on": changed.closes_on.isoformat(),
        "closed": changed.closed,
        "version": changed.version,
        "officer_id": officer_id,
        "at_ms": at_ms,
    }
    c = period.c
    if changed.version > 1:
        own = (c.title == changed.title, c.year == changed.year, c.province == changed.province)
        moved = update(period).where(*own, c.version == changed.version - 1).values(**row)
        written = await connection.execute(moved)
    else:
        sqlite = connection.dialect.name == "sqlite"
        first = (sqlite_insert if sqlite else postgresql_insert)(period).values(row)
        written = await connection.execute(first.on_conflict_do_nothing())
    if written.rowcount != 1:
        raise Conflict("period")
    await revise_rules(connection)


def _period(row: RowMapping) -> Period:
    return Period(
        row["title"],
        row["year"],
        date.fromisoformat(row["opens_on"]),
        date.fromisoformat(row["closes_on"]),
        row["province"],
        bool(row["closed"]),
        row["version"],
    )
