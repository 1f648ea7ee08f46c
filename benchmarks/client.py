"""A small HTTP client on one kept connection: the load must cost less than what it loads."""

import asyncio
from dataclasses import dataclass, field


class Refused(Exception):
    """An answer that is not 200; the text is its status and body."""


@dataclass(slots=True)
class Client:
    """One browser: a connection and a cookie."""

    port: int
    cookie: bytes = b""
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None)

    async def post(self, path: str, body: bytes, more: bytes = b"") -> bytes:
        """Post JSON with `more` header lines and return the body of the answer."""
        # A server closes what was idle for some seconds; a browser then connects again.
        if self._streams is None or self._streams[0].at_eof():
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(
            b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b"Cookie: %b\r\nContent-Length: %d\r\n%b\r\n%b"
            % (path.encode(), self.cookie, len(body), more, body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        fields = [line.partition(b":") for line in head.split(b"\r\n")]
        named = {name.lower(): value.strip() for name, _, value in fields}
        answer = await reader.readexactly(int(named.get(b"content-length", b"0")))
        if not head.startswith(b"HTTP/1.1 200"):
            raise Refused(f"{head[:40]!r} {answer[:200]!r}")
        if b"set-cookie" in named:
            self.cookie = named[b"set-cookie"].partition(b";")[0]
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._streams is not None:
            self._streams[1].close()
