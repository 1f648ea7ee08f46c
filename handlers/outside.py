"""Asking servers of others over HTTP: the one place where such connections of ours are opened.

Bounded in time and size, no redirects, no cookies, no proxy from the environment. What fails is an
`OutsideFailed` with a word of ours: addresses stand in no exception and no log, since the Zalo Bot
API has its token in them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace

import aiohttp
from aiohttp.abc import AbstractResolver

CONNECT_SECONDS = 5.0
# Shorter than servers usually keep a quiet connection: a request on one they just closed might or
# might not have arrived.
QUIET_SECONDS = 10.0
CONNECTIONS = 64
MOST_ANSWER = 256 * 1024
PIECE = 64 * 1024
HEADERS = {"User-Agent": "KhaiHoc", "Accept-Encoding": "identity"}
FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


class OutsideFailed(Exception):
    """Nothing usable came back. `sent`: the request may have reached the server.

    `reason` is one of timeout, connection, tls, address, redirect, too_large, broken.
    """

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.reason, self.sent = reason, sent


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the HTTP status and the whole body."""

    status: int
    body: bytes


@dataclass(slots=True)
class _Way:
    """How far a request got: `sent` from the moment it had a connection."""

    sent: bool = False


@asynccontextmanager
async def open_outside(
    *,
    total_seconds: float = 20,
    connect_seconds: float = CONNECT_SECONDS,
    resolver: AbstractResolver | None = None,
) -> AsyncIterator[aiohttp.ClientSession]:
    """Give a session inside the block; each request on it ends within `total_seconds`.

    `resolver` decides which addresses a name has (addresses written as numbers never ask it). Use
    it through `ask`, or else never let one of aiohttp's exceptions out: they quote addresses.
    """
    connector = aiohttp.TCPConnector(
        limit=CONNECTIONS, keepalive_timeout=QUIET_SECONDS, resolver=resolver
    )
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=total_seconds, connect=connect_seconds),
        headers=HEADERS,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        middlewares=(_refuse_redirect,),
        trace_configs=[_watch_way()],
    ) as http:
        yield http


async def ask(
    http: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    json: object = None,
    data: object = None,
    params: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
    most: int = MOST_ANSWER,
) -> Answered:
    """Return what a server answered, whatever its status; `json` or `data` is the body.

    `seconds` instead of the session's own bound on the whole. Raises OutsideFailed.
    """
    way = _Way()
    timeout = http.timeout
    if seconds is not None:
        timeout = aiohttp.ClientTimeout(total=seconds, connect=timeout.connect)
    try:
        async with http.request(
            method,
            url,
            json=json,
            data=data,
            params=params,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            trace_request_ctx=way,
        ) as response:
            return Answered(response.status, await read_bounded(response, most))
    except FAILURES as failed:
        reason = _reason(failed)
    # Not inside the `except`: as a context too, aiohttp's exception would quote the address.
    raise OutsideFailed(reason, sent=way.sent)


async def read_bounded(response: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of at most `most` bytes; raises OutsideFailed if it is longer or breaks."""
    body = bytearray()
    try:
        while piece := await response.content.read(PIECE):
            body += piece
            if len(body) > most:
                raise OutsideFailed("too_large", sent=True)
        return bytes(body)
    except FAILURES as failed:
        reason = _reason(failed)
    raise OutsideFailed(reason, sent=True)


def _reason(failed: Exception) -> str:
    # A certificate that is refused is an SSLError and a connection error at once: ask this first.
    if isinstance(failed, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch):
        return "tls"
    if isinstance(failed, TimeoutError):
        return "timeout"
    if isinstance(failed, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return "address"
    if isinstance(failed, aiohttp.ClientConnectorError):
        return "connection"
    return "broken"


async def _refuse_redirect(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Follow nobody elsewhere, also where a caller forgot to say so."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise OutsideFailed("redirect", sent=True)
    return response


def _watch_way() -> aiohttp.TraceConfig:
    watch = aiohttp.TraceConfig()
    watch.on_connection_create_end.append(_connected)
    watch.on_connection_reuseconn.append(_connected)
    return watch


async def _connected(http: aiohttp.ClientSession, context: SimpleNamespace, _: object) -> None:
    if isinstance(context.trace_request_ctx, _Way):
        context.trace_request_ctx.sent = True
