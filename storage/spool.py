"""What arrived while the database could not be used: kept in files until it can be again.

A platform that gets no answer in time gives us up for good, so its events are taken whatever
happens. What `add` has returned survives a power cut. Only whole lines count: the last one of a
file may be torn by a kill, and was then never acknowledged. A file is locked by the process that
writes or empties it, so that several processes can share a folder.
"""

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import msgspec

from storage.engines import is_unavailable
from storage.inbox import Arrival
from storage.seams import Seams, to_ms
from storage.shelves import make_private, sync

_ENDING: Final = ".spool"
# What could not be kept for another reason than the database being away, for an operator.
_ASIDE: Final = ".aside"
_BATCH: Final = 128


@dataclass(frozen=True, slots=True)
class Stop:
    """Somebody wants nothing sent any more: `code` says how they said so, `at_ms` when."""

    sender: str
    code: str
    at_ms: int


Item = Arrival | Stop
Keep = Callable[[Sequence[Item]], Awaitable[None]]


@dataclass(slots=True)
class Drained:
    """What a pass came to: items kept, and lines set aside because nothing can keep them."""

    kept: int = 0
    aside: int = 0


class _Line(msgspec.Struct, omit_defaults=True):
    arrival: Arrival | None = None
    stop: Stop | None = None


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(_Line)


class Spool:
    """Files in `folder` (0700, files 0600). Use it in one event loop.

    `diverts`: older items wait here, so that newer ones belong behind them.
    """

    def __init__(self, folder: Path, seams: Seams) -> None:
        self._folder, self._seams = folder, seams
        self._one = asyncio.Lock()
        self._asked: list[tuple[bytes, asyncio.Future[None]]] = []
        self._file: int | None = None
        self.diverts = bool(self._names())

    @property
    def waits(self) -> bool:
        """Tell whether there is anything to drain, left behind by earlier processes too."""
        return bool(self._names())

    async def add(self, items: Sequence[Item]) -> None:
        """Write items; they are on disk when this returns. Raises OSError when they cannot be.

        Items that come while others are being synced are written together.
        """
        lines = b"".join(map(_encode, items))
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append((lines, written))
        self.diverts = True
        if len(self._asked) == 1:
            task = asyncio.create_task(self._write_asked(), name="spool")
            task.add_done_callback(lambda done: done.exception())
        await written

    async def drain(self, keep: Keep) -> Drained:
        """Hand everything to `keep`, oldest first, and remove it.

        Whatever a kill makes be handed over twice is told apart by its event id. An item that
        `keep` refuses although the database works is set aside in a file of its own. Raises what
        `keep` raises while the database cannot be used: the rest then goes on waiting.
        """
        async with self._one:
            await asyncio.to_thread(self._close)
        drained = Drained()
        for name in self._names():
            await self._drain_file(self._folder / name, keep, drained)
        # What came meanwhile lies in a new file; where it is little, nobody waits behind it.
        self.diverts = self.waits and drained.kept >= _BATCH
        return drained

    async def _write_asked(self) -> None:
        async with self._one:
            asked, self._asked = self._asked, []
            try:
                await asyncio.to_thread(self._write, b"".join(lines for lines, _ in asked))
            except Exception as error:
                for _, written in asked:
                    if not written.done():
                        written.set_exception(error)
                return
        for _, written in asked:
            if not written.done():
                written.set_result(None)

    def _write(self, lines: bytes) -> None:
        if self._file is None:
            self._file = self._create()
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(self._file, rest) :]
            self._seams.crashpoint("spool.written")
            os.fsync(self._file)
        except OSError:
            # It may end in half a line now, behind which nothing must be written.
            self._close()
            raise
        self._seams.crashpoint("spool.synced")

    def _create(self) -> int:
        make_private(self._folder)
        name = f"{to_ms(self._seams.now()):015d}-{self._seams.token()[:16]}{_ENDING}"
        path = self._folder / name
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        sync(self._folder)
        return file

    def _close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _names(self) -> list[str]:
        """Return the files' names, oldest first."""
        try:
            return sorted(name for name in os.listdir(self._folder) if name.endswith(_ENDING))
        except (FileNotFoundError, NotADirectoryError):
            return []

    async def _drain_file(self, path: Path, keep: Keep, drained: Drained) -> None:
        file = await asyncio.to_thread(_claim, path)
        if file is None:
            return
        with file:
            lines = _whole_lines(file)
            while batch := await asyncio.to_thread(lambda: list(islice(lines, _BATCH))):
                await self._hand_over(path, batch, keep, drained)
            await asyncio.to_thread(self._remove, path)

    async def _hand_over(
        self, path: Path, lines: list[bytes], keep: Keep, drained: Drained
    ) -> None:
        read = [(line, _decode(line)) for line in lines]
        items = [item for _, item in read if item is not None]
        try:
            await keep(items)
            drained.kept += len(items)
            bad = [line for line, item in read if item is None]
        except Exception as error:
            if is_unavailable(error):
                raise
            bad = await self._one_by_one(read, keep, drained)
        if bad:
            await asyncio.to_thread(_set_aside, path.with_suffix(_ASIDE), bad)
            drained.aside += len(bad)

    async def _one_by_one(
        self, read: list[tuple[bytes, Item | None]], keep: Keep, drained: Drained
    ) -> list[bytes]:
        """Keep what can be kept by itself; return the lines of the rest."""
        bad = []
        for line, item in read:
            try:
                if item is None:
                    raise ValueError("no item")
                await keep([item])
                drained.kept += 1
            except Exception as error:
                if is_unavailable(error):
                    raise
                bad.append(line)
        return bad

    def _remove(self, path: Path) -> None:
        self._seams.crashpoint("spool.kept")
        path.unlink()
        self._seams.crashpoint("spool.removed")
        sync(self._folder)


def _claim(path: Path) -> BinaryIO | None:
    """Open a file that nobody else writes or drains; None otherwise, or when it is gone."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_nlink:
            return file
    except BlockingIOError:
        pass  # its own process has it
    file.close()
    return None


def _whole_lines(file: BinaryIO) -> Iterator[bytes]:
    return (line for line in file if line.endswith(b"\n"))


def _set_aside(path: Path, lines: Sequence[bytes]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(file, "ab") as aside:
        aside.writelines(lines)
        aside.flush()
        os.fsync(file)
    sync(path.parent)


def _encode(item: Item) -> bytes:
    line = _Line(stop=item) if isinstance(item, Stop) else _Line(arrival=item)
    return _ENCODER.encode(line) + b"\n"


def _decode(line: bytes) -> Item | None:
    """Return the item of a line, None for one that something else has written."""
    try:
        read = _DECODER.decode(line)
    except msgspec.MsgspecError:
        return None
    return read.arrival or read.stop
