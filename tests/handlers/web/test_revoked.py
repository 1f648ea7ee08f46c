"""An officer whose rights ended reads nothing more, with whatever cookie and page is left."""

from storage import officers
from storage.seams import to_ms
from tests.talk import Talk
from tests.walking import NAME, hand_in, sign
from tests.world import World


async def revoke_everybody(world: World) -> None:
    """End the rights of every officer, as the command does."""
    parts = world.program.parts
    async with parts.database.reading() as connection:
        everybody = await officers.list_officers(connection)
    for one in everybody:
        number, at_ms = one.officer.id, to_ms(parts.now())
        await parts.database.write(
            lambda c, n=number, at=at_ms: officers.revoke(c, n, at_ms=at)  # type: ignore[misc]
        )


async def test_what_a_revoked_officer_saw_is_not_shown_again(world: World) -> None:
    async with Talk(world) as citizen, Talk(world, "/officer/chat") as officer:
        await sign(citizen)
        code = await hand_in(citizen)
        await officer.enter(await world.officer_link())
        assert NAME in (await officer.say(f"mở {code}"))["text"]

        await revoke_everybody(world)
        again = await officer.client.post("/officer/chat/sessions", json={})
        missed = await officer.client.get("/officer/chat/screens", params={"after": "0.0"})

    assert (again.status_code, missed.status_code) == (200, 200)
    assert NAME not in again.text + missed.text
    assert code not in again.text + missed.text
    (said,) = again.json()["screens"]
    assert said["choices"] == []
