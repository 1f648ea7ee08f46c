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


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def templates(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A migrated database with one commune, of each kind: whatever uses it runs on both."""
    if request.param == "postgresql":
        asyncio.run(make_template(server().create("template")))
        return PostgresqlTemplate("template")
    folder = tmp_path_factory.mktemp("template")
    asyncio.run(make_template(url_in(folder)))
    return SqliteTemplate(folder / FILE)


@pytest.fixture
def template(templates: Template) -> Iterator[Template]:
    """The database to copy; copies on a server are dropped after the test."""
    yield templates
    if isinstance(templates, PostgresqlTemplate):
        templates.drop_copies()


@pytest.fixture
async def world(tmp_path: Path, template: Template) -> AsyncIterator[World]:
    """A running program of the test's own."""
    async with running(tmp_path / "var", template) as found:
        yield found
