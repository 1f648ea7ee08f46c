"""Officers and tokens as the command line makes and ends them, each with its journal line."""

from dataclasses import dataclass
from typing import Literal

from bot.commands.place_codes import check_level, name_place
from bot.commands.refusals import CommandRefused
from dialogs.folding import compose
from dialogs.model import Officer, Role
from dialogs.rights import commune_of
from storage import audit, officers
from storage.database import Connection
from storage.officers import Listed
from storage.seams import Seams, to_ms

NAME_MAX = 80
Kind = Literal["link", "api"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who shall get which rights over which place."""

    name: str
    place: str
    role: Role


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new officer; `token` is known only here and now, the database keeps its hash."""

    id: int
    token: str
    name: str
    place: str


async def enrol(
    connection: Connection, asked: Asked, seams: Seams, *, kind: Kind, minutes: int | None
) -> Enrolled:
    """Add an officer with a one-time link or an API token (`minutes` None: without end).

    Raises CommandRefused for a place that does not exist or does not fit the role, or no name.
    """
    where = await name_place(connection, asked.place)
    check_level(asked.role, asked.place)
    name = _read_name(asked.name)
    at_ms = to_ms(seams.now())
    number = await officers.add_officer(
        connection, name=name, role=asked.role, place=asked.place, at_ms=at_ms
    )
    token = await give(connection, number, seams, kind=kind, minutes=minutes)
    action = "officer_invite" if kind == "link" else "token_add"
    details = {"officer": number, "role": asked.role, "place": asked.place}
    chain = commune_of(asked.place) or asked.place
    await audit.add(connection, action, at_ms=at_ms, place=chain, via="command", details=details)
    return Enrolled(number, token, name, where)


async def give(
    connection: Connection, number: int, seams: Seams, *, kind: Kind, minutes: int | None
) -> str:
    """Give an officer a fresh credential and return its token (64 hex digits, 32 random bytes)."""
    at_ms, token = to_ms(seams.now()), seams.token()
    expires_ms = None if minutes is None else at_ms + minutes * 60_000
    await officers.add_credential(
        connection, token=token, officer_id=number, kind=kind, at_ms=at_ms, expires_ms=expires_ms
    )
    return token


async def end(connection: Connection, number: int, seams: Seams, *, action: str) -> None:
    """End an officer's rights at once; CommandRefused when there are none."""
    at_ms = to_ms(seams.now())
    if not await officers.revoke(connection, number, at_ms=at_ms):
        raise CommandRefused(f"nobody with id {number} has any rights")
    ended = await officers.get_listed(connection, number)
    place = ended.officer.place if ended else ""
    await audit.add(
        connection,
        action,
        at_ms=at_ms,
        place=commune_of(place) or place,
        via="command",
        details={"officer": number},
    )


def show(listed: list[Listed]) -> list[str]:
    """Return one line an officer: id, role, place, state, name, with tabs between."""
    return [_line(one.officer, revoked=one.revoked) for one in listed]


def _line(officer: Officer, *, revoked: bool) -> str:
    state = "revoked" if revoked else "active"
    return "\t".join((str(officer.id), officer.role, officer.place, state, officer.name))


def _read_name(typed: str) -> str:
    name = compose(typed)
    if not name:
        raise CommandRefused("--name is empty")
    if len(name) > NAME_MAX:
        raise CommandRefused(f"--name is longer than {NAME_MAX} characters")
    return name
