"""What all tests share: one migrated template database, and a program on a copy of it."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import logs
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
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with one commune."""
    return asyncio.run(make_template(tmp_path_factory.mktemp("template")))


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    """A running program of the test's own."""
    async with running(tmp_path / "var", template) as found:
        yield found
