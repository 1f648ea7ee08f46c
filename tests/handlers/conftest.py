"""What tests of turns share: programs on the stage, and people on them."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.databases import Template
from tests.handlers.program import STILL, Stage, staged, to_first_question
from tests.talk import Talk


@pytest.fixture
def log() -> Iterator[list[MutableMapping[str, Any]]]:
    """Keep what is logged: a full disk must not stop it, and failures are drawn slowly."""
    with capture_logs() as kept:
        yield kept


@pytest.fixture
async def stage(tmp_path: Path, template: Template) -> AsyncIterator[Stage]:
    """A running program."""
    async with staged(tmp_path / "var", template) as found:
        yield found


@pytest.fixture
async def still(tmp_path: Path, template: Template) -> AsyncIterator[Stage]:
    """A program that answers when told to."""
    async with staged(tmp_path / "var", template, roles=STILL) as found:
        yield found


@pytest.fixture
async def three(still: Stage) -> AsyncIterator[list[Talk]]:
    """Three people at the first question."""
    talks = [Talk(still) for _ in range(3)]
    for talk in talks:
        await still.pump(to_first_question(talk))
    yield talks
    for talk in talks:
        await talk.client.aclose()
