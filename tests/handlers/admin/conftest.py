"""A desk of its own for every test of the admin API."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Template
from tests.handlers.admin.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path, template: Template) -> AsyncIterator[Desk]:
    """The admin API on a database with one commune."""
    async with open_desk(tmp_path / "var", template) as found:
        yield found
