"""A command's way to the data: settings read, database open, schema the one it knows."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from bot.environment import read_settings
from bot.settings import Settings
from storage.database import Database
from storage.migrate import check_opens, check_schema
from storage.seams import Seams

T = TypeVar("T")


@asynccontextmanager
async def opened(settings: Settings, seams: Seams | None = None) -> AsyncIterator[Database]:
    """Give the database of `settings`, ready to read and write.

    Raises DatabaseUnusable when it does not open, SchemaRefused when it is not of this program.
    """
    database = Database(settings.database_url, seams or Seams())
    check_opens(settings.database_url)
    await database.start()
    try:
        async with database.reading() as connection:
            await check_schema(connection)
        yield database
    finally:
        await database.stop()


def with_database(work: Callable[[Settings, Database, Seams], Awaitable[T]]) -> T:
    """Run `work` with this process's settings and database, and return what it returns."""
    settings, seams = read_settings(), Seams()

    async def run() -> T:
        async with opened(settings, seams) as database:
            return await work(settings, database, seams)

    return asyncio.run(run())
