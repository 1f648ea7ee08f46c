"""Links and tokens: each is known by the whole of it, and only for what it was made."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialogs.model import Officer
from storage import officers
from storage.database import Connection, Database
from storage.seams import Seams
from tests.databases import Template, url_in

LINK, TOKEN = "a1" * 32, "b2" * 32
OFFICER = Officer(1, "Cán bộ mẫu", "commune_officer", "20242")


@pytest.fixture
async def database(tmp_path: Path, template: Template) -> AsyncIterator[Database]:
    """A database with an officer who has a link and a token."""
    template.put(tmp_path)
    database = Database(url_in(tmp_path), Seams())
    await database.start()

    async def invite(connection: Connection) -> None:
        number = await officers.add_officer(
            connection, name=OFFICER.name, role=OFFICER.role, place=OFFICER.place, at_ms=0
        )
        for token, kind in ((LINK, "link"), (TOKEN, "api")):
            await officers.add_credential(
                connection, token=token, officer_id=number, kind=kind, at_ms=0, expires_ms=100
            )

    await database.write(invite)
    yield database
    await database.stop()


async def _by_token(database: Database, token: str) -> str | None:
    async with database.reading() as connection:
        found = await officers.get_by_token(connection, token, now_ms=1)
    return found.name if found else None


async def _by_link(database: Database, token: str) -> officers.Link | None:
    async with database.reading() as connection:
        return await officers.get_link(connection, token, now_ms=1)


async def test_a_link_is_no_token_and_a_token_no_link(database: Database) -> None:
    assert await _by_token(database, TOKEN) == OFFICER.name
    assert await _by_token(database, LINK) is None
    assert await _by_link(database, LINK) == officers.Link(OFFICER, usable=True, spent=False)
    assert await _by_link(database, TOKEN) is None


@pytest.mark.parametrize("change", [63, 32, 1, 0])
async def test_a_token_that_only_begins_alike_is_unknown(database: Database, change: int) -> None:
    other = TOKEN[:change] + "c" + TOKEN[change + 1 :]
    assert await _by_token(database, other) is None
    assert await _by_token(database, TOKEN[: change + 1] if change < 63 else TOKEN + "c") is None
    assert await _by_link(database, LINK[:change] + "c" + LINK[change + 1 :]) is None


@pytest.mark.parametrize("late_ms", [100, 101])
async def test_a_link_opens_once_and_in_its_time(database: Database, late_ms: int) -> None:
    async def spend(connection: Connection, now_ms: int) -> Officer | None:
        return await officers.spend_link(connection, LINK, now_ms=now_ms)

    tries = [await database.write(lambda c, at=at: spend(c, at)) for at in (late_ms, 99, 99)]  # type: ignore[misc]
    assert tries == [None, OFFICER, None]
    assert await _by_link(database, LINK) == officers.Link(OFFICER, usable=False, spent=True)
