"""An answer that was erased is not waited for: the present question comes instead."""

from uuid import uuid4

from tests.handlers.program import post, pressing
from tests.handlers.web.test_walk import status
from tests.talk import Talk
from tests.walking import hand_in, sign
from tests.world import World


async def test_an_event_from_before_the_erasing_gets_the_present_question(world: World) -> None:
    async with Talk(world) as talk:
        await talk.open(place="20242-012")
        await talk.press("start")
        await talk.press(1)
        number = str(uuid4())
        agreed = pressing(talk, "agree")
        assert (await post(talk, agreed, number)).status_code == 200
        await talk.say("/xóa")
        present = await talk.say("xóa hết")
        again = await post(talk, agreed, number)
        assert again.status_code == 200
        assert again.json()["screens"] == [present]


async def test_a_file_after_an_erased_one_is_not_taken_for_it(world: World) -> None:
    async with Talk(world) as first, Talk(world) as second, Talk(world, "/officer/chat") as officer:
        await officer.enter(await world.officer_link())
        await sign(first, private="")
        code = await hand_in(first)
        await officer.say(f"mở {code}")
        world.clock.forward(seconds=20)  # people are not that fast
        await first.say("xóa")
        await first.say("xóa hết")
        await sign(second, "Trần Văn Tư", private="")
        other = await hand_in(second)
        await officer.say(f"duyệt {other}")
        assert await status(world, other) == "submitted"
        await officer.say(f"duyệt {other}")
        assert await status(world, other) == "approved"
