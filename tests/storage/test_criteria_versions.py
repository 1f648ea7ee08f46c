"""Published criteria stay what they were: pinned rows outlive their files and never change."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from dialogs.criteria import CriteriaSet, parse_criteria_set, to_plain
from storage.criteria import CriteriaLibrary, load_criteria_sets
from storage.criteria_versions import CriteriaChanged, all_sets, check_versions, keep_versions
from storage.database import Connection, Database
from storage.migrate import migrate
from storage.seams import Seams

PUBLISHED = load_criteria_sets()
ONE = PUBLISHED.sets[0]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    await migrate(url)
    database = Database(url, Seams())
    await database.start()
    yield database
    await database.stop()


def changed(**values: object) -> CriteriaSet:
    """Return the published set with other content under the same version."""
    return parse_criteria_set("changed.toml", {**to_plain(ONE), **values})


async def read(connection: Connection, library: CriteriaLibrary) -> dict[str, str]:
    return {name: s.digest for name, s in (await all_sets(connection, library)).items()}


async def test_a_kept_set_is_read_back_equal_when_its_file_is_gone(database: Database) -> None:
    await database.write(lambda c: keep_versions(c, PUBLISHED))
    async with database.reading() as connection:
        sets = await all_sets(connection, CriteriaLibrary(()))
    assert dict(sets) == {s.version: s for s in PUBLISHED.sets}
    assert sets[ONE.version].digest == ONE.digest


async def test_keeping_again_changes_nothing(database: Database) -> None:
    for _ in range(2):
        await database.write(lambda c: keep_versions(c, PUBLISHED))
    async with database.reading() as connection:
        assert await check_versions(connection, PUBLISHED) == {s.version for s in PUBLISHED.sets}


async def test_other_content_under_a_kept_version_is_refused(database: Database) -> None:
    await database.write(lambda c: keep_versions(c, PUBLISHED))
    other = CriteriaLibrary((changed(pass_mark=81),))
    with pytest.raises(CriteriaChanged, match="publish a new version instead"):
        await database.write(lambda c: keep_versions(c, other))
    async with database.reading() as connection:
        assert (await read(connection, CriteriaLibrary(())))[ONE.version] == ONE.digest


async def test_closing_a_set_is_no_new_version(database: Database) -> None:
    await database.write(lambda c: keep_versions(c, PUBLISHED))
    closed = CriteriaLibrary((changed(open=False),))
    await database.write(lambda c: keep_versions(c, closed))
    async with database.reading() as connection:
        assert not (await all_sets(connection, closed))[ONE.version].open


async def test_a_new_version_stands_beside_the_old_one(database: Database) -> None:
    await database.write(lambda c: keep_versions(c, PUBLISHED))
    newer = CriteriaLibrary((replace(changed(pass_mark=81), version="newer"),))
    await database.write(lambda c: keep_versions(c, newer))
    async with database.reading() as connection:
        found = await all_sets(connection, newer)
    assert {name: s.pass_mark for name, s in found.items()} == {ONE.version: 80, "newer": 81}
