"""A server of somebody else's that misbehaves on order: real sockets, the same for the same seed.

`Faulty` serves HTTP/1.1 on 127.0.0.1. What is right to answer says a `Respond` (a small fake of
Telegram, Zalo, S3 ...); what goes wrong on the way says a plan, asked once a request: `Scripted`
for an exact order, `Chances` for a storm. `ledger` holds what the outside server really took, also
where its answer never arrived: that is the truth a client is held against.
"""

import asyncio
import json
import random
import socket
import struct
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "none",
    "status",
    "html",
    "half_json",
    "delay",
    "slow_loris",
    "drop",
    "accept_then_drop",
    "reset",
    "accept_then_reset",
    "long_length",
    "short_length",
]
# Faults that come before the outside server has looked at the request: it took nothing.
UNSEEN: frozenset[Kind] = frozenset({"status", "html", "drop", "reset"})
PHRASES = {200: "OK", 204: "No Content", 404: "Not Found", 429: "Too Many Requests"}
PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
MOST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with one request.

    `status` is that of "status" and "html"; `seconds` the length of "delay", and the pause between
    two bytes of "slow_loris"; `retry_after` (1 to 86400) stands in the header and, as Telegram has
    it, in the body.
    """

    kind: Kind = "none"
    status: int = 200
    seconds: float = 0.0
    retry_after: int | None = None


NONE = Fault()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived. Header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """A right answer."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


Respond = Callable[[Asked], Reply]
Plan = Callable[[Asked], Fault]


@dataclass(slots=True)
class Scripted:
    """These faults, one a request, then none."""

    faults: list[Fault]

    def __call__(self, asked: Asked) -> Fault:
        """Return the next fault."""
        return self.faults.pop(0) if self.faults else NONE


@dataclass(slots=True)
class Chances:
    """Each fault with its probability, in an order that only `seed` decides; `stop()` ends them."""

    seed: int
    faults: Sequence[tuple[Fault, float]]
    stopped: bool = False
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """Begin the order."""
        self._random = random.Random(self.seed)

    def __call__(self, asked: Asked) -> Fault:
        """Draw once a request."""
        luck = self._random.random()
        for fault, share in () if self.stopped else self.faults:
            if luck < share:
                return fault
            luck -= share
        return NONE

    def stop(self) -> None:
        """From now on everything is well."""
        self.stopped = True


@dataclass(slots=True)
class Faulty:
    """One misbehaving server; see `serving`."""

    respond: Respond
    plan: Plan
    ledger: list[Asked] = field(default_factory=list)
    seen: list[tuple[Asked, Fault]] = field(default_factory=list)
    port: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def kinds(self) -> list[Kind]:
        """Return what happened to each request."""
        return [fault.kind for _, fault in self.seen]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            # Only `serving` cancels, at its end; asyncio would complain about a cancelled task.
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while asked := await _read(reader):
                    if not await self._answer(asked, writer):
                        break
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> bool:
        """Answer or fail; return whether the connection goes on."""
        fault = self.plan(asked)
        self.seen.append((asked, fault))
        reply = _refusal(fault)
        if fault.kind not in UNSEEN:
            self.ledger.append(asked)
            reply = self.respond(asked)
        if fault.kind in ("drop", "accept_then_drop"):
            return False
        if fault.kind in ("reset", "accept_then_reset"):
            _reset(writer)
            return False
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "half_json":
            reply = Reply(reply.status, reply.body[: len(reply.body) // 2], reply.headers)
        sent = _written(reply, _told_length(fault, reply), body=asked.method != "HEAD")
        await _send(writer, sent, fault.seconds if fault.kind == "slow_loris" else None)
        return fault.kind not in ("long_length", "short_length")


@asynccontextmanager
async def serving(respond: Respond, plan: Plan = lambda _: NONE) -> AsyncIterator[Faulty]:
    """Serve inside the block on a free port of 127.0.0.1."""
    faulty = Faulty(respond, plan)
    server = await asyncio.start_server(faulty._connected, "127.0.0.1", 0, limit=MOST_HEAD)
    faulty.port = server.sockets[0].getsockname()[1]
    try:
        yield faulty
    finally:
        server.close()
        for task in tuple(faulty._tasks):
            task.cancel()
        await asyncio.gather(*faulty._tasks, return_exceptions=True)
        await server.wait_closed()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    """Return the next request of a connection, None at its end."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Asked(method, target, headers, await _read_chunks(reader))
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


def _refusal(fault: Fault) -> Reply:
    """Return what a server says that has not looked at the request."""
    if fault.kind == "html":
        return Reply(fault.status, PAGE, {"Content-Type": "text/html"})
    told: dict[str, object] = {"ok": False, "error_code": fault.status}
    headers = {"Content-Type": "application/json"}
    if fault.retry_after is not None:
        told["parameters"] = {"retry_after": fault.retry_after}
        headers["Retry-After"] = str(fault.retry_after)
    return Reply(fault.status, json.dumps(told).encode(), headers)


def _told_length(fault: Fault, reply: Reply) -> int:
    wrong = {"long_length": 100, "short_length": -(len(reply.body) // 2)}
    return len(reply.body) + wrong.get(fault.kind, 0)


def _written(reply: Reply, length: int, *, body: bool) -> bytes:
    headers = {"Content-Length": str(length), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return head + (reply.body if body else b"")


async def _send(writer: asyncio.StreamWriter, sent: bytes, pause: float | None) -> None:
    if pause is None:
        writer.write(sent)
        await writer.drain()
        return
    for byte in sent:
        writer.write(bytes((byte,)))
        await writer.drain()
        await asyncio.sleep(pause)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a TCP reset instead of an orderly end."""
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    writer.transport.abort()
