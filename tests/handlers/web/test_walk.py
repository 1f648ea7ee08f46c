"""The main job over the real routes: declare, add, approve, be told."""

import asyncio

from tests.photos_made import blurred, page, saved
from tests.talk import Talk
from tests.world import VILLAGE, World

SHARP = saved(page(), "JPEG")
BLURRED = saved(blurred(page(), 8), "JPEG")
ANSWERS = (3, 3, 4, 3, 3, 3, 3, 3, 3, 3)


async def declare(talk: Talk, *photos: bytes) -> str:
    """Walk from the QR code to the receipt; return the receipt code."""
    await talk.open(place=VILLAGE)
    await talk.press("start")
    await talk.press(1)
    await talk.press("agree")
    await talk.say("nguyen thi hoa 65")
    await talk.press(1)
    for answer in ANSWERS:
        await talk.press(answer)
    if photos:
        await talk.send(*photos)
        if talk.screen["choices"][0]["id"] == "again":
            await talk.press("keep")
    else:
        await talk.press("none")
    await talk.press("submit")
    await talk.say("nop")
    return next(w for line in talk.lines for w in line.split() if w.startswith("KH26")).rstrip(".")


async def test_a_declaration_is_made_mended_approved_and_told(world: World) -> None:
    async with Talk(world) as citizen, Talk(world, "/officer/chat") as officer:
        code = await declare(citizen, SHARP, BLURRED)
        assert citizen.replies <= 19
        await citizen.press("yes")
        await officer.enter(await world.officer_link())
        await officer.say("hồ sơ chờ")
        ending = code[-2:]
        await officer.say(f"mo {ending}")
        await officer.say(f"bo sung {ending}")
        await officer.say("2")
        await officer.say("1")
        world.clock.forward(seconds=61)
        world.program.parts.wake.jobs.ring()
        await citizen.hear()
        await citizen.send(SHARP)
        await officer.say(f"mo {ending}")
        await officer.say(f"duyet {ending}")
        world.clock.forward(seconds=61)
        world.program.parts.wake.jobs.ring()
        await citizen.hear()
        await citizen.say("ket qua")
        await citizen.say("vi sao")
        await asyncio.sleep(0)
    print(citizen.transcript())
    print("=" * 30)
    print(officer.transcript())
    assert False
