"""SQLite as this program uses it: every commit synced, what is deleted gone, writers one by one."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from storage.database import Connection, Database
from storage.seams import Seams
from tests.databases import FILE, SqliteTemplate, url_in


@pytest.fixture
async def database(tmp_path: Path, sqlite_template: SqliteTemplate) -> AsyncIterator[Database]:
    """A database in a file."""
    sqlite_template.put(tmp_path)
    database = Database(url_in(tmp_path), Seams())
    await database.start()
    yield database
    await database.stop()


FULL = 2
PROMISED = {"journal_mode": "wal", "synchronous": FULL, "foreign_keys": 1, "secure_delete": 1}


async def _pragmas(connection: Connection) -> dict[str, object]:
    return {
        name: (await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in PROMISED
    }


async def test_every_connection_syncs_each_commit_and_overwrites_what_is_deleted(
    database: Database,
) -> None:
    assert await database.write(_pragmas) == PROMISED
    assert await database.read(_pragmas) == PROMISED
    async with database.reading() as connection:
        assert await _pragmas(connection) == PROMISED


async def test_what_a_write_has_read_nobody_changes_before_it_commits(
    database: Database, tmp_path: Path
) -> None:
    async def work(connection: Connection) -> None:
        await connection.exec_driver_sql("SELECT * FROM note")
        with (
            closing(sqlite3.connect(tmp_path / FILE, timeout=0)) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("INSERT INTO note VALUES ('from', 'elsewhere')")

    await database.write(work)
