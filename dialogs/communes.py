"""What a commune sets for itself, and its list of villages: who may, and what must hold."""

import re
from collections.abc import Collection, Iterable
from datetime import date
from typing import Final

from dialogs.errors import NotAllowed, RuleBroken, StaleVersion, WrongState
from dialogs.folding import fold
from dialogs.model import CommuneInfo, Officer, Role
from dialogs.places import Village
from dialogs.rights import commune_of
from dialogs.screen import Msg

# Who reads and who sets what a commune says about itself; operators everywhere, others at home.
SETTERS: Final[frozenset[Role]] = frozenset(("commune_leader", "operator"))
SETTING_READERS: Final[frozenset[Role]] = SETTERS | {"commune_officer"}
# They lower the pass mark by a legal decision, so a commune does not set them itself.
OPERATORS_ONLY: Final = frozenset(("difficult", "difficult_source"))
VILLAGES_MOST: Final = 999


class DeadlinesReversed(RuleBroken):
    """The day of the answer lies before the day to hand in."""

    code = "deadlines_reversed"


class NoSource(RuleBroken):
    """A difficult area without the decision that says so."""

    code = "no_source"


class VillageExists(WrongState):
    """An open village of the commune has this name already."""

    code = "village_exists"


class VillagesFull(WrongState):
    """The commune has as many villages as there are codes."""

    code = "villages_full"


class NotYet(RuleBroken):
    """A day to come where only today or an earlier day can be taken."""

    code = "not_yet"


def sees_settings(officer: Officer, commune: str) -> bool:
    """Tell whether the officer may read the settings of `commune`."""
    if officer.role not in SETTING_READERS:
        return False
    return officer.role == "operator" or commune_of(officer.place) == commune


def check_setting(officer: Officer, commune: str, fields: Collection[str]) -> None:
    """Raise NotAllowed unless the officer may set these fields of `commune`."""
    if officer.role not in SETTERS or not sees_settings(officer, commune):
        raise NotAllowed(Msg("problem.detail.not_allowed"))
    if officer.role != "operator" and OPERATORS_ONLY & set(fields):
        raise NotAllowed(Msg("commune.difficult_by_operator"))


def check_info(info: CommuneInfo) -> None:
    """Raise DeadlinesReversed or NoSource where the settings contradict themselves."""
    if info.submit_by and info.answer_by and info.answer_by < info.submit_by:
        raise DeadlinesReversed(Msg("commune.deadlines_reversed"))
    if info.difficult and not info.difficult_source:
        raise NoSource(Msg("commune.no_source"))


def check_version(seen: int, now: int) -> None:
    """Raise StaleVersion unless `seen` is the version these settings have now."""
    if seen != now:
        raise StaleVersion(Msg("settings.stale"))


def check_name(name: str, old_commune: str | None, others: Iterable[Village]) -> None:
    """Raise VillageExists when another open village is called the same, also without marks."""
    wanted = fold(name), fold(old_commune or "")
    if any((fold(v.name), fold(v.old_commune or "")) == wanted for v in others):
        raise VillageExists(Msg("village.exists", {"name": name}))


def check_past(day: date | None, today: date) -> None:
    """Raise NotYet for a day to come: a list of villages says what is, not what is planned."""
    if day is not None and day > today:
        raise NotYet(Msg("village.not_yet"))


def next_code(commune: str, name: str, taken: Collection[str]) -> str:
    """Return the code of a new village: "Tổ 12" takes 012 where that is free, else the lowest.

    Codes of closed villages stay taken, since files name them. Raises VillagesFull.
    """
    own = re.search(r"\b\d{1,3}\b", name)
    wanted = [int(own[0])] if own and int(own[0]) > 0 else []
    for number in (*wanted, *range(1, VILLAGES_MOST + 1)):
        code = f"{commune}-{number:03}"
        if code not in taken:
            return code
    raise VillagesFull(Msg("village.full"))
