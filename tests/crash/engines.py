"""Where the rows of a scenario live, and how they are copied while nobody uses them."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

import asyncpg

from tests.databases import PROGRAM, Server


class Engine(Protocol):
    """A kind of database. Everything here is called in a process of its own."""

    @property
    def name(self) -> str:
        """What people call it."""

    def url(self, home: Path) -> str:
        """Return DATABASE_URL of the database of `home`."""

    async def make(self, home: Path) -> None:
        """Make an empty database for `home`."""

    async def copy(self, source: Path, home: Path) -> None:
        """Give `home` a copy of the database of `source`, which nobody uses."""

    async def drop(self, home: Path) -> None:
        """Remove the database of `home`."""


@dataclass(frozen=True, slots=True)
class SQLite:
    """A file in the home folder."""

    name: str = "SQLite"

    def url(self, home: Path) -> str:
        """Return the address of the file."""
        return f"sqlite+aiosqlite:///{home}/khaihoc.db"

    async def make(self, home: Path) -> None:
        """The file is made when it is opened."""

    async def copy(self, source: Path, home: Path) -> None:
        """Copy the file with its log."""
        for name in ("khaihoc.db", "khaihoc.db-wal"):
            if (source / name).exists():
                shutil.copyfile(source / name, home / name)

    async def drop(self, home: Path) -> None:
        """The file goes with its folder."""


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A database for each home in one server that listens on a socket in a folder."""

    socket: str
    name: str = "PostgreSQL"

    def url(self, home: Path) -> str:
        """Return the address for the program, which owns its data and nothing more."""
        return f"postgresql+asyncpg://{PROGRAM}@/{_label(home)}?host={self.socket}"

    async def make(self, home: Path) -> None:
        """Create it."""
        await self._run(f"CREATE DATABASE {_label(home)} OWNER {PROGRAM}")

    async def copy(self, source: Path, home: Path) -> None:
        """Create it from the other one."""
        # Pages through the log: a copy of files would wait for a checkpoint of the whole server.
        how = f"OWNER {PROGRAM} TEMPLATE {_label(source)} STRATEGY wal_log"
        await self._run(f"CREATE DATABASE {_label(home)} {how}")

    async def drop(self, home: Path) -> None:
        """Drop it, with the connections that a kill left to the server."""
        await self._run(f"DROP DATABASE IF EXISTS {_label(home)} WITH (FORCE)")

    async def _run(self, order: str) -> None:
        connection = await asyncpg.connect(user="postgres", host=self.socket, database="postgres")
        try:
            await connection.execute(order)
        finally:
            await connection.close()


def _label(home: Path) -> str:
    return "h" + blake2b(os.fsencode(home), digest_size=12).hexdigest()


@contextmanager
def engine_of(name: str) -> Iterator[Engine]:
    """Give the engine of "sqlite" or "postgresql"; its server runs as long as the block.

    The server's threads live in a process of their own: whoever forks must have none.
    """
    if name == "sqlite":
        yield SQLite()
        return
    asking, ending = os.pipe()
    hearing, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(ending)
        _serve(asking, telling)
    os.close(asking)
    os.close(telling)
    with os.fdopen(hearing, "rb") as line:
        socket = line.readline().decode().strip()
    try:
        yield PostgreSQL(socket)
    finally:
        os.close(ending)
        os.waitpid(child, 0)


def _serve(asking: int, telling: int) -> None:
    """Run a server until the other side is closed; never return."""
    server = Server()
    os.write(telling, f"{server.url('postgres').rpartition('host=')[2]}\n".encode())
    os.close(telling)
    os.read(asking, 1)
    server.stop()
    os._exit(0)
