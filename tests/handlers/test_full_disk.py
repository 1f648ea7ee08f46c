"""The disk is full at any write of a walk: 503 in words, nothing lost, and it goes on by itself."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.handlers.program import CODES, Stage, post, pressing, to_first_question
from tests.photos_made import page, saved
from tests.talk import Talk

PHOTO = saved(page(900, 1200), "JPEG")
pytestmark = pytest.mark.usefixtures("log")
WORDS = "Tạm thời chưa phục vụ được, thử lại sau ít giây nhé. Chưa có gì thay đổi."


def check_refused(answer: httpx.Response) -> None:
    """Assert that an answer is the refusal that every page understands."""
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["detail"]) == ("unavailable", WORDS)


async def turn(stage: Stage) -> None:
    """Try the waiting turns once; on a full disk they go on waiting."""
    with suppress(Exception):
        await stage.program.turns.once()


async def through(stage: Stage, talk: Talk, event: dict[str, Any]) -> httpx.Response:
    """Send an event whose every write fails once: the door's, then the turn's."""
    id = str(uuid4())
    async with stage.full():
        check_refused(await post(talk, event, id))
    assert stage.rows("SELECT count(*) FROM inbox WHERE status = 0") == [(0,)]
    asked = asyncio.create_task(post(talk, event, id))
    await stage.kept(1)
    async with stage.full():
        await turn(stage)
    assert stage.dead() == []
    assert stage.rows("SELECT count(*) FROM inbox WHERE status = 0") == [(1,)]
    return await stage.pump(asked)


async def test_each_write_of_a_walk_fails_once_and_the_walk_arrives(still: Stage) -> None:
    async with Talk(still) as talk:
        await still.pump(to_first_question(talk))
        for _ in CODES:
            answer = await through(still, talk, pressing(talk, "2"))
            assert answer.status_code == 200
            talk._hear(answer.json())
        assert still.answers(talk) == dict.fromkeys(CODES, 2)
        for event in (pressing(talk, "none"), {"text": "nop"}):
            answer = await through(still, talk, event)
            talk._hear(answer.json())
        assert still.rows("SELECT count(*), count(DISTINCT criterion) FROM answer") == [(10, 10)]
        assert still.dead() == []


async def test_a_new_person_is_refused_kindly_and_welcome_later(stage: Stage) -> None:
    async with Talk(stage) as talk:
        async with stage.full():
            check_refused(await talk.client.post("/chat/sessions", json={}))
        await talk.open()
        assert talk.screen["choices"]


async def test_a_full_disk_says_so_in_the_persons_language(stage: Stage) -> None:
    async with Talk(stage) as talk:
        await to_first_question(talk)
        english = {"Accept-Language": "en"}
        body = {"event_id": str(uuid4()), **pressing(talk, "2")}
        async with stage.full():
            refused = await talk.client.post("/chat/events", json=body, headers=english)
        assert refused.status_code == 503
        assert refused.json()["detail"].startswith("Not available right now")
