"""Who may see and decide what: a role over a place, checked at every step and every request.

Places are official codes: a province ("48"), a commune ("20242"), a village ("20242-012"). A
commune's code does not begin with its province's, so a province is compared by itself.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from dialogs.errors import NotAllowed, RuleBroken
from dialogs.model import Declaration, Officer, Role
from dialogs.screen import Msg

DECIDERS: frozenset[Role] = frozenset(("commune_officer", "commune_leader"))
READERS: frozenset[Role] = DECIDERS | {"village_reviewer"}

Level = Literal["province", "commune", "village"]
# Over what kind of place a role is given; an operator's rights do not depend on the place.
LEVELS: Mapping[Role, Level] = MappingProxyType(
    {
        "village_reviewer": "village",
        "commune_officer": "commune",
        "commune_leader": "commune",
        "province_viewer": "province",
    }
)
# Who invites and ends whom: only who stands below. Operators are made and ended at the machine
# itself (`officer invite`, `officer revoke`), so that a stolen token can make none.
BELOW: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        "commune_leader": frozenset(("village_reviewer", "commune_officer")),
        "operator": frozenset(LEVELS),
    }
)
APPOINTERS: frozenset[Role] = frozenset(BELOW)


class WrongLevel(RuleBroken):
    """A role over a kind of place that it is not given for."""

    code = "wrong_level"


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


def oversees(officer: Officer, place: str) -> bool:
    """Tell whether the officer sees who works at `place`: operators everywhere, leaders at home."""
    if officer.role == "operator":
        return True
    return officer.role in APPOINTERS and commune_of(place) == officer.place


def may_appoint(officer: Officer, role: Role, place: str) -> bool:
    """Tell whether the officer may invite a `role` for `place`, or end the rights of one there.

    Nobody stands below itself, so nobody ends own rights, an equal's or a superior's.
    """
    return role in BELOW.get(officer.role, ()) and oversees(officer, place)


def check_below(officer: Officer, role: Role) -> None:
    """Raise NotAllowed unless a `role` stands below the officer's, whatever the place."""
    if role not in BELOW.get(officer.role, ()):
        raise NotAllowed(Msg("rights.not_below"))


def check_level(role: Role, place: str) -> None:
    """Raise WrongLevel when `role` is not given over the kind of place that `place` is."""
    if LEVELS.get(role, place_level(place)) != place_level(place):
        raise WrongLevel(Msg("rights.wrong_level"))


def may_keep_tokens_of(officer: Officer, holder: Officer) -> bool:
    """Tell whether the officer may see, make and end API tokens of `holder`.

    Everybody one's own; an operator those of whoever stands below.
    """
    if officer.id == holder.id:
        return True
    return officer.role == "operator" and holder.role in BELOW["operator"]
