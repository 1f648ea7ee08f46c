"""The clock is set back while people answer on Zalo, which does not say what they look at."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.databases import Template
from tests.golden.stage import Stage, play
from tests.phones import EXCHANGES


async def _rows(stage: Stage, query: str) -> list[tuple[Any, ...]]:
    async with stage.world.program.parts.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


@pytest.mark.parametrize("surface", EXCHANGES)
async def test_answers_count_while_the_clock_is_set_back_days(
    surface: str, tmp_path: Path, template: Template
) -> None:
    async def act(stage: Stage) -> None:
        person = await stage.neighbour()
        await person.do("[start]", "[1]", "[agree]", "Lường Thị Quyên 1965")
        stage.clock.forward(days=3)
        await person.do("[3]")
        stage.clock.forward(days=-3)
        await person.do("[3]", "[4]")
        levels = await _rows(stage, "SELECT option FROM answer ORDER BY criterion")
        assert levels == [(2,), (2,), (3,)]

    await asyncio.to_thread(template.put, tmp_path)
    await play(act, tmp_path, "vi", "clock", surface)
