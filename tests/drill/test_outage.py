"""A short outage: nobody is forgotten, nobody waits behind somebody else's flood."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import Program, run_program
from storage.seams import Seams
from tests.databases import Template
from tests.drill.outage import MOST_BYTES, drain
from tests.world import Clock, settings_in


@pytest.fixture
async def still(tmp_path: Path, template: Template) -> AsyncIterator[Program]:
    """A program whose loops do not run."""
    template.put(tmp_path / "var")
    settings = settings_in(tmp_path / "var")
    async with run_program(settings, seams=Seams(now=Clock().now), roles=frozenset({"web"})) as one:
        yield one


async def test_what_waited_is_answered_once_in_order_with_bounded_memory(still: Program) -> None:
    figures = await drain(still, waiting=1_500, people=200, seed=7)
    print("\n".join(figures.lines()))
    assert (figures.answered, figures.dead, figures.disordered) == (1_500, 0, 0)
    # The flooder's 300 stood before everybody else's first message.
    assert figures.is_fair
    assert figures.grown_bytes < MOST_BYTES
