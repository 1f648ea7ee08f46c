"""What must be true after every kill: kept apart from the program, read with plain sqlite3.

Nothing here imports the program. `Reference` writes down what the server acknowledged, and holds
the rows and files of the server against it.
"""

import hashlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.drill.pictures import read_number

CODES = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3")
MOVES = ("submit", "return", "submit", "approve")
Rows = list[tuple[object, ...]]


@dataclass(slots=True)
class Known:
    """What one citizen was told is kept. `flying` was sent and not acknowledged yet."""

    name: str
    sender: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    flying: tuple[str, int] | None = None
    named: bool = False
    photos: dict[str, int] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    code: str = ""
    moves: set[str] = field(default_factory=set)
    events: int = 0
    done: bool = False


@dataclass(slots=True)
class Reference:
    """Everything acknowledged, and what was found to be otherwise."""

    folder: Path
    people: list[Known] = field(default_factory=list)
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def check_kept(self) -> None:
        """Find what was acknowledged and is not in the database; the server must be dead."""
        with self._database() as rows:
            for known in self.people:
                if known.sender:
                    self.lost += _missing(rows, known)

    def check_end(self) -> None:
        """Find what is missing, doubled or left over once every walk has ended."""
        self.check_kept()
        with self._database() as rows:
            self.doubled += _doubled_rows(rows)
            self.stuck += _left_over(rows)
            for known in self.people:
                if known.code:
                    self.doubled += _doubled(rows, known)
                    self.lost += self._photos(rows, known)

    @contextmanager
    def _database(self) -> Iterator["Database"]:
        """Read a copy, so that the server's own recovery is what the server finds."""
        copy = self.folder.parent / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        copy.mkdir()
        for file in self.folder.glob("khaihoc.db*"):
            shutil.copy(file, copy)
        with closing(sqlite3.connect(copy / "khaihoc.db")) as connection:
            yield Database(connection)

    def _photos(self, rows: "Database", known: Known) -> Iterator[str]:
        """Name photos whose files are not what was sent."""
        kept = rows.photos(known.sender)
        for digest, number in known.photos.items():
            if digest in known.replaced:
                continue
            for key in kept.get(digest, ("", "")):
                file = self.folder / "photos" / key
                if not key or not file.is_file():
                    yield f"{known.name}: photo {number} has no file"
                    continue
                data = file.read_bytes()
                if hashlib.sha256(data).hexdigest() != file.stem or read_number(data) != number:
                    yield f"{known.name}: photo {number} has another content"


@dataclass(frozen=True, slots=True)
class Database:
    """Plain questions to the rows."""

    connection: sqlite3.Connection

    def all(self, query: str, *values: object) -> Rows:
        """Return the rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def answers(self, sender: str) -> dict[str, int]:
        """Return the kept answers behind a conversation."""
        query = f"SELECT a.criterion, a.option FROM answer a, {_MINE} AND a.declaration_id = d.id"
        return {str(c): int(str(o)) for c, o in self.all(query, sender)}

    def photos(self, sender: str) -> dict[str, tuple[str, str]]:
        """Return the keys of kept photos by the digest of what was sent."""
        columns = "e.original_sha256, e.photo_key, e.thumb_key"
        found = self.all(f"SELECT {columns} FROM evidence e, {_MINE} AND {_OF_FILE}", sender)
        return {str(digest): (str(photo), str(thumb)) for digest, photo, thumb in found}


_MINE = "declaration d, conversation c WHERE c.person_id = d.person_id AND c.sender = ?"
_OF_FILE = "e.declaration_id = d.id"
_AUDIT = f"SELECT j.action FROM audit j, {_MINE} AND j.declaration_id = d.id"


def _missing(rows: Database, known: Known) -> Iterator[str]:
    answers = rows.answers(known.sender)
    for criterion, option in known.answers.items():
        right = {option}
        if known.flying is not None and known.flying[0] == criterion:
            right.add(known.flying[1])
        if answers.get(criterion) not in right:
            yield f"{known.name}: {criterion} is {answers.get(criterion)}, told {option}"
    if known.named:
        named = f"SELECT p.name FROM person p, {_MINE} AND p.id = d.person_id"
        if rows.all(f"{named} AND p.name IS NOT NULL", known.sender) == []:
            yield f"{known.name}: the name is gone"
    photos = rows.photos(known.sender)
    for digest, number in known.photos.items():
        if digest not in photos and digest not in known.replaced:
            yield f"{known.name}: photo {number} is gone"
    if known.code:
        codes = rows.all(f"SELECT d.code FROM {_MINE}", known.sender)
        if codes != [(known.code,)]:
            yield f"{known.name}: receipt {known.code} is {codes}"
        moved = {row[0] for row in rows.all(_AUDIT, known.sender)}
        for move in known.moves - moved:
            yield f"{known.name}: {move} is gone"


def _doubled(rows: Database, known: Known) -> Iterator[str]:
    """Name what one person has more or less often than once."""
    moves = tuple(row[0] for row in rows.all(f"{_AUDIT} ORDER BY j.id", known.sender))
    if moves != MOVES:
        yield f"{known.name}: moves {moves}"
    if len(rows.all(f"SELECT d.id FROM {_MINE}", known.sender)) != 1:
        yield f"{known.name}: declarations"
    kept = f"SELECT e.original_sha256 FROM evidence e, {_MINE} AND {_OF_FILE}"
    digests = Counter(str(row[0]) for row in rows.all(kept, known.sender))
    if digests != Counter(set(known.photos) - known.replaced):
        yield f"{known.name}: photos {sorted(digests.values())}"
    notices = "SELECT count(*) FROM inbox WHERE sender = ? AND external_id LIKE 'due:%'"
    told = """SELECT count(*) FROM outbox o JOIN inbox i ON i.id = o.inbox_id
        WHERE i.sender = ? AND i.external_id LIKE 'due:%'"""
    if [rows.all(q, known.sender) for q in (notices, told)] != [[(2,)], [(2,)]]:
        yield f"{known.name}: notices"
    own = """SELECT count(*) FROM inbox WHERE sender = ?
        AND external_id NOT LIKE 'due:%' AND external_id NOT LIKE 'photo:%'"""
    if rows.all(own, known.sender) != [(known.events,)]:
        yield f"{known.name}: {rows.all(own, known.sender)} messages in for {known.events} events"


def _doubled_rows(rows: Database) -> Iterator[str]:
    """Name what nobody may have twice."""
    once = {
        "questions asked": "SELECT conversation_id, number FROM outbox WHERE number IS NOT NULL",
        "receipts": "SELECT code FROM declaration WHERE code IS NOT NULL",
        "open files": "SELECT person_id, title, period FROM declaration",
        "notices": "SELECT declaration_id, arg FROM due WHERE kind = 'notice'",
        "photos": "SELECT original_sha256 FROM evidence",
        "photo events": "SELECT external_id FROM inbox WHERE external_id LIKE 'photo:%'",
        "consents": "SELECT person_id, purpose FROM consent",
    }
    for what, query in once.items():
        for row, count in Counter(rows.all(query)).items():
            if count > 1:
                yield f"{what} {count} times: {row}"


def _left_over(rows: Database) -> Iterator[str]:
    """Name what still waits or was given up though everything should have ended."""
    waits = {
        "messages in": "SELECT count(*) FROM inbox WHERE status <> 1",
        "due times": "SELECT count(*) FROM due WHERE done_ms IS NULL",
        "photos": "SELECT count(*) FROM evidence WHERE verdict IN ('pending', 'lost')",
        "messages out": "SELECT count(*) FROM outbox WHERE status <> 'sent'",
        "files": "SELECT count(*) FROM declaration WHERE status <> 'approved' AND code IS NOT NULL",
    }
    for what, query in waits.items():
        ((count,),) = rows.all(query)
        if count:
            yield f"{what}: {count}"
