"""A small stub of the Bot APIs: takes every method at once, in a process of its own.

`python -m benchmarks.stub` prints its port and serves until its input is closed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.request import urlopen

from benchmarks.processes import Process, child, until_closed

ANSWER = (
    b'{"ok":true,"error":0,"data":{"message_id":"7"},"result":{"message_id":7,"date":1767225600,'
    b'"chat":{"id":1,"type":"private","first_name":"Hoa"},"text":"ok"}}'
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "


class StubProtocol(asyncio.Protocol):
    """Reads requests with a Content-Length, counts them, answers each."""

    taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        assert isinstance(transport, asyncio.Transport), "a stub listens on TCP"
        self._transport, self._data = transport, b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in what came so far."""
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._data) < end + 4 + length:
                return
            self._data = self._data[end + 4 + length :]
            self._answer(counts=head.startswith(b"post"))

    def _answer(self, *, counts: bool) -> None:
        StubProtocol.taken += counts
        body = ANSWER if counts else str(StubProtocol.taken).encode()
        self._transport.write(HEAD + str(len(body)).encode() + b"\r\n\r\n" + body)


@dataclass(frozen=True, slots=True)
class Stub:
    """A running stub."""

    process: Process

    @property
    def url(self) -> str:
        """The base address that stands for https://api.telegram.org."""
        return f"http://127.0.0.1:{self.process.port}"

    def taken(self) -> int:
        """Return how many messages it has taken."""
        with urlopen(self.url) as answer:
            return int(answer.read())


@asynccontextmanager
async def stub() -> AsyncIterator[Stub]:
    """Run a stub while the block runs."""
    async with child("benchmarks.stub") as process:
        yield Stub(process)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(StubProtocol, "127.0.0.1", 0)
    await until_closed(server.sockets[0].getsockname()[1])


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve()))
