"""The writer: what waits is written together, and what fails of it fails alone."""

import asyncio
from pathlib import Path

from sqlalchemy import insert, select

from storage.database import Connection, Database
from storage.models import note
from storage.seams import Seams
from tests.databases import Template, url_in


async def test_a_job_that_fails_fails_alone(tmp_path: Path, template: Template) -> None:
    template.put(tmp_path)
    database = Database(url_in(tmp_path), Seams())
    await database.start()

    async def add(connection: Connection, name: str) -> str:
        await connection.execute(insert(note).values(name=name, value=""))
        if name == "b":
            raise ValueError(name)
        return name

    jobs = (database.write(lambda c, n=name: add(c, n)) for name in "abc")  # type: ignore[misc]
    a, b, c = await asyncio.gather(*jobs, return_exceptions=True)
    async with database.reading() as connection:
        kept = (await connection.execute(select(note.c.name).order_by(note.c.name))).scalars()
        assert {"a", "b", "c"} & set(kept) == {"a", "c"}
    await database.stop()
    assert (a, type(b), c) == ("a", ValueError, "c")
