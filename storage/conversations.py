"""Conversations with everything a turn must know of them, read in bulk."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.changes import Record
from dialogs.model import Consent, Declaration, Officer, Person
from dialogs.state import STATE_VERSION, State
from storage.database import Connection
from storage.declarations import DECLARATION_COLUMNS, list_declarations, read_declaration
from storage.models import consent, contact, conversation, declaration, officer, person
from storage.prepared import Prepared, columns, one_of
from storage.seams import from_ms
from storage.shards import shard_of


class Conversation(Record, frozen=True):
    """A conversation: where it stands, and who and what belongs to it. `id` 0: not kept yet.

    `person_version` counts the turns of a person who has several conversations, else it is None.
    """

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
    person_version: int | None = None

    @property
    def counted(self) -> tuple[int, int] | None:
        """Id and version of a person with several conversations; None for the usual one."""
        if self.person is None or self.person_version is None:
            return None
        return self.person.id, self.person_version


def place_of(state: State, conversation: Conversation) -> tuple[str | None, str | None]:
    """Return the code of the place at hand and the village as typed, as far as known."""
    file = conversation.declaration
    if state.place or state.village or file is None:
        officer = conversation.officer.place if conversation.officer else None
        return state.village or state.place or officer, state.village_text
    return file.village or file.commune, file.village_text


_READER = msgspec.json.Decoder(State)
_WRITER = msgspec.json.Encoder()


def encode_state(state: State) -> str:
    """Return a state as the JSON text that is kept; what has its default is left out."""
    return _WRITER.encode(state).decode()


def decode_state(kept: str) -> State:
    """Return the state of a kept text; msgspec.DecodeError for what is none."""
    return _READER.decode(kept)


_OWN = ("id", "channel", "bot", "sender", "version", "state", "state_version")
_PERSON = ("id", "name", "birth_year", "settled", "version")
_OFFICER = ("id", "name", "role", "place", "locale")
# A literal, not a value: only so does SQLite see at once that the index over live files serves.
_WITHDRAWN: ColumnElement[str] = literal_column("'withdrawn'")
_LIVE = and_(
    declaration.c.person_id == conversation.c.person_id, declaration.c.status != _WITHDRAWN
)
_SERVING = and_(officer.c.id == conversation.c.officer_id, officer.c.revoked_ms.is_(None))
_LOADED = Prepared(
    select(
        *(conversation.c[name] for name in _OWN),
        *(person.c[name] for name in _PERSON),
        *(officer.c[name] for name in _OFFICER),
        *(declaration.c[name] for name in DECLARATION_COLUMNS),
    )
    .select_from(
        conversation.outerjoin(person, person.c.id == conversation.c.person_id)
        .outerjoin(officer, _SERVING)
        .outerjoin(declaration, _LIVE)
    )
    .where(one_of(conversation.c.sender, "senders"))
    .order_by(conversation.c.id, declaration.c.period, declaration.c.id)
)
_CONSENTS = Prepared(
    select(consent.c.person_id, consent.c.purpose, consent.c.text_version, consent.c.given_ms)
    .where(one_of(consent.c.person_id, "people"), consent.c.withdrawn_ms.is_(None))
    .order_by(consent.c.given_ms)
)


_PERSON_AT = len(_OWN)
_OFFICER_AT = _PERSON_AT + len(_PERSON)
_FILE_AT = _OFFICER_AT + len(_OFFICER)


async def load(connection: Connection, senders: Sequence[str]) -> dict[str, Conversation]:
    """Return the conversations of these senders by sender, each with its newest declaration.

    An unknown sender is absent. State versions newer than this program are absent too.
    """
    rows = await _LOADED.rows(connection, senders=list(senders))
    # A later row of the same sender holds a newer declaration.
    newest = {row[3]: row for row in rows if row[6] <= STATE_VERSION}
    bare = [read_declaration(r[_FILE_AT:]) for r in newest.values() if r[_FILE_AT] is not None]
    files = await list_declarations(connection, bare)
    people = [row[_PERSON_AT] for row in newest.values() if row[_PERSON_AT] is not None]
    consents = await _consents(connection, people) if people else {}
    return {sender: _conversation(row, files, consents) for sender, row in newest.items()}


def _conversation(
    row: Sequence[Any], files: dict[int, Declaration], consents: dict[int, tuple[Consent, ...]]
) -> Conversation:
    number, channel, bot, sender, version, state, _ = row[:_PERSON_AT]
    who = row[_PERSON_AT:_OFFICER_AT]
    officer = row[_OFFICER_AT:_FILE_AT]
    return Conversation(
        number,
        channel,
        bot,
        sender,
        version,
        decode_state(state),
        None if who[0] is None else Person(who[0], who[1], who[2], bool(who[3])),
        None if officer[0] is None else Officer(*officer),
        files.get(row[_FILE_AT]),
        consents.get(who[0], ()),
        who[4],
    )


async def _consents(connection: Connection, people: list[int]) -> dict[int, tuple[Consent, ...]]:
    found: dict[int, tuple[Consent, ...]] = {}
    for number, purpose, version, given in await _CONSENTS.rows(connection, people=people):
        consented = Consent(purpose, version, from_ms(given))
        found[number] = (*found.get(number, ()), consented)
    return found


async def add_conversations(connection: Connection, new: Sequence[Conversation]) -> None:
    """Keep conversations that have none yet (id 0); their ids are read again by `load`.

    One that is there already, such as one a newer program has written, stays as it is.
    """
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
    sqlite = connection.dialect.name == "sqlite"
    fresh = sqlite_insert(conversation) if sqlite else postgresql_insert(conversation)
    await connection.execute(fresh.on_conflict_do_nothing(), rows)


def _saving(given: Any) -> Any:
    """Return the update whose values `given(name)` stands for."""
    seen = and_(conversation.c.id == given("row_id"), conversation.c.version == given("seen"))
    return (
        update(conversation)
        .where(seen)
        .values(
            state=given("state"),
            state_version=STATE_VERSION,
            version=conversation.c.version + 1,
            seen_ms=given("at_ms"),
        )
    )


_STATES = columns("given", row_id=BigInteger, seen=Integer, state=Text, at_ms=BigInteger)
_SAVED = Prepared(sqlite=_saving(bindparam), postgresql=_saving(_STATES.c.__getitem__))


async def save_states(connection: Connection, rows: Sequence[dict[str, Any]]) -> int:
    """Write new states (`{"row_id", "seen", "state", "at_ms"}`); return how many were written.

    A conversation whose version is no longer `seen` is left alone, and is missing in the count.
    """
    return await _SAVED.write(connection, rows)


async def get_id(connection: Connection, sender: str) -> int | None:
    """Return the row id of a sender's conversation."""
    query = select(conversation.c.id).where(conversation.c.sender == sender)
    return (await connection.execute(query)).scalar_one_or_none()


class Ear(Record, frozen=True):
    """A conversation as somebody to tell: when they last acted on it, and what stops us."""

    channel: str
    bot: str
    sender: str
    acted_ms: int | None = None
    stopped: str | None = None


async def list_ears(connection: Connection, *, person: int) -> list[Ear]:
    """Return the conversations of a person."""
    c, k = conversation.c, contact.c
    query = (
        select(c.channel, c.bot, c.sender, k.acted_ms, k.stopped)
        .select_from(conversation.outerjoin(contact, k.sender == c.sender))
        .where(c.person_id == person)
        .order_by(c.id)
    )
    return [Ear(*row) for row in await connection.execute(query)]
