"""Serving a fake of an outside server: an ASGI app behind uvicorn on a free port of 127.0.0.1.

What is right to answer says a `Handle`; what goes wrong on the way says a plan, with the faults of
`tests.fakes.faulty`. `in_thread` is for tests that have no event loop of their own.
"""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.fakes.faulty import NONE, PAGE, UNSEEN, Asked, Fault, Kind, Plan, Reply

T = TypeVar("T")
R = TypeVar("R")
Handle = Callable[[Asked], Awaitable[Reply]]
Refuse = Callable[[int], Reply]
LYING: frozenset[Kind] = frozenset(("long_length", "short_length"))
BREAKING: frozenset[Kind] = LYING | {"drop", "accept_then_drop", "reset", "accept_then_reset"}
JSON = {"content-type": "application/json"}
MOST_BODY = 64 * 1024 * 1024
# Longer than anything takes, shorter than a test may hang.
PATIENCE = 30.0


def json_reply(body: object, status: int = 200) -> Reply:
    """Return `body` as JSON."""
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), JSON)


@dataclass(slots=True)
class Faults:
    """What goes wrong: the faults added for a method first, then what `plan` says."""

    plan: Plan = lambda _: NONE
    _added: dict[str, list[Fault]] = field(default_factory=dict)

    def add(self, method: str, *faults: Fault) -> None:
        """Let these happen to the next requests whose path ends in `method`, one each."""
        self._added.setdefault(method, []).extend(faults)

    def __call__(self, asked: Asked) -> Fault:
        """Return what happens to this request."""
        path = asked.target.partition("?")[0]
        for method, faults in self._added.items():
            if faults and path.endswith("/" + method.lstrip("/")):
                return faults.pop(0)
        return self.plan(asked)


class _Protocol(HttpToolsProtocol):
    """Hands its connection to the app, which may break it."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"connection": {"transport": self.transport}}


@dataclass(slots=True)
class _App:
    handle: Handle
    plan: Plan
    refuse: Refuse
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        transport = scope["extensions"]["connection"]["transport"]
        try:
            await self._answer(await _read(scope, receive), transport, receive, send)
        except asyncio.CancelledError:
            transport.abort()  # only the end of `listening` cancels
        finally:
            self.tasks.discard(task)

    async def _answer(
        self, asked: Asked, transport: asyncio.Transport, receive: Any, send: Any
    ) -> None:
        fault = self.plan(asked)
        reply = await self._reply(asked, fault)
        if fault.kind in BREAKING:
            if fault.kind in LYING:
                transport.write(_lying(reply, fault))
            await _break(transport, receive, orderly="reset" not in fault.kind)
            return
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "half_json":
            reply = Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        await _send(reply, fault, send)

    async def _reply(self, asked: Asked, fault: Fault) -> Reply:
        if fault.kind == "html":
            return Reply(fault.status, PAGE, {"content-type": "text/html"})
        if fault.kind == "status":
            return self.refuse(fault.status)
        return Reply() if fault.kind in UNSEEN else await self.handle(asked)


@asynccontextmanager
async def listening(handle: Handle, plan: Plan, refuse: Refuse) -> AsyncIterator[str]:
    """Serve inside the block; give the address."""
    app = _App(handle, plan, refuse)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        http=_Protocol,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    bound = socket.create_server(("127.0.0.1", 0))
    # Not `serve`: that one listens to signals, which are the program's.
    await server.startup(sockets=[bound])
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        for task in tuple(app.tasks):
            task.cancel()
        await server.shutdown(sockets=[bound])


@dataclass(frozen=True, slots=True)
class Threaded(Generic[T]):
    """A fake whose event loop runs in a thread."""

    fake: T
    loop: asyncio.AbstractEventLoop

    def run(self, doing: Coroutine[Any, Any, R]) -> R:
        """Let the fake do something, such as `fake.says(...)`, and return its result."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(PATIENCE)


@contextmanager
def in_thread(serving: AbstractAsyncContextManager[T]) -> Iterator[Threaded[T]]:
    """Serve a fake (`FakeZaloBot.serving()`) from a thread inside the block."""
    found: list[Threaded[T]] = []
    ready = threading.Event()
    stop: list[Callable[[], object]] = []

    async def life() -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        stop.append(lambda: loop.call_soon_threadsafe(stopped.set))
        async with serving as fake:
            found.append(Threaded(fake, loop))
            ready.set()
            await stopped.wait()

    thread = threading.Thread(target=lambda: asyncio.run(life()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE), "the fake never began"
    try:
        yield found[0]
    finally:
        stop[0]()
        thread.join(PATIENCE)


async def _read(scope: Any, receive: Any) -> Asked:
    body = b""
    more = True
    while more:
        part = await receive()
        body += part.get("body", b"")
        more = part.get("more_body", False)
        assert len(body) <= MOST_BODY, "no client of ours sends that much"
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    return Asked(scope["method"], target, headers, body)


async def _break(transport: asyncio.Transport, receive: Any, *, orderly: bool) -> None:
    """End the connection, and the request only when uvicorn knows of it."""
    if orderly:
        transport.close()
    else:
        _reset(transport)
    with suppress(RuntimeError):
        while (await receive())["type"] != "http.disconnect":
            pass


def _reset(transport: asyncio.Transport) -> None:
    transport.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    transport.abort()


def _lying(reply: Reply, fault: Fault) -> bytes:
    """Return an answer whose Content-Length is not true."""
    length = len(reply.body)
    told = length + 100 if fault.kind == "long_length" else length - length // 2
    head = f"HTTP/1.1 {reply.status} Status\r\nContent-Length: {told}\r\n\r\n"
    return head.encode() + reply.body


async def _send(reply: Reply, fault: Fault, send: Any) -> None:
    headers = {"content-length": str(len(reply.body)), **reply.headers}
    if fault.retry_after is not None:
        headers["retry-after"] = str(fault.retry_after)
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": pairs})
    if fault.kind == "slow_loris":
        for byte in reply.body:
            await send({"type": "http.response.body", "body": bytes((byte,)), "more_body": True})
            await asyncio.sleep(fault.seconds)
    rest = b"" if fault.kind == "slow_loris" else reply.body
    await send({"type": "http.response.body", "body": rest})
