"""A whole walk with words nobody else says, and every log of it searched for them."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from socket import socket

import httpx
import pytest
import structlog
import uvicorn
from sqlalchemy import text

from bot.logs import configure
from tests.databases import Template
from tests.photos_made import SECRET, located, page, saved, zipped
from tests.talk import Talk
from tests.walking import ID_NUMBER, NAME, WORDS, hand_in, sign
from tests.world import VILLAGE, World, running

OFFICER_WORDS = "ly-do-canary-88"
FILE_NAME = "anh-canary-61.jpg"
PHOTO = saved(page(), "JPEG", exif=located(1))


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged at any level, by anybody, as the program would write it."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
async def served(tmp_path: Path, template: Template, log: io.StringIO) -> AsyncIterator[World]:
    """A program that logs at DEBUG."""
    async with running(tmp_path / "var", template, log_level="debug") as world:
        yield world


async def walk(world: World) -> list[str]:
    """Do everything once, right and wrong; return every secret there was."""
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        opened = (await talk.client.post("/chat/sessions", json={})).json()
        await talk.send(zipped())
        code = await hand_in(talk, PHOTO)
        link = await world.officer_link()
        await talk.client.get(link)
        await officer.enter(link)
        await officer.say(f"mo {code[-2:]}")
        await officer.say(f"bo sung {code[-2:]} 2")
        await officer.say("6")
        await officer.say(OFFICER_WORDS)
        world.clock.forward(seconds=61)
        await world.program.jobs.once()
        await talk.say("ket qua")
        picture = (await talk.say("du lieu"))["photos"][0]["full"]
        await talk.client.get(picture)
        await _mistakes(talk)
        await _failures(world, talk)
        cookies = [*talk.client.cookies.values(), *officer.client.cookies.values()]
        said = [NAME, WORDS, ID_NUMBER, OFFICER_WORDS, FILE_NAME, SECRET.decode()]
        secrets = [opened["resume"].partition("=")[2], link.rpartition("/")[2]]
        return [*said, *secrets, *cookies, *(c.partition(".")[0] for c in cookies)]


async def _mistakes(talk: Talk) -> None:
    files = [("photo", (FILE_NAME, PHOTO, "image/jpeg"))]
    await talk.client.post("/chat/photos", data={"event_id": WORDS}, files=files)
    await talk.client.post("/chat/events", json={"event_id": WORDS, NAME: WORDS})
    await talk.client.post("/chat/events", content=f"{{{WORDS}".encode())
    await talk.client.post("/chat/sessions", json={"resume": WORDS, "place": NAME[:9]})
    await talk.client.get("/chat/screens", params={"after": WORDS})
    await talk.client.get(f"/officer/{WORDS}")
    await talk.client.get(f"/go/{WORDS}", params={"name": NAME})
    await talk.client.get("/api/v1/me", headers={"Authorization": f"Bearer {WORDS}"})


async def _failures(world: World, talk: Talk) -> None:
    """Let a turn and a request fail with personal values at hand."""
    database = world.program.parts.database
    broken = "UPDATE conversation SET state = replace(state, '\"step\":', '\"zzz\":')"
    await database.write(lambda c: c.execute(text(broken)))
    transport = httpx.ASGITransport(world.program.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        client.cookies = talk.client.cookies
        answer = await client.post("/chat/sessions", json={})
    assert answer.status_code == 500


async def test_no_log_holds_a_name_a_word_a_token_or_a_photo(
    served: World, log: io.StringIO
) -> None:
    secrets = await walk(served)
    written = log.getvalue()
    assert "request_failed" in written
    assert "photo_refused" in written
    assert all(json.loads(line) for line in written.splitlines())
    assert [secret for secret in secrets if secret in written] == []


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Listen."""
        await super().startup(sockets)
        self.ready.set()


async def test_the_servers_own_log_holds_no_address_path_secret_or_query(
    served: World, log: io.StringIO
) -> None:
    server = _Server(uvicorn.Config(served.program.app, port=0, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    await server.ready.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    link = await served.officer_link()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await client.get(link)
        await client.get(f"/go/{VILLAGE}", params={"name": NAME, "q": WORDS})
        await client.post("/chat/sessions", json={"place": VILLAGE})
        await client.post("/chat/events", json={"event_id": WORDS, "text": NAME})
        cookie = client.cookies["khaihoc"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GARBAGE {WORDS}\r\n\r\n".encode())
        await reader.read()
        writer.close()
        await writer.wait_closed()
    server.should_exit = True
    await serving
    written = log.getvalue()
    assert "POST /chat/sessions 200" in written
    traces = (NAME, WORDS, cookie, link.rpartition("/")[2], VILLAGE)
    assert [trace for trace in traces if trace in written] == []
