"""Fetching a photo: from allowed hosts only, never from inside, bounded whatever comes."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import pytest

from handlers.far.dialling import Machine, Outward
from handlers.far.fetch import Fetcher, NotFetched
from storage.photos import Incoming
from tests.fakes.photo_host import HOST, Near, PhotoHost, Write, answer, certified, photo_host
from tests.handlers.far.test_addresses import INSIDE

HOSTS = ("zdn.vn",)
NAME = "far-000000000001-00"
MAX_BYTES = 200_000
SERVER, CLIENT = certified("*.zdn.vn")


class Place:
    """A fetcher, the folder it fills, the host it reaches and the net between them."""

    def __init__(self, folder: Path, host: PhotoHost, *, seconds: float = 20.0) -> None:
        names = (f"upload-number-{n:04d}" for n in count())
        self.folder = folder / "incoming"
        self.incoming = Incoming(self.folder, lambda: next(names))
        self.host, self.near = host, Near(host)
        self.fetcher = Fetcher(
            HOSTS, self.near, self.incoming, max_bytes=MAX_BYTES, seconds=seconds, tls=CLIENT
        )

    async def refused(self, address: str) -> tuple[str, str, bool]:
        """Return why an address is not fetched; nothing of it stays."""
        with pytest.raises(NotFetched) as caught:
            await self.fetcher.fetch(address, NAME)
        assert caught.value.__context__ is None or "zdn" not in repr(caught.value.__context__)
        assert "zdn" not in str(caught.value)
        assert self.files() == {}
        return caught.value.reason, caught.value.detail, caught.value.passes

    def files(self) -> dict[str, bytes]:
        """Return everything in the folder."""
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


@asynccontextmanager
async def placed(folder: Path, *, seconds: float = 20.0) -> AsyncIterator[Place]:
    async with photo_host(SERVER) as host:
        yield Place(folder, host, seconds=seconds)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(tmp_path) as found:
        yield found


async def test_the_bytes_are_brought_under_the_given_name(place: Place) -> None:
    await place.fetcher.fetch(place.host.say("/a.jpg?x=1", answer(b"photo" * 9_000)), NAME)
    assert place.files() == {NAME: b"photo" * 9_000}
    (head,) = place.host.headers
    lines = dict(line.split(": ", 1) for line in head.strip().split("\r\n")[1:])
    assert head.startswith("GET /a.jpg?x=1 HTTP/1.1\r\n")
    assert lines == {
        "Host": HOST,
        "User-Agent": "KhaiHoc",
        "Accept-Encoding": "identity",
        "Accept": "image/*",
    }


async def test_what_lies_there_from_before_is_replaced(place: Place) -> None:
    place.incoming.path(NAME).write_bytes(b"of somebody else")
    await place.fetcher.fetch(place.host.say("/a", answer(b"mine")), NAME)
    assert place.files() == {NAME: b"mine"}


async def test_an_address_elsewhere_is_refused_before_anything_is_looked_up(place: Place) -> None:
    assert await place.refused("https://evil.vn/a.jpg") == ("unfetched", "address", False)
    assert (place.near.found, place.host.connections) == ([], 0)


class Ported(Outward):
    """The net as `addresses` tells it, but every port leads to a listener of ours."""

    def __init__(self, addresses: list[str], port: int) -> None:
        super().__init__(lambda _: addresses)
        self._port = port

    async def find(self, host: str, port: int) -> tuple[Machine, ...]:
        """Return the checked machines at our port."""
        found = await super().find(host, port)
        return tuple(Machine(machine.address, self._port) for machine in found)


@pytest.mark.parametrize("address", INSIDE)
async def test_a_name_that_leads_inside_is_never_connected_to(place: Place, address: str) -> None:
    """Also among other addresses, however many: the listener counts who knocks at its door."""
    for addresses in ([address], ["8.8.8.8", address], [address, "2001:4860:4860::8888"]):
        dialler = Ported(addresses, place.host.port)
        place.fetcher = Fetcher(HOSTS, dialler, place.incoming, max_bytes=9, tls=CLIENT)
        for url in (f"https://{HOST}/a", f"http://{HOST}/a", f"https://{HOST}:443/a"):
            assert await place.refused(url) == ("unfetched", "inside", False)
    assert place.host.connections == 0


async def test_a_name_is_looked_up_once_and_what_it_leads_to_later_does_not_count(
    place: Place,
) -> None:
    """Rebinding: the first look shows us a machine, every later one the inside."""
    looked: list[str] = []
    place.near.leads[443] = Machine("127.0.0.1", place.host.port)

    class Rebinding:
        async def find(self, host: str, port: int) -> tuple[Machine, ...]:
            looked.append(host)
            first = len(looked) == 1
            return (Machine("127.0.0.1", place.host.port),) if first else (Machine("::1", 9),)

    fetcher = Fetcher(HOSTS, Rebinding(), place.incoming, max_bytes=99, tls=CLIENT)
    await fetcher.fetch(place.host.say("/a", answer(b"x")), NAME)
    assert looked == [HOST]


async def test_the_system_names_nobody_outside_for_names_of_this_machine(tmp_path: Path) -> None:
    """The real lookup: `localhost` is inside, and what no name can be is no failure of ours."""
    fetcher = Fetcher(
        ("localhost.localdomain", "invalid"), Outward(), Incoming(tmp_path, str), max_bytes=9
    )
    for address in ("https://localhost.localdomain/a", "https://nobody.invalid/a"):
        with pytest.raises(NotFetched) as caught:
            await fetcher.fetch(address, NAME)
        assert caught.value.detail in ("inside", "name")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(place: Place, status: int) -> None:
    inside = f"Location: https://{HOST}/inside"
    address = place.host.say("/a", answer(b"", inside, status=f"{status} Moved"))
    place.host.say("/inside", answer(b"secret"))
    assert await place.refused(address) == ("unfetched", "redirect", False)
    assert place.host.asked == ["/a"]


@pytest.mark.parametrize("status", [403, 404, 410])
async def test_what_is_gone_is_gone(place: Place, status: int) -> None:
    address = place.host.say("/a", answer(b"no", status=f"{status} No"))
    assert await place.refused(address) == ("gone", f"status_{status}", False)


@pytest.mark.parametrize(
    ("status", "passes"),
    [(500, True), (502, True), (503, True), (504, True), (408, True), (425, True), (429, True),
     (400, False), (401, False), (204, False), (206, False), (304, False), (418, False)],
)  # fmt: skip
async def test_what_a_status_means_later(place: Place, status: int, passes: bool) -> None:
    address = place.host.say("/a", answer(b"", status=f"{status} So"))
    *_, later = await place.refused(address)
    assert later is passes


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def endless_chunks(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
        await writer.drain()


async def silent(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


async def dripping_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    for n in count():
        writer.write(f"X-{n}: 1\r\n".encode())
        await writer.drain()
        await asyncio.sleep(0.02)


async def broken_off(writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"x" * 5_000)[:-1_000])
    await writer.drain()


@pytest.mark.parametrize("body", [endless, endless_chunks])
async def test_an_endless_body_ends_at_the_bound(place: Place, body: Write) -> None:
    assert await place.refused(place.host.say("/a", body)) == ("too_big", "size", False)


async def test_a_body_that_is_one_byte_too_long_is_too_long(place: Place) -> None:
    await place.fetcher.fetch(place.host.say("/fits", answer(b"x" * MAX_BYTES)), NAME)
    await place.incoming.remove(NAME)
    address = place.host.say("/a", answer(b"x" * (MAX_BYTES + 1)))
    assert await place.refused(address) == ("too_big", "size", False)


@pytest.mark.parametrize("body", [silent, dripping, dripping_head])
async def test_a_slow_server_is_left_after_the_time(tmp_path: Path, body: Write) -> None:
    async with placed(tmp_path, seconds=0.5) as place:
        began = time.monotonic()
        reason, detail, passes = await place.refused(place.host.say("/a", body))
        assert (reason, detail in ("timeout", "broken"), passes) == ("unfetched", True, True)
        assert time.monotonic() - began < 10


async def test_a_body_that_breaks_off_may_be_whole_later(place: Place) -> None:
    assert await place.refused(place.host.say("/a", broken_off)) == ("unfetched", "broken", True)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200\x00OK\r\n\r\n",
        b"HTTP/1.1 999999 So\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_nonsense_is_no_photo_and_no_crash(place: Place, said: bytes) -> None:
    assert await place.refused(place.host.say("/a", said)) == ("unfetched", "broken", True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "GZIP"])
async def test_what_comes_packed_is_not_unpacked(place: Place, encoding: str) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    address = place.host.say("/a", answer(bomb, f"Content-Encoding: {encoding}"))
    assert (await place.refused(address))[0] == "unfetched"


async def test_cookies_and_proxies_mean_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for _ in range(2):
        await place.fetcher.fetch(place.host.say("/a", answer(b"x", "Set-Cookie: a=b")), NAME)
    assert all("Cookie" not in head for head in place.host.headers)


async def test_an_address_without_tls_is_tried_with_it_first(place: Place) -> None:
    place.host.say("/a", answer(b"x"))
    await place.fetcher.fetch(f"http://{HOST}/a", NAME)
    assert (place.near.found, place.files()) == ([(HOST, 443)], {NAME: b"x"})


async def test_an_address_without_tls_is_fetched_as_it_is_where_tls_leads_nowhere(
    tmp_path: Path,
) -> None:
    async with photo_host() as plain:
        place = Place(tmp_path, plain)
        plain.say("/a", answer(b"x"))
        # Once nobody listens there, once somebody who speaks no TLS.
        for machine in (Machine("127.0.0.1", 1), Machine("127.0.0.1", plain.port)):
            place.near.leads[443], place.near.found = machine, []
            await place.fetcher.fetch(f"http://{HOST}/a", NAME)
            assert place.near.found == [(HOST, 443), (HOST, 80)]
            assert place.files() == {NAME: b"x"}


async def test_an_address_with_tls_is_never_fetched_without(tmp_path: Path) -> None:
    async with photo_host() as plain:
        place = Place(tmp_path, plain)
        assert await place.refused(plain.say("/a", answer(b"x"))) == (
            "unfetched",
            "unreached",
            True,
        )
        assert (plain.asked, place.near.found) == ([], [(HOST, 443)])


async def test_a_certificate_of_somebody_else_is_refused(tmp_path: Path) -> None:
    server, _ = certified("*.zdn.vn")
    async with photo_host(server) as host:
        place = Place(tmp_path, host)
        assert await place.refused(host.say("/a", answer(b"x"))) == ("unfetched", "unreached", True)
        assert host.asked == []


async def test_a_fetch_that_is_broken_off_leaves_nothing(place: Place) -> None:
    fetching = asyncio.create_task(place.fetcher.fetch(place.host.say("/a", dripping), NAME))
    for _ in range(1_000):
        if place.files():
            break
        await asyncio.sleep(0.01)
    assert place.host.asked == ["/a"]
    fetching.cancel()
    with suppress(asyncio.CancelledError):
        await fetching
    assert place.files() == {}


async def test_a_disk_that_refuses_is_no_fault_of_the_photo(place: Place) -> None:
    address = place.host.say("/a", answer(b"x"))
    place.folder.rmdir()
    with pytest.raises(FileNotFoundError):
        await place.fetcher.fetch(address, NAME)
