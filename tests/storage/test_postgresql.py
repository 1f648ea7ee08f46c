"""PostgreSQL under several processes: conflicts tried again, outages named, work shared."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import select, text, update

from storage import audit, inbox, shards
from storage.audit_chain import verify
from storage.database import Connection, Database, DatabaseGone
from storage.far_peers import FarPeers
from storage.inbox import Arrival
from storage.models import criteria_version, declaration, note, person
from storage.models import inbox as inbox_table
from storage.peers import Peers, peers_of
from storage.seams import Seams
from tests.databases import Server, server
from tests.world import make_template

ROUNDS = 25


@pytest.fixture(scope="module")
def url() -> str:
    """A migrated database."""
    made = server().create("several")
    asyncio.run(make_template(made))
    return made


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url, Seams())
    await database.start()
    yield database
    await database.stop()


@pytest.fixture
async def two(url: str) -> AsyncIterator[tuple[Database, Database]]:
    """The database as two processes hold it."""
    async with opened(url) as one, opened(url) as other:
        yield one, other


async def _count(connection: Connection, name: str) -> None:
    value = select(note.c.value).where(note.c.name == name)
    number = int((await connection.execute(value)).scalar_one())
    counted = update(note).where(note.c.name == name)
    await connection.execute(counted.values(value=str(number + 1)))


async def _set(database: Database, *names: str) -> None:
    async def work(connection: Connection) -> None:
        for name in names:
            await connection.execute(note.delete().where(note.c.name == name))
            await connection.execute(note.insert().values(name=name, value="0"))

    await database.write(work)


async def _value(database: Database, name: str) -> str:
    query = select(note.c.value).where(note.c.name == name)
    value: str = await database.read(lambda c: _scalar(c, query))
    return value


async def _scalar(connection: Connection, query: object) -> str:
    found: str = (await connection.execute(query)).scalar_one()  # type: ignore[call-overload]
    return found


async def test_what_two_processes_count_at_once_is_counted_each_time(
    two: tuple[Database, Database],
) -> None:
    await _set(two[0], "count")
    await asyncio.gather(
        *(database.write(lambda c: _count(c, "count")) for database in two for _ in range(ROUNDS))
    )
    assert await _value(two[1], "count") == str(2 * ROUNDS)


async def test_two_that_lock_each_other_out_both_get_through(
    two: tuple[Database, Database],
) -> None:
    await _set(two[0], "left", "right")

    async def both(connection: Connection, first: str, then: str) -> None:
        await _count(connection, first)
        await asyncio.sleep(0.02)
        await _count(connection, then)

    for _ in range(5):
        await asyncio.gather(
            two[0].write(lambda c: both(c, "left", "right")),
            two[1].write(lambda c: both(c, "right", "left")),
        )
    assert [await _value(two[0], name) for name in ("left", "right")] == ["10", "10"]


async def test_connections_that_the_server_ended_are_made_again(
    two: tuple[Database, Database],
) -> None:
    await _set(two[0], "ended")
    for work in ("write", "read", "write"):
        server().run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = 'several' AND application_name = 'khaihoc'"
        )
        if work == "write":
            await two[0].write(lambda c: _count(c, "ended"))
        else:
            assert await _value(two[0], "ended") == "1"
    assert await _value(two[0], "ended") == "2"


async def test_two_workers_take_different_shards_and_a_dead_one_lets_go(
    two: tuple[Database, Database],
) -> None:
    senders = [f"person{n}" for n in range(200)]
    arrivals = [Arrival("web", s, f"shards:{s}", "{}", 0) for s in senders]
    await two[0].write(lambda c: inbox.add(c, arrivals))
    waiting = {shards.shard_of(sender) for sender in senders}
    async with AsyncExitStack() as dying:
        claim = await dying.enter_async_context(two[0].claim())
        mine = await claim.read(lambda c: shards.lock(c, workers=2))
        async with two[1].claim() as other:
            theirs = await other.read(lambda c: shards.lock(c, workers=2))
            assert (len(mine), set(mine) & set(theirs)) == (32, set())
            assert set(mine) | set(theirs) == waiting
            taken = await other.read(lambda c: inbox.list_waiting(c, limit=500, shards=theirs))
            assert {shards.shard_of(message.sender) for message in taken} == set(theirs)
    async with two[1].claim() as alone:
        assert set(await alone.read(lambda c: shards.lock(c, workers=1))) == waiting


async def _waits(claiming: asyncio.Task[Any]) -> None:
    """Wait until the server says that a claim waits for a lock."""
    waiting = (
        "SELECT 1 FROM pg_stat_activity WHERE datname = 'several' AND wait_event_type = 'Lock'"
    )
    async with asyncio.timeout(10):
        while not server().rows("postgres", waiting):
            assert not claiming.done()
            await asyncio.sleep(0.01)


async def test_a_claim_that_waited_for_a_shard_sees_what_was_done_meanwhile(
    two: tuple[Database, Database],
) -> None:
    await two[0].write(lambda c: inbox.add(c, [Arrival("web", "waited", "waited", "{}", 0)]))
    number = int(await _number(two[0], "waited"))

    async def look() -> bool:
        async with two[1].claim() as later:
            await later.read(lambda c: shards.lock_of(c, "waited"))
            return await later.read(lambda c: inbox.is_waiting(c, number))

    async with two[0].claim() as first:
        await first.read(lambda c: shards.lock_of(c, "waited"))
        looking = asyncio.create_task(look())
        await _waits(looking)
        await first.write(lambda c: inbox.set_done(c, [{"done_id": number, "said": None}]))
    assert await looking is False


async def _number(database: Database, external_id: str) -> str:
    query = select(inbox_table.c.id).where(inbox_table.c.external_id == external_id)
    return await database.read(lambda c: _scalar(c, query))


async def test_two_claims_of_one_place_chain_their_lines(
    two: tuple[Database, Database],
) -> None:
    async def hold_a_file(connection: Connection) -> None:
        kept = {"version": "set1", "digest": "", "content": ""}
        await connection.execute(criteria_version.insert().values(kept))
        await connection.execute(person.insert().values(id=1, settled=True, at_ms=0))
        row = {
            "id": 1, "public_id": "file1", "person_id": 1, "title": "citizen", "period": 2026,
            "criteria": "set1", "status": "draft", "version": 1, "at_ms": 0, "province": "48",
            "commune": "20242",
        }  # fmt: skip
        await connection.execute(declaration.insert().values(row))

    async def note_down(connection: Connection) -> None:
        await audit.add(connection, "score", at_ms=0, declaration=1)

    async def claiming() -> None:
        async with two[1].claim() as later:
            await later.write(note_down)

    await two[0].write(hold_a_file)
    await two[0].write(note_down)
    async with two[0].claim() as first:
        await first.write(note_down)
        second = asyncio.create_task(claiming())
        await _waits(second)
    await second
    proof = await two[0].read(lambda c: verify(c, place="20242"))
    assert (proof.lines, proof.findings) == (3, [])


async def test_processes_see_and_hear_each_other_and_share_what_only_one_may_do(
    two: tuple[Database, Database],
) -> None:
    heard: list[str] = []
    last = asyncio.Event()

    def hear(word: str) -> None:
        heard.append(word)
        if word == "the last":
            last.set()

    one, other = peers_of(two[0]), peers_of(two[1])
    await one.join(["web", "turns"], hear)
    await other.join(["turns"], lambda word: None)
    assert (other.count("turns"), other.count("web"), other.count("jobs")) == (2, 1, 1)
    assert [await one.hold("jobs"), await other.hold("jobs")] == [True, False]
    words = [f"said {n} {'x' * 22}" for n in range(1000)]
    for word in words:
        other.tell(word)
    words.append("the last")
    other.tell(words[-1])
    async with asyncio.timeout(10):
        await last.wait()
    assert heard == words
    await one.leave()
    assert await other.hold("jobs")
    await other.leave()


async def test_what_one_process_is_alone_with_another_waits_for(
    two: tuple[Database, Database],
) -> None:
    one, other = peers_of(two[0]), peers_of(two[1])
    for peers in (one, other):
        await peers.join(["web"], lambda word: None)

    async def wait() -> str:
        async with other.alone_with(["photos:ab", "photos:cd"]):
            return "had"

    async with one.alone_with(["photos:cd"]):
        waiting = asyncio.create_task(wait())
        assert await asyncio.wait([waiting], timeout=0.2) == (set(), {waiting})
    assert await waiting == "had"
    for peers in (one, other):
        await peers.leave()


async def test_on_sqlite_a_process_is_alone(tmp_path: object) -> None:
    async with opened(f"sqlite+aiosqlite:///{tmp_path}/x.db") as database:
        peers = peers_of(database)
        assert (type(peers), peers.count("turns"), await peers.hold("jobs")) == (Peers, 1, True)


async def test_a_server_that_is_away_is_named_and_found_again() -> None:
    own = Server()
    try:
        url = own.create("away")
        async with opened(url) as database:
            await make_template(url)
            peers = FarPeers(database.engine)
            await peers.join(["turns"], lambda word: None)
            with own.away():
                for work in (database.read, database.write):
                    with pytest.raises(DatabaseGone):
                        await work(lambda c: _scalar(c, text("SELECT 'here'")))
                assert not await peers.hold("jobs")
            assert await database.write(lambda c: _scalar(c, text("SELECT 'here'"))) == "here"
            async with asyncio.timeout(20):
                await _held(peers)
            await peers.leave()
    finally:
        own.stop()


async def _held(peers: Peers) -> None:
    """Wait until we are the only one; the connection for it comes back by itself."""
    if not await peers.hold("jobs"):
        await asyncio.sleep(0.05)
        await _held(peers)
