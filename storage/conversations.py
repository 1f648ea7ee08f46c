"""Conversations with everything a turn must know of them, read in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import and_, bindparam, insert, select, update
from sqlalchemy.engine import RowMapping

from dialogs.model import Consent, Declaration, Officer, Person
from dialogs.state import STATE_VERSION, State, from_plain, to_plain
from storage.database import Connection
from storage.declarations import DECLARATION_COLUMNS, list_declarations, read_declaration
from storage.models import consent, conversation, declaration, officer, person
from storage.seams import from_ms

SHARDS = 64


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: where it stands, and who and what belongs to it. `id` 0: not kept yet."""

    id: int
    channel: str
    bot: str
    sender: str
    version: int
    state: State
    person: Person | None = None
    officer: Officer | None = None
    declaration: Declaration | None = None
    consents: tuple[Consent, ...] = ()


def place_of(state: State, conversation: Conversation) -> tuple[str | None, str | None]:
    """Return the code of the place at hand and the village as typed, as far as known."""
    file = conversation.declaration
    if state.place or state.village or file is None:
        officer = conversation.officer.place if conversation.officer else None
        return state.village or state.place or officer, state.village_text
    return file.village or file.commune, file.village_text


def shard_of(sender: str) -> int:
    """Return the shard whose turns are taken by one worker at a time."""
    return crc32(sender.encode()) % SHARDS


def encode_state(state: State) -> str:
    """Return a state as the JSON text that is kept."""
    return msgspec.json.encode(to_plain(state)).decode()


def decode_state(kept: str) -> State:
    """Return the state of a kept JSON text."""
    return from_plain(msgspec.json.decode(kept))


_LIVE = and_(
    declaration.c.person_id == conversation.c.person_id, declaration.c.status != "withdrawn"
)
_LOADED = select(
    *(
        conversation.c[name].label(name)
        for name in ("id", "channel", "bot", "sender", "version", "state", "state_version")
    ),
    *(person.c[n].label(f"person_{n}") for n in ("id", "name", "birth_year", "settled")),
    *(officer.c[n].label(f"officer_{n}") for n in ("id", "name", "role", "place", "locale")),
    *(declaration.c[n].label(f"file_{n}") for n in DECLARATION_COLUMNS),
).select_from(
    conversation.outerjoin(person, person.c.id == conversation.c.person_id)
    .outerjoin(
        officer,
        and_(officer.c.id == conversation.c.officer_id, officer.c.revoked_ms.is_(None)),
    )
    .outerjoin(declaration, _LIVE)
)
_BY_SENDER = _LOADED.where(conversation.c.sender.in_(bindparam("senders", expanding=True)))
_BY_SENDER = _BY_SENDER.order_by(conversation.c.id, declaration.c.period, declaration.c.id)


async def load(connection: Connection, senders: Sequence[str]) -> dict[str, Conversation]:
    """Return the conversations of these senders by sender, each with its newest declaration.

    An unknown sender is absent. State versions newer than this program are absent too.
    """
    rows = (await connection.execute(_BY_SENDER, {"senders": senders})).mappings().all()
    newest = {row["sender"]: row for row in rows if row["state_version"] <= STATE_VERSION}
    files = await list_declarations(
        connection, [read_declaration(r, "file_") for r in newest.values() if r["file_id"]]
    )
    people = [row["person_id"] for row in newest.values() if row["person_id"]]
    consents = await _consents(connection, people) if people else {}
    return {s: _conversation(r, files, consents) for s, r in newest.items()}


def _conversation(
    row: RowMapping, files: dict[int, Declaration], consents: dict[int, tuple[Consent, ...]]
) -> Conversation:
    return Conversation(
        row["id"],
        row["channel"],
        row["bot"],
        row["sender"],
        row["version"],
        decode_state(row["state"]),
        _person(row),
        _officer(row),
        files.get(row["file_id"]),
        consents.get(row["person_id"], ()),
    )


def _person(row: RowMapping) -> Person | None:
    if row["person_id"] is None:
        return None
    return Person(
        row["person_id"], row["person_name"], row["person_birth_year"], row["person_settled"]
    )


def _officer(row: RowMapping) -> Officer | None:
    if row["officer_id"] is None:
        return None
    columns = ("officer_id", "officer_name", "officer_role", "officer_place", "officer_locale")
    return Officer(*(row[c] for c in columns))


async def _consents(
    connection: Connection, people: Sequence[int]
) -> dict[int, tuple[Consent, ...]]:
    query = select(
        consent.c.person_id, consent.c.purpose, consent.c.text_version, consent.c.given_ms
    ).where(consent.c.person_id.in_(people), consent.c.withdrawn_ms.is_(None))
    found: dict[int, tuple[Consent, ...]] = {}
    for number, purpose, version, given in await connection.execute(query):
        given_at = from_ms(given)
        found[number] = (*found.get(number, ()), Consent(purpose, version, given_at))
    return found


async def add_conversations(connection: Connection, new: Sequence[Conversation]) -> None:
    """Keep conversations that have none yet (id 0); their ids are read again by `load`."""
    rows = [
        {
            "sender": c.sender,
            "channel": c.channel,
            "bot": c.bot,
            "shard": shard_of(c.sender),
            "officer_id": c.officer.id if c.officer else None,
            "state": encode_state(c.state),
            "state_version": STATE_VERSION,
            "version": c.version,
            "seen_ms": 0,
        }
        for c in new
    ]
    await connection.execute(insert(conversation), rows)


_SAVED = (
    update(conversation)
    .where(conversation.c.id == bindparam("row_id"), conversation.c.version == bindparam("seen"))
    .values(
        state=bindparam("state"),
        state_version=STATE_VERSION,
        version=conversation.c.version + 1,
        seen_ms=bindparam("at_ms"),
    )
)


async def save_states(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Write new states (`{"row_id", "seen", "state", "at_ms"}`); return how many were written.

    A conversation whose version is no longer `seen` is left alone, and is missing in the count.
    """
    return (await connection.execute(_SAVED, rows)).rowcount


async def get_id(connection: Connection, sender: str) -> int | None:
    """Return the row id of a sender's conversation."""
    query = select(conversation.c.id).where(conversation.c.sender == sender)
    return (await connection.execute(query)).scalar_one_or_none()


async def list_senders(
    connection: Connection, *, person: int | None = None, officer: int | None = None
) -> list[tuple[str, str, str]]:
    """Return (channel, bot, sender) of the conversations of a person or an officer."""
    c = conversation.c
    whose = c.person_id == person if person is not None else c.officer_id == officer
    rows = await connection.execute(select(c.channel, c.bot, c.sender).where(whose))
    return [(channel, bot, sender) for channel, bot, sender in rows]
