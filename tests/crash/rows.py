"""Everything a program keeps, in a form in which two lives can be compared.

Row ids, secrets and receipt codes differ between a run without kills and one with them; here they
carry the names of whom and what they belong to. What is left must be equal, row by row.
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from storage.database import Connection
from storage.models import metadata

Row = dict[str, Any]
Tables = dict[str, list[Row]]
State = dict[str, list[str]]
# Differs by nature: counts of attempts, what hashes row ids, where a random name is hashed to.
IGNORED = {
    "inbox": {"id", "shard", "attempts", "external_id"},
    "conversation": {"id", "shard"},
    "person": {"id"},
    "declaration": {"id"},
    "evidence": {"incoming"},
    "due": {"id"},
    "audit": {"id", "digest", "seq"},
    "audit_head": {"digest"},
    "credential": {"token_hash", "used_ms"},
    "block": {"id"},
}
# Tables that belong to the process and not to people.
UNTOLD = {"shard", "alembic_version"}
MESSAGES = ("inbox_id", "reply_to", "album")
# A question that is about an album names its row.
ALBUM = re.compile(r"\bphoto_check (\d+)\b")
# So does what is said without being a question.
REMARK = re.compile(r'"id":"r(\d+)-')


@dataclass(slots=True)
class Names:
    """What the ids of one database stand for."""

    messages: dict[int, str] = field(default_factory=dict)
    conversations: dict[int, str] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    files: dict[int, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """Return `text` with names in the place of secrets."""
        for word, name in self.words.items():
            text = text.replace(word, name)
        return text


@dataclass(frozen=True, slots=True)
class Seen:
    """The state, and how many conversations a kill left with nobody behind them."""

    state: State
    orphans: int


async def read_state(connection: Connection, pages: Mapping[str, str], photos: Path) -> Seen:
    """Return what is kept; `pages` are the names of people by their conversation's sender."""
    tables: Tables = {}
    for table in metadata.sorted_tables:
        if table.name not in UNTOLD:
            found = await connection.execute(select(table))
            tables[table.name] = [dict(row._mapping) for row in found]
    orphans = _drop_orphans(tables, pages)
    names = _names(tables, pages)
    return Seen(
        {name: sorted(_lines(name, rows, names, photos)) for name, rows in tables.items()},
        len(orphans),
    )


def _drop_orphans(tables: Tables, pages: Mapping[str, str]) -> set[str]:
    """Take out conversations that were opened by a request nobody had an answer to.

    Such a one holds no person: otherwise it stays, and is a difference.
    """
    orphans = {
        row["sender"]
        for row in tables["conversation"]
        if row["sender"] not in pages and row["person_id"] is None
    }
    ids = {row["id"] for row in tables["conversation"] if row["sender"] in orphans}
    _keep(tables, "conversation", lambda row: row["sender"] not in orphans)
    _keep(tables, "inbox", lambda row: row["sender"] not in orphans)
    _keep(tables, "outbox", lambda row: row["conversation_id"] not in ids)
    _keep(tables, "credential", lambda row: row["kind"] != "link")
    _keep(tables, "note", lambda row: row["name"] != "stopped")
    return orphans


def _keep(tables: Tables, name: str, wanted: Any) -> None:
    tables[name] = [row for row in tables[name] if wanted(row)]


def _names(tables: Tables, pages: Mapping[str, str]) -> Names:
    names = Names(words=dict(pages))
    counts: dict[str, int] = defaultdict(int)
    for row in _by_id(tables["inbox"]):
        sender = pages.get(row["sender"], "?")
        counts[sender] += 1
        names.messages[row["id"]] = f"{sender}#{counts[sender]}"
    for n, row in enumerate(_by_id(tables["conversation"])):
        # The demo's people have names by chance; each life draws others.
        names.words.setdefault(row["sender"], f"<conversation {n}>")
        names.conversations[row["id"]] = pages.get(row["sender"], "?")
        if row["person_id"] is not None:
            names.people.setdefault(row["person_id"], pages.get(row["sender"], "?"))
    for n, row in enumerate(_by_id(tables["person"])):
        names.people.setdefault(row["id"], f"person {n}")
    _name_files(tables, names)
    return names


def _name_files(tables: Tables, names: Names) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in _by_id(tables["declaration"]):
        owner = names.people.get(row["person_id"], "nobody")
        counts[owner] += 1
        name = names.files[row["id"]] = f"{owner}'s file {counts[owner]}"
        names.words[row["public_id"]] = f"<{name}>"
        if row["code"]:
            names.words[row["code"]] = f"<code of {name}>"
    for row in tables["evidence"]:
        album = names.messages.get(row["album"], "gone")
        names.words[row["id"]] = f"<photo {row['n']} of {album}>"


def _by_id(rows: Sequence[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: int(row["id"]))


def _lines(table: str, rows: Sequence[Row], names: Names, photos: Path) -> list[str]:
    return [json.dumps(_told(table, row, names, photos), sort_keys=True) for row in rows]


def _told(table: str, row: Row, names: Names, photos: Path) -> Row:
    told = {n: v for n, v in row.items() if n not in IGNORED.get(table, set())}
    for name, value in told.items():
        told[name] = _value(table, name, value, names)
    if table == "evidence":
        told["whole"] = [is_whole(photos, row[key]) for key in ("photo_key", "thumb_key")]
    return told


def _value(table: str, name: str, value: Any, names: Names) -> Any:
    if value is None:
        return None
    if name in MESSAGES:
        return names.messages.get(value, "gone" if value else "none")
    if name == "conversation_id":
        return names.conversations.get(value, "gone")
    if name == "person_id":
        return names.people.get(value, "gone")
    if name == "declaration_id":
        return names.files.get(value, "gone")
    if (table, name) == ("conversation", "state"):
        return _state(value, names)
    if (table, name) == ("outbox", "payload"):
        value = REMARK.sub(lambda found: f'"id":"{names.messages.get(int(found[1]))}-', value)
    return names.text(value) if isinstance(value, str) else value


def _state(text: str, names: Names) -> Any:
    state = json.loads(text)
    if state.get("step") == "photo_check":
        state["arg"] = names.messages.get(int(state["arg"]), "gone")

    def album(found: re.Match[str]) -> str:
        return f"photo_check {names.messages.get(int(found[1]), 'gone')}"

    return json.loads(names.text(ALBUM.sub(album, json.dumps(state, ensure_ascii=False))))


def is_whole(photos: Path, key: str | None) -> bool | None:
    """Tell whether the bytes that a row names are there and are what their name says."""
    if key is None:
        return None
    file = photos / key
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == file.stem


def compare(right: State, found: State) -> dict[str, list[str]]:
    """Return what is lost, doubled or asked again in `found`, told by table and row."""
    told: dict[str, list[str]] = defaultdict(list)
    for table in sorted(set(right) | set(found)):
        wanted, got = list(right.get(table, ())), list(found.get(table, ()))
        for row in tuple(got):
            if row in wanted:
                wanted.remove(row)
                got.remove(row)
        asked = table == "outbox" and len(got) > len(wanted)
        more = "asked again" if asked else "doubled"
        told["lost"] += [f"{table}: {row}" for row in wanted]
        told[more if len(got) > len(wanted) else "lost"] += [f"{table}: not {row}" for row in got]
    return {kind: rows for kind, rows in told.items() if rows}
