"""A photo shown in a chat: for ten minutes, to whom it was shown, while they may see it."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from handlers.errors import install_errors
from handlers.shown import photo_link, shown_router
from tests.photos_made import page, saved
from tests.talk import Talk
from tests.walking import hand_in, sign
from tests.world import World

PHOTO = saved(page(), "JPEG")


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A platform's server that fetches what it was given the address of."""
    parts, app = world.program.parts, FastAPI()
    app.include_router(shown_router(parts))
    install_errors(app, parts.words, parts.measures)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=parts.public_url) as found:
        yield found


async def photo_of(talk: Talk) -> str:
    """Return the id of the photo that a citizen's data shows."""
    screen = await talk.say("dữ liệu")
    full: str = screen["photos"][0]["full"]
    return full.rpartition("/")[2]


async def test_an_officer_sees_a_photo_of_the_place_and_nobody_else_does(
    world: World, client: httpx.AsyncClient
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as desk, Talk(world) as stranger:
        await sign(talk)
        await hand_in(talk, PHOTO)
        photo = await photo_of(talk)
        await desk.enter(await world.officer_link())
        await stranger.open()
        parts = world.program.parts
        links = [photo_link(parts, who.sender, photo) for who in (talk, desk, stranger)]
        assert not any(who.sender in link for who, link in zip((talk, desk), links, strict=False))
        answers = [await client.get(link) for link in links]
        assert [answer.status_code for answer in answers] == [200, 200, 404]
        assert answers[1].headers["content-type"] == "image/jpeg"
        assert answers[1].headers["cache-control"] == "no-store"
        small = await client.get(photo_link(parts, desk.sender, photo, "thumb"))
        assert len(small.content) < len(answers[1].content)
        assert (await client.head(links[1])).status_code == 200


async def test_an_address_ends_after_ten_minutes_and_with_the_right_to_see(
    world: World, client: httpx.AsyncClient
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as desk:
        await sign(talk)
        await talk.send(PHOTO)
        photo = await photo_of(talk)
        await desk.enter(await world.officer_link())
        parts = world.program.parts
        own, officers = (photo_link(parts, who.sender, photo) for who in (talk, desk))
        # A draft is nobody's business but its owner's.
        assert [(await client.get(a)).status_code for a in (own, officers)] == [200, 404]
        world.clock.forward(seconds=600)
        assert (await client.get(own)).status_code == 200
        world.clock.forward(seconds=1)
        assert (await client.get(own)).status_code == 404
        fresh = photo_link(parts, talk.sender, photo)
        await talk.say("/xoa")
        await talk.say("xóa hết")
        assert (await client.get(fresh)).status_code == 404


async def test_what_is_no_address_of_ours_is_not_found(client: httpx.AsyncClient) -> None:
    for token in ("x", "gAAAAA", "a" * 2000, "%00", "ạ"):
        assert (await client.get(f"/shown/{token}")).status_code == 404
