"""From every schema version there ever was, with data, straight to this one; killed on the way."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.audit_chain import verify
from storage.backup.schema import bring_to, get_revision, list_revisions, reflect
from storage.database import Database
from storage.migrate import get_head, migrate
from storage.recount import list_differences
from storage.seams import Seams
from storage.shards import shard_of
from storage.snapshots import alone, snapshot
from tests.storage.old_data import LAYERS, Rows, fill, read_all, rows_at

ROOT = Path(__file__).resolve().parents[2]
# Statements in whose place the process dies; a whole way from 0001 takes more of them.
KILLS = (8, 25, 45)
# Dies at the statement with this number; prints how many there were when it survives.
MIGRATION = """
import asyncio, os, sys
from sqlalchemy import Engine, event
from storage.migrate import migrate

seen = 0

@event.listens_for(Engine, "before_cursor_execute")
def _count(*_):
    global seen
    seen += 1
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), 9)

asyncio.run(migrate(sys.argv[1]))
print(seen)
"""


async def read(url: str) -> Rows:
    """Return all rows of the database."""
    async with snapshot(url) as connection:
        return await connection.run_sync(read_all)


def lost(before: Rows, after: Rows) -> list[Any]:
    """Return the rows that are not there any more with all the values they had."""
    kept = {name: [row.items() for row in rows] for name, rows in after.items()}
    return [
        (name, row)
        for name, rows in before.items()
        for row in rows
        if not any(row.items() <= other for other in kept.get(name, []))
    ]


def test_every_schema_version_has_its_rows() -> None:
    assert list(LAYERS) == list_revisions()


@pytest.mark.parametrize("revision", LAYERS)
async def test_every_table_of_a_version_has_rows(revision: str, tmp_path: Path) -> None:
    async with alone(f"sqlite+aiosqlite:///{tmp_path}/old.db") as connection:
        await connection.run_sync(bring_to, revision)
        tables = await connection.run_sync(lambda c: set(reflect(c)))
    rows = rows_at(revision)
    assert (set(rows), [name for name in rows if not rows[name]]) == (tables, [])


@pytest.mark.parametrize("revision", LAYERS)
async def test_an_upgrade_from_any_version_loses_nothing(revision: str, url: str) -> None:
    async with alone(url) as connection:
        await connection.run_sync(fill, revision)
    assert await migrate(url) == (revision, get_head())
    rows = await read(url)
    assert lost(rows_at(revision), rows) == []
    # Else what waited during the upgrade is taken by whoever holds another shard.
    assert [m["shard"] for m in rows["inbox"]] == [shard_of(m["sender"]) for m in rows["inbox"]]
    async with snapshot(url) as connection:
        proof = await verify(connection)
        assert await list_differences(connection) == []
    assert (proof.findings, proof.chains, proof.lines, proof.files) == ([], 2, 9, 4)


@pytest.mark.parametrize("revision", LAYERS)
async def test_an_upgraded_database_goes_on(revision: str, url: str) -> None:
    """New rows get numbers behind the old ones, and what was forbidden still is."""
    from storage.audit import add

    async with alone(url) as connection:
        await connection.run_sync(fill, revision)
    await migrate(url)
    database = Database(url, Seams())
    await database.start()
    await database.write(lambda c: add(c, "submit", at_ms=1, declaration=2))
    await database.stop()
    rows = await read(url)
    assert [line["id"] for line in rows["audit"]][-2:] == [10, 11]
    assert rows["audit"][-1]["seq"] == 9


def kill(url: str, at: int) -> subprocess.CompletedProcess[str]:
    """Migrate in a child that dies at its statement number `at` (0: never)."""
    return subprocess.run(
        [sys.executable, "-c", MIGRATION, url, str(at)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


async def test_killed_on_the_way_an_upgrade_has_not_begun_and_may_be_repeated(url: str) -> None:
    async with alone(url) as connection:
        await connection.run_sync(fill, "0001")
    before = await read(url)
    for at in KILLS:
        assert kill(url, at).returncode == -signal.SIGKILL
        async with snapshot(url) as connection:
            assert await connection.run_sync(get_revision) == "0001"
        assert await read(url) == before
    survived = kill(url, 0)
    assert (survived.returncode, survived.stderr) == (0, "")
    assert int(survived.stdout) > KILLS[-1]
    assert lost(before, await read(url)) == []
    async with snapshot(url) as connection:
        assert (await verify(connection)).findings == []
