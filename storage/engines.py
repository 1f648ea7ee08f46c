"""What the database asks of an engine, and when an engine counts as unavailable."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

Connection = AsyncConnection
T = TypeVar("T")
Work = Callable[[Connection], Awaitable[Any]]


class DatabaseGone(Exception):
    """The database server cannot be used at the moment: later the same may succeed.

    `again`: at once even, because only another transaction or an old connection was in the way.
    """

    code = "database_gone"

    def __init__(self, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.again = again


# What is raised when the database cannot be reached, is locked, or its disk is full.
UNAVAILABLE: tuple[type[Exception], ...] = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    DatabaseGone,
)
# SQLite's plain "error": a wrong statement, which waiting does not mend.
_SQLITE_ERROR = 1


def is_unavailable(error: BaseException) -> bool:
    """Tell whether the database could not be used at all, so that later the same may succeed.

    A statement that this database does not understand is no such case.
    """
    if not isinstance(error, UNAVAILABLE):
        return False
    return getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) != _SQLITE_ERROR


class Claim(Protocol):
    """Reads and writes that belong together; see `Database.claim`."""

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work`, which may lock rows; it awaits nothing else."""

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work`, which changes rows; it awaits nothing else."""


class Within:
    """A claim that is one open transaction: everything is read and written inside of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in the transaction."""
        return await work(self._connection)

    async def write(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run `work` in the transaction."""
        return await work(self._connection)


class Engine(Protocol):
    """One kind of database."""

    def reading(self) -> AbstractAsyncContextManager[Connection]:
        """Give a connection that sees one moment of the data."""

    async def read(self, work: Work) -> Any:
        """Run `work` on one moment of the data."""

    async def write(self, works: Sequence[Work], before_commit: Callable[[], None]) -> list[Any]:
        """Run `works` in one transaction and return their results once they are on disk."""

    def claim(
        self, writer: Claim, crashpoint: Callable[[str], None]
    ) -> AbstractAsyncContextManager[Claim]:
        """Give a claim; `writer` reads and writes as the whole process does."""

    async def alone(self, work: Work, crashpoint: Callable[[str], None]) -> Any:
        """Run `work` in a write transaction of its own, once, and return its result."""

    async def empty_log(self) -> bool:
        """Empty the write-ahead log; False while that is not possible."""

    async def stop(self) -> None:
        """Close every connection."""
