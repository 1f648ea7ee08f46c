"""Where photos lie: in a folder of this machine, or in a bucket that speaks S3.

A shelf knows keys and bytes and nothing of photos. What `put` has returned survives a power cut;
what `erase` has returned does not come back after one. Both may be repeated at any time.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import obstore
from obstore.exceptions import AlreadyExistsError, GenericError
from obstore.store import LocalStore, S3Store

from storage.seams import Crashpoint

# How LocalStore names a file until it is whole: `<final name>#<number>`.
_STAGED: Final = "*#*"
# A request waits no longer than a person does; whoever must not give up (`handlers.media`) asks
# again later, with pauses of its own.
_RETRY: Final[Any] = {
    "max_retries": 4,
    "retry_timeout": timedelta(seconds=15),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2)},
}
_PAUSES: Final = (0.1, 0.3)
_CLIENT: Final[Any] = {"connect_timeout": timedelta(seconds=5), "timeout": timedelta(seconds=20)}


class Shelf(Protocol):
    """Bytes under keys of the form "ab/cd/name". Errors are obstore's BaseError and OSError."""

    async def put(self, key: str, data: bytes) -> None:
        """Keep `data` under `key` durably, whatever was there; its age begins anew."""

    async def get(self, key: str) -> bytes:
        """Return the bytes under `key`. Raises FileNotFoundError."""

    async def erase(self, key: str) -> None:
        """Remove `key` for good; nothing there is as good."""

    def list(self, before: datetime | None) -> AsyncIterator[str]:
        """Yield the keys, or those last put before `before` (aware)."""

    async def remove_unfinished(self, before: datetime) -> int:
        """Remove what a crash left half written before `before`; return how many."""


class Folder:
    """A folder for this user alone (0700).

    obstore writes atomically but leaves the bytes to the page cache (its LocalStore calls no fsync:
    seen with strace on 0.12.1), so the file and the folders that name it are synced here.
    """

    def __init__(self, path: Path, crashpoint: Crashpoint) -> None:
        make_private(path)
        self._path = path
        self._store = LocalStore(path)
        self._crashpoint = crashpoint

    async def put(self, key: str, data: bytes) -> None:
        """Write the file and sync it with every folder that names it."""
        self._crashpoint("photo.write")
        try:
            await obstore.put_async(self._store, key, data, mode="create", use_multipart=False)
        except AlreadyExistsError:
            await self._put_again(key, data)
        self._crashpoint("photo.written")
        await asyncio.to_thread(self._sync, key)
        self._crashpoint("photo.synced")

    async def get(self, key: str) -> bytes:
        """Return the bytes of the file."""
        found = await obstore.get_async(self._store, key)
        return bytes(await found.bytes_async())

    async def erase(self, key: str) -> None:
        """Remove the file and half written copies of it, and sync their folder."""
        self._crashpoint("photo.erase")
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)
        self._crashpoint("photo.erased")
        await asyncio.to_thread(self._sync_erased, key)
        self._crashpoint("photo.erase_synced")

    async def list(self, before: datetime | None) -> AsyncIterator[str]:
        """Yield the files' names below the folder."""
        async for key in _listed(self._store, before):
            yield key

    async def remove_unfinished(self, before: datetime) -> int:
        """Remove what LocalStore staged and never renamed."""
        return await asyncio.to_thread(remove_old, self._path, _STAGED, before)

    async def _put_again(self, key: str, data: bytes) -> None:
        """A whole file becomes young; one that a power cut tore before its sync is replaced."""
        try:
            if await self.get(key) == data:
                await asyncio.to_thread(os.utime, self._path / key)
                return
        except FileNotFoundError:
            pass  # erased this moment
        await obstore.put_async(self._store, key, data, mode="overwrite", use_multipart=False)

    def _sync(self, key: str) -> None:
        file = self._path / key
        for path in (file, file.parent, file.parent.parent, self._path):
            sync(path)

    def _sync_erased(self, key: str) -> None:
        folder = (self._path / key).parent
        if folder.is_dir():
            for staged in folder.glob(f"{Path(key).name}#*"):
                staged.unlink(missing_ok=True)
            sync(folder)


class Bucket:
    """A bucket behind the S3 protocol, `s3://bucket/prefix`.

    Address, region and keys come from the usual variables (AWS_ENDPOINT_URL, AWS_REGION,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY; AWS_ALLOW_HTTP for a plain address), or from `config`
    under their short names. A PUT is whole or not there, and durable once it is answered; it is
    always unconditional, so a repeated one is no error.
    """

    def __init__(self, url: str, crashpoint: Crashpoint, config: Mapping[str, Any]) -> None:
        self._crashpoint = crashpoint
        # Client options of our own put those of the environment aside.
        plain = config.get("allow_http") or os.environ.get("AWS_ALLOW_HTTP", "") in ("1", "true")
        client = _CLIENT | ({"allow_http": True} if plain else {})
        # One request a removal, which may be repeated; not every S3 knows the bulk request.
        rest: Any = {"disable_bulk_delete": True, **config}
        rest.pop("allow_http", None)
        self._store = S3Store.from_url(url, config=rest, client_options=client, retry_config=_RETRY)

    async def put(self, key: str, data: bytes) -> None:
        """Send the bytes; an object that is already there becomes young."""
        self._crashpoint("photo.send")
        await obstore.put_async(self._store, key, data, use_multipart=False)
        self._crashpoint("photo.sent")

    async def get(self, key: str) -> bytes:
        """Fetch the bytes."""
        found = await obstore.get_async(self._store, key)
        return bytes(await found.bytes_async())

    async def erase(self, key: str) -> None:
        """Delete the object; S3 does not tell whether there was one."""
        self._crashpoint("photo.unsend")
        # obstore does not repeat a removal whose connection broke: it cannot know that it may.
        for pause in _PAUSES:
            try:
                await self._delete(key)
                break
            except GenericError:
                await asyncio.sleep(pause)
        else:
            await self._delete(key)
        self._crashpoint("photo.unsent")

    async def list(self, before: datetime | None) -> AsyncIterator[str]:
        """Yield the objects' names below the prefix."""
        async for key in _listed(self._store, before):
            yield key

    async def remove_unfinished(self, before: datetime) -> int:
        """Nothing is ever half there: uploads are single requests."""
        return 0

    async def _delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            await obstore.delete_async(self._store, key)


async def _listed(store: LocalStore | S3Store, before: datetime | None) -> AsyncIterator[str]:
    async for batch in obstore.list(store):
        for found in batch:
            if before is None or found["last_modified"] < before:
                yield found["path"]


def make_private(folder: Path) -> None:
    """Make `folder` for this user alone, when it is missing, and sync its name."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync(folder.parent)


def sync(path: Path) -> None:
    """Force a file's bytes, or a folder's names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_older(path: Path, before: datetime) -> bool:
    """Tell whether a file was last written before `before`; one that is gone was not."""
    try:
        return path.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False


def remove_old(folder: Path, pattern: str, before: datetime) -> int:
    """Remove files below `folder` that fit `pattern` and are older than `before`; count them."""
    old = [path for path in folder.rglob(pattern) if is_older(path, before)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
