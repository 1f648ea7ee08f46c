"""The main job over the real routes: declare, add what is missing, approve, be told."""

from storage import declarations
from tests.photos_made import blurred, page, saved
from tests.talk import Talk
from tests.world import COMMUNE, VILLAGE, World

SHARP = saved(page(), "JPEG")
BLURRED = saved(blurred(page(), 8), "JPEG")
ANSWERS = (3, 3, 4, 3, 3, 3, 3, 3, 3, 3)
MOST_REPLIES = 19  # 18 and one about the blurry photo


async def declare(talk: Talk, *photos: bytes) -> str:
    """Walk from the QR code to the receipt; return the receipt code."""
    await talk.open(place=VILLAGE)
    await talk.press("start")
    await talk.press("citizen")
    await talk.press("agree")
    await talk.say("nguyen thi hoa 65")
    await talk.press(1)
    for answer in ANSWERS:
        await talk.press(answer)
    await talk.send(*photos)
    await talk.press("keep")
    await talk.press("submit")
    await talk.say("nop")
    return next(w for line in talk.lines for w in line.split() if w.startswith("KH26")).rstrip(".")


async def status(world: World, code: str) -> str:
    """Return how the file stands in the database."""
    async with world.program.parts.database.reading() as connection:
        (file,) = await declarations.find_files(connection, scope=COMMUNE, ending=code)
    return file.declaration.status


async def notice_leaves(world: World) -> None:
    """Let the minute pass after which a notice leaves."""
    world.clock.forward(seconds=61)
    world.program.parts.wake.jobs.ring()


async def test_a_declaration_is_made_mended_approved_and_told(world: World) -> None:
    async with Talk(world) as citizen, Talk(world, "/officer/chat") as officer:
        code = await declare(citizen, SHARP, BLURRED)
        assert citizen.replies <= MOST_REPLIES
        assert await status(world, code) == "submitted"
        await citizen.press("yes")

        await officer.enter(await world.officer_link())
        await officer.say(f"mo {code}")
        await officer.say(f"bo sung {code} câu 2")
        await officer.say("1")
        assert await status(world, code) == "returned"

        await notice_leaves(world)
        (asked,) = await citizen.hear()
        assert "photo" in asked["accepts"]
        await citizen.send(SHARP)
        assert await status(world, code) == "submitted"

        await officer.say(f"mo {code}")
        assert len(officer.screen["photos"]) == 3
        await officer.say(f"duyet {code}")
        assert await status(world, code) == "approved"
        assert (await citizen.say("ket qua"))["choices"][0]["id"] == "refresh"

        await notice_leaves(world)
        (told,) = await citizen.hear()
        assert [c["id"] for c in told["choices"]] == ["see"]
        assert "82/100" in (await citizen.say("ket qua"))["text"]
