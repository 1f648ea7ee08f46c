"""A lane: one thread with its own SQLite connection, on which whole transactions run.

A statement takes microseconds, handing it to a thread and back many times that. So a transaction
changes threads once, however many statements it has, and the event loop never waits for the disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool

T = TypeVar("T")
PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
)


class WaitedInLane(RuntimeError):
    """Work in a transaction waited for something else than its database: a defect of that work."""


class LaneConnection(AsyncConnection):
    """A connection whose statements run where they are called: nothing is ever waited for."""

    async def execute(self, *args: Any, **kwargs: Any) -> CursorResult[Any]:
        """Run a statement as `AsyncConnection.execute` does."""
        return self._proxied.execute(*args, **kwargs)

    async def exec_driver_sql(self, *args: Any, **kwargs: Any) -> CursorResult[Any]:
        """Run driver SQL as `AsyncConnection.exec_driver_sql` does."""
        return self._proxied.exec_driver_sql(*args, **kwargs)


class Lane:
    """Runs transactions one after the other, each begun by `begin` ("BEGIN IMMEDIATE" ...)."""

    def __init__(self, url: str, engine: AsyncEngine, *, begin: str, name: str) -> None:
        plain = make_url(url).set(drivername="sqlite")
        self._engine = create_engine(plain, poolclass=NullPool)
        set_up(self._engine, begin=begin)
        self._around = engine
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._open: SyncConnection | None = None

    async def run(
        self,
        works: Sequence[Callable[[AsyncConnection], Awaitable[T]]],
        before_commit: Callable[[], None] = lambda: None,
    ) -> list[T]:
        """Run `works` in one transaction on the lane's thread and return their results.

        What one of them raises is raised here, and nothing of the transaction is written.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._transact, works, before_commit)

    async def stop(self) -> None:
        """Close the connection and end the thread."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    def _transact(
        self,
        works: Sequence[Callable[[AsyncConnection], Awaitable[T]]],
        before_commit: Callable[[], None],
    ) -> list[T]:
        if self._open is None:
            self._open = self._engine.connect()
        try:
            with self._open.begin():
                connection = LaneConnection(self._around, self._open)
                results = [_finished(work(connection)) for work in works]
                before_commit()
        except BaseException:
            self._close()
            raise
        return results

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def set_up(engine: Engine, *, begin: str) -> None:
    """Let connections of `engine` begin transactions with `begin`, and sync every commit."""

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _finished(waiting: Awaitable[T]) -> T:
    """Return the result of work that waits for nothing but statements of its own lane."""
    steps = waiting.__await__()
    try:
        next(steps)
    except StopIteration as done:
        result: T = done.value
        return result
    raise WaitedInLane("a transaction waits for nothing but its database")
