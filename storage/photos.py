"""Photos: kept ones under their content's address, uploads that wait for inspection.

Whatever this module has returned survives a power cut.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from obstore.exceptions import BaseError as StoreError

from storage.seams import Crashpoint, survive
from storage.shelves import Bucket, Folder, Shelf, is_older, make_private, remove_old, sync

_KEY: Final = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})\.jpg")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{16,64}")
_BUCKET: Final = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")
_PART: Final = ".part"


class PhotoStoreError(Exception):
    """The store cannot do what it was asked; the message says what to change."""

    code = "photo_store"


class PhotoStoreAway(PhotoStoreError):
    """The store refuses, fails or does not answer: the same may succeed later."""

    code = "photo_store_away"


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


def drawer_of(key: str) -> str:
    """Return what only one process may work on while it names or erases the bytes under `key`."""
    return f"photos:{key[:2]}"


class PhotoStore:
    """Kept photos. Equal bytes are one file, so `erase` only when no other row names the key."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        # Held from keeping bytes to naming them in a row, and from finding them unnamed to erasing
        # them: else the same bytes, sent anew while an old file goes, would go with it. Between
        # processes `drawer_of` stands for it.
        self.naming = asyncio.Lock()

    @classmethod
    def open(
        cls,
        location: str,
        crashpoint: Crashpoint = survive,
        config: Mapping[str, Any] | None = None,
    ) -> "PhotoStore":
        """Open the folder at `location` (made when missing), or the bucket "s3://bucket/prefix".

        `config` stands over the AWS_ variables (see `shelves.Bucket`). A bucket is not asked for
        anything yet. Raises PhotoStoreError for another kind of address or a bad folder.
        """
        if location.startswith("s3://"):
            return cls(_bucket(location, crashpoint, config or {}))
        if "://" in location:
            kind = location.split("://")[0]
            raise PhotoStoreError(f"PHOTO_STORE: {kind}:// is not served, give a folder or s3://")
        try:
            return cls(Folder(Path(location).absolute(), crashpoint))
        except OSError as error:
            raise PhotoStoreError(f"PHOTO_STORE: {location}: {error.strerror}") from error

    async def keep(self, data: bytes) -> str:
        """Store `data` durably and return its key; the same bytes again are the same key.

        A kept file counts as new again (see `keys`). Raises PhotoStoreAway when the store refuses.
        """
        key = photo_key(data)
        try:
            await self._shelf.put(key, data)
        except (StoreError, OSError) as error:
            raise PhotoStoreAway("the photo store refuses to write") from error
        return key

    async def read(self, key: str) -> bytes:
        """Return the bytes kept under `key`. Raises PhotoGone, BadPhotoKey, PhotoStoreAway."""
        _check_key(key)
        try:
            data = await self._shelf.get(key)
        except FileNotFoundError as error:
            raise PhotoGone(key) from error
        except (StoreError, OSError) as error:
            raise PhotoStoreAway("the photo store refuses to read") from error
        if photo_key(data) != key:
            raise PhotoGone(key)
        return data

    async def erase(self, key: str) -> None:
        """Remove the photo for good; doing it again is nothing.

        Raises BadPhotoKey, PhotoStoreAway: then it may still be there.
        """
        _check_key(key)
        try:
            await self._shelf.erase(key)
        except (StoreError, OSError) as error:
            raise PhotoStoreAway("the photo store refuses to erase") from error

    async def keys(self, before: datetime | None = None) -> AsyncIterator[str]:
        """Yield every key, or only those kept last before `before` (aware): what a sweep may judge.

        A photo is kept before the row that names it is committed, so a sweep leaves the young ones.
        Raises PhotoStoreAway.
        """
        try:
            async for path in self._shelf.list(before):
                if _KEY.fullmatch(path):
                    yield path
        except (StoreError, OSError) as error:
            raise PhotoStoreAway("the photo store refuses to list") from error

    async def remove_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half written before `before`; return how many files."""
        return await self._shelf.remove_unfinished(before)


def _bucket(location: str, crashpoint: Crashpoint, config: Mapping[str, Any]) -> Bucket:
    if not _BUCKET.fullmatch(location):
        raise PhotoStoreError("PHOTO_STORE: must be like s3://bucket/prefix")
    try:
        return Bucket(location, crashpoint, config)
    except (StoreError, ValueError) as error:
        # The driver's own words may quote a key.
        raise PhotoStoreError("PHOTO_STORE: look at the AWS_ variables of this bucket") from error


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

    def __init__(
        self, folder: Path, token: Callable[[], str], crashpoint: Crashpoint = survive
    ) -> None:
        make_private(folder)
        self._folder = folder
        self._token = token
        self._crashpoint = crashpoint

    async def receive(
        self, chunks: AsyncIterator[bytes], limit: int, name: str | None = None
    ) -> IncomingFile:
        """Store the upload durably under `name`, taking the place of what is there, or a fresh one.

        Raises TooLarge as soon as more than `limit` bytes came, OSError when the disk refuses.
        Then, and when the sender breaks off or the caller is cancelled, nothing of it stays.
        """
        fresh = self._token()
        name, part = name or fresh, self.path(fresh).with_suffix(_PART)
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
        return await asyncio.to_thread(remove_old, self._folder, f"*{_PART}", before)

    async def _write(self, part: Path, chunks: AsyncIterator[bytes], limit: int) -> int:
        size = 0
        with await _opened(part) as file:
            self._crashpoint("upload.created")
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge(f"more than {limit} bytes")
                await asyncio.to_thread(file.write, chunk)
            self._crashpoint("upload.written")
            await asyncio.to_thread(_flush, file)
        self._crashpoint("upload.flushed")
        return size

    def _finish(self, part: Path, final: Path) -> None:
        part.rename(final)
        self._crashpoint("upload.renamed")
        sync(self._folder)
        self._crashpoint("upload.synced")

    def _remove(self, path: Path) -> None:
        self._crashpoint("upload.remove")
        path.unlink(missing_ok=True)
        self._crashpoint("upload.removed")
        sync(self._folder)

    def _names(self, before: datetime | None) -> list[str]:
        found = (path for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        return [path.name for path in found if before is None or is_older(path, before)]


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise BadPhotoKey("not a key of a photo")


async def _opened(part: Path) -> BinaryIO:
    """Return a new file; one that comes too late for whoever asked goes at once."""
    opening = asyncio.ensure_future(asyncio.to_thread(_create, part))
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        opening.add_done_callback(partial(_discard, part))
        raise


def _discard(part: Path, opening: asyncio.Future[BinaryIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
        part.unlink(missing_ok=True)


def _create(path: Path) -> BinaryIO:
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
