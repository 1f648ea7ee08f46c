"""Villages and what a commune says about itself; the communes themselves are in `search`.

A village is never deleted: files name it. One that is closed is still told by its code, but no
longer offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.facts import PlaceFacts
from dialogs.model import CommuneInfo
from dialogs.places import Village, VillageKind
from storage.database import Connection
from storage.models import commune_info, village
from storage.search import PlaceIndex
from storage.writing import Conflict


@dataclass(frozen=True, slots=True)
class Settings:
    """What a commune says about itself at one version; 0 where it has said nothing yet."""

    info: CommuneInfo
    version: int


@dataclass(frozen=True, slots=True)
class KeptVillage:
    """A village at one version with its days; one with `valid_to` is closed."""

    village: Village
    valid_from: date | None
    valid_to: date | None
    version: int


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
        closed = await get_village(connection, code)
        if closed is None:
            return None
        named = closed.village
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


async def list_kept_villages(
    connection: Connection, commune: str, *, closed: bool = False
) -> list[KeptVillage]:
    """Return the villages of a commune by code, those that were closed too if `closed`."""
    query = select(village).where(village.c.commune == commune)
    if not closed:
        query = query.where(village.c.valid_to.is_(None))
    rows = await connection.execute(query.order_by(village.c.code))
    return [_kept(row) for row in rows.mappings()]


async def get_village(connection: Connection, code: str) -> KeptVillage | None:
    """Return the village of a code, closed or not."""
    row = (await connection.execute(select(village).where(village.c.code == code))).mappings()
    found = row.first()
    return _kept(found) if found else None


async def add_village(connection: Connection, new: KeptVillage) -> None:
    """Add a village; Conflict when its code is taken meanwhile."""
    sqlite = connection.dialect.name == "sqlite"
    added = (sqlite_insert if sqlite else postgresql_insert)(village).values(_village_row(new))
    if (await connection.execute(added.on_conflict_do_nothing())).rowcount != 1:
        raise Conflict("village")


async def set_village(connection: Connection, changed: KeptVillage) -> None:
    """Keep a village in place of the version before it; Conflict when that is gone."""
    c = village.c
    own = update(village).where(c.code == changed.village.code, c.version == changed.version - 1)
    if (await connection.execute(own.values(**_village_row(changed)))).rowcount != 1:
        raise Conflict("village")


def _kept(row: RowMapping) -> KeptVillage:
    named = Village(row["code"], row["name"], row["kind"], row["old_commune"])
    return KeptVillage(named, _day(row["valid_from"]), _day(row["valid_to"]), row["version"])


def _village_row(kept: KeptVillage) -> dict[str, Any]:
    return {
        "code": kept.village.code,
        "commune": kept.village.commune_code,
        "name": kept.village.name,
        "kind": kept.village.kind,
        "old_commune": kept.village.old_commune,
        "valid_from": kept.valid_from.isoformat() if kept.valid_from else None,
        "valid_to": kept.valid_to.isoformat() if kept.valid_to else None,
        "version": kept.version,
    }


async def get_info(connection: Connection, code: str) -> CommuneInfo:
    """Return what a commune says about itself; empty where it has said nothing."""
    return (await get_settings(connection, code)).info


async def get_settings(connection: Connection, code: str) -> Settings:
    """Return what a commune says about itself with its version."""
    query = select(commune_info).where(commune_info.c.code == code)
    row = (await connection.execute(query)).mappings().first()
    if row is None:
        return Settings(CommuneInfo(code), 0)
    info = CommuneInfo(
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
    return Settings(info, row["version"])


async def set_settings(connection: Connection, changed: Settings) -> None:
    """Keep what a commune says in place of the version before; Conflict when that is gone."""
    row = {**_info_row(changed.info), "version": changed.version}
    if changed.version > 1:
        c = commune_info.c
        own = update(commune_info).where(
            c.code == changed.info.code, c.version == changed.version - 1
        )
        written = await connection.execute(own.values(**row))
    else:
        sqlite = connection.dialect.name == "sqlite"
        first = (sqlite_insert if sqlite else postgresql_insert)(commune_info).values(row)
        written = await connection.execute(first.on_conflict_do_nothing())
    if written.rowcount != 1:
        raise Conflict("commune")


async def set_info(connection: Connection, info: CommuneInfo, *, demo: bool = False) -> None:
    """Keep what a commune says about itself, in place of what it said before."""
    row = {**_info_row(info), "demo": demo}
    sqlite = connection.dialect.name == "sqlite"
    statement = (sqlite_insert if sqlite else postgresql_insert)(commune_info).values(row)
    again = {**row, "version": commune_info.c.version + 1}
    await connection.execute(statement.on_conflict_do_update(index_elements=["code"], set_=again))


def _info_row(info: CommuneInfo) -> dict[str, Any]:
    return {
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
    }


def _day(kept: str | None) -> date | None:
    return date.fromisoformat(kept) if kept else None
