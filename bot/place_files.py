"""Communes and villages as an operator writes them down: one TOML file, many places.

[[commune]]
code = "20242"
villages = ["Tổ 1", "Tổ 2"]
contact_name = "..."          # and the other fields of `CommuneInfo`; dates as 2026-11-30
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from bot.commands.place_codes import get_commune
from bot.commands.refusals import CommandRefused
from dialogs.folding import compose, fold
from dialogs.model import CommuneInfo
from dialogs.places import Village, VillageKind
from dialogs.villages import village_kind
from storage import places
from storage.database import Connection

INFO_FIELDS: Mapping[str, type] = {
    field.name: date if field.name.endswith("_by") else bool if field.name == "difficult" else str
    for field in fields(CommuneInfo)
    if field.name != "code"
}
# As long as the columns of storage/models/places.py.
LONGEST = {"name": 80, "contact_name": 80, "contact_phone": 32, "difficult_source": 200}
LONGEST_ELSE = 120
VILLAGES_MOST = 999


@dataclass(frozen=True, slots=True)
class CommuneEntry:
    """What a file says of one commune: fields of `CommuneInfo` by name, names of villages."""

    code: str
    info: Mapping[str, Any]
    villages: tuple[str, ...]


def read_place_file(path: Path) -> tuple[CommuneEntry, ...]:
    """Return the communes of a file; CommandRefused names the first thing that is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandRefused(f"{path}: {error}") from error
    rows = data.get("commune")
    if set(data) != {"commune"} or not isinstance(rows, list) or not rows:
        raise CommandRefused(f"{path}: it must hold [[commune]] tables and nothing else")
    try:
        return tuple(_read_row(row) for row in rows)
    except CommandRefused as refused:
        raise CommandRefused(f"{path}: {refused}") from refused


def _read_row(row: Mapping[str, Any]) -> CommuneEntry:
    code = get_commune(str(row.get("code"))).code
    names = row.get("villages", [])
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise CommandRefused(f"commune {code}: villages must be a list of names")
    info = {name: value for name, value in row.items() if name not in ("code", "villages")}
    return CommuneEntry(code, check_info(code, info), tuple(map(_read_name, names)))


def check_info(code: str, info: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return fields of `CommuneInfo` cleaned; CommandRefused for an unknown or unfit one."""
    cleaned: dict[str, Any] = {}
    for name, value in info.items():
        kind = INFO_FIELDS.get(name)
        if kind is None:
            raise CommandRefused(f"commune {code}: {name} is none of {', '.join(INFO_FIELDS)}")
        if type(value) is not kind:
            raise CommandRefused(f"commune {code}: {name} must be a {kind.__name__}")
        cleaned[name] = _fit(name, compose(value)) if isinstance(value, str) else value
    return cleaned


def merge_info(info: CommuneInfo, changed: Mapping[str, Any]) -> CommuneInfo:
    """Return what a commune says after `changed`; CommandRefused where it contradicts itself."""
    merged = replace(info, **changed)
    if merged.difficult and not merged.difficult_source:
        raise CommandRefused(f"commune {info.code}: difficult needs difficult_source")
    if merged.submit_by and merged.answer_by and merged.answer_by < merged.submit_by:
        raise CommandRefused(f"commune {info.code}: answer_by lies before submit_by")
    return merged


async def enter_places(
    connection: Connection, entries: Sequence[CommuneEntry], *, demo: bool = False
) -> int:
    """Enter communes and their villages; what is there stays. Return how many villages are new."""
    new = 0
    for entry in entries:
        if entry.info:
            info = merge_info(await places.get_info(connection, entry.code), entry.info)
            await places.set_info(connection, info, demo=demo)
        new += len(await enter_villages(connection, entry.code, entry.villages))
    return new


async def enter_villages(
    connection: Connection, commune: str, names: Sequence[str], *, kind: VillageKind | None = None
) -> tuple[Village, ...]:
    """Add villages by name and return the new ones; a name that is there is left alone."""
    known = await places.list_villages(connection, commune)
    new = plan_villages(commune, [_read_name(name) for name in names], known, kind=kind)
    await places.add_villages(connection, [(v.code, v.name, v.kind) for v in new])
    return new


def plan_villages(
    commune: str,
    names: Sequence[str],
    known: Sequence[Village],
    *,
    kind: VillageKind | None = None,
) -> tuple[Village, ...]:
    """Return villages with codes: "Tổ 12" takes 012 where that is free, others the lowest free."""
    taken = {int(village.code.partition("-")[2]) for village in known}
    seen = {fold(village.name) for village in known}
    wanted = [name for name in dict.fromkeys(names) if fold(name) not in seen]
    if len(taken) + len(wanted) > VILLAGES_MOST:
        raise CommandRefused(f"commune {commune}: more than {VILLAGES_MOST} villages")
    numbers: dict[str, int] = {}
    for name in wanted:
        own = re.search(r"\b\d{1,3}\b", name)
        if own and int(own[0]) > 0 and int(own[0]) not in taken:
            taken.add(int(own[0]))
            numbers[name] = int(own[0])
    free = (number for number in range(1, VILLAGES_MOST + 1) if number not in taken)
    numbers |= {name: next(free) for name in wanted if name not in numbers}
    return tuple(
        Village(f"{commune}-{numbers[name]:03}", name, kind or village_kind(name))
        for name in wanted
    )


def _read_name(typed: str) -> str:
    name = compose(typed)
    if not name:
        raise CommandRefused("a village's name is empty")
    return _fit("name", name)


def _fit(field: str, text: str) -> str:
    most = LONGEST.get(field, LONGEST_ELSE)
    if len(text) > most:
        raise CommandRefused(f"{field} is longer than {most} characters")
    return text
