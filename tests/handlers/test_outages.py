"""A locked database, a full disk, a long stop: later, 503 at worst, and nothing is lost."""

import asyncio
import resource
from pathlib import Path
from uuid import uuid4

import pytest

from handlers.turns import TRIES
from storage.database import DatabaseGone
from tests.databases import Template, full_disk
from tests.handlers.program import (
    CODES,
    STILL,
    Stage,
    post,
    pressing,
    staged,
    to_first_question,
)
from tests.photos_made import page, saved
from tests.talk import Talk

PHOTO = saved(page(900, 1200), "JPEG")
pytestmark = pytest.mark.usefixtures("log")


async def test_an_answer_waits_while_another_program_writes(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        async with stage.locked():
            asked = asyncio.create_task(talk.press("2"))
            await asyncio.sleep(1)
            assert not asked.done()
        await asked
        assert stage.answers(talk) == {"A1": 2}


async def test_a_database_locked_for_long_is_503_and_loses_nothing(stage: Stage) -> None:
    async with Talk(stage) as talk, Talk(stage) as other:
        await to_first_question(talk)
        await to_first_question(other)
        id, event = str(uuid4()), pressing(talk, "2")
        async with stage.locked():
            async with asyncio.timeout(9):
                refused, beside = await asyncio.gather(
                    post(talk, event, id), post(other, pressing(other, "3"))
                )
        assert (refused.status_code, beside.status_code) == (503, 503)
        assert int(refused.headers["Retry-After"]) > 0
        assert (await post(talk, event, id)).status_code == 200
        assert (stage.answers(talk), stage.answers(other)) == ({"A1": 2}, {})


async def test_a_full_disk_under_the_database_is_503_and_loses_nothing(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        id, event = str(uuid4()), pressing(talk, "2")
        async with stage.full():
            refused = await post(talk, event, id)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert (await post(talk, event, id)).status_code == 200
        assert stage.answers(talk) == {"A1": 2}


async def test_a_disk_full_in_the_middle_of_a_turn_makes_no_dead_letter(
    still: Stage, three: list[Talk]
) -> None:
    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in three]
    await still.kept(3)
    async with still.full():
        with pytest.raises(Exception, match=r"full|I/O|53100"):
            await still.program.turns.once()
    assert still.dead() == []
    await still.pump(asyncio.gather(*tasks))
    assert [still.answers(talk) for talk in three] == [{"A1": 2}] * 3


async def test_an_outage_that_is_over_before_a_letter_is_buried_makes_none(
    still: Stage, three: list[Talk]
) -> None:
    tasks = [asyncio.create_task(post(talk, pressing(talk, "2"))) for talk in three]
    await still.kept(3)
    # The whole batch, and every try of its first message.
    left = [DatabaseGone("away")] * (1 + TRIES)

    def away() -> None:
        still.at_point["turns.apply"] = [away]
        if left:
            raise left.pop()

    still.at_point["turns.apply"] = [away]
    with pytest.raises(DatabaseGone):
        await still.program.turns.once()
    assert still.dead() == []
    left.clear()
    await still.pump(asyncio.gather(*tasks))
    assert [still.answers(talk) for talk in three] == [{"A1": 2}] * 3


async def test_a_full_disk_under_the_photos_is_503_and_loses_nothing(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        for _ in CODES:
            await talk.press("2")
        data = {"event_id": str(uuid4()), "screen": talk.screen["id"]}
        files = [("photo", ("x.jpg", PHOTO, "image/jpeg"))]
        with full_disk(len(PHOTO) // 2):
            refused = await talk.client.post("/chat/photos", data=data, files=files)
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
        assert list((stage.folder / "incoming").iterdir()) == []
        taken = await talk.client.post("/chat/photos", data=data, files=files)
        assert taken.status_code == 200
        assert stage.rows("SELECT verdict FROM evidence") == [("clear",)]


async def test_a_full_disk_while_a_photo_is_kept_only_delays_it(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        for _ in CODES:
            await talk.press("2")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

        def restore() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

        def fill() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
            asyncio.get_running_loop().call_later(0.5, restore)

        stage.at_point["media.keep"] = [fill]
        try:
            await talk.send(PHOTO)
        finally:
            restore()
        assert stage.rows("SELECT verdict FROM evidence") == [("clear",)]


async def test_an_upload_that_waits_for_its_turn_survives_a_long_stop(
    tmp_path: Path, template: Template
) -> None:
    folder, id = tmp_path / "var", str(uuid4())
    files = [("photo", ("x.jpg", PHOTO, "image/jpeg"))]
    async with staged(folder, template, roles=STILL) as before, Talk(before) as talk:
        await before.pump(to_first_question(talk))
        data = {"event_id": id, "screen": talk.screen["id"]}
        asked = asyncio.create_task(talk.client.post("/chat/photos", data=data, files=files))
        await before.kept(1)
        asked.cancel()
    async with staged(folder, template, days=100) as after, Talk(after) as again:
        again.client.cookies = talk.client.cookies
        reply = await again.client.post("/chat/photos", data=data, files=files)
        assert reply.status_code == 200
        assert after.rows("SELECT verdict FROM evidence") == [("clear",)]


async def test_photos_sent_twice_at_once_are_one_album(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        data = {"event_id": str(uuid4()), "screen": talk.screen["id"]}
        files = [("photo", ("x.jpg", PHOTO, "image/jpeg"))]
        sending = (talk.client.post("/chat/photos", data=data, files=files) for _ in range(2))
        first, second = await asyncio.gather(*sending)
        assert first.json() == second.json()
        assert stage.rows("SELECT count(*) FROM evidence") == [(1,)]
        assert list((stage.folder / "incoming").iterdir()) == []
