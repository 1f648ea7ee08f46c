"""Which addresses of photos are believed, and which machines are outside of our own network."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote

LONGEST = 2_048
_PORTS = {"https": 443, "http": 80}
# Nothing but a plain name and a path: no user, no brackets, no escapes, no line breaks.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^\s#\\\x00-\x1f\x7f]*)?(?:#.*)?",
    re.IGNORECASE | re.ASCII,
)
# However a number may be written (1.2.3.4, 0x7f.1, 0177.0.0.1, 2130706433): it is no name.
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)", re.IGNORECASE | re.ASCII)
_WHOLE_V6 = IPv6Network("2000::/3")
# IANA special-purpose registries (RFC 6890 and after), what a general rule would leave open.
_CLOSED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    )
)  # fmt: skip
# Translates to the IPv4 address in its last 32 bits (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Source:
    """The address of a photo, taken apart: `host` is a name in lower case, `path` is as written."""

    host: str
    path: str
    secure: bool

    def url(self, scheme: str) -> str:
        """Return the address under `scheme`, at its usual port."""
        return f"{scheme}://{self.host}{self.path}"


def read_source(text: str, hosts: Collection[str]) -> Source | None:
    """Return the address of a photo on one of `hosts` or below one; None for any other."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        return None
    scheme, host = found["scheme"].lower(), found["host"].lower()
    if _NUMBER.fullmatch(host.rpartition(".")[2]) or not _is_among(host, hosts):
        return None
    if found["port"] is not None and int(found["port"]) != _PORTS[scheme]:
        return None
    path = quote(found["path"] or "/", safe="".join(map(chr, range(0x21, 0x7F))))
    return Source(host, path, scheme == "https")


def _is_among(host: str, hosts: Collection[str]) -> bool:
    return any(host == one.lower() or host.endswith(f".{one.lower()}") for one in hosts if one)


def is_outside(address: str) -> bool:
    """Tell whether an IP address is on the public net: not ours, not a neighbour's, no group.

    Whatever is no plain address (with a zone, a port, mapped into another kind) is not.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        return _is_outside_v6(found)
    return found.is_global and not _is_closed(found)


def _is_outside_v6(found: IPv6Address) -> bool:
    if found.scope_id is not None:
        return False
    if found in _TRANSLATED:
        return is_outside(str(IPv4Address(int(found) & 0xFFFF_FFFF)))
    return found in _WHOLE_V6 and found.is_global and not _is_closed(found)


def _is_closed(found: IPv4Address | IPv6Address) -> bool:
    return any(found.version == network.version and found in network for network in _CLOSED)
