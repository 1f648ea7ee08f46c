"""What an onlooker sees: rows by plain SQL, and which question a screen asks."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, text

from storage.database import Connection, Database
from tests.model.reference import Book, points
from tests.model.script import CODES

# One of these choices tells which question it is, in this order.
_BY_CHOICE = {
    "agree": "consent", "citizen": "title", "language": "hello", "start": "farewell",
    "none": "photos", "retype": "place_pick", "unknown": "village", "see": "notice",
    "submit": "summary", "keep": "supplement", "name": "edit", "home": "mydata", "yes": "receipt",
    "en": "language", "refresh": "home", "why": "home", "continue": "home",
}  # fmt: skip
_BY_WORDS = (
    (r"họ tên, năm sinh \(|full name and year of birth \(", "name"),
    (r"xã, phường nào|which commune", "place"),
    (r"\"xóa hết\"|\"erase all\"", "erase"),
    (r"\"rút lại\" lần nữa|\"withdraw\" once more", "withdraw"),
    (r"\"nộp\" để nộp|\"submit\" to hand", "submit"),
)
_ITEM = re.compile(r"(?:câu|question) (\d+) \(", re.IGNORECASE)


def kind(screen: Mapping[str, Any]) -> str:
    """Return which question a screen asks, in the reference's words."""
    if screen.get("progress"):
        return CODES[screen["progress"]["step"] - 1]
    ids = {choice["id"].partition(":")[0] for choice in screen.get("choices", ())}
    found = next((name for choice, name in _BY_CHOICE.items() if choice in ids), None)
    if found is None:
        words = screen["text"].lower()
        found = next((name for said, name in _BY_WORDS if re.search(said, words)), "?")
    if found == "supplement":
        number = _ITEM.findall(screen["text"])[-1]
        return f"supplement:{CODES[int(number) - 1]}"
    return found


@dataclass(slots=True)
class Seen:
    """Everything seen at one moment, by person; `ids` are the public ids of their files."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    waiting: int = 0


_CAMPAIGN = "SELECT person_id FROM consent WHERE purpose = 'campaign' AND withdrawn_ms IS NULL"
_TALKS = "SELECT id, sender, person_id FROM conversation WHERE sender IN :names"
_LAST = """SELECT o.conversation_id, o.payload FROM outbox o WHERE o.conversation_id IN :names
    AND o.number = (SELECT max(n.number) FROM outbox n WHERE n.conversation_id =
    o.conversation_id)"""
_FILES = """SELECT d.id, d.person_id, d.status, d.photos, d.total, d.commune, d.village,
    d.village_text, d.public_id, d.code, d.decision_told, p.name FROM declaration d JOIN person p
    ON p.id = d.person_id WHERE d.person_id IN :names"""
_ANSWERS = "SELECT declaration_id, criterion, option FROM answer WHERE declaration_id IN :names"
_GIVEN = "SELECT declaration_id, criterion, points FROM reviewed WHERE declaration_id IN :names"
_MOVES = """SELECT declaration_id, action, officer_id FROM audit
    WHERE declaration_id IN :names ORDER BY id"""
_OPEN = """SELECT (SELECT count(*) FROM inbox WHERE status <> 1) + (SELECT count(*) FROM due
    WHERE done_ms IS NULL AND kind = 'notice' AND due_ms <= :now)"""


async def _all(connection: Connection, query: str, names: Iterable[Any]) -> Sequence[Any]:
    many = text(query).bindparams(bindparam("names", expanding=True))
    return (await connection.execute(many, {"names": list(names) or [None]})).all()


async def look(
    database: Database, senders: Mapping[str, str], officers: Mapping[int, str], now_ms: int
) -> Seen:
    """Return what is there of `senders` (by name); moves name officers by `officers`."""
    return await database.read(lambda c: _look(c, senders, officers, now_ms))


async def _look(
    connection: Connection, senders: Mapping[str, str], officers: Mapping[int, str], now_ms: int
) -> Seen:
    seen = Seen()
    waits = await connection.execute(text(_OPEN), {"now": now_ms})
    seen.waiting = waits.scalar_one()
    names = {sender: name for name, sender in senders.items()}
    talks = {row.id: row for row in await _all(connection, _TALKS, names)}
    payloads = dict([tuple(row) for row in await _all(connection, _LAST, talks)])
    persons = [t.person_id for t in talks.values() if t.person_id is not None]
    campaign = {row.person_id for row in (await connection.execute(text(_CAMPAIGN))).all()}
    files = await _files(connection, persons, officers)
    for number, talk in talks.items():
        name = names[talk.sender]
        at = kind(json.loads(payloads[number])) if number in payloads else "?"
        own = [f for f in files if f["person"] == talk.person_id]
        one = own[0] if own else None
        if one is not None:
            one = dict(one)
            seen.ids[name], seen.codes[name] = one.pop("id"), one.pop("receipt")
            del one["person"]
        live = one if len(own) < 2 else {"live declarations": len(own)}
        seen.people[name] = {"at": at, "campaign": talk.person_id in campaign, "file": live}
    return seen


async def _files(
    connection: Connection, persons: Iterable[int], officers: Mapping[int, str]
) -> list[dict[str, Any]]:
    rows = await _all(connection, _FILES, persons)
    ids = [row.id for row in rows]
    answers: dict[int, dict[str, int]] = defaultdict(dict)
    given: dict[int, dict[str, int]] = defaultdict(dict)
    moves: dict[int, list[Any]] = defaultdict(list)
    for number, criterion, option in await _all(connection, _ANSWERS, ids):
        answers[number][criterion] = option
    for number, criterion, worth in await _all(connection, _GIVEN, ids):
        given[number][criterion] = worth
    for number, action, officer in await _all(connection, _MOVES, ids):
        moves[number].append((action, officers.get(officer, officer)))
    return [
        {
            "person": row.person_id,
            "id": row.public_id,
            "receipt": row.code,
            "status": row.status,
            "name": row.name,
            "photos": row.photos,
            "place": "far" if row.commune == "20242" else "here",
            "village": bool(row.village or row.village_text),
            "answers": answers[row.id],
            "given": given[row.id],
            "moves": moves[row.id],
            "code": row.code is not None,
            "told": bool(row.decision_told),
            "total": row.total if row.status in ("submitted", "approved", "rejected") else None,
        }
        for row in rows
    ]


def expected(book: Book) -> dict[str, dict[str, Any]]:
    """Return what the reference says should be seen."""
    people = {}
    for name, person in book.people.items():
        file = person["file"]
        known = None if file is None else _expected_file(file)
        people[name] = {"at": person["at"], "campaign": person["campaign"], "file": known}
    return people


def _expected_file(file: dict[str, Any]) -> dict[str, Any]:
    where, _, village = file["place"].partition(":")
    counted = file["status"] in ("submitted", "approved", "rejected")
    return {
        "status": file["status"],
        "name": file["name"],
        "photos": file["photos"],
        "place": where,
        "village": bool(village),
        "answers": file["answers"],
        "given": {code: given[0] for code, given in file["given"].items()},
        "moves": file["moves"],
        "code": file["code"],
        "told": bool(file["decided"] and file["decided"]["told"]),
        "total": sum(points(file).values()) if counted else None,
    }


__all__ = ["Seen", "expected", "kind", "look"]
