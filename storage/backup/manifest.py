"""What a backup says about itself: first what it is, last what is in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from storage.backup.archive import BackupDamaged
from storage.photos import photo_key

FORMAT = 1
HEAD, MANIFEST = "backup.json", "manifest.json"
TABLES, PHOTOS, UPLOADS = "tables/", "photos/", "uploads/"


class Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first entry: which program can read this, and whose it is.

    `key_check` tells whether a SECRET_KEY is the one of the installation, and nothing else of it.
    `columns` are those of each table, in the order in which its rows name their values.
    """

    format: int
    revision: str
    made_at: str
    key_check: str
    columns: dict[str, list[str]]


class Content(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Rows (or files) of one kind: how many, and the SHA-256 of all of them in their order."""

    count: int = 0
    size: int = 0
    sha256: str = ""


class Manifest(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The last entry but the end: what is there.

    `erased` are photos that a row of this cut names, and whose person had them removed while the
    backup was made. `absent` are uploads that a row names and that are not on this machine.
    """

    tables: dict[str, Content]
    photos: Content
    uploads: Content
    erased: list[str]
    absent: list[str]


@dataclass(slots=True)
class Sums:
    """Counts what passes by, so that writer and reader come to the same manifest."""

    tables: dict[str, "_Sum"] = field(default_factory=dict)
    photos: "_Sum" = field(default_factory=lambda: _Sum())
    uploads: "_Sum" = field(default_factory=lambda: _Sum())

    def add(self, name: str, data: bytes) -> None:
        """Take one entry into account; BackupDamaged for one that cannot be of a backup."""
        if name.startswith(TABLES):
            table = name.removeprefix(TABLES).partition("/")[0]
            self.tables.setdefault(table, _Sum()).add(data, data.count(b"\n"))
        elif name.startswith(PHOTOS):
            key = name.removeprefix(PHOTOS)
            if photo_key(data) != key:
                raise BackupDamaged(f"it is damaged: photo {key} has another content")
            self.photos.add(key.encode(), 1, len(data))
        elif name.startswith(UPLOADS):
            self.uploads.add(name.encode() + hashlib.sha256(data).digest(), 1, len(data))
        elif name not in (HEAD, MANIFEST):
            raise BackupDamaged(f"it holds something this program does not know: {name[:80]}")

    def manifest(self, tables: Sequence[str], erased: list[str], absent: list[str]) -> Manifest:
        """Return the manifest of everything added; a table without rows is named too."""
        return Manifest(
            tables={name: self.tables.get(name, _Sum()).content() for name in tables},
            photos=self.photos.content(),
            uploads=self.uploads.content(),
            erased=erased,
            absent=absent,
        )


class _Sum:
    def __init__(self) -> None:
        self._count = self._size = 0
        self._sha256 = hashlib.sha256()

    def add(self, data: bytes, count: int, size: int | None = None) -> None:
        self._count += count
        self._size += len(data) if size is None else size
        self._sha256.update(data)

    def content(self) -> Content:
        return Content(count=self._count, size=self._size, sha256=self._sha256.hexdigest())


def read_head(name: str, data: bytes) -> Head:
    """Return the first entry of a backup; BackupDamaged when it is none this program can read."""
    if name != HEAD:
        raise BackupDamaged("it is no backup of this program")
    try:
        head = msgspec.json.decode(data, type=Head)
    except msgspec.DecodeError as error:
        raise BackupDamaged("it is damaged, or of a newer program") from error
    if head.format != FORMAT:
        raise BackupDamaged(f"it has format {head.format}, this program reads {FORMAT}")
    return head


def read_manifest(data: bytes) -> Manifest:
    """Return the manifest; BackupDamaged when it is none."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupDamaged("its manifest is damaged") from error
