"""Photos as files: kept ones under their content's address, uploads that wait for inspection.

Whatever this module has returned survives a power cut. obstore writes atomically but leaves the
bytes to the page cache (its LocalStore calls no fsync: seen with strace on 0.12.1), so the file and
the folders that name it are synced here.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import BaseError as StoreError
from obstore.store import LocalStore

_KEY: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})\.jpg")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PART: Final = ".part"
# How LocalStore names a file until it is whole: `<final name>#<number>`.
_STAGED: Final = "*#*"


class PhotoStoreError(Exception):
    """The store cannot do what it was asked; the message says what to change."""

    code = "photo_store"


class PhotoGone(PhotoStoreError):
    """No whole photo is kept under this key: erased, never kept, or damaged on disk."""

    code = "photo_gone"


class BadPhotoKey(PhotoStoreError):
    """The key or name was not made by this store; no file was touched."""

    code = "photo_bad_key"


class TooLarge(PhotoStoreError):
    """More bytes arrived than were allowed; nothing was kept."""

    code = "photo_too_large"


def photo_key(data: bytes) -> str:
    """Return the key of `data`: "ab/cd/abcd....jpg", its SHA-256 spread over two folder levels."""
    digest = hashlib.sha256(data).hexdigest()
    return f"{digest[:2]}/{digest[2:4]}/{digest}.jpg"


class PhotoStore:
    """Kept photos. Equal bytes are one file, so `erase` only when no other row names the key."""

    def __init__(self, folder: Path) -> None:
        _make_private(folder)
        self._folder = folder
        self._store = LocalStore(folder)
        # Held from keeping bytes to naming them in a row, and from finding them unnamed to erasing
        # them: else the same bytes, sent anew while an old file goes, would go with it.
        self.naming = asyncio.Lock()

    @classmethod
    def open(cls, location: str) -> "PhotoStore":
        """Open the folder at `location`, created for this user alone (0700) when missing.

        Raises PhotoStoreError for an address of another kind ("s3://...") or a bad folder.
        """
        if "://" in location:
            kind = location.split("://")[0]
            raise PhotoStoreError(f"PHOTO_STORE: {kind}:// is not served yet, give a folder")
        try:
            return cls(Path(location).absolute())
        except OSError as error:
            raise PhotoStoreError(f"PHOTO_STORE: {location}: {error.strerror}") from error

    async def keep(self, data: bytes) -> str:
        """Store `data` durably and return its key; the same bytes again are the same key.

        A kept file counts as new again (see `keys`). Raises PhotoStoreError when the disk refuses.
        """
        key = photo_key(data)
        try:
            await self._put(key, data)
            await asyncio.to_thread(self._sync, key)
        except (StoreError, OSError) as error:
            raise PhotoStoreError("the photo store refuses to write") from error
        return key

    async def read(self, key: str) -> bytes:
        """Return the bytes kept under `key`. Raises PhotoGone, BadPhotoKey."""
        _check_key(key)
        try:
            found = await obstore.get_async(self._store, key)
            data = bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise PhotoGone(key) from error
        if photo_key(data) != key:
            raise PhotoGone(key)
        return data

    async def erase(self, key: str) -> None:
        """Remove the photo for good; doing it again is nothing. Raises BadPhotoKey."""
        _check_key(key)
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)
        await asyncio.to_thread(self._sync_erased, key)

    async def keys(self, before: datetime | None = None) -> AsyncIterator[str]:
        """Yield every key, or only those kept last before `before` (aware): what a sweep may judge.

        A photo is kept before the row that names it is committed, so a sweep leaves the young ones.
        """
        async for batch in obstore.list(self._store):
            for found in batch:
                old = before is None or found["last_modified"] < before
                if old and _KEY.fullmatch(found["path"]):
                    yield found["path"]

    async def remove_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half written before `before`; return how many files."""
        return await asyncio.to_thread(_remove_old, self._folder, _STAGED, before)

    async def _put(self, key: str, data: bytes) -> None:
        try:
            await obstore.put_async(self._store, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            await self._keep_again(key, data)

    async def _keep_again(self, key: str, data: bytes) -> None:
        try:
            await self.read(key)
            await asyncio.to_thread(os.utime, self._folder / key)
        except (FileNotFoundError, PhotoGone):
            # A power cut tore the file before it was synced, or it was erased this moment.
            await obstore.put_async(self._store, key, data, mode="overwrite", use_multipart=False)

    def _sync(self, key: str) -> None:
        file = self._folder / key
        for path in (file, file.parent, file.parent.parent, self._folder):
            _sync(path)

    def _sync_erased(self, key: str) -> None:
        folder = (self._folder / key).parent
        if folder.is_dir():
            for staged in folder.glob(f"{Path(key).name}#*"):
                staged.unlink(missing_ok=True)
            _sync(folder)


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A received upload: its `name` in the incoming folder and its `size` in bytes."""

    name: str
    size: int


class Incoming:
    """Uploads as they came, until they are inspected; never served to anybody.

    `token` returns a fresh unguessable name (16-64 of A-Z a-z 0-9 _ -): what the sender calls the
    file is never used.
    """

    def __init__(self, folder: Path, token: Callable[[], str]) -> None:
        _make_private(folder)
        self._folder = folder
        self._token = token

    async def receive(self, chunks: AsyncIterator[bytes], limit: int) -> IncomingFile:
        """Store the upload durably and name it.

        Raises TooLarge as soon as more than `limit` bytes came, OSError when the disk refuses.
        Then, and when the sender breaks off or the caller is cancelled, nothing of it stays.
        """
        name = self._token()
        part = self.path(name).with_suffix(_PART)
        try:
            size = await self._write(part, chunks, limit)
            await asyncio.to_thread(self._finish, part, self.path(name))
        except BaseException:
            part.unlink(missing_ok=True)
            self.path(name).unlink(missing_ok=True)
            raise
        return IncomingFile(name, size)

    def path(self, name: str) -> Path:
        """Return where the upload `name` lies or would lie. Raises BadPhotoKey."""
        if not _NAME.fullmatch(name):
            raise BadPhotoKey("not a name of an upload")
        return self._folder / name

    async def remove(self, name: str) -> None:
        """Remove the upload for good; doing it again is nothing. Raises BadPhotoKey."""
        await asyncio.to_thread(self._remove, self.path(name))

    async def names(self, before: datetime | None = None) -> AsyncIterator[str]:
        """Yield every whole upload's name, or only of those received before `before` (aware)."""
        for name in await asyncio.to_thread(self._names, before):
            yield name

    async def remove_unfinished(self, before: datetime) -> int:
        """Remove uploads that a crash cut off before `before`; return how many files."""
        return await asyncio.to_thread(_remove_old, self._folder, f"*{_PART}", before)

    async def _write(self, part: Path, chunks: AsyncIterator[bytes], limit: int) -> int:
        size = 0
        with await asyncio.to_thread(_create, part) as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"more than {limit} bytes")
                await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(_flush, file)
        return size

    def _finish(self, part: Path, final: Path) -> None:
        part.rename(final)
        _sync(self._folder)

    def _remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        _sync(self._folder)

    def _names(self, before: datetime | None) -> list[str]:
        found = (path for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        return [path.name for path in found if before is None or _is_older(path, before)]


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadPhotoKey("not a key of a photo")


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync(folder.parent)


def _create(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_older(path: Path, before: datetime) -> bool:
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def _remove_old(folder: Path, pattern: str, before: datetime) -> int:
    old = [path for path in folder.rglob(pattern) if _is_older(path, before)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
