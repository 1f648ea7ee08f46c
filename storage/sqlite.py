"""SQLite: one serving process, every transaction on a lane (WAL, synchronous=FULL)."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from storage.engines import Claim, Connection, Work
from storage.erasing import empty_log
from storage.lanes import Lane, set_up


class Sqlite:
    """A database file with its lanes: reads beside writes, writes one after the other."""

    def __init__(self, url: str) -> None:
        self._file = make_url(url).database or ""
        if self._file and self._file != ":memory:":
            Path(self._file).parent.mkdir(parents=True, exist_ok=True)
        self._reader = create_async_engine(url)
        set_up(self._reader.sync_engine, begin="BEGIN")
        self._reads = Lane(url, self._reader, begin="BEGIN", name="reads")
        self._writes = Lane(url, self._reader, begin="BEGIN IMMEDIATE", name="writes")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one moment of the data."""
        async with self._reader.connect() as connection:
            yield connection

    async def read(self, work: Work) -> Any:
        """Run `work` on one moment of the data, on the thread of the reads."""
        (result,) = await self._reads.run([work])
        return result

    async def write(self, works: Sequence[Work], before_commit: Callable[[], None]) -> list[Any]:
        """Run `works` in one transaction, on the thread of the writes."""
        return await self._writes.run(works, before_commit)

    @asynccontextmanager
    async def claim(self, writer: Claim, crashpoint: Callable[[str], None]) -> AsyncIterator[Claim]:
        """Give the whole process' own reads and writes: nobody else takes turns here."""
        yield writer

    async def alone(self, work: Work, crashpoint: Callable[[str], None]) -> Any:
        """Run `work` in one transaction, on the thread of the writes."""
        (result,) = await self._writes.run([work], partial(crashpoint, "commit.before"))
        crashpoint("commit.after")
        return result

    async def empty_log(self) -> bool:
        """Empty the write-ahead log; False while somebody reads or writes all the time."""
        return await asyncio.to_thread(empty_log, self._file)

    async def stop(self) -> None:
        """Finish what was ordered and close every connection."""
        await self._reader.dispose()
        await self._reads.stop()
        await self._writes.stop()
