"""The address a request came from, behind proxies we trust (setting TRUSTED_PROXIES).

A client may write anything into `X-Forwarded-For`; each proxy adds, at the right end, whom it heard
it from. So the list is read from the right, and only for as long as a trusted proxy wrote it.
"""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.requests import HTTPConnection

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
# More hops than any real chain of proxies has.
HOPS = 20
# A household or a phone has a whole /64 of IPv6, so single addresses of it prove nothing.
IPV6_PREFIX = 64


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """Return the address of the right-most hop that is no proxy of ours, "unknown" without one.

    Behind trusted proxies only, it is the left-most of them; what cannot be read ends the chain.
    """
    hop = _read(connection.client.host) if connection.client else None
    if hop is None:
        return "unknown"
    for entry in _entries(connection):
        if not _is_in(hop, trusted):
            break
        before = _read(entry)
        if before is None:
            break
        hop = before
    return str(hop)


def limit_key(connection: HTTPConnection, trusted: Sequence[Network]) -> str:
    """Return what limits per address count by: the IPv4 address, or the /64 network of IPv6."""
    address = client_address(connection, trusted)
    found = _read(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_PREFIX), strict=False))
    return address


def _entries(connection: HTTPConnection) -> list[str]:
    """Return the hops of every `X-Forwarded-For` line, nearest first."""
    lines = connection.headers.getlist("x-forwarded-for")
    return ",".join(lines).split(",")[: -HOPS - 1 : -1]


def _read(entry: str) -> Address | None:
    """Return an address written as `1.2.3.4`, `1.2.3.4:80`, `::1` or `[::1]:80`."""
    text = entry.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
