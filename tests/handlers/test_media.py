"""The media loop: an album is answered once, one bad photo keeps nobody waiting."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from handlers.images.inspector import ImageInspector, Inspected
from handlers.media import TRIES, Media
from tests.databases import Template
from tests.drill.pictures import photo
from tests.handlers.program import STILL, Stage, staged, to_first_question
from tests.talk import Talk

SETTLED = "SELECT count(*) FROM inbox WHERE external_id LIKE 'photo:%'"


class Failing(ImageInspector):
    """Fails, for a reason nobody foresaw, on the pictures that `fails` names."""

    def __init__(self, fails: Callable[[Path], bool]) -> None:
        super().__init__()
        self._fails = fails

    async def inspect(self, path: Path) -> Inspected:
        """Fail, or inspect."""
        if self._fails(path):
            raise RuntimeError("a decoder's defect")
        return await super().inspect(path)


async def send(stage: Stage, talk: Talk, *numbers: int) -> None:
    """Send photos as one answer, and let the turn that takes them run."""
    data = {"event_id": str(uuid4()), "screen": talk.screen["id"]}
    files = [("photo", (f"{n}.jpg", photo(n), "image/jpeg")) for n in numbers]
    sending = asyncio.create_task(talk.client.post("/chat/photos", data=data, files=files))
    while not stage.rows("SELECT id FROM evidence"):
        await stage.program.turns.once()
        await asyncio.sleep(0.001)
    sending.cancel()


async def drained(stage: Stage) -> None:
    while await stage.program.turns.once():
        pass


async def test_an_album_settled_before_anybody_is_answered_is_answered_once(
    tmp_path: Path, template: Template
) -> None:
    async with staged(tmp_path / "var", template, roles=STILL) as stage, Talk(stage) as talk:
        await stage.pump(to_first_question(talk))
        await send(stage, talk, 1, 2)
        async with ImageInspector() as inspector:
            assert await Media(stage.program.parts, inspector).once() == 2
        await drained(stage)
        (heard,) = await talk.hear()
        assert heard["text"].startswith("Đã nhận 2 ảnh.")


async def test_a_photo_that_always_fails_is_given_up_and_the_others_go_on(
    tmp_path: Path, template: Template
) -> None:
    async with staged(tmp_path / "var", template, roles=STILL) as stage, Talk(stage) as talk:
        await stage.pump(to_first_question(talk))
        await send(stage, talk, 1, 2)
        ((bad,),) = stage.rows("SELECT incoming FROM evidence WHERE n = 0")
        async with Failing(lambda path: path.name == bad) as inspector:
            media = Media(stage.program.parts, inspector)
            for _ in range(TRIES):
                # While one of the album waits nobody hears of the others.
                assert stage.rows(SETTLED) == [(0,)]
                await media.once()
        verdicts = stage.rows("SELECT n, verdict, reason FROM evidence ORDER BY n")
        assert verdicts == [(0, "lost", "broken"), (1, "clear", None)]
        await drained(stage)
        (heard,) = await talk.hear()
        assert heard["text"].startswith("Đã nhận 1 ảnh.")
