"""What tests of far photos share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Template
from tests.handlers.far.program import Town, town


@pytest.fixture
async def far(tmp_path: Path, template: Template) -> AsyncIterator[Town]:
    """A person whose photos lie on a platform."""
    async with town(tmp_path / "var", template) as found:
        yield found
