"""A platform's photo servers: a socket that answers as told, and the names that lead to it."""

import asyncio
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from handlers.far.dialling import Machine

HOST = "photo-stal-1.zdn.vn"
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    """Return a whole HTTP answer; `lines` are further header lines."""
    head = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *lines)
    return "\r\n".join((*head, "", "")).encode() + body


@dataclass(slots=True)
class PhotoHost:
    """What it says to each path; who connected and what was asked."""

    port: int = 0
    says: dict[str, list[bytes | Write]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def say(self, path: str, *answers: bytes | Write) -> str:
        """Answer so at `path`, the last one for ever; return the address of it."""
        self.says[path] = list(answers)
        return f"https://{HOST}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await self._answer((await reader.readuntil(b"\r\n\r\n")).decode(), writer)
        self.open -= 1
        self.tasks.discard(task)
        writer.close()

    async def _answer(self, head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split(" ")[1]
        self.asked.append(path)
        self.headers.append(head)
        answers = self.says.get(path, [answer(b"", status="404 Not Found")])
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(said, bytes):
            writer.write(said)
            await writer.drain()
        else:
            await said(writer)


@dataclass(slots=True)
class Near:
    """Stands for the net: every name and port leads to the host here, or where `leads` says."""

    host: PhotoHost
    leads: dict[int, Machine] = field(default_factory=dict)
    found: list[tuple[str, int]] = field(default_factory=list)

    async def find(self, host: str, port: int) -> tuple[Machine, ...]:
        """Return our machine."""
        self.found.append((host, port))
        return (self.leads.get(port, Machine("127.0.0.1", self.host.port)),)


@asynccontextmanager
async def photo_host(tls: ssl.SSLContext | None = None) -> AsyncIterator[PhotoHost]:
    """Serve on this machine inside the block."""
    host = PhotoHost()
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        for task in (tasks := tuple(host.tasks)):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def certified(*names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server of `names` needs for TLS, and what a client needs to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    return _server(certificate, key), _client(certificate)


def _server(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    with tempfile.NamedTemporaryFile() as file:
        file.write(certificate.public_bytes(pem))
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def _client(certificate: x509.Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.load_verify_locations(cadata=certificate.public_bytes(serialization.Encoding.DER))
    return context
