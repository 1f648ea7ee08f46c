"""Villages and what a commune says about itself; the communes themselves are in `search`."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.facts import PlaceFacts
from dialogs.model import CommuneInfo
from dialogs.places import Village, VillageKind
from storage.database import Connection
from storage.models import commune_info, village
from storage.search import PlaceIndex


async def get_place(connection: Connection, index: PlaceIndex, code: str) -> PlaceFacts | None:
    """Return what is known of a commune (5 digits) or of the commune of a village code.

    None for a code that names no commune, or a village its commune does not have.
    """
    commune = index.get(code.partition("-")[0])
    if commune is None:
        return None
    villages = await list_villages(connection, commune.code)
    named = next((v for v in villages if v.code == code), None)
    if "-" in code and named is None:
        return None
    return PlaceFacts(commune, named, villages, await get_info(connection, commune.code))


async def list_villages(connection: Connection, commune: str) -> tuple[Village, ...]:
    """Return the villages of a commune that exist today, by code."""
    c = village.c
    query = select(c.code, c.name, c.kind, c.old_commune).where(
        c.commune == commune, c.valid_to.is_(None)
    )
    rows = await connection.execute(query.order_by(c.code))
    return tuple(Village(*row) for row in rows)


async def add_villages(
    connection: Connection, villages: Sequence[tuple[str, str, VillageKind]]
) -> None:
    """Add villages as (code, name, kind); ones already there are left alone."""
    rows = [
        {"code": code, "commune": code.partition("-")[0], "name": name, "kind": kind}
        for code, name, kind in villages
    ]
    known = {c for (c,) in await connection.execute(select(village.c.code))}
    new = [row for row in rows if row["code"] not in known]
    if new:
        await connection.execute(insert(village), new)


async def get_info(connection: Connection, code: str) -> CommuneInfo:
    """Return what a commune says about itself; empty where it has said nothing."""
    query = select(commune_info).where(commune_info.c.code == code)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return CommuneInfo(code)
    return CommuneInfo(
        code,
        row["controller"],
        row["reviewers"],
        row["contact_name"],
        row["contact_phone"],
        row["paper_place"],
        _day(row["submit_by"]),
        _day(row["answer_by"]),
        bool(row["difficult"]),
        row["difficult_source"],
    )


async def set_info(connection: Connection, info: CommuneInfo, *, demo: bool = False) -> None:
    """Keep what a commune says about itself, in place of what it said before."""
    row = {
        "code": info.code,
        "controller": info.controller,
        "reviewers": info.reviewers,
        "contact_name": info.contact_name,
        "contact_phone": info.contact_phone,
        "paper_place": info.paper_place,
        "submit_by": info.submit_by.isoformat() if info.submit_by else None,
        "answer_by": info.answer_by.isoformat() if info.answer_by else None,
        "difficult": info.difficult,
        "difficult_source": info.difficult_source,
        "demo": demo,
    }
    sqlite = connection.dialect.name == "sqlite"
    statement = (sqlite_insert if sqlite else postgresql_insert)(commune_info).values(row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=row))


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None
