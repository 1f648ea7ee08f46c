"""A connection that never comes to its point is closed; everybody else is served."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.wire import HEAD_MAX, BoundedHttp


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await Response(f"{scope['path']} {len(body)}")(scope, receive, send)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Serve on a free port."""
    config = uvicorn.Config(_echo, port=0, http=BoundedHttp, log_config=None, lifespan="off")
    loop = asyncio.get_running_loop()
    config.load()
    state = uvicorn.server.ServerState()
    listening = await loop.create_server(
        lambda: BoundedHttp(config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with listening:
        yield listening.sockets[0].getsockname()[1]


async def _said(port: int, *sent: bytes) -> bytes:
    """Return all that the server says until it closes, or until it waits for more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in sent:
        writer.write(part)
        with suppress(ConnectionError):
            await writer.drain()
    said = b""
    with suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(5):
            while not said.endswith((b"long.", b" 0", b"70000")) and (more := await reader.read()):
                said += more
    writer.close()
    return said


START = b"GET /x HTTP/1.1\r\nHost: a\r\n"
CLOSE = b"Connection: close\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        b"GET /" + b"x" * HEAD_MAX,
        START + b"X-Long: " + b"x" * HEAD_MAX,
        START + b"".join(b"X-%d: y\r\n" % n for n in range(HEAD_MAX // 8)),
    ],
)
async def test_a_head_without_end_is_refused_and_the_connection_closed(
    port: int, endless: bytes
) -> None:
    said = await _said(port, endless)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert said.endswith(b"\r\n\r\nRequest line and headers are too long.")


async def test_a_long_head_and_a_longer_body_are_served(port: int) -> None:
    padding = b"X-Long: " + b"x" * (HEAD_MAX - 1000) + b"\r\n"
    assert (await _said(port, START + CLOSE + padding + b"\r\n")).endswith(b"/x 0")
    post = b"POST /y HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n" + CLOSE + b"\r\n"
    assert (await _said(port, post, b"z" * 70_000)).endswith(b"/y 70000")


async def test_what_is_no_http_is_refused(port: int) -> None:
    assert (await _said(port, b"\x16\x03\x01\x02")).startswith(b"HTTP/1.1 400 Bad Request\r\n")
