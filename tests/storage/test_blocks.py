"""Blocks: one a person or sender, on every conversation, gone with the person and with time."""

from dialogs.effects import Forget
from dialogs.state import State
from storage import blocks, conversations, people
from storage.blocks import Block, Whom
from storage.conversations import Conversation
from storage.database import Connection
from storage.models import conversation
from tests.world import World

HOUR = 3_600_000


async def talk(connection: Connection, sender: str, person: int | None) -> int:
    """Open a conversation, of a person if there is one; return its id."""
    fresh = Conversation(0, "web", "", sender, 1, State())
    await conversations.add_conversations(connection, [fresh])
    whose = conversation.update().where(conversation.c.sender == sender)
    await connection.execute(whose.values(person_id=person))
    number = await conversations.get_id(connection, sender)
    assert number is not None
    return number


async def block(connection: Connection, whom: Whom, until_ms: int = HOUR) -> int:
    return await blocks.set_block(connection, whom, reason="flood", until_ms=until_ms, at_ms=0)


async def test_a_blocked_person_is_blocked_in_every_conversation(world: World) -> None:
    async def work(connection: Connection) -> list[dict[str, int]]:
        person = await people.add_person(connection, at_ms=0)
        first = await talk(connection, "phone", person)
        await talk(connection, "tablet", person)
        await talk(connection, "neighbour", await people.add_person(connection, at_ms=0))
        stranger = await talk(connection, "stranger", None)
        found = []
        whom = await blocks.find_conversation(connection, first)
        assert whom == Whom(person=person)
        await block(connection, whom)
        found.append(await blocks.list_senders(connection, now_ms=0))
        unknown = await blocks.find_conversation(connection, stranger)
        assert unknown == Whom(sender="stranger")
        await block(connection, unknown, until_ms=2 * HOUR)
        found.append(await blocks.list_senders(connection, now_ms=0))
        found.append(await blocks.list_senders(connection, now_ms=HOUR))
        return found

    both = {"phone": HOUR, "tablet": HOUR}
    assert await world.program.parts.database.write(work) == [
        both,
        both | {"stranger": 2 * HOUR},
        {"stranger": 2 * HOUR},
    ]


async def test_blocking_again_sets_the_end_anew_and_makes_no_second_block(world: World) -> None:
    async def work(connection: Connection) -> list[Block]:
        first = await block(connection, Whom(sender="s"))
        again = await blocks.set_block(
            connection, Whom(sender="s"), reason="abuse", until_ms=5 * HOUR, at_ms=7
        )
        assert first == again
        return await blocks.list_blocks(connection, now_ms=0)

    (one,) = await world.program.parts.database.write(work)
    assert (one.reason, one.until_ms, one.at_ms) == ("abuse", 5 * HOUR, 7)


async def test_a_block_is_ended_once_and_forgotten_when_it_is_over(world: World) -> None:
    async def work(connection: Connection) -> list[object]:
        number = await block(connection, Whom(sender="a"))
        await block(connection, Whom(sender="b"), until_ms=2 * HOUR)
        return [
            await blocks.remove_expired(connection, now_ms=HOUR - 1),
            await blocks.remove_expired(connection, now_ms=HOUR),
            await blocks.end_block(connection, number),
            [one.until_ms for one in await blocks.list_blocks(connection, now_ms=0)],
            await blocks.find_conversation(connection, 10**9),
        ]

    assert await world.program.parts.database.write(work) == [0, 1, False, [2 * HOUR], None]


async def test_who_is_forgotten_is_not_on_the_list_either(world: World) -> None:
    async def work(connection: Connection) -> list[Block]:
        person = await people.add_person(connection, at_ms=0)
        await block(connection, Whom(person=person))
        gone = Forget(person, "erased")
        await people.forget(connection, gone, conversation_id=None, at_ms=0, journal=[])
        return await blocks.list_blocks(connection, now_ms=0)

    assert await world.program.parts.database.write(work) == []
