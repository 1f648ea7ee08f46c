"""Who may see and decide what: a role over a place, checked at every step and every request.

Places are official codes: a province ("48"), a commune ("20242"), a village ("20242-012"). A
commune's code does not begin with its province's, so a province is compared by itself.
"""

from typing import Literal

from dialogs.model import Declaration, Officer, Role

DECIDERS: frozenset[Role] = frozenset(("commune_officer", "commune_leader"))
READERS: frozenset[Role] = DECIDERS | {"village_reviewer"}

Level = Literal["province", "commune", "village"]


def place_level(code: str) -> Level:
    """Return what kind of place `code` names, by its shape."""
    if "-" in code:
        return "village"
    return "province" if len(code) == 2 else "commune"


def commune_of(code: str) -> str | None:
    """Return the commune a commune or village code belongs to; None for a province."""
    return None if place_level(code) == "province" else code.partition("-")[0]


def covers(scope: str, commune: str, village: str | None, province: str | None = None) -> bool:
    """Tell whether the place `scope` holds what lies in `commune` (and `village`, `province`).

    A village holds only what is mapped to it; a province needs `province` to be known.
    """
    match place_level(scope):
        case "village":
            return village == scope
        case "commune":
            return commune == scope
    return province == scope


def may_read(
    officer: Officer, commune: str, village: str | None, province: str | None = None
) -> bool:
    """Tell whether the officer may open files with names there.

    A province sees figures without names, as the consent text promises; so does an operator.
    """
    return officer.role in READERS and covers(officer.place, commune, village, province)


def may_count(
    officer: Officer, commune: str, village: str | None, province: str | None = None
) -> bool:
    """Tell whether the officer may see figures of that place."""
    return officer.role != "operator" and covers(officer.place, commune, village, province)


def may_decide(officer: Officer, file: Declaration) -> bool:
    """Tell whether the officer may decide on the file: commune officers and leaders, their own."""
    return officer.role in DECIDERS and may_read(officer, file.commune, file.village)
