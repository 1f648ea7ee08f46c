"""Liveness and readiness: every part is named, and what is wrong shows without data of anybody."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from bot.app import build_parts
from handlers.health import LEAST_FREE_BYTES, health_router
from handlers.parts import Parts
from storage import due, inbox
from storage.database import Database
from storage.inbox import Arrival
from storage.migrate import get_head
from storage.photos import Incoming
from storage.seams import Seams, to_ms
from tests.databases import Template
from tests.world import START, Clock, settings_in

NAMES = ["database", "disk", "jobs", "media", "photos", "schema", "turns"]


@pytest.fixture
async def parts(tmp_path: Path, template: Template) -> AsyncIterator[Parts]:
    """The parts of a program whose loops do not run, at a moment that stands still."""
    template.put(tmp_path)
    parts = await build_parts(settings_in(tmp_path), Seams(now=Clock().now))
    yield parts
    await parts.database.stop()


async def ask(parts: Parts, path: str = "/health/ready") -> tuple[int, Mapping[str, Any]]:
    app = FastAPI()
    app.state.parts = parts
    app.include_router(health_router())
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(path)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


def failing(page: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, state in page["parts"].items() if not state["ok"])


async def test_a_process_that_answers_is_alive(parts: Parts) -> None:
    assert await ask(parts, "/health/live") == (200, {"live": True})


async def test_a_sound_installation_is_ready_and_names_every_part(parts: Parts) -> None:
    status, page = await ask(parts)
    assert (status, page["ready"], sorted(page["parts"]), failing(page)) == (200, True, NAMES, [])


async def test_looking_leaves_no_file_in_the_photo_store(parts: Parts) -> None:
    await ask(parts)
    kept = parts.photos.keys()
    assert [key async for key in kept] == []


async def test_another_schema_is_not_ready(parts: Parts) -> None:
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    await parts.database.write(lambda c: c.execute(newer))
    status, page = await ask(parts)
    assert (status, failing(page)) == (503, ["jobs", "media", "schema", "turns"])
    assert page["parts"]["schema"]["detail"] == f"9999, this program needs {get_head()}"


async def test_a_database_that_is_gone_is_not_ready(parts: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "no_database"
    folder.mkdir()
    gone = Database(f"sqlite+aiosqlite:///{folder}", Seams())
    before = set(threading.enumerate())
    status, page = await ask(replace(parts, database=gone))
    assert (status, failing(page)) == (503, ["database", "jobs", "media", "schema", "turns"])
    await gone.stop()
    for thread in set(threading.enumerate()) - before:
        if "connection_worker" in thread.name:  # of the connection that could not be opened
            await asyncio.to_thread(thread.join, 5)


async def test_a_message_nobody_takes_is_a_backlog(parts: Parts) -> None:
    old = to_ms(START) - 61_000
    lost = Arrival("web", "x" * 64, "one", "{}", old)
    await parts.database.write(lambda c: inbox.add(c, [lost]))
    status, page = await ask(parts)
    assert (status, failing(page)) == (503, ["turns"])
    assert page["parts"]["turns"]["detail"] == "oldest waits 61 s, 60 s allowed"


async def test_a_job_that_does_not_fire_shows(parts: Parts) -> None:
    ahead, late = to_ms(START) + 60_000, to_ms(START) - 301_000
    await parts.database.write(lambda c: due.add(c, due.NOTICE, at_ms=ahead))
    assert (await ask(parts))[0] == 200
    await parts.database.write(lambda c: due.add(c, due.NOTICE, at_ms=late))
    status, page = await ask(parts)
    assert (status, failing(page)) == (503, ["jobs"])


async def test_a_photo_store_that_refuses_shows(parts: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    shutil.rmtree(folder)
    folder.write_text("in the way")
    status, page = await ask(parts)
    assert (status, failing(page)) == (503, ["photos"])


async def test_a_folder_of_uploads_that_is_gone_shows(parts: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    lost = replace(parts, incoming=Incoming(folder, Seams().token))
    folder.rmdir()
    status, page = await ask(lost)
    assert (status, failing(page)) == (503, ["disk", "photos"])


async def test_the_free_room_is_told(parts: Parts) -> None:
    _, page = await ask(parts)
    free = int(page["parts"]["disk"]["detail"].removesuffix(" MB free"))
    assert free * 1024 * 1024 >= LEAST_FREE_BYTES
