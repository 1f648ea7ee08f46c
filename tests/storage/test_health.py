"""What waits is counted rightly, and from indexes over the few rows that wait."""

from sqlalchemy import event, insert

from dialogs.state import STATE_VERSION, State
from storage import blocks, conversations, due, inbox
from storage.blocks import Whom
from storage.conversations import Conversation
from storage.database import Connection
from storage.health import Load, Queue, get_load, newest_ms
from storage.inbox import Arrival
from storage.models import conversation, outbox
from tests.world import World


async def waiting(connection: Connection) -> None:
    """Let three messages of two people wait, one of whom a newer program has spoken with."""
    talks = [Conversation(0, "web", "", f"sender-{n}", 1, State()) for n in range(2)]
    await conversations.add_conversations(connection, talks)
    newer = conversation.update().where(conversation.c.sender == "sender-1")
    await connection.execute(newer.values(state_version=STATE_VERSION + 1))
    came = [
        Arrival("web", "sender-0", "a", "{}", 1_000),
        Arrival("web", "sender-1", "b", "{}", 2_000),
        Arrival("web", "sender-0", "c", "{}", 9_000),
        Arrival("web", "sender-0", "d", "{}", 9_500),
    ]
    kept = await inbox.add(connection, came)
    await inbox.set_dead(connection, kept["d"][0], "ValueError")
    said = {"inbox_id": 1, "conversation_id": 1, "payload": "{}", "status": "queued"}
    await connection.execute(insert(outbox), [said | {"n": n, "at_ms": 500 + n} for n in range(2)])
    for at_ms in (700, 800, 20_000):
        await due.add(connection, due.NOTICE, at_ms=at_ms)
    for sender, until_ms in (("x", 10_001), ("y", 10_000)):
        whom = Whom(sender=sender)
        await blocks.set_block(connection, whom, reason="flood", until_ms=until_ms, at_ms=0)


async def load(world: World, stuck_before_ms: int = 5_000) -> Load:
    async with world.program.parts.database.reading() as connection:
        return await get_load(connection, now_ms=10_000, stuck_before_ms=stuck_before_ms)


async def test_what_waits_is_counted_with_its_oldest(world: World) -> None:
    none = Queue(0, None)
    empty = Load(none, none, none, none, stuck=0, newer=0, dead=0, blocks=0)
    assert await load(world) == empty
    seen: list[Load] = []

    async def look(connection: Connection) -> None:
        await waiting(connection)
        seen.append(await get_load(connection, now_ms=10_000, stuck_before_ms=5_000))

    # In the very transaction that puts them there: the loops of the program see none of it.
    await world.program.parts.database.write(look)
    assert seen[-1] == Load(
        turns=Queue(3, 1_000),
        outbox=Queue(2, 500),
        jobs=Queue(2, 700),
        photos=Queue(0, None),
        stuck=2,
        newer=1,
        dead=1,
        blocks=1,
    )


async def test_nothing_is_found_by_reading_a_whole_table_of_messages(world: World) -> None:
    """What holds on SQLite by its plan holds on PostgreSQL by the same partial indexes."""
    asked: list[tuple[str, object]] = []

    def note(_: object, __: object, statement: str, values: object, *___: object) -> None:
        asked.append((statement, values))

    async def look(connection: Connection) -> list[str]:
        if connection.dialect.name != "sqlite":
            return []
        await waiting(connection)
        raw = connection.sync_connection
        event.listen(raw, "before_cursor_execute", note)
        await get_load(connection, now_ms=10_000, stuck_before_ms=5_000)
        await newest_ms(connection)
        event.remove(raw, "before_cursor_execute", note)
        plans = []
        for statement, values in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)  # type: ignore[arg-type]
            plans += [f"{row._mapping['detail']} <- {statement}" for row in plan]
        return plans

    plans = await world.program.parts.database.write(look)
    bare = [p for p in plans if p.startswith("SCAN ") and "INDEX" not in p and "id DESC" not in p]
    assert bare == []


async def test_the_newest_moment_is_of_messages_and_journal(world: World) -> None:
    async def work(connection: Connection) -> list[int | None]:
        found = [await newest_ms(connection)]
        await inbox.add(connection, [Arrival("web", "s", "a", "{}", 4_000)])
        found.append(await newest_ms(connection))
        return found

    assert await world.program.parts.database.write(work) == [None, 4_000]
