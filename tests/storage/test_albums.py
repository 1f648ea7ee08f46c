"""Far photos and albums in pieces as rows: found by what they say, taken once, told to whom."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from storage.albums import Grown, Hearer, is_album_settled, list_hearers, next_quiet_ms, take_grown
from storage.database import Database
from storage.evidence import Keys, Pending, list_pending, set_fetched, set_kept, set_lost
from storage.migrate import migrate
from storage.models import conversation, criteria_version, declaration, evidence, person
from storage.seams import Seams
from storage.snapshots import alone
from tests.storage.old_data import fill

SOURCE = "https://photo-stal-1.zdn.vn/a.jpg"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A database with one person, two conversations and a draft."""
    await migrate(url)
    found = Database(url, Seams())
    await found.start()

    async def work(connection: Any) -> None:
        await connection.execute(insert(person), {"id": 1, "settled": True, "at_ms": 0})
        await connection.execute(
            insert(criteria_version), {"version": "v", "digest": "d", "content": "{}"}
        )
        for number, channel in ((1, "web"), (2, "zalo_bot")):
            row = {"id": number, "channel": channel, "bot": "", "sender": f"s{number}", "shard": 0}
            state = {"state": "{}", "state_version": 1, "version": 1, "seen_ms": 0}
            await connection.execute(insert(conversation), {**row, **state, "person_id": 1})
        file = {"id": 1, "public_id": "p", "person_id": 1, "title": "t", "period": 2026}
        place = {"criteria": "v", "status": "draft", "version": 1, "province": "48"}
        where = {"commune": "20242", "at_ms": 0}
        await connection.execute(insert(declaration), {**file, **place, **where})

    await found.write(work)
    yield found
    await found.stop()


async def put(database: Database, number: str, **values: Any) -> None:
    """Put a photo in."""
    usual = {"declaration_id": 1, "album": 7, "n": 0, "verdict": "pending", "at_ms": 10}
    row = {**usual, "id": number, "incoming": f"name-of-{number}", "conversation_id": 2, **values}
    await database.write(lambda c: c.execute(insert(evidence), row))


async def test_a_photo_of_a_person_with_two_conversations_waits_once(database: Database) -> None:
    await put(database, "a")
    await put(database, "b", source=SOURCE, n=1)
    async with database.reading() as connection:
        near = await list_pending(connection, limit=9)
        far = await list_pending(connection, limit=9, far=True)
        assert near == [Pending(10, 7, 0, "a", "name-of-a", None)]
        assert far == [Pending(10, 7, 1, "b", "name-of-b", SOURCE)]
        assert await list_pending(connection, limit=9, after=near[0]) == []


async def test_a_fetched_photo_waits_here_and_its_address_is_gone(database: Database) -> None:
    await put(database, "a", source=SOURCE)
    assert await database.write(lambda c: set_fetched(c, "a", at_ms=99))
    assert not await database.write(lambda c: set_fetched(c, "a", at_ms=100))
    assert not await database.write(lambda c: set_fetched(c, "nobody", at_ms=100))
    async with database.reading() as connection:
        assert await list_pending(connection, limit=9) == [
            Pending(99, 7, 0, "a", "name-of-a", None)
        ]


async def test_whatever_settles_a_photo_its_address_goes(database: Database) -> None:
    await put(database, "a", source=SOURCE)
    await put(database, "b", source=SOURCE)
    await database.write(lambda c: set_lost(c, "a", reason="gone"))
    keys = Keys("k", "t")
    await database.write(
        lambda c: set_kept(c, "b", verdict="clear", keys=keys, size=(1, 1), original_sha256="0")
    )
    async with database.reading() as connection:
        rows = await connection.execute(select(evidence.c.source, evidence.c.incoming))
        assert rows.all() == [(None, None), (None, None)]


async def test_who_hears_is_who_sent_and_whoever_else_the_person_is(database: Database) -> None:
    for number, sent in (("of-web", 1), ("of-zalo", 2), ("unknown", None), ("left", 99)):
        await put(database, number, conversation_id=sent)
    web, zalo = Hearer(1, "web", "", "s1", False), Hearer(2, "zalo_bot", "", "s2", False)
    expected = {
        "of-web": [Hearer(1, "web", "", "s1", True), zalo],
        "of-zalo": [web, Hearer(2, "zalo_bot", "", "s2", True)],
        "unknown": [Hearer(1, "web", "", "s1", True), zalo],
        "left": [web, zalo],
        "nobody": [],
    }
    async with database.reading() as connection:
        assert {n: await list_hearers(connection, n) for n in expected} == expected


async def test_an_album_is_taken_once_when_it_is_settled_and_quiet(database: Database) -> None:
    await put(database, "a", quiet_ms=2_000, verdict="clear")
    await put(database, "b", quiet_ms=3_000, n=1)

    async def take(now_ms: int) -> list[Grown]:
        return await database.write(lambda c: take_grown(c, now_ms=now_ms))

    async def next_ms() -> int | None:
        async with database.reading() as connection:
            return await next_quiet_ms(connection)

    assert (await take(9_000), await next_ms()) == ([], None)
    await database.write(lambda c: set_lost(c, "b", reason="gone"))
    assert (await take(2_999), await next_ms()) == ([], 3_000)
    assert not await database.write(lambda c: is_album_settled(c, "a", 7))
    assert await take(3_000) == [Grown(7, "b", 2)]
    assert (await take(9_000), await next_ms()) == ([], None)
    # A piece that comes now makes it one to be answered again.
    await put(database, "c", quiet_ms=5_000, n=2, verdict="clear")
    assert (await take(4_999), await next_ms()) == ([], 5_000)
    assert await take(5_000) == [Grown(7, "c", 3)]


async def test_many_who_take_an_album_at_once_take_it_once(database: Database) -> None:
    await put(database, "a", quiet_ms=1, verdict="clear")
    taken = await asyncio.gather(
        *(database.write(lambda c: take_grown(c, now_ms=9)) for _ in range(8))
    )
    assert sorted(taken) == [*[[]] * 7, [Grown(7, "a", 1)]]


async def test_a_whole_album_is_settled_with_its_last_photo(database: Database) -> None:
    await put(database, "a", verdict="clear")
    await put(database, "b", n=1)
    assert not await database.write(lambda c: is_album_settled(c, "a", 7))
    await database.write(
        lambda c: c.execute(update(evidence).where(evidence.c.id == "b").values(verdict="clear"))
    )
    assert await database.write(lambda c: is_album_settled(c, "b", 7))


async def test_photos_of_before_know_the_conversation_of_their_person(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/old.db"
    async with alone(url) as connection:
        await connection.run_sync(fill, "0006")
    await migrate(url)
    async with alone(url) as connection:
        rows = await connection.execute(
            text(
                "SELECT e.conversation_id, e.source, e.quiet_ms, c.person_id = d.person_id"
                " FROM evidence e JOIN declaration d ON d.id = e.declaration_id"
                " LEFT JOIN conversation c ON c.id = e.conversation_id"
            )
        )
        assert [tuple(row)[1:] for row in rows] == [(None, None, 1)]
