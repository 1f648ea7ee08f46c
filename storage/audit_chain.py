"""Is the journal what was written? Chains are followed, files compared with their last lines.

What the database alone can tell is that nobody changed a line without changing all that follow it
and the head. That those were not changed too, an anchor tells: heads noted earlier, off this
machine. Everything is read in one moment of the data and in bounded memory.
"""

import hashlib
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from storage.audit_digest import CHAINED, FIRST, digest_of
from storage.audit_files import follow_files
from storage.database import Connection
from storage.models import audit, audit_head

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a chain: how long the chain is, and what it all comes to."""

    place: str
    seq: int
    digest: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was written: in which chain, at which line, in words."""

    place: str
    seq: int
    words: str


@dataclass(slots=True)
class Proof:
    """What was gone through, and what was found: the first bad line of each chain."""

    chains: int = 0
    lines: int = 0
    files: int = 0
    findings: list[Finding] = field(default_factory=list)


class AnchorDamaged(Exception):
    """These are no heads as `render_anchor` wrote them; the text is one line for the operator."""

    code = "anchor_damaged"


async def list_heads(connection: Connection) -> list[Head]:
    """Return the head of every chain, by place."""
    c = audit_head.c
    rows = await connection.execute(select(c.place, c.seq, c.digest).order_by(c.place))
    return [Head(*row) for row in rows if row.seq]


def render_anchor(heads: Iterable[Head]) -> str:
    """Return heads as text: a line each (place or "-", length, digest), then one digest of all.

    The last line alone is worth writing on paper: it proves the others.
    """
    lines = [f"{head.place or '-'}\t{head.seq}\t{head.digest}" for head in heads]
    total = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return "\n".join([*lines, f"all\t{len(lines)}\t{total}"])


def read_anchor(text: str) -> dict[str, Head]:
    """Return the heads of `render_anchor` by place. Raises AnchorDamaged."""
    heads = {}
    for line in text.splitlines()[:-1]:
        place, _, rest = line.partition("\t")
        seq, _, digest = rest.partition("\t")
        if not seq.isdecimal():
            raise AnchorDamaged(f"not a head of a chain: {line[:80]}")
        place = "" if place == "-" else place
        heads[place] = Head(place, int(seq), digest)
    if render_anchor(heads.values()) != text.rstrip("\n"):
        raise AnchorDamaged("the anchor was changed: its last line does not prove the others")
    return heads


async def verify(
    connection: Connection, *, place: str | None = None, anchor: Mapping[str, Head] | None = None
) -> Proof:
    """Follow every chain (or that of `place`) and compare the files with their last lines.

    A chain of `anchor` must still contain the anchored line, just as it was.
    """
    proof, anchor = Proof(), anchor or {}
    heads = {head.place: head for head in await list_heads(connection)}
    wanted = sorted({*heads, *anchor, *await _places(connection)})
    for one in wanted if place is None else [place]:
        chain = _Chain(heads.get(one, Head(one, 0, FIRST)), anchor.get(one))
        finding = await chain.follow(connection)
        proof.chains += 1
        proof.lines += chain.lines
        proof.findings += [finding] if finding else []
    async for file in follow_files(connection, place):
        proof.files += 1
        if file.words:
            words = f"file {file.public_id}: {file.words}"
            proof.findings.append(Finding(file.commune, file.seq, words))
    return proof


async def _places(connection: Connection) -> list[str]:
    return list((await connection.execute(select(audit.c.place).distinct())).scalars())


_FIELDS = tuple(audit.c[name] for name in CHAINED)


async def _lines(connection: Connection, place: str) -> AsyncIterator[Any]:
    """Yield the lines of a chain in their order, a few thousand in memory at a time."""
    query = select(audit.c.id, audit.c.digest, *_FIELDS).where(audit.c.place == place)
    query = query.order_by(audit.c.seq, audit.c.id).limit(AT_ONCE)
    rows = (await connection.execute(query)).all()
    while rows:
        for row in rows:
            yield row
        last = rows[-1]
        after = (audit.c.seq > last.seq) | ((audit.c.seq == last.seq) & (audit.c.id > last.id))
        rows = (await connection.execute(query.where(after))).all()


class _Chain:
    """One chain on the way along its lines."""

    def __init__(self, head: Head, anchored: Head | None) -> None:
        self.lines = 0
        self._head = head
        self._anchored = anchored
        self._seq, self._digest, self._id = 0, FIRST, 0

    async def follow(self, connection: Connection) -> Finding | None:
        """Return the first thing that is wrong, None for a chain as it was written."""
        waiting: list[Any] = []
        async for line in _lines(connection, self._head.place):
            self.lines += 1
            # Each line is judged with the next one in sight: that tells an insertion apart.
            if waiting and (wrong := self._judge(waiting.pop(), line)):
                return wrong
            waiting.append(line)
        wrong = self._judge(waiting.pop(), None) if waiting else None
        return wrong or self._judge_end()

    def _judge(self, line: Any, following: Any) -> Finding | None:
        words = self._what_is_wrong(line, following)
        if words:
            return Finding(self._head.place, line.seq, words)
        self._seq, self._digest, self._id = line.seq, line.digest, line.id
        return self._judge_anchor(line)

    def _what_is_wrong(self, line: Any, following: Any) -> str | None:
        expected = self._seq + 1
        if line.seq == self._seq:
            return "inserted: its number is there twice"
        if line.seq != expected:
            return f"missing: line {_span(expected, line.seq - 1)} before it is gone"
        if self._seq and line.id < self._id:
            return "reordered: it was written before the line that precedes it"
        if _digest(self._digest, line) == line.digest:
            return None
        if following is not None and following.id < line.id:
            moved = _digest(following.digest, line, seq=expected + 1) == line.digest
            if _digest(self._digest, following, seq=expected) == following.digest and not moved:
                return "inserted: the next line follows the one before it"
            return "reordered: the next line was written before it"
        return "altered: it is not what was written, or does not follow from the line before it"

    def _judge_anchor(self, line: Any) -> Finding | None:
        anchored = self._anchored
        if anchored is None or line.seq != anchored.seq or line.digest == anchored.digest:
            return None
        words = "rewritten: the chain up to here is not the one that was anchored"
        return Finding(self._head.place, line.seq, words)

    def _judge_end(self) -> Finding | None:
        head, anchored = self._head, self._anchored
        known = max(head.seq, anchored.seq if anchored else 0)
        if self._seq < known:
            words = f"shortened: line {_span(self._seq + 1, known)} at the end is gone"
            return Finding(head.place, self._seq + 1, words)
        if self._seq > head.seq:
            words = f"inserted: the chain ended with line {head.seq}"
            return Finding(head.place, head.seq + 1, words)
        if self._seq and self._digest != head.digest:
            return Finding(head.place, self._seq, "altered: the head knows another last line")
        return None


def _digest(before: str, line: Any, *, seq: int | None = None) -> str:
    fields = tuple(getattr(line, name) for name in CHAINED)
    return digest_of(before, (fields[0], fields[1] if seq is None else seq, *fields[2:]))


def _span(first: int, last: int) -> str:
    return str(first) if first >= last else f"{first} to {last}"
