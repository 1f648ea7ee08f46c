"""The photo store is somebody else's server, and away: nothing is lost, and people are told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from bot.app import run_program
from handlers.health import TRIED
from storage.photos import PhotoStoreAway
from storage.seams import Seams
from tests.databases import Plain, Template
from tests.drill.pictures import photo
from tests.fakes.faulty import Chances, Fault, Faulty, serving
from tests.fakes.s3 import S3
from tests.handlers.program import to_first_question
from tests.talk import Talk
from tests.world import Chance, Clock, World, settings_in

LATE = "Ảnh đã nhận và đang được giữ cẩn thận"


@dataclass(frozen=True, slots=True)
class Town:
    """A program whose photos are in a bucket, a person at the first question, and the bucket."""

    world: World
    talk: Talk
    bucket: S3
    server: Faulty
    rows: Plain

    def refuse(self) -> Chances:
        """Let the bucket refuse everything until `stop()`."""
        self.server.plan = Chances(1, [(Fault("status", 403), 1.0)])
        return self.server.plan

    async def send(self) -> httpx.Response:
        """Send a photo as the page does."""
        data = {"event_id": str(uuid4()), "screen": self.talk.screen["id"]}
        files = {"photo": ("1.jpg", photo(1), "image/jpeg")}
        return await self.talk.client.post("/chat/photos", data=data, files=files)


@asynccontextmanager
async def town(
    folder: Path, template: Template, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    bucket = S3()
    async with serving(bucket) as server:
        for name, value in (
            ("ENDPOINT_URL", server.address),
            ("ALLOW_HTTP", "true"),
            ("ACCESS_KEY_ID", "key"),
            ("SECRET_ACCESS_KEY", "secret"),
            ("REGION", "vn-1"),
        ):
            monkeypatch.setenv(f"AWS_{name}", value)
        template.put(folder)
        settings = settings_in(folder).model_copy(update={"photo_store": "s3://photos/evidence"})
        clock, chance = Clock(), Chance()
        seams = Seams(now=clock.now, token=chance.token)
        async with run_program(settings, seams=seams) as program:
            world = World(program, clock, chance)
            async with Talk(world) as talk:
                await to_first_question(talk)
                yield Town(world, talk, bucket, server, Plain(folder))


def kept(bucket: S3) -> list[str]:
    """Return the keys of photos: not of what a look at the store leaves there for a moment."""
    return [key for key, thing in bucket.things.items() if not thing.data.startswith(TRIED)]


async def test_a_photo_waits_for_the_store_and_its_person_is_told_once(
    tmp_path: Path, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path / "var", template, monkeypatch) as t:
        refusing = t.refuse()
        sending = asyncio.create_task(t.send())
        (told,) = await t.talk.hear()
        assert told["text"].startswith(LATE)
        assert kept(t.bucket) == []
        assert t.rows.rows("SELECT verdict FROM evidence") == [("pending",)]
        assert len(list((tmp_path / "var" / "incoming").iterdir())) == 1
        await t.talk.press("2")  # the conversation goes on meanwhile
        refusing.stop()
        answer = await sending
        assert answer.json()["screens"][0]["text"].startswith("Đã nhận 1 ảnh.")
        assert t.rows.rows("SELECT verdict FROM evidence") == [("clear",)]
        assert len(kept(t.bucket)) == 2


async def test_a_photo_that_cannot_be_fetched_now_is_not_gone(
    tmp_path: Path, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path / "var", template, monkeypatch) as t:
        await t.send()
        ((number,),) = t.rows.rows("SELECT id FROM evidence")
        refusing = t.refuse()
        away = await t.talk.client.get(f"/chat/evidence/{number}")
        assert (away.status_code, away.headers["retry-after"]) == (503, "5")
        refusing.stop()
        assert (await t.talk.client.get(f"/chat/evidence/{number}")).status_code == 200


async def test_a_due_removal_waits_for_the_store_and_keeps_nobody_waiting(
    tmp_path: Path, template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with town(tmp_path / "var", template, monkeypatch) as t:
        await t.send()
        refusing = t.refuse()
        await t.talk.say("/xóa")
        await t.talk.say("xóa hết")
        await t.world.program.jobs.once()
        assert (
            t.rows.rows("SELECT kind, done_ms FROM due WHERE kind = 'remove_photo'")
            == [("remove_photo", None)] * 2
        )
        with pytest.raises(PhotoStoreAway):
            await t.world.program.parts.photos.keep(b"x")
        refusing.stop()
        t.world.clock.forward(seconds=10)
        while await t.world.program.jobs.once():
            pass
        assert kept(t.bucket) == []
