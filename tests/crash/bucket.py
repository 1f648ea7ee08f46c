"""A bucket that outlives the program: the S3 double over a folder, in a process of its own."""

import asyncio
import os
import signal
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.fakes.faulty import serving
from tests.fakes.s3 import S3, Thing


class Folder(MutableMapping[str, Thing]):
    """Objects as files: a key's first part is a folder of `root`, the rest lies in its photos."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def _file(self, key: str) -> Path:
        home, _, rest = key.partition("/")
        return self._root / home / "photos" / rest

    def __getitem__(self, key: str) -> Thing:
        file = self._file(key)
        if not file.is_file():
            raise KeyError(key)
        return Thing(file.read_bytes(), datetime.fromtimestamp(file.stat().st_mtime, UTC))

    def __setitem__(self, key: str, thing: Thing) -> None:
        file = self._file(key)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(thing.data)

    def __delitem__(self, key: str) -> None:
        self._file(key).unlink()

    def __iter__(self) -> Iterator[str]:
        for home in self._root.iterdir():
            photos = home / "photos"
            for file in photos.rglob("*"):
                if file.is_file():
                    yield f"{home.name}/{file.relative_to(photos)}"

    def __len__(self) -> int:
        return sum(1 for _ in self)


@contextmanager
def bucket(root: Path) -> Iterator[int]:
    """Serve `root` as the bucket "photos"; give the port. Nothing of asyncio starts here."""
    hearing, telling = os.pipe()
    child = os.fork()
    if not child:
        asyncio.run(_serve(root, telling))
        os._exit(0)
    os.close(telling)
    with os.fdopen(hearing, "rb") as line:
        port = int(line.readline())
    try:
        yield port
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


async def _serve(root: Path, telling: int) -> None:
    async with serving(S3(things=Folder(root))) as server:
        os.write(telling, f"{server.port}\n".encode())
        await asyncio.Event().wait()
