"""The database: many readers, one writer that commits in groups.

On SQLite every write of the process goes through one task (WAL, synchronous=FULL, BEGIN
IMMEDIATE): what waits while a commit runs is written and synced together in the next one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.seams import Seams

Connection = AsyncConnection
T = TypeVar("T")
GROUP = 256
# What is raised when the database cannot be reached, is locked, or its disk is full.
UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError, PoolTimeout)
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
)


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
        self._reader = _engine(url, begin="BEGIN")
        self._writer = _engine(url, begin="BEGIN IMMEDIATE")
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
        await self._writer.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one moment of the data and writes nothing."""
        async with self._reader.connect() as connection:
            yield connection

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in a write transaction and return its result once that is on disk.

        `work` may be run a second time when another job of its group failed; so it changes
        nothing but the database. What it raises is raised here, and nothing of it is written.
        """
        job = _Job(work, asyncio.get_running_loop().create_future())
        self._jobs.put_nowait(job)
        return await job.done

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
            if len(group) == 1:
                _fail(group[0], error)
                return
            for job in group:
                await self._commit([job])
            return
        for job, result in zip(group, results, strict=True):
            if not job.done.done():
                job.done.set_result(result)

    async def _attempt(self, group: list[_Job[Any]]) -> list[Any]:
        async with self._writer.connect() as connection, connection.begin():
            results = [await job.work(connection) for job in group]
            self._seams.crashpoint("commit.before")
        self._seams.crashpoint("commit.after")
        return results


def _fail(job: _Job[Any], error: Exception) -> None:
    if not job.done.done():
        job.done.set_exception(error)


def _make_folder(url: str) -> None:
    name = make_url(url).database
    if name and name != ":memory:":
        Path(name).parent.mkdir(parents=True, exist_ok=True)


def _engine(url: str, *, begin: str) -> AsyncEngine:
    engine = create_async_engine(url)

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine
