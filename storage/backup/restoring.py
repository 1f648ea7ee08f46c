"""restore: a backup into an empty database, of either kind, and an empty or older photo store.

The file is proven before anything is touched, and once more while the rows are written. Photos come
first: one that no row names yet does no harm, and restoring again finds it there. Then all rows
come in one transaction: whoever is killed in the middle leaves an empty database.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import delete

from storage import zalo_tokens
from storage.backup.archive import BackupDamaged
from storage.backup.checking import check, read_backup_head, read_content
from storage.backup.manifest import PHOTOS, TABLES, UPLOADS, Head, Manifest
from storage.backup.rows import table_of, write_part
from storage.backup.schema import (
    bring_to,
    count_on,
    get_revision,
    list_filled,
    list_revisions,
    reflect,
    unguarded,
)
from storage.migrate import get_head
from storage.photos import Incoming, PhotoStore
from storage.seams import Seams
from storage.snapshots import alone

# How many photos are on their way to the store at the same time.
TOGETHER = 16


class RestoreRefused(Exception):
    """The backup is not restored; the text is one line for the operator."""

    code = "restore_refused"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to restore to; `incoming` is the folder of uploads that wait.

    `key_check` is that of the present SECRET_KEY; None restores a backup of any key, but not the
    tokens of Zalo accounts, which were sealed with the key of then.
    """

    url: str
    photos: PhotoStore
    incoming: Path
    key_check: str | None


async def read_backup(target: Target, file: Path, seams: Seams) -> Manifest:
    """Restore `file` and return what was in it.

    A backup of an older schema is brought up to this program. Raises RestoreRefused (the database
    is not empty, the backup is of a newer program or another key) and BackupDamaged; then the
    database is as it was.
    """
    head = read_backup_head(file)
    _check_readable(head, target)
    async with alone(target.url) as connection:
        await connection.run_sync(_check_empty)
    manifest = await asyncio.to_thread(check, file)
    await _keep_photos(target, file, seams)
    seams.crashpoint("restore.photos")
    async with alone(target.url) as connection:
        await connection.run_sync(_check_empty)
        await connection.run_sync(_write_rows, file, head, seams)
        if target.key_check is None:
            await zalo_tokens.remove_all(connection)
        seams.crashpoint("restore.commit.before")
    seams.crashpoint("restore.commit.after")
    return manifest


def _check_readable(head: Head, target: Target) -> None:
    if head.revision not in list_revisions():
        raise RestoreRefused(
            f"it is of a newer program (schema {head.revision}, this program knows {get_head()}): "
            "install that one"
        )
    if target.key_check not in (None, head.key_check):
        raise RestoreRefused(
            "it was made with another SECRET_KEY: set that key, or add --other-key (all open "
            "sessions and resume links end, and messages sent again are taken for new ones)"
        )


def _check_empty(connection: SyncConnection) -> None:
    known = [None, *list_revisions()]
    if (revision := get_revision(connection)) not in known:
        raise RestoreRefused(f"the database has schema {revision}, unknown to this program")
    if filled := list_filled(connection):
        raise RestoreRefused(
            f"the database is not empty ({', '.join(filled[:3])}): "
            "name an empty one in DATABASE_URL"
        )


def _write_rows(connection: SyncConnection, file: Path, head: Head, seams: Seams) -> None:
    """Make the schema of the backup, fill it, and bring it up to this program."""
    bring_to(connection, head.revision)
    tables = reflect(connection)
    if {name: set(table.c.keys()) for name, table in tables.items()} != {
        name: set(columns) for name, columns in head.columns.items()
    }:
        raise BackupDamaged(f"it is damaged: schema {head.revision} has other tables")
    with unguarded(connection):
        for table in reversed(tables.values()):
            connection.execute(delete(table))
        for name, data in _parts(file):
            table = tables[table_of(name)]
            write_part(connection, table, head.columns[table.name], data)
            seams.crashpoint("restore.part")
    count_on(connection)
    bring_to(connection, get_head())


def _parts(file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of all tables; their proof comes with the last one."""
    return (entry for entry in read_content(file) if entry[0].startswith(TABLES))


async def _keep_photos(target: Target, file: Path, seams: Seams) -> None:
    running: set[asyncio.Task[None]] = set()
    try:
        for name, data in read_content(file):
            if not name.startswith((PHOTOS, UPLOADS)):
                continue
            running.add(asyncio.create_task(_keep(target, name, data)))
            if len(running) >= TOGETHER:
                done, running = await asyncio.wait(running, return_when="FIRST_COMPLETED")
                for task in done:
                    task.result()
                seams.crashpoint("restore.photo")
        for task in running:
            await task
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _keep(target: Target, name: str, data: bytes) -> None:
    if name.startswith(PHOTOS):
        await target.photos.keep(data)
        return
    name = name.removeprefix(UPLOADS)
    uploads = Incoming(target.incoming, lambda: name)
    if not uploads.path(name).exists():
        await uploads.receive(_whole(data), len(data))


async def _whole(data: bytes) -> AsyncIterator[bytes]:
    yield data
