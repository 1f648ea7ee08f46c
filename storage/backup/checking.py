"""Reading a backup through: whole, and exactly what its manifest says."""

from collections.abc import Generator
from pathlib import Path

from storage.backup.archive import BackupDamaged, read_entries
from storage.backup.manifest import HEAD, MANIFEST, Head, Manifest, Sums, read_head, read_manifest


def read_backup_head(path: Path) -> Head:
    """Return what the file says it is, without reading on."""
    name, data = next(read_entries(path), ("", b""))
    return read_head(name, data)


def read_content(path: Path) -> Generator[tuple[str, bytes], None, Manifest]:
    """Yield tables, photos and uploads as (name, content), and return the manifest.

    Only when the iteration has ended by itself, all of it was proven. Raises BackupDamaged.
    """
    sums, manifest = Sums(), None
    entries = read_entries(path)
    name, data = next(entries, ("", b""))
    head = read_head(name, data)
    for name, data in entries:
        if manifest is not None or name == HEAD:
            raise BackupDamaged("it is damaged: its entries are out of order")
        sums.add(name, data)
        if name == MANIFEST:
            manifest = read_manifest(data)
        else:
            yield name, data
    if manifest is None or manifest != sums.manifest(
        list(head.columns), manifest.erased, manifest.absent
    ):
        raise BackupDamaged("it is damaged: its manifest names something else than is there")
    return manifest


def check(path: Path) -> Manifest:
    """Read all of the file and return its manifest. Raises BackupDamaged."""
    content = read_content(path)
    while True:
        try:
            next(content)
        except StopIteration as end:
            manifest: Manifest = end.value
            return manifest
