"""The second wall around places: the database itself shows a request only its officer's rows.

Every query of the API names the place already. Should one forget it, PostgreSQL's row-level
security (migration 0006) leaves out what lies elsewhere. SQLite has no such thing.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy import text

from storage.database import Connection

T = TypeVar("T")
_WALL = text("SELECT set_config('khaihoc.place', :place, true)")


async def raise_wall(connection: Connection, place: str) -> None:
    """Show only rows of `place` (a code; "" is everywhere) until the transaction ends."""
    if connection.dialect.name == "postgresql":
        await connection.execute(_WALL, {"place": place})


def within(
    place: str, work: Callable[[Connection], Awaitable[T]]
) -> Callable[[Connection], Awaitable[T]]:
    """Return `work` for `Database.write` behind the wall of a place, it alone of its group."""

    async def walled(connection: Connection) -> T:
        await raise_wall(connection, place)
        result = await work(connection)
        await raise_wall(connection, "")
        return result

    return walled
