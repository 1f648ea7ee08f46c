"""From a name to the machines that may be connected to: looked up once, all of them checked."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from aiohttp.abc import AbstractResolver, ResolveResult

from handlers.far.addresses import is_outside

# Looking a name up blocks a thread, for long where the net is bad: never one that writes files.
LOOKERS = 4
Lookup = Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where to connect to: an IP address and a port."""

    address: str
    port: int


class NotOutside(Exception):
    """A name leads, or may lead, into our own network."""


class Dialler(Protocol):
    """Says which machines stand behind a name."""

    async def find(self, host: str, port: int) -> tuple[Machine, ...]:
        """Return them; raises NotOutside, and OSError where the name cannot be looked up."""


class Outward:
    """The net as it is. One address inside among a name's many, and none of them is used."""

    def __init__(self, lookup: Lookup | None = None) -> None:
        self._lookup = lookup or _addresses
        self._threads = ThreadPoolExecutor(LOOKERS, thread_name_prefix="names")

    async def find(self, host: str, port: int) -> tuple[Machine, ...]:
        """Return the machines behind a name, every one of them outside."""
        looking = asyncio.get_running_loop().run_in_executor(self._threads, self._lookup, host)
        addresses = await looking
        if not addresses:
            raise OSError("a name without addresses")
        if not all(map(is_outside, addresses)):
            raise NotOutside
        return tuple(Machine(address, port) for address in addresses)


def _addresses(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except UnicodeError:
        raise OSError("no name that can be looked up") from None
    return list(dict.fromkeys(str(place[0]) for *_, place in found))


class Fixed(AbstractResolver):
    """Answers for one name with machines that were found before: nothing is looked up again."""

    def __init__(self, host: str, machines: Sequence[Machine]) -> None:
        self._host, self._machines = host, tuple(machines)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the machines; OSError for any other name."""
        if host != self._host:
            raise OSError("another name than the one looked up")
        return [_result(host, machine) for machine in self._machines]

    async def close(self) -> None:
        """Nothing is held open."""


def _result(host: str, machine: Machine) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=machine.address,
        port=machine.port,
        family=socket.AF_INET6 if ":" in machine.address else socket.AF_INET,
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
