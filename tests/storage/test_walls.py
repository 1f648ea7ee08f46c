"""PostgreSQL shows a request of one place nothing of another, whatever the query forgets."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from storage.database import Connection, Database
from storage.models import answer, criteria_version, declaration, metadata, person
from storage.seams import Seams
from storage.walls import raise_wall, within
from tests.databases import Plain, server, url_in
from tests.world import make_template

HERE, THERE = ("48", "20242", "20242-001"), ("01", "00070", "00070-001")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A PostgreSQL database with one file here and one there."""
    (tmp_path / "database_url").write_text(server().create("walls"))
    await make_template(url_in(tmp_path))
    database = Database(url_in(tmp_path), Seams())
    await database.start()
    for number, place in enumerate((HERE, THERE), 1):
        await database.write(lambda c, n=number, p=place: _add_file(c, n, p))  # type: ignore[misc]
    yield database
    await database.stop()
    server().run("DROP DATABASE walls WITH (FORCE)")


async def _add_file(connection: Connection, number: int, place: tuple[str, str, str]) -> None:
    province, commune, village = place
    kept = {"version": f"set{number}", "digest": "", "content": ""}
    await connection.execute(insert(criteria_version), kept)
    await connection.execute(insert(person).values(id=number, settled=True, at_ms=0))
    row = {
        "id": number, "public_id": f"file{number}", "person_id": number, "title": "cong_dan",
        "period": 2026, "criteria": f"set{number}", "status": "draft", "version": 1, "at_ms": 0,
        "province": province, "commune": commune, "village": village,
    }  # fmt: skip
    await connection.execute(insert(declaration), row)
    said = {"declaration_id": number, "criterion": "A1", "option": 1, "inbox_id": 1}
    await connection.execute(insert(answer), said)


@pytest.mark.parametrize(
    ("place", "files"),
    [("", [1, 2]), ("48", [1]), ("20242", [1]), ("20242-001", [1]), ("00070", [2]), ("79", [])],
)
async def test_a_query_that_forgets_the_place_sees_its_own_all_the_same(
    database: Database, place: str, files: list[int]
) -> None:
    async with database.reading() as connection:
        await raise_wall(connection, place)
        seen = (await connection.execute(select(declaration.c.id))).scalars().all()
        answers = (await connection.execute(select(func.count()).select_from(answer))).scalar_one()
    assert (sorted(seen), answers) == (files, len(files))


async def test_a_write_behind_the_wall_touches_nothing_beyond_and_the_next_is_free(
    database: Database,
) -> None:
    async def touch(connection: Connection) -> int:
        return (await connection.execute(update(declaration).values(photos=1))).rowcount

    assert await database.write(within("20242", touch)) == 1
    assert await database.write(touch) == 2


async def test_the_program_is_no_superuser_in_these_tests(
    database: Database, tmp_path: Path
) -> None:
    asked = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'khaihoc'"
    assert Plain(tmp_path).rows(asked) == [(False,)]


async def test_what_is_written_together_with_walled_work_is_free(database: Database) -> None:
    async def touch(connection: Connection) -> int:
        return (await connection.execute(update(declaration).values(photos=2))).rowcount

    jobs = (within("20242", touch), touch, within("00070", touch), touch)
    assert await asyncio.gather(*map(database.write, jobs)) == [1, 2, 1, 2]


async def test_every_table_of_files_stands_behind_the_wall(
    database: Database, tmp_path: Path
) -> None:
    of_files = {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.references(declaration)
    }
    forced = "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity"
    walled = "SELECT DISTINCT tablename FROM pg_policies WHERE policyname = 'within_place'"
    for asked in (forced, walled):
        assert {name for (name,) in Plain(tmp_path).rows(asked)} == {"declaration", *of_files}
