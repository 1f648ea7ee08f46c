"""Files as an officer may open them: nothing outside the officer's place is ever told apart."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dialogs.criteria import CriteriaSet
from dialogs.facts import Rules
from dialogs.model import Declaration, File, Officer
from dialogs.review import Outcome
from dialogs.rights import commune_of, covers, place_level
from handlers.admin.auth import still_signed
from handlers.admin.schemas import FileState
from handlers.admin.words import Reading, to_state
from handlers.errors import standard
from handlers.parts import Parts
from storage import declarations, places
from storage.database import Connection
from storage.effects import apply_decision
from storage.officers import Signed
from storage.walls import within

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PLACE = re.compile(r"\d\d|\d{5}(-\d{3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule needs to decide on a file."""

    file: Declaration
    criteria: CriteriaSet
    difficult: bool
    by: Officer
    now: datetime
    today: date
    rules: Rules


Rule = Callable[[Case], Outcome]


def is_id(text: str) -> bool:
    """Tell whether `text` can be an id of ours, so that it may go into a query."""
    return _ID.fullmatch(text) is not None


def is_place(text: str) -> bool:
    """Tell whether `text` has the shape of an official place code."""
    return _PLACE.fullmatch(text) is not None


async def open_file(connection: Connection, officer: Officer, number: str) -> File:
    """Return the file with public id `number` in the officer's place; else 404."""
    found = None
    if is_id(number):
        found = await declarations.get_file(connection, scope=officer.place, public_id=number)
    if found is None:
        raise standard(404)
    return found


def narrowed(parts: Parts, officer: Officer, place: str | None) -> str:
    """Return the place to look in: `place` if it lies in the officer's, else 404."""
    if place is None:
        return officer.place
    if is_place(place) and _holds(parts, officer.place, place):
        return place
    raise standard(404)


def _holds(parts: Parts, scope: str, place: str) -> bool:
    code = commune_of(place)
    if code is None:
        return scope == place
    commune = parts.index.get(code)
    village = place if place_level(place) == "village" else None
    return commune is not None and covers(scope, code, village, commune.province.code)


async def read_difficult(connection: Connection, files: Iterable[File]) -> dict[str, bool]:
    """Return for each commune of `files` whether it is a difficult area."""
    codes = {file.declaration.commune for file in files}
    return {code: (await places.get_info(connection, code)).difficult for code in sorted(codes)}


async def decide(parts: Parts, officer: Signed, number: str, rule: Rule) -> FileState:
    """Open the file, apply `rule` and return where the file stands, all in one transaction.

    Token and officer are read again inside it, so a right that ended meanwhile decides nothing.
    """

    async def job(connection: Connection) -> FileState:
        by = await still_signed(connection, parts, officer)
        state, _ = await decide_one(connection, parts, by, number, rule)
        return state

    state = await parts.database.write(within(officer.place, job))
    parts.wake.jobs.ring()
    return state


async def decide_one(
    connection: Connection, parts: Parts, by: Officer, number: str, rule: Rule
) -> tuple[FileState, bool]:
    """Open a file, apply `rule`; return where it stands and whether anything changed.

    Raises before it writes, if at all; only a Conflict (somebody was faster) comes later.
    """
    file = await open_file(connection, by, number)
    reading = Reading(parts, await read_difficult(connection, [file]))
    own, now = file.declaration, parts.now()
    hard = reading.difficult[own.commune]
    case = Case(own, reading.criteria(own), hard, by, now, parts.today(), parts.rules)
    effects = rule(case)
    await apply_decision(connection, effects, now=now)
    return to_state(reading, await open_file(connection, by, number)), bool(effects)
