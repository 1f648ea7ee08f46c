"""Floods: 429 with the time to wait and the script's words; what was answered is still there."""

import asyncio
from functools import partial
from pathlib import Path

from handlers.limits import Limits, Rate
from tests.databases import Template
from tests.handlers.web.doors import Door, anonymous, event
from tests.photos_made import page, saved
from tests.talk import Talk
from tests.walking import sign
from tests.world import VILLAGE, World, running

PHOTO = saved(page(600, 800), "JPEG")


async def test_messages_of_one_person_are_limited_and_nothing_is_lost(world: World) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await other.open(place=VILLAGE)
        world.clock.forward(seconds=10)
        door = Door(world, talk)
        answers = [await door.post("events", event(text="2")) for _ in range(25)]
        refused = [a for a in answers if a.status_code == 429]
        assert [a.status_code for a in answers] == [200] * 20 + [429] * 5
        wait = int(refused[0].headers["Retry-After"])
        assert 1 <= wait <= 10
        words = f"Tin đến nhanh quá, chờ {wait} giây nhé. Những gì đã trả lời vẫn còn."
        assert refused[0].json()["detail"] == words
        assert (await Door(world, other).post("events", event(text="1"))).status_code == 200
        world.clock.forward(seconds=wait)
        assert (await door.post("events", event(text="du lieu"))).status_code == 200


async def test_changing_language_over_and_over_is_limited_too(world: World) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        door = Door(world, talk)
        codes = [(await door.post("sessions", {"locale": "en"})).status_code for _ in range(30)]
        assert codes.count(429) > 5
        assert (await door.post("sessions", {})).status_code == 200


async def test_sessions_are_limited_by_address_and_not_by_what_the_client_claims(
    world: World,
) -> None:
    codes = []
    for n in range(70):
        client = anonymous(world)
        claimed = {"X-Forwarded-For": f"198.51.100.{n}"}
        codes.append((await client.post("/chat/sessions", json={}, headers=claimed)).status_code)
        await client.aclose()
    assert codes == [200] * 60 + [429] * 10


async def test_behind_a_trusted_proxy_each_address_has_its_own_limit(
    tmp_path: Path, template: Template
) -> None:
    own = {"trusted_proxies": "127.0.0.0/8", "limit_sessions": 1}
    async with running(tmp_path / "own", template, **own) as world:
        codes = []
        for address in ("198.51.100.1", "198.51.100.2", "1.1.1.1, 198.51.100.1"):
            client = anonymous(world)
            claimed = {"X-Forwarded-For": address}
            answer = await client.post("/chat/sessions", json={}, headers=claimed)
            codes.append(answer.status_code)
            await client.aclose()
        assert codes == [200, 200, 429]


async def test_photos_of_an_hour_are_limited_whole_albums_at_a_time(
    tmp_path: Path, template: Template
) -> None:
    async with running(tmp_path / "var", template, limit_uploads=6) as world, Talk(world) as talk:
        await sign(talk)
        door = Door(world, talk)
        album = [("photo", (f"{n}.jpg", PHOTO)) for n in range(4)]
        assert (await door.upload(*album)).status_code == 200
        refused = await door.upload(*album)
        assert refused.status_code == 429
        assert not list((tmp_path / "var" / "incoming").iterdir())
        world.clock.forward(seconds=int(refused.headers["Retry-After"]))
        assert (await door.upload(*album)).status_code == 200
        assert "8 ảnh" in (await talk.say("du lieu"))["text"] or len(talk.screen["photos"]) == 8


def test_a_bucket_gives_all_that_is_asked_or_nothing() -> None:
    limits = Limits({"x": Rate(6, 60.0)})
    assert limits.take("x", "a", 0.0, 4) == 0.0
    assert limits.take("x", "a", 0.0, 4) == 20.0
    assert limits.take("x", "a", 0.0, 2) == 0.0
    assert limits.take("x", "a", 40.0, 4) == 0.0
    assert limits.take("x", "b", 0.0, 99) == 0.0
    assert limits.take("x", "b", 0.0, 1) == 10.0


async def test_waiting_requests_of_one_person_do_not_pile_up(world: World) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        ask = partial(talk.client.get, "/chat/screens", params={"after": talk.cursor})
        waiting = [asyncio.create_task(ask()) for _ in range(7)]
        done, left = await asyncio.wait(waiting, timeout=1)
        assert [task.result().json() for task in done] == [{"screens": []}] * 3
        world.program.parts.wake.stopping.set()
        assert len(await asyncio.gather(*left)) == 4
