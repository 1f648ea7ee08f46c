"""A blocked person is told kindly, once an hour; nothing that was declared is touched."""

from uuid import uuid4

from handlers.web.routes import BLOCK_SAID_SECONDS
from storage import blocks, conversations
from storage.database import Connection
from storage.seams import to_ms
from tests.handlers.web.doors import Door, event
from tests.photos_made import page, saved
from tests.talk import Talk
from tests.walking import sign
from tests.world import VILLAGE, World

PHOTO = saved(page(600, 800), "JPEG")
HOUR = 3600


async def block(world: World, talk: Talk, *, hours: int = 24) -> int:
    """Block the person of this talk, as `block add --conversation` does."""
    parts, now = world.program.parts, world.clock.at

    async def work(connection: Connection) -> int:
        number = await conversations.get_id(connection, talk.sender)
        whom = await blocks.find_conversation(connection, number or 0)
        assert whom is not None
        until_ms = to_ms(now) + hours * HOUR * 1000
        return await blocks.set_block(
            connection, whom, reason="flood", until_ms=until_ms, at_ms=to_ms(now)
        )

    number = await parts.database.write(work)
    parts.blocks.forget()
    return number


async def test_a_blocked_person_is_told_until_when_and_the_draft_stays(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        await talk.press(2)
        await block(world, talk)
        door, lost = Door(world, talk), event(text="3")
        refused = await door.post("events", lost)
        assert refused.status_code == 429
        problem = refused.json()
        assert problem["code"] == "blocked"
        # 02:00 UTC is 09:00 where the people are.
        assert problem["detail"] == (
            "Tin gửi từ đây tạm dừng nhận đến 09:00 ngày 03/11/2026. Những gì đã khai vẫn còn "
            "nguyên. Việc gấp thì đến trụ sở xã, phường nhé."
        )
        # The page comes back in an hour, and so it says this once an hour.
        assert int(refused.headers["Retry-After"]) == BLOCK_SAID_SECONDS == HOUR
        english = await door.post("events", lost, headers={"Accept-Language": "en"})
        assert english.json()["detail"].startswith("Messages from here are not taken until 09:00")
        assert (await door.upload(("photo", ("a.jpg", PHOTO)))).status_code == 429
        assert (await door.post("sessions", {"locale": "en"})).status_code == 429
        # Looking is still possible: the page opens, with the present question on it.
        whole = await door.post("sessions", {})
        assert whole.json()["screens"][-1]["progress"] == {"step": 2, "of": 10}
        world.clock.forward(hours=24)
        taken = await door.post("events", lost)
        assert taken.json()["screens"][-1]["progress"] == {"step": 3, "of": 10}


async def test_the_wait_is_never_longer_than_the_block(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        await block(world, talk, hours=1)
        world.clock.forward(minutes=50)
        refused = await Door(world, talk).post("events", event(text="1"))
        assert int(refused.headers["Retry-After"]) == 600


async def test_nobody_else_is_blocked_and_an_ended_block_is_heeded_within_seconds(
    world: World,
) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await other.open(place=VILLAGE)
        number = await block(world, talk)
        assert (await Door(world, other).post("events", event(text="1"))).status_code == 200
        door = Door(world, talk)
        assert (await door.post("events", event(text="1"))).status_code == 429
        parts = world.program.parts
        await parts.database.write(lambda c: blocks.end_block(c, number))
        world.clock.forward(seconds=5)
        assert (await door.post("events", event(text="1"))).status_code == 200


async def test_an_answer_that_was_given_is_still_there_after_the_block(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        sent = {"event_id": str(uuid4()), "screen": talk.screen["id"], "text": "2"}
        door = Door(world, talk)
        first = await door.post("events", sent)
        await block(world, talk)
        again = await door.post("events", sent)
        assert (first.status_code, again.status_code) == (200, 429)
        world.clock.forward(hours=24)
        assert (await door.post("events", sent)).json() == first.json()
