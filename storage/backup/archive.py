"""The file: a plain tar, written and read in one pass, whose last entry proves all of the others.

`tar tf FILE` lists it. The last entry is empty and named after the SHA-256 of every byte before it,
so a file that was cut short, or has a wrong bit anywhere, is never taken for a backup. At no time
is more of it in memory than one entry.
"""

import fcntl
import hashlib
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

BLOCK = tarfile.BLOCKSIZE
END = "end/"
# The largest entry there can be: a photo of PHOTO_MAX_MB = 100, or a part of a table.
LARGEST = 128 * 1024 * 1024
_ZERO = bytes(2 * BLOCK)


class BackupDamaged(Exception):
    """The file is no whole backup of ours; the text is one line for the operator."""

    code = "backup_damaged"


class Busy(Exception):
    """Another process is writing this file."""

    code = "backup_busy"


class Writer:
    """Writes entries to the file at `path` (mode 0600); what a killed one left there goes.

    Raises Busy while another one writes there.
    """

    def __init__(self, path: Path) -> None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW
        self._file: BinaryIO = os.fdopen(os.open(path, flags, 0o600), "wb")
        try:
            _take(self._file, path)
        except BaseException:
            self._file.close()
            raise
        self._sum = hashlib.sha256()
        self.size = 0

    def add(self, name: str, data: bytes) -> None:
        """Write one entry."""
        self._write(_header(name, len(data)))
        self._write(data)
        self._write(bytes(-len(data) % BLOCK))

    def finish(self) -> None:
        """Write the end, and have all of it on the disk."""
        self._write(_header(END + self._sum.hexdigest(), 0))
        self._write(_ZERO)
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file, whole or not; until then nobody else writes it."""
        self._file.close()

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._sum.update(data)
        self.size += len(data)


def _take(file: BinaryIO, path: Path) -> None:
    """Lock and empty the file, unless it got another name while we waited for it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise Busy(f"{path} is being written by another process") from error
    if not path.exists() or not os.path.samestat(os.fstat(file.fileno()), path.stat()):
        raise Busy(f"{path} was being written by another process")
    os.fchmod(file.fileno(), 0o600)
    file.truncate()


def read_entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every entry as (name, content); BackupDamaged where the file is not what was written.

    Only when the iteration has ended by itself are all of them proven.
    """
    seen = hashlib.sha256()
    with path.open("rb") as file:
        while True:
            proof = seen.hexdigest()
            name, size, header = _read_header(file)
            if name.startswith(END):
                _check_end(file, name, proof)
                return
            data = _read(file, size)
            padding = _read(file, -size % BLOCK)
            for part in (header, data, padding):
                seen.update(part)
            yield name, data


def _header(name: str, size: int) -> bytes:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _read_header(file: BinaryIO) -> tuple[str, int, bytes]:
    header = _read(file, BLOCK)
    try:
        info = tarfile.TarInfo.frombuf(header, "ascii", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise BackupDamaged("it is no backup, or damaged") from error
    if not 0 <= info.size <= LARGEST:
        raise BackupDamaged("it is damaged: no entry can be that large")
    return info.name, info.size, header


def _read(file: BinaryIO, size: int) -> bytes:
    data = file.read(size)
    if len(data) != size:
        raise BackupDamaged("it is cut short")
    return data


def _check_end(file: BinaryIO, name: str, proof: str) -> None:
    if name != END + proof or _header(name, 0) != _again(file):
        raise BackupDamaged("it is damaged: its content is not what was written")
    if file.read(len(_ZERO) + 1) != _ZERO:
        raise BackupDamaged("it is damaged behind its end")


def _again(file: BinaryIO) -> bytes:
    file.seek(-BLOCK, os.SEEK_CUR)
    return _read(file, BLOCK)
