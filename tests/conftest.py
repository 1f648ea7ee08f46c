"""What all tests share: one migrated template database, and a program on a copy of it."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import logs
from tests.databases import FILE, PostgresqlTemplate, SqliteTemplate, Template, server, url_in
from tests.world import World, make_template, running


class _PresentStderr(io.StringIO):
    """Writes to what stderr is at the moment: pytest changes it for every test."""

    def write(self, text: str, /) -> int:
        """Write `text` to stderr."""
        return sys.stderr.write(text)


@pytest.fixture(autouse=True)
def _logs_of_the_program() -> None:
    """Log as the program does; structlog's own way draws every local variable of a failure."""
    logs.configure("info", _PresentStderr())


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    """A migrated file with one commune."""
    folder = tmp_path_factory.mktemp("template")
    asyncio.run(make_template(url_in(folder)))
    return SqliteTemplate(folder / FILE)


@pytest.fixture(scope="session")
def postgresql_template() -> PostgresqlTemplate:
    """A migrated database on our server with one commune."""
    asyncio.run(make_template(server().create("template")))
    return PostgresqlTemplate("template")


@pytest.fixture(params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest) -> Iterator[Template]:
    """The database to copy, of each kind: whatever uses it runs on both.

    Copies on a server are dropped after the test.
    """
    found: Template = request.getfixturevalue(f"{request.param}_template")
    yield found
    if isinstance(found, PostgresqlTemplate):
        found.drop_copies()


@pytest.fixture
async def world(tmp_path: Path, template: Template) -> AsyncIterator[World]:
    """A running program of the test's own."""
    async with running(tmp_path / "var", template) as found:
        yield found
