"""Whoever opens the page again finds the question that is open, whatever was said beside it."""

from tests.talk import Talk
from tests.walking import hand_in, sign
from tests.world import World


async def test_a_remark_does_not_hide_the_present_question(world: World) -> None:
    async with Talk(world) as citizen, Talk(world, "/officer/chat") as officer:
        await officer.enter(await world.officer_link())
        asked = officer.screen
        await sign(citizen)
        await hand_in(citizen)
        (remark,) = await officer.hear()
        assert (remark["choices"], remark["accepts"]) == ([], [])

        again = (await officer.client.post("/officer/chat/sessions", json={})).json()

    assert again["screens"] == [asked, remark]


async def test_what_was_typed_since_the_question_stays_in_the_history(world: World) -> None:
    async with Talk(world) as citizen:
        await sign(citizen)
        again = (await citizen.client.post("/chat/sessions", json={})).json()

    assert again["screens"] == [citizen.screen]
    assert {"mine": "Đồng ý"} in again["history"]
