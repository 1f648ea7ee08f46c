"""Does each file stand as the journal says? No file is approved without the line that says so."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

import msgspec
from sqlalchemy import select

from storage.audit import FORGOTTEN
from storage.database import Connection
from storage.models import audit, declaration

AT_ONCE = 2000
DECIDED = ("approved", "returned", "rejected")
# Lines of these actions change a file's version; before schema 0002 they did not say which.
ALWAYS_CHANGED = ("score", "correct")


@dataclass(frozen=True, slots=True)
class Followed:
    """A file, and what is wrong with it in `words` (None: nothing); `seq` is its last line's."""

    public_id: str
    commune: str
    seq: int
    words: str | None


async def follow_files(connection: Connection, place: str | None) -> AsyncIterator[Followed]:
    """Yield every file that was once handed in (in the commune `place`), judged by its lines."""
    d, a = declaration.c, audit.c
    columns = (d.id, d.public_id, d.person_id, d.commune, d.status, d.version, d.decision_officer)
    some = select(*columns).where(d.code.is_not(None)).order_by(d.id).limit(AT_ONCE)
    some = some if place is None else some.where(d.commune == place)
    told = select(a.declaration_id, a.seq, a.action, a.officer_id, a.target, a.details)
    told = told.order_by(a.declaration_id, a.id)
    files = (await connection.execute(some)).all()
    while files:
        numbers = [file.id for file in files]
        rows = await connection.execute(told.where(a.declaration_id.in_(numbers)))
        journal = {n: list(lines) for n, lines in groupby(rows, attrgetter("declaration_id"))}
        for file in files:
            yield _judge(file, journal.get(file.id, []))
        files = (await connection.execute(some.where(d.id > numbers[-1]))).all()


def _judge(file: Any, lines: list[Any]) -> Followed:
    """Compare a file with its own lines; those of an erased file before it are left out."""
    ends = [n for n, line in enumerate(lines, 1) if line.target == FORGOTTEN]
    own = lines[ends[-1] :] if ends else lines
    seq = own[-1].seq if own else 0
    return Followed(file.public_id, file.commune, seq, _what_is_wrong(file, own))


def _what_is_wrong(file: Any, lines: list[Any]) -> str | None:
    moves = [line for line in lines if line.target]
    if not moves:
        return f"it is {file.status}, and no line of the journal says so"
    if moves[-1].target != file.status:
        return f"it is {file.status}, the journal's last line says {moves[-1].target}"
    decided = [line for line in moves if not line.action.startswith("forget_")]
    if file.status in DECIDED and decided[-1].officer_id != file.decision_officer:
        return f"it was {file.status} by another officer than the journal says"
    version = _version(lines)
    # Before schema 0002 erasing changed the version of a decided file without a line about it.
    erased = file.person_id is None and moves == decided
    if file.version not in ((version, version + 1) if erased else (version,)):
        return f"it is at version {file.version}, the journal leads to version {version}"
    return None


def _version(lines: list[Any]) -> int:
    version = 1
    for line in lines:
        named = msgspec.json.decode(line.details).get("version")
        if named is not None:
            version = named + 1
        elif line.action in ALWAYS_CHANGED:
            version += 1
    return version
