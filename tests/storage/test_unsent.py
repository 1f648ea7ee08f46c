"""An officer sees that a notice has not reached its person, and why."""

import pytest
from sqlalchemy import insert, select, update

from dialogs.model import Unsent
from dialogs.state import State
from storage import contacts, deliveries, people
from storage.contacts import NEVER_MS
from storage.conversations import Conversation, add_conversations
from storage.database import Connection
from storage.models import conversation, outbox
from storage.outbox import ANSWER, NOTICE
from storage.seams import from_ms, to_ms
from tests.world import World


async def last_notice(world: World, **row: object) -> Unsent | None:
    """Return what is said of a person whose newest message out is `row`."""
    at_ms = to_ms(world.clock.at)

    async def work(connection: Connection) -> Unsent | None:
        person = await people.add_person(connection, at_ms=at_ms)
        new = Conversation(0, "zalo_oa", "1", "zo:1", 1, State())
        await add_conversations(connection, [new])
        mine = conversation.c.sender == "zo:1"
        await connection.execute(update(conversation).where(mine).values(person_id=person))
        number = (await connection.execute(select(conversation.c.id).where(mine))).scalar_one()
        await contacts.act(connection, {"zo:1": at_ms})
        usual = {"n": 0, "conversation_id": number, "payload": "", "at_ms": at_ms, "kind": NOTICE}
        sent = {**usual, "inbox_id": 900, "status": "sent"}
        await connection.execute(insert(outbox), [sent])
        await connection.execute(insert(outbox), [{**usual, "inbox_id": 901, **row}])
        return await deliveries.get_unsent(connection, person)

    return await world.program.parts.database.write(work)


@pytest.mark.parametrize(
    ("status", "error", "due_ms", "reason"),
    [
        ("queued", "window_paid", NEVER_MS, "must_write"),
        ("queued", "window_closed", NEVER_MS, "must_write"),
        ("queued", "unfollowed", NEVER_MS, "stopped"),
        ("queued", "-232", NEVER_MS, "stopped"),
        ("queued", "quota", 10**15, "quota"),
        ("queued", None, None, "waiting"),
        ("sending", None, None, "waiting"),
        ("unknown", "unclear", None, "lost"),
        ("failed", "-210", None, "lost"),
        ("expired", "old", None, "lost"),
    ],
)
async def test_each_way_in_which_a_notice_does_not_arrive_has_its_reason(
    world: World, status: str, error: str | None, due_ms: int | None, reason: str
) -> None:
    since = from_ms(to_ms(world.clock.at))
    found = await last_notice(world, status=status, error=error, due_ms=due_ms)
    assert found == Unsent("zalo_oa", reason, since)  # type: ignore[arg-type]


async def test_what_was_sent_and_what_is_an_answer_is_not_spoken_of(world: World) -> None:
    assert await last_notice(world, status="sent") is None
    answered = await last_answer(world)
    assert answered is None


async def last_answer(world: World) -> Unsent | None:
    """Return what is said of a person whose answer waits behind a notice that was sent."""
    async with world.program.parts.database.reading() as connection:
        query = select(conversation.c.person_id).where(conversation.c.sender == "zo:1")
        person = (await connection.execute(query)).scalar_one()

    async def work(connection: Connection) -> Unsent | None:
        waiting = update(outbox).where(outbox.c.inbox_id == 901)
        await connection.execute(waiting.values(kind=ANSWER, status="queued"))
        return await deliveries.get_unsent(connection, person)

    return await world.program.parts.database.write(work)
