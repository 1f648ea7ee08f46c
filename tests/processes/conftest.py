"""An installation of several processes on one PostgreSQL database."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from storage import officers
from storage.database import Connection, Database
from storage.seams import Seams, to_ms
from tests.databases import Plain, PostgresqlTemplate, server, url_in
from tests.processes.process import Process
from tests.world import COMMUNE, make_template

Starting = Callable[..., Awaitable[Process]]


@pytest.fixture(scope="session")
def shared() -> PostgresqlTemplate:
    """A migrated database with one commune."""
    asyncio.run(make_template(server().create("processes")))
    return PostgresqlTemplate("processes")


@pytest.fixture
def data(tmp_path: Path, shared: PostgresqlTemplate) -> Iterator[Plain]:
    """The database of the installation."""
    shared.put(tmp_path / "data")
    yield Plain(tmp_path / "data")
    shared.drop_copies()


@pytest.fixture
async def starting(tmp_path: Path, data: Plain) -> AsyncIterator[Starting]:
    """Start processes of the installation, each in a folder of its own; they end with the test."""
    begun: list[Process] = []
    settings = {
        "DATABASE_URL": url_in(data.folder),
        "PHOTO_STORE": str(tmp_path / "photos"),
        "SECRET_KEY": "a secret for tests only, long enough",
        "NOTICE_DELAY_SECONDS": "0",
        "LIMIT_MESSAGES": "1000",
    }

    async def start(roles: str) -> Process:
        process = Process(tmp_path / f"process{len(begun)}", roles, settings)
        begun.append(process)
        await process.start()
        return process

    yield start
    for process in begun:
        await process.stop()


@pytest.fixture
async def link(data: Plain) -> str:
    """A one-time link of an officer of the commune."""
    database, seams = Database(url_in(data.folder), Seams()), Seams()
    token, at_ms = seams.token(), to_ms(seams.now())

    async def work(connection: Connection) -> None:
        number = await officers.add_officer(
            connection, name="Cán bộ mẫu", role="commune_officer", place=COMMUNE, at_ms=at_ms
        )
        await officers.add_credential(
            connection,
            token=token,
            officer_id=number,
            kind="link",
            at_ms=at_ms,
            expires_ms=at_ms + 900_000,
        )

    await database.start()
    await database.write(work)
    await database.stop()
    return f"/officer/{token}"
