"""Tables as lines of JSON, a part of a table at a time: the same text from either database."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Table, insert, select

from storage.backup.archive import BackupDamaged
from storage.backup.manifest import TABLES
from storage.database import Connection

PART_ROWS = 5000
# A part is closed early when its rows are long: messages are kept as they were shown.
PART_BYTES = 4 * 1024 * 1024
_JSON = msgspec.json.Encoder()


async def read_parts(connection: Connection, table: Table) -> AsyncIterator[tuple[str, bytes]]:
    """Yield (name in the archive, lines) of a table, in the order of its primary key."""
    query = select(table).order_by(*table.primary_key.columns)
    number, lines, size = 0, list[bytes](), 0
    async with connection.stream(query, execution_options={"yield_per": PART_ROWS}) as result:
        async for rows in result.partitions(PART_ROWS):
            for row in rows:
                lines.append(_JSON.encode(tuple(row)))
                size += len(lines[-1])
                if size >= PART_BYTES or len(lines) >= PART_ROWS:
                    yield _name(table.name, number), _joined(lines)
                    number, lines, size = number + 1, [], 0
    if lines:
        yield _name(table.name, number), _joined(lines)


def write_part(connection: SyncConnection, table: Table, names: Sequence[str], data: bytes) -> None:
    """Insert the rows of one part; `names` are the columns in the order of their values."""
    try:
        rows = [msgspec.json.decode(line) for line in data.splitlines()]
        values = [dict(zip(names, row, strict=True)) for row in rows]
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise BackupDamaged(f"it is damaged: rows of {table.name} cannot be read") from error
    connection.execute(insert(table).inline(), values)


def table_of(name: str) -> str:
    """Return the table to which the entry `name` of an archive belongs."""
    return name.removeprefix(TABLES).partition("/")[0]


def _name(table: str, number: int) -> str:
    return f"{TABLES}{table}/{number:06}.jsonl"


def _joined(lines: list[Any]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
