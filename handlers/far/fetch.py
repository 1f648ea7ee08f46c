"""One photo, from its address on a platform into `incoming/`.

Allowed hosts only, https first, no redirects, nothing decoded, bounded in size and time. What comes
is written to disk as it comes; whether it is a photo is for the inspector to say.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Collection

import aiohttp
from yarl import URL

from handlers.far.addresses import Source, read_source
from handlers.far.dialling import Dialler, Fixed, NotOutside
from handlers.outside import CONNECT_SECONDS, FAILURES, OutsideFailed, open_outside
from storage.photos import Incoming, TooLarge

SECONDS = 20.0
PIECE = 64 * 1024
GONE = (403, 404, 410)
# RFC 9110, sections 15.5.9 and 15.6; RFC 6585, section 4; RFC 8470, section 5.2.
MAY_PASS = (408, 425, 429)
UNREACHED = (aiohttp.ClientConnectorError, aiohttp.ClientSSLError, aiohttp.ConnectionTimeoutError)


class NotFetched(Exception):
    """The bytes are not here. `passes`: the same may succeed later.

    `reason` has a text "photo.refused.<reason>" where it does not pass; `detail` is a code for the
    log. Neither holds anything of the address.
    """

    code = "photo_not_fetched"

    def __init__(self, reason: str, detail: str, *, passes: bool = False) -> None:
        super().__init__(f"{reason} {detail}")
        self.reason, self.detail, self.passes = reason, detail, passes


class Fetcher:
    """Fetches photos from `hosts` and hosts below them, of at most `max_bytes`."""

    def __init__(
        self,
        hosts: Collection[str],
        dialler: Dialler,
        incoming: Incoming,
        *,
        max_bytes: int,
        seconds: float = SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._hosts, self._dialler, self._incoming = tuple(hosts), dialler, incoming
        self._max_bytes, self._seconds, self._tls = max_bytes, seconds, tls

    async def fetch(self, address: str, name: str) -> None:
        """Bring what lies at `address` into `incoming/` as `name`, synced to disk.

        Raises NotFetched, and OSError when our own disk refuses; then nothing of it stays.
        """
        source = read_source(address, self._hosts)
        if source is None:
            raise NotFetched("unfetched", "address")
        try:
            async with asyncio.timeout(self._seconds):
                await self._fetch(source, name)
            return
        except TimeoutError:
            pass
        raise NotFetched("unfetched", "timeout", passes=True)

    async def _fetch(self, source: Source, name: str) -> None:
        """Try https; an address that came without it is tried as it is where that leads nowhere."""
        try:
            await self._bring(source, "https", 443, name)
            return
        except NotFetched as failed:
            if source.secure or failed.detail != "unreached":
                raise
        await self._bring(source, "http", 80, name)

    async def _bring(self, source: Source, scheme: str, port: int, name: str) -> None:
        fixed = await self._found(source.host, port)
        async with open_outside(
            total_seconds=self._seconds,
            connect_seconds=min(CONNECT_SECONDS, self._seconds / 4),
            resolver=fixed,
        ) as http:
            response = await self._asked(http, source.url(scheme))
            try:
                _judge(response)
                await self._incoming.receive(_pieces(response), self._max_bytes, name)
            except TooLarge:
                raise NotFetched("too_big", "size") from None
            finally:
                response.close()

    async def _found(self, host: str, port: int) -> Fixed:
        try:
            return Fixed(host, await self._dialler.find(host, port))
        except NotOutside:
            failed = NotFetched("unfetched", "inside")
        except OSError:
            failed = NotFetched("unfetched", "name", passes=True)
        raise failed

    async def _asked(self, http: aiohttp.ClientSession, url: str) -> aiohttp.ClientResponse:
        try:
            return await http.get(
                URL(url, encoded=True),
                allow_redirects=False,
                ssl=self._tls or True,
                headers={"Accept": "image/*"},
            )
        except OutsideFailed as refused:
            failed = NotFetched("unfetched", refused.reason)
        except UNREACHED:
            failed = NotFetched("unfetched", "unreached", passes=True)
        except FAILURES:
            failed = NotFetched("unfetched", "broken", passes=True)
        # Not inside the `except`: as a context too, aiohttp's exception would quote the address.
        raise failed


def _judge(response: aiohttp.ClientResponse) -> None:
    """Refuse what is no photo's answer before anything of it is taken."""
    status = response.status
    if status in GONE:
        raise NotFetched("gone", f"status_{status}")
    if status != 200:
        passes = status >= 500 or status in MAY_PASS
        raise NotFetched("unfetched", f"status_{status}", passes=passes)
    # Asked for as it is: a small answer must not become a large one here.
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NotFetched("unfetched", "encoded")


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    while True:
        try:
            piece = await response.content.read(PIECE)
        except FAILURES:
            piece = None
        if piece is None:
            raise NotFetched("unfetched", "broken", passes=True)
        if not piece:
            return
        yield piece
