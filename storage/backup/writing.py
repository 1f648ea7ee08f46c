"""backup: database and photos as one cut, into one file that was read back before it counts.

Rows are read first, in one moment of the data; then the photos they name, which nobody changes
(their names are their content). A photo is missing only when its person had it removed meanwhile.
Uploads that nobody looked at yet are read before and after that moment, so that none slips through.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import Connection as SyncConnection
from sqlalchemy import Table, inspect, select, union

from storage.backup.archive import BackupDamaged, Busy, Writer
from storage.backup.checking import check
from storage.backup.manifest import (
    FORMAT,
    HEAD,
    MANIFEST,
    PHOTOS,
    UPLOADS,
    Head,
    Manifest,
    Sums,
)
from storage.backup.rows import read_parts
from storage.backup.schema import get_revision, list_revisions, reflect
from storage.database import Connection
from storage.models import evidence
from storage.photos import Incoming, PhotoGone, PhotoStore
from storage.seams import Seams
from storage.snapshots import snapshot

TRIES = 5
_KEYS = union(
    select(evidence.c.photo_key.label("key")).where(evidence.c.photo_key.is_not(None)),
    select(evidence.c.thumb_key).where(evidence.c.thumb_key.is_not(None)),
).subquery()
_AT_ONCE = 1000


class BackupRefused(Exception):
    """No backup can be made; the text is one line for the operator."""

    code = "backup_refused"


@dataclass(frozen=True, slots=True)
class Source:
    """What is backed up: a database, its photos, the uploads that wait; `key_check` of its key."""

    url: str
    photos: PhotoStore
    incoming: Incoming
    key_check: str


async def write_backup(source: Source, file: Path, seams: Seams) -> Manifest:
    """Write a backup to `file`, which must not exist, and return what is in it.

    It is written beside as FILE.new, synced, read back and proven, and only then gets its name.
    Raises BackupRefused; then there is no `file`.
    """
    if await asyncio.to_thread(file.exists):
        raise BackupRefused(f"{file} is there already: name another one")
    draft = file.with_name(f"{file.name}.new")
    try:
        writer = Writer(draft)
    except Busy as busy:
        raise BackupRefused(str(busy)) from busy
    try:
        manifest = await _write(source, writer, seams)
        seams.crashpoint("backup.written")
        await asyncio.to_thread(_prove, draft, manifest)
        _give_name(draft, file)
        seams.crashpoint("backup.named")
    finally:
        draft.unlink(missing_ok=True)
        writer.close()
    return manifest


def _prove(draft: Path, manifest: Manifest) -> None:
    try:
        read = check(draft)
    except BackupDamaged as damaged:
        raise BackupRefused(f"what was written cannot be read back: {damaged}") from damaged
    if read != manifest:
        raise BackupRefused("what was written is not what was read back: look at the disk")


def _give_name(draft: Path, file: Path) -> None:
    draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _write(source: Source, writer: Writer, seams: Seams) -> Manifest:
    cut = _Cut(source, writer, seams)
    async with snapshot(source.url) as connection:
        tables = await cut.begin(connection)
    for left in reversed(range(TRIES)):
        await cut.add_uploads()
        async with snapshot(source.url) as connection:
            await cut.add_uploads()
            absent = await cut.list_absent(connection)
            # Looked at and kept in this very moment: the next cut has it as a photo.
            if not absent or not left:
                manifest = await cut.add_all(connection, tables, absent)
                break
    writer.finish()
    return manifest


class _Cut:
    """One backup on its way into the archive."""

    def __init__(self, source: Source, writer: Writer, seams: Seams) -> None:
        self._source = source
        self._writer = writer
        self._seams = seams
        self._sums = Sums()
        self._uploads: set[str] = set()

    async def begin(self, connection: Connection) -> Mapping[str, Table]:
        """Write what this is; return the tables, which no program changes while it serves."""
        revision = await connection.run_sync(get_revision)
        if revision is None:
            raise BackupRefused("the database has no schema yet: there is nothing to back up")
        if revision not in list_revisions():
            raise BackupRefused(f"this program knows no schema {revision}: use the one that does")
        tables = await connection.run_sync(reflect)
        head = Head(
            format=FORMAT,
            revision=revision,
            made_at=self._seams.now().isoformat(timespec="seconds"),
            key_check=self._source.key_check,
            columns={
                name: [str(column.name) for column in table.c] for name, table in tables.items()
            },
        )
        self._add(HEAD, msgspec.json.encode(head))
        return tables

    async def add_uploads(self) -> None:
        """Write the uploads that wait now and are not written yet."""
        async for name in self._source.incoming.names():
            if name not in self._uploads:
                with suppress(FileNotFoundError):
                    data = await asyncio.to_thread(self._source.incoming.path(name).read_bytes)
                    self._add(UPLOADS + name, data)
                    self._uploads.add(name)

    async def list_absent(self, connection: Connection) -> list[str]:
        """Return the uploads that this moment's rows wait for and that are not written.

        What still lies on a platform is fetched anew after a restore.
        """
        waiting = select(evidence.c.incoming).where(evidence.c.verdict == "pending")
        # A schema from before its upgrade knows no platforms.
        if "source" in await connection.run_sync(_columns_of_evidence):
            waiting = waiting.where(evidence.c.source.is_(None))
        names = (await connection.execute(waiting)).scalars()
        return sorted({name for name in names if name} - self._uploads)

    async def add_all(
        self, connection: Connection, tables: Mapping[str, Table], absent: list[str]
    ) -> Manifest:
        """Write the rows of this moment, the photos they name, and what it all comes to."""
        for table in tables.values():
            async for name, data in read_parts(connection, table):
                self._add(name, data)
                self._seams.crashpoint("backup.part")
        erased = [key async for key in self._add_photos(connection)]
        manifest = self._sums.manifest(list(tables), erased, absent)
        self._add(MANIFEST, msgspec.json.encode(manifest))
        return manifest

    async def _add_photos(self, connection: Connection) -> AsyncIterator[str]:
        """Write the photos; yield the keys of those that were erased meanwhile."""
        last = ""
        while keys := await _list_keys(connection, last):
            for key in keys:
                try:
                    data = await self._source.photos.read(key)
                except PhotoGone:
                    await self._check_erased(key)
                    yield key
                else:
                    self._add(PHOTOS + key, data)
                    self._seams.crashpoint("backup.photo")
            last = keys[-1]

    async def _check_erased(self, key: str) -> None:
        """Raise BackupRefused when a row still names the photo: then it is lost, not erased."""
        async with snapshot(self._source.url) as now:
            if key in await _list_keys(now, key, inclusive=True):
                raise BackupRefused(f"photo {key} is lost or damaged, and a file still names it")

    def _add(self, name: str, data: bytes) -> None:
        self._sums.add(name, data)
        self._writer.add(name, data)


async def _list_keys(
    connection: Connection, last: str, *, inclusive: bool = False
) -> Sequence[str]:
    """Return the next keys of photos behind `last` (or from it on), in order."""
    behind = _KEYS.c.key >= last if inclusive else _KEYS.c.key > last
    some = select(_KEYS.c.key).where(behind).order_by(_KEYS.c.key).limit(_AT_ONCE)
    return (await connection.execute(some)).scalars().all()


def _columns_of_evidence(connection: SyncConnection) -> set[str]:
    return {column["name"] for column in inspect(connection).get_columns(evidence.name)}
