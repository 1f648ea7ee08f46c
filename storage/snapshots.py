"""A database seen, or filled, as a whole: one transaction of any length, apart from the program's.

The program's own connections give up after seconds, as they must; a backup may take an hour.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from storage.database import Connection

# Somebody else may write for a moment while we begin.
_PRAGMAS = ("PRAGMA busy_timeout=5000", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON")
# On PostgreSQL no wall around a place (schema 0006) may stand in the way of seeing everything.
_FIRST = {
    "sqlite": "SELECT count(*) FROM sqlite_master",
    "postgresql": "SELECT set_config('khaihoc.place', '', true)",
}


@asynccontextmanager
async def snapshot(url: str) -> AsyncIterator[Connection]:
    """Give a connection that sees one moment of the data at `url` and writes nothing."""
    engine = _engine(url, "BEGIN")
    engine = engine.execution_options(
        **_options(engine, isolation_level="REPEATABLE READ", postgresql_readonly=True)
    )
    try:
        async with engine.connect() as connection:
            # On both databases the moment is that of the first statement that reads anything.
            await connection.exec_driver_sql(_FIRST[engine.dialect.name])
            yield connection
    finally:
        await engine.dispose()


@asynccontextmanager
async def alone(url: str) -> AsyncIterator[Connection]:
    """Give a connection with one transaction that is committed at the end, or leaves no trace."""
    engine = _engine(url, "BEGIN IMMEDIATE")
    try:
        async with engine.begin() as connection:
            await connection.exec_driver_sql(_FIRST[engine.dialect.name])
            yield connection
    finally:
        await engine.dispose()


def _options(engine: AsyncEngine, **options: Any) -> dict[str, Any]:
    return options if engine.dialect.name == "postgresql" else {}


def _engine(url: str, begin: str) -> AsyncEngine:
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        _set_up_sqlite(engine, begin)
    return engine


def _set_up_sqlite(engine: AsyncEngine, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)
