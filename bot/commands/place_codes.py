"""Place codes as an operator types them: checked against the lists, named in words."""

import re

from bot.commands.refusals import CommandRefused
from dialogs.model import Role
from dialogs.places import Commune
from dialogs.rights import LEVELS, place_level
from storage.database import Connection
from storage.places import list_villages
from storage.search import PlaceIndex

SHAPE = re.compile(r"\d{2}|\d{5}|\d{5}-\d{3}")
CODES = {"province": "2 digits", "commune": "5 digits", "village": "COMMUNE-NNN"}


async def name_place(connection: Connection, code: str) -> str:
    """Return the place of an official code in words; CommandRefused when there is none."""
    if not SHAPE.fullmatch(code):
        raise CommandRefused(
            f"{code} is no place code: province 2 digits, commune 5 digits, village COMMUNE-NNN"
        )
    if place_level(code) == "province":
        province = PlaceIndex.load().province(code)
        if province is None:
            raise CommandRefused(f"no province has the code {code}")
        return f"{province.name} ({province.kind})"
    commune = get_commune(code.partition("-")[0])
    if place_level(code) == "commune":
        return name_commune(commune)
    for village in await list_villages(connection, commune.code):
        if village.code == code:
            return f"{village.name}, {name_commune(commune)}"
    raise CommandRefused(
        f"{name_commune(commune)} has no village {code}: `village add {commune.code} NAME` adds one"
    )


def get_commune(code: str) -> Commune:
    """Return the commune with this 5-digit code; CommandRefused when there is none."""
    commune = PlaceIndex.load().get(code)
    if commune is None:
        raise CommandRefused(f"no commune has the code {code}")
    return commune


def name_commune(commune: Commune) -> str:
    """Return "Hải Châu (ward), Đà Nẵng"."""
    return f"{commune.name} ({commune.kind}), {commune.province.name}"


def check_level(role: Role, code: str) -> None:
    """Raise CommandRefused when `role` is not given over the kind of place `code` is."""
    wanted = LEVELS.get(role)
    if wanted is not None and place_level(code) != wanted:
        raise CommandRefused(f"{role} is given over a {wanted} ({CODES[wanted]}), not {code}")
