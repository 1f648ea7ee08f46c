"""What all tests share: one migrated template database, and a program on a copy of it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, make_template, running


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with one commune."""
    return asyncio.run(make_template(tmp_path_factory.mktemp("template")))


@pytest.fixture
async def world(tmp_path: Path, template: Path) -> AsyncIterator[World]:
    """A running program of the test's own."""
    async with running(tmp_path / "var", template) as found:
        yield found
