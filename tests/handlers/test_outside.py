"""Asking servers of others is bounded, follows nobody, and no failure of it quotes an address."""

import asyncio
import json
import logging
import socket
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from handlers.outside import Answered, OutsideFailed, ask, open_outside, read_bounded
from tests.fakes.faulty import Asked, Fault, Faulty, Kind, Reply, Scripted, serving

SECRET = "4242:canary-of-the-token"
RIGHT = {"ok": True}


def right(asked: Asked) -> Reply:
    headers = {"Content-Type": "application/json", "Set-Cookie": "seen=1; Path=/"}
    return Reply(200, json.dumps(RIGHT).encode(), headers)


@asynccontextmanager
async def asking(
    *faults: Fault,
) -> AsyncIterator[tuple[Faulty, aiohttp.ClientSession, str]]:
    """Our session and a server to which these happen; what is slow is not waited for."""
    seconds = 1.0 if any(fault.seconds for fault in faults) else 20.0
    async with (
        serving(right, Scripted(list(faults))) as faulty,
        open_outside(total_seconds=seconds) as http,
    ):
        yield faulty, http, f"{faulty.address}/bot{SECRET}/send"


async def test_an_answer_comes_whole_whatever_its_status() -> None:
    async with asking(Fault(), Fault("status", 404)) as (faulty, http, url):
        assert await ask(http, "POST", url, json={"a": "ế"}) == Answered(200, b'{"ok": true}')
        assert (await ask(http, "POST", url)).status == 404
        assert json.loads(faulty.ledger[0].body) == {"a": "ế"}
        assert faulty.ledger[0].headers["user-agent"] == "KhaiHoc"


async def test_cookies_are_not_kept() -> None:
    async with asking() as (faulty, http, url):
        await ask(http, "GET", url)
        await ask(http, "GET", url)
        assert [asked.headers.get("cookie") for asked in faulty.ledger] == [None, None]


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with asking() as (_, http, url):
        assert (await ask(http, "GET", url)).status == 200


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("delay", "timeout"),
        ("slow_loris", "timeout"),
        ("drop", "broken"),
        ("accept_then_drop", "broken"),
        ("reset", "broken"),
        ("accept_then_reset", "broken"),
        ("long_length", "broken"),
    ],
)
async def test_what_fails_on_a_connection_may_have_been_sent(kind: Kind, reason: str) -> None:
    async with asking(Fault(kind, seconds=60.0)) as (_, http, url):
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "POST", url, json={})
        assert (failed.value.reason, failed.value.sent) == (reason, True)


async def test_where_nobody_listens_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with open_outside() as http:
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "POST", f"http://127.0.0.1:{port}/x", json={})
    assert (failed.value.reason, failed.value.sent) == ("connection", False)


async def test_who_cannot_prove_to_be_the_server_gets_nothing(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_made(tmp_path))
    taken: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/{SECRET}"
    async with server, open_outside() as http:
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "POST", url, json={})
    assert (failed.value.reason, failed.value.sent, taken) == ("tls", False, [])


def self_made(folder: Path) -> Path:
    """Return a file with a key and a certificate that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    plain = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "self-made.pem"
    file.write_bytes(key.private_bytes(*plain) + certificate.public_bytes(Encoding.PEM))
    return file


async def test_a_name_that_never_resolves_ends_unsent() -> None:
    async with open_outside(total_seconds=0.1, resolver=Stuck()) as http:
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "POST", "http://zalo.example/x", json={})
    assert (failed.value.reason, failed.value.sent) == ("timeout", False)


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http://", "nonsense"])
async def test_no_address_is_no_request(url: str) -> None:
    async with open_outside() as http:
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "GET", url)
    assert (failed.value.reason, failed.value.sent) == ("address", False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_nobody_is_followed_elsewhere(status: int) -> None:
    def lead_away(_: Asked) -> Reply:
        return Reply(status, b"", {"Location": "/elsewhere"})

    async with serving(lead_away) as faulty, open_outside() as http:
        with pytest.raises(OutsideFailed, match="redirect"):
            await ask(http, "POST", f"{faulty.address}/x")
        with pytest.raises(OutsideFailed, match="redirect"):
            await http.get(f"{faulty.address}/x")
        assert [asked.target for asked in faulty.ledger] == ["/x", "/x"]


async def test_an_answer_longer_than_agreed_is_not_read_to_its_end() -> None:
    def long(_: Asked) -> Reply:
        return Reply(200, b"x" * 100_001)

    async with serving(long) as faulty, open_outside() as http:
        with pytest.raises(OutsideFailed, match="too_large"):
            await ask(http, "GET", faulty.address, most=100_000)
        assert len((await ask(http, "GET", faulty.address, most=100_001)).body) == 100_001


async def test_a_body_that_breaks_off_is_a_failure_and_not_a_short_body() -> None:
    async with (
        serving(lambda _: Reply(200, b"half", {"Content-Length": "1000"})) as faulty,
        open_outside(total_seconds=1.0) as http,
        http.get(faulty.address) as response,
    ):
        with pytest.raises(OutsideFailed) as failed:
            await read_bounded(response, 10_000)
    assert (failed.value.reason, failed.value.sent) == ("timeout", True)


@pytest.mark.parametrize("kind", ["delay", "drop", "accept_then_reset", "long_length"])
async def test_no_failure_says_the_address(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with asking(Fault(kind, seconds=60.0)) as (_, http, url):
        with pytest.raises(OutsideFailed) as failed:
            await ask(http, "POST", url, json={})
    said = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert SECRET not in said + caplog.text
    assert failed.value.__context__ is None


class Stuck(aiohttp.abc.AbstractResolver):
    """Never finds an address."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        await asyncio.Event().wait()
        return []

    async def close(self) -> None:
        pass
