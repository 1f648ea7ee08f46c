"""The database: many readers, one writer that commits in groups.

Every write of the process goes through one task: what waits while a commit runs is written and
synced together in the next one. `sqlite.py` and `postgresql.py` beside this know how.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy.engine import make_url

from storage.engines import (
    UNAVAILABLE,
    Claim,
    Connection,
    DatabaseGone,
    Engine,
    Within,
    Work,
    is_unavailable,
)
from storage.seams import Seams

__all__ = [
    "UNAVAILABLE",
    "Claim",
    "Connection",
    "Database",
    "DatabaseGone",
    "Within",
    "is_unavailable",
]

T = TypeVar("T")
GROUP = 256


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Connection], Awaitable[T]]
    done: "asyncio.Future[T]"


class Database:
    """Opens lazily; `start` runs the writer, `stop` lets it finish what waits."""

    def __init__(self, url: str, seams: Seams) -> None:
        self.url = url
        self._seams = seams
        self.engine = _engine(url)
        self._jobs: asyncio.Queue[_Job[Any] | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_shared(self) -> bool:
        """Tell whether other processes may serve on this database beside us."""
        return make_url(self.url).get_backend_name() == "postgresql"

    async def start(self) -> None:
        """Run the writer task."""
        self._task = asyncio.create_task(self._write_groups(), name="writer")

    async def stop(self) -> None:
        """Write what waits, then close every connection."""
        if self._task is not None:
            self._jobs.put_nowait(None)
            await self._task
            self._task = None
        await self.engine.stop()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one moment of the data and writes nothing."""
        async with self.engine.reading() as connection:
            yield connection

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` on one moment of the data and return its result; it writes nothing.

        Everything `work` asks is asked in one go (on SQLite on a thread of its own), so it may
        await nothing else. Many small queries are far cheaper this way than in `reading`.
        """
        result: T
        result = await self.engine.read(work)
        return result

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a write transaction and return its result once that is on disk.

        `work` may be run a second time when another job of its group failed, or when another
        process changed the same rows; so it changes nothing but the database, and awaits nothing
        else. What it raises is raised here, and nothing of it is written.
        """
        job: _Job[T] = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return await job.done

    @asynccontextmanager
    async def claim(self) -> AsyncIterator[Claim]:
        """Give a claim: what its reads lock is nobody else's until the block ends.

        What it wrote is on disk when the block is left. On PostgreSQL the block is one
        transaction, and an exception takes all of it back; on SQLite, where one process works
        alone, every write of it is a transaction in the writer's groups.
        """
        async with self.engine.claim(self, self._seams.crashpoint) as claim:
            yield claim

    async def alone(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a write transaction of its own and return its result once it is on disk.

        For what looks, decides and writes in one go: nothing of other jobs is to be seen that may
        yet be taken back. It is tried once, sees what was committed before each of its statements,
        and awaits nothing else. What it raises is raised here, and nothing of it is written.
        """
        result: T
        result = await self.engine.alone(work, self._seams.crashpoint)
        return result

    async def empty_log(self) -> bool:
        """Empty the write-ahead log: what was overwritten in the database is gone from it too.

        False while somebody reads or writes all the time: try again later.
        """
        return await self.engine.empty_log()

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
        works: list[Work] = [job.work for job in group]
        before = partial(self._seams.crashpoint, "commit.before")
        results = await self.engine.write(works, before)
        self._seams.crashpoint("commit.after")
        return results


def _fail(job: _Job[Any], error: Exception) -> None:
    if not job.done.done():
        job.done.set_exception(error)


def _engine(url: str) -> Engine:
    # Loaded only where it is used: the driver of PostgreSQL is an optional part.
    if make_url(url).get_backend_name() == "postgresql":
        from storage.postgresql import Postgresql

        return Postgresql(url)
    from storage.sqlite import Sqlite

    return Sqlite(url)
