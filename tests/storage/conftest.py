"""Databases for tests of storage alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/empty.db"
        return
    yield server().create("empty")
    server().run("DROP DATABASE empty WITH (FORCE)")
