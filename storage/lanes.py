"""A lane: one thread with its own SQLite connection, on which whole transactions run.

A statement takes microseconds, handing it to a thread and back many times that. So a transaction
changes threads once, however many statements it has, and the event loop never waits for the disk.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Thread
from typing import Any

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import NullPool

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    # Pages written again and again are copied into the database once, not every few batches.
    "PRAGMA wal_autocheckpoint=8000",
    "PRAGMA cache_size=-8000",
    # What is deleted is overwritten: an erased person's words are not left in free pages.
    "PRAGMA secure_delete=ON",
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

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query as the driver gives them; errors as SQLAlchemy's."""
        driver = self._driver()
        try:
            return driver.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _wrapped(sql, values, error) from error

    def write(self, sql: str, rows: Sequence[Sequence[Any]]) -> int:
        """Run a statement for each of `rows`; return how many rows of the table were written."""
        driver = self._driver()
        try:
            return driver.executemany(sql, rows).rowcount
        except sqlite3.Error as error:
            raise _wrapped(sql, rows, error) from error

    def _driver(self) -> sqlite3.Connection:
        driver: Any = self._proxied.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection), "a lane is a SQLite connection"
        return driver


def _wrapped(sql: str, values: Any, error: sqlite3.Error) -> BaseException:
    return DBAPIError.instance(sql, values, error, sqlite3.Error)


Work = Callable[[AsyncConnection], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Order:
    """A transaction to run, and where its results go."""

    works: Sequence[Work]
    before_commit: Callable[[], None]
    loop: asyncio.AbstractEventLoop
    done: asyncio.Future[list[Any]]


class Lane:
    """Runs transactions one after the other, each begun by `begin` ("BEGIN IMMEDIATE" ...)."""

    def __init__(self, url: str, engine: AsyncEngine, *, begin: str, name: str) -> None:
        plain = make_url(url).set(drivername="sqlite")
        self._engine = create_engine(plain, poolclass=NullPool)
        set_up(self._engine, begin=begin)
        self._around = engine
        self._name = name
        self._orders: SimpleQueue[_Order | None] = SimpleQueue()
        self._thread: Thread | None = None
        self._open: SyncConnection | None = None

    async def run(
        self, works: Sequence[Work], before_commit: Callable[[], None] = lambda: None
    ) -> list[Any]:
        """Run `works` in one transaction on the lane's thread and return their results.

        What one of them raises is raised here, and nothing of the transaction is written.
        """
        if self._thread is None:
            self._thread = Thread(target=self._serve, name=self._name, daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        order = _Order(works, before_commit, loop, loop.create_future())
        self._orders.put(order)
        return await order.done

    async def stop(self) -> None:
        """Finish what was ordered, close the connection and end the thread."""
        if self._thread is not None:
            self._orders.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _serve(self) -> None:
        while (order := self._orders.get()) is not None:
            self._fulfil(order)
        self._close()

    def _fulfil(self, order: _Order) -> None:
        try:
            results = self._transact(order.works, order.before_commit)
        except BaseException as error:
            order.loop.call_soon_threadsafe(_fail, order.done, error)
        else:
            order.loop.call_soon_threadsafe(_hand_over, order.done, results)

    def _transact(self, works: Sequence[Work], before_commit: Callable[[], None]) -> list[Any]:
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


def _hand_over(done: asyncio.Future[list[Any]], results: list[Any]) -> None:
    if not done.done():
        done.set_result(results)


def _fail(done: asyncio.Future[list[Any]], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)


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


def _finished(waiting: Awaitable[Any]) -> Any:
    """Return the result of work that waits for nothing but statements of its own lane."""
    steps = waiting.__await__()
    try:
        next(steps)
    except StopIteration as done:
        return done.value
    raise WaitedInLane("a transaction waits for nothing but its database")
