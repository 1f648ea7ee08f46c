"""PostgreSQL: several processes share the data, rows are locked instead of the whole file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from asyncpg import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage.engines import Claim, Connection, DatabaseGone, Within, Work
from storage.straight import StraightConnection

_BROKEN = (PostgresError, InterfaceError, OSError)
# Somebody else changed what was read, or waits for us as we for them: the same again succeeds.
_AGAIN = ("40001", "40P01")
TRIES = 8
PAUSE_SECONDS = 0.004
# Classes and codes of PostgreSQL (Appendix A of its manual) after which waiting helps: no
# connection, no resources, an operator's or the system's doing, a lock not had, a standby.
_LATER = ("08", "53", "57", "58", "55P03", "25006", *_AGAIN)
# As on SQLite nobody waits longer than this for a lock; no statement of ours takes so long.
_SESSION = {
    "application_name": "khaihoc",
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}


class Postgresql:
    """A pool of connections, and how each kind of transaction sees the data."""

    def __init__(self, url: str) -> None:
        self._engine = create_async_engine(
            url,
            pool_size=8,
            max_overflow=24,
            pool_timeout=5,
            connect_args={"server_settings": _SESSION, "timeout": 5},
        )
        self._reads = _seeing(self._engine, "REPEATABLE READ", postgresql_readonly=True)
        self._writes = _seeing(self._engine, "REPEATABLE READ")
        # A claim locks first and must then see what was committed before it had its locks.
        self._claims = _seeing(self._engine, "READ COMMITTED")
        self._listener = _seeing(self._engine, "AUTOCOMMIT")
        self._own: StraightConnection | None = None
        self._alone = asyncio.Lock()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """Give a connection that sees one moment of the data."""
        async with _open(self._reads) as connection:
            yield connection

    async def read(self, work: Work) -> Any:
        """Run `work` on one moment of the data; once more when the connection was an old one."""
        try:
            return await self._read(work)
        except DatabaseGone:
            return await self._read(work)

    async def write(self, works: Sequence[Work], before_commit: Callable[[], None]) -> list[Any]:
        """Run `works` in one transaction, again when another process was in the way."""
        for attempt in range(1, TRIES):
            try:
                return await self._write(works, before_commit)
            except DatabaseGone as gone:
                # A connection that broke may have broken after the commit; every write of ours is
                # known again by its keys and versions, so that the second one changes nothing.
                if not gone.again:
                    raise
            await asyncio.sleep(PAUSE_SECONDS * attempt)
        return await self._write(works, before_commit)

    @asynccontextmanager
    async def claim(self, writer: Claim, crashpoint: Callable[[str], None]) -> AsyncIterator[Claim]:
        """Give one transaction in which rows can be locked; an exception takes it back."""
        async with _open(self._claims) as connection, connection.begin():
            yield Within(connection)
            crashpoint("commit.before")
        crashpoint("commit.after")

    async def alone(self, work: Work, crashpoint: Callable[[str], None]) -> Any:
        """Run `work` in a claim's transaction.

        DatabaseGone says `again` only where nothing of it can be there: not once the commit began.
        """
        async with self._alone:
            committing = False
            try:
                async with self._straight() as connection:
                    result = await work(connection)
                    committing = True
                    crashpoint("commit.before")
            except DatabaseGone as gone:
                raise DatabaseGone(str(gone), again=gone.again and not committing) from gone
        crashpoint("commit.after")
        return result

    @asynccontextmanager
    async def _straight(self) -> AsyncIterator[Connection]:
        """Give a transaction of a claim on the one connection that is kept for it.

        Its statements are prepared in the server once; in a pool each connection would do so.
        """
        connection = self._own
        if connection is None or connection.is_broken:
            connection = self._own = await self._new_own()
        try:
            await connection.say("BEGIN ISOLATION LEVEL READ COMMITTED")
            yield connection
            await connection.say("COMMIT")
        except BaseException as error:
            self._own = None
            await self._drop(connection)
            if isinstance(error, DBAPIError):
                raise _gone(error) or error from error
            raise

    async def _new_own(self) -> StraightConnection:
        connection = await self.listen()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        return StraightConnection(connection, driver, _BROKEN)

    async def _drop(self, connection: StraightConnection) -> None:
        """Take back what a connection began: the server does when it goes."""
        with suppress(DBAPIError, OSError):
            await connection.invalidate()
            await connection.close()

    async def listen(self) -> Connection:
        """Return an open connection without transactions, to be closed by whoever asks."""
        return await _reached(self._listener)

    async def empty_log(self) -> bool:
        """Nothing to do: the server's log is the operator's (docs/operate.md)."""
        return True

    async def stop(self) -> None:
        """Close every connection."""
        if self._own is not None:
            await self._own.close()
        await self._engine.dispose()

    async def _read(self, work: Work) -> Any:
        async with _open(self._reads) as connection:
            return await work(connection)

    async def _write(self, works: Sequence[Work], before_commit: Callable[[], None]) -> list[Any]:
        async with _open(self._writes) as connection, connection.begin():
            results = [await work(connection) for work in works]
            before_commit()
        return results


def _seeing(engine: AsyncEngine, level: str, **options: Any) -> AsyncEngine:
    return engine.execution_options(isolation_level=level, **options)


@asynccontextmanager
async def _open(engine: AsyncEngine) -> AsyncIterator[Connection]:
    """Give a connection; DatabaseGone for whatever waiting can mend."""
    connection = await _reached(engine)
    try:
        yield connection
    except DBAPIError as error:
        raise _gone(error) or error from error
    finally:
        await connection.close()


async def _reached(engine: AsyncEngine) -> Connection:
    connection = engine.connect()
    try:
        return await connection.start()
    except Exception as error:
        # The driver's own errors come bare while a connection is made.
        raise _gone(error) or error from error


def _gone(error: Exception) -> DatabaseGone | None:
    """Return what a failure is when waiting can mend it."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    lost = isinstance(error, OSError | PoolTimeout)
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    if not (lost or broken or state.startswith(_LATER)):
        return None
    return DatabaseGone(f"{type(error).__name__} {state}".strip(), again=broken or state in _AGAIN)
