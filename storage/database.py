"""The database: many readers, one writer that commits in groups.

On SQLite every write of the process goes through one task (WAL, synchronous=FULL, BEGIN
IMMEDIATE): what waits while a commit runs is written and synced together in the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.erasing import empty_log
from storage.lanes import Lane, set_up
from storage.seams import Seams

Connection = AsyncConnection
T = TypeVar("T")
GROUP = 256
# What is raised when the database cannot be reached, is locked, or its disk is full.
UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)


# SQLite's plain "error": a wrong statement, which waiting does not mend.
_SQLITE_ERROR = 1


def is_unavailable(error: Exception) -> bool:
    """Tell whether the database could not be used at all, so that later the same may succeed.

    A statement that this database does not understand is no such case.
    """
    if not isinstance(error, UNAVAILABLE):
        return False
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) != _SQLITE_ERROR


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], Awaitable[T]]
    done: "asyncio.Future[T]"


class Database:
    """Opens lazily; `start` runs the writer, `stop` lets it finish what waits."""

    def __init__(self, url: str, seams: Seams) -> None:
        self.url = url
        self._seams = seams
        _make_folder(url)
        self._reader = _engine(url)
        self._reads = Lane(url, self._reader, begin="BEGIN", name="reads")
        self._writes = Lane(url, self._reader, begin="BEGIN IMMEDIATE", name="writes")
        self._jobs: asyncio.Queue[_Job[Any] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run the writer task."""
        self._task = asyncio.create_task(self._write_groups(), name="writer")

    async def stop(self) -> None:
        """Write what waits, then close every connection."""
        if self._task is not None:
            self._jobs.put_nowait(None)
            await self._task
            self._task = None
        await self._reader.dispose()
        await self._reads.stop()
        await self._writes.stop()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one moment of the data and writes nothing."""
        async with self._reader.connect() as connection:
            yield connection

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` on one moment of the data and return its result; it writes nothing.

        Everything `work` asks is asked in one go on a thread, so it may await nothing else. Many
        small queries are far cheaper this way than one by one in `reading`.
        """
        result: T
        (result,) = await self._reads.run([work])
        return result

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a write transaction and return its result once that is on disk.

        `work` may be run a second time when another job of its group failed; so it changes
        nothing but the database, and awaits nothing else. What it raises is raised here, and
        nothing of it is written. It runs on the thread of the writer.
        """
        job: _Job[T] = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return await job.done

    async def empty_log(self) -> bool:
        """Empty the write-ahead log: what was overwritten in the database is gone from it too.

        False while somebody reads or writes all the time: try again later.
        """
        return await asyncio.to_thread(empty_log, make_url(self.url).database or "")

    async def _write_groups(self) -> None:
        while (first := await self._jobs.get()) is not None:
            group, ends = self._drain(first)
            await self._commit(group)
            if ends:
                return

    def _drain(self, first: _Job[Any]) -> tuple[list[_Job[Any]], bool]:
        group = [first]
        while len(group) < GROUP and not self._jobs.empty():
            job = self._jobs.get_nowait()
            if job is None:
                return group, True
            group.append(job)
        return group, False

    async def _commit(self, group: list[_Job[Any]]) -> None:
        try:
            results = await self._attempt(group)
        except Exception as error:
            if len(group) > 1 and not is_unavailable(error):
                for job in group:
                    await self._commit([job])
                return
            # Each waiting for a lock by itself would make everybody wait that many times.
            for job in group:
                _fail(job, error)
            return
        for job, result in zip(group, results, strict=True):
            if not job.done.done():
                job.done.set_result(result)

    async def _attempt(self, group: list[_Job[Any]]) -> list[Any]:
        works = [job.work for job in group]
        before = partial(self._seams.crashpoint, "commit.before")
        results = await self._writes.run(works, before)
        self._seams.crashpoint("commit.after")
        return results


def _fail(job: _Job[Any], error: Exception) -> None:
    if not job.done.done():
        job.done.set_exception(error)


def _make_folder(url: str) -> None:
    name = make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)


def _engine(url: str) -> AsyncEngine:
    engine = create_async_engine(url)
    set_up(engine.sync_engine, begin="BEGIN")
    return engine
