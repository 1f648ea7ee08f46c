"""A PostgreSQL connection whose prepared statements go straight to the driver.

Between a statement and asyncpg SQLAlchemy puts a greenlet, a cursor and a row object for every
row; for what every turn asks that is half of its cost. The transaction is begun and ended here, in
so many words, so that statements of both kinds are part of it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection


class StraightConnection(AsyncConnection):
    """A connection that begins nothing by itself (AUTOCOMMIT), around asyncpg's `driver`.

    What the driver raises of the kinds `errors` is raised as SQLAlchemy's DBAPIError.
    """

    def __init__(
        self, connection: AsyncConnection, driver: Any, errors: tuple[type[Exception], ...]
    ) -> None:
        super().__init__(connection.engine, connection.sync_connection)
        self._driver, self._errors = driver, errors

    async def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the rows of a query as the driver gives them."""
        try:
            found: list[Any] = await self._driver.fetch(sql, *values)
        except self._errors as error:
            raise self._wrapped(sql, error) from error
        return found

    async def write(self, sql: str, lists: Sequence[Any]) -> int:
        """Run a statement over lists of values; return how many rows of the table it wrote."""
        try:
            status: str = await self._driver.execute(sql, *lists)
        except self._errors as error:
            raise self._wrapped(sql, error) from error
        return int(status.rpartition(" ")[2])

    async def say(self, command: str) -> None:
        """Run a command without values: BEGIN, COMMIT, ROLLBACK."""
        try:
            await self._driver.execute(command)
        except self._errors as error:
            raise self._wrapped(command, error) from error

    @property
    def is_broken(self) -> bool:
        """Whether nothing can be said on it any more."""
        return bool(self._driver.is_closed())

    def _wrapped(self, sql: str, error: Exception) -> BaseException:
        # Without the values: they are people's.
        return DBAPIError.instance(
            sql, None, error, Exception, connection_invalidated=self.is_broken
        )
