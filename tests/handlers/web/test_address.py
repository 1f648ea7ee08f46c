"""The address limits count by: nothing a client writes into X-Forwarded-For moves it."""

from ipaddress import ip_network

import pytest
from starlette.requests import HTTPConnection

from handlers.web.address import client_address, limit_key

TRUSTED = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1/32", "fd00::/8")))


def connection(peer: str | None, *lines: str) -> HTTPConnection:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    client = (peer, 5000) if peer else None
    return HTTPConnection({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "lines", "address"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("127.0.0.1", ("1.1.1.1", "198.51.100.1, 10.1.1.1"), "198.51.100.1"),
        ("127.0.0.1", ("10.2.2.2, 10.1.1.1",), "10.2.2.2"),
        ("127.0.0.1", ("198.51.100.1:4711",), "198.51.100.1"),
        ("127.0.0.1", ("[2001:db8::7]:4711",), "2001:db8::7"),
        ("127.0.0.1", ("2001:db8::7",), "2001:db8::7"),
        ("127.0.0.1", ("1.1.1.1, unknown, 10.1.1.1",), "10.1.1.1"),
        ("127.0.0.1", ("",), "127.0.0.1"),
        ("127.0.0.1", ("<script>, \xff",), "127.0.0.1"),
        ("127.0.0.1", (", ".join(["10.0.0.1"] * 5000),), "10.0.0.1"),
        ("::ffff:127.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), "unknown"),
        ("testclient", ("198.51.100.1",), "unknown"),
    ],
)
def test_the_address_is_the_right_most_hop_that_is_not_ours(
    peer: str | None, lines: tuple[str, ...], address: str
) -> None:
    assert client_address(connection(peer, *lines), TRUSTED) == address


def test_without_trusted_proxies_only_the_peer_counts() -> None:
    assert client_address(connection("127.0.0.1", "198.51.100.1"), ()) == "127.0.0.1"


def test_limits_count_ipv6_by_network_and_ipv4_by_address() -> None:
    assert limit_key(connection("2001:db8:1:2:3::9"), ()) == "2001:db8:1:2::/64"
    assert limit_key(connection("2001:db8:1:2::1"), ()) == "2001:db8:1:2::/64"
    assert limit_key(connection("203.0.113.9"), ()) == "203.0.113.9"
