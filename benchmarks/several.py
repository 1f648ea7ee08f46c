"""two_workers: how much faster two worker processes drain what waits than one, on PostgreSQL.

Workers, database server and nothing else share the machine's cores: the messages are there before
the workers are let go. Real processes, started as an operator starts them.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, Person, bodies, our_program
from handlers.web.read import ChosenRaw, TypedRaw, encode
from handlers.web.requests import EventSent
from storage import inbox
from storage.database import Database
from storage.inbox import Arrival
from storage.seams import Seams, to_ms
from tests.databases import Server

PEOPLE = 512
ROUNDS = 3
WANTED = 1.6
HEAD = ("workers", "turns/s, median")


async def measure() -> list[Figure]:
    """Print the table and return its figure: the time of two against the time of one."""
    server = Server(durable=True)
    try:
        speeds: dict[int, list[float]] = {1: [], 2: []}
        for number in range(ROUNDS):
            for workers, found in speeds.items():
                found.append(await _drain(server, f"several{number}{workers}", workers))
    finally:
        server.stop()
    rows = [(workers, median(found)) for workers, found in speeds.items()]
    print(table("Draining what waits, by worker processes on PostgreSQL", HEAD, rows))
    ratio = median(one / two for one, two in zip(speeds[1], speeds[2], strict=True))
    return [Figure("two_workers", ratio, "x time of one", 1 / WANTED)]


async def _drain(server: Server, name: str, workers: int) -> float:
    """Return turns per second with so many workers on a database of their own."""
    secret, url = secrets.token_hex(32), server.create(name)
    async with our_program(database_url=url, secret_key=secret) as ours:
        people = await ours.arrive(PEOPLE)
    arrivals = [arrival for person in people for arrival in _arrivals(person)]
    with TemporaryDirectory(prefix="khaihoc-bench-") as folder:
        async with AsyncExitStack() as running:
            for number in range(workers):
                home = Path(folder) / str(number)
                await running.enter_async_context(_worker(url, secret, home))
            await asyncio.to_thread(_until, server, name, _PRESENT, workers)
            await _keep(url, arrivals)
            began = time.perf_counter()
            await asyncio.to_thread(_until, server, name, _WAITING, 0)
            return len(arrivals) / (time.perf_counter() - began)


_PRESENT = (
    "SELECT count(*)::int FROM pg_locks, pg_database d WHERE locktype = 'advisory' AND objid = 1"
    " AND mode = 'ShareLock' AND database = d.oid AND d.datname = current_database()"
)
_WAITING = "SELECT count(*)::int FROM inbox WHERE status = 0"


def _until(server: Server, name: str, query: str, wanted: int) -> None:
    """Ask from time to time until the database says `wanted`."""
    while server.rows(name, query) != [(wanted,)]:
        time.sleep(0.02)


def _arrivals(person: Person) -> Sequence[Arrival]:
    """Return what a person's page sends, as the door keeps it."""
    now_ms = to_ms(Seams().now())
    sent = [msgspec.json.decode(body, type=EventSent) for body in bodies(person, ANSWERS)]
    raws = [
        TypedRaw(s.text, s.screen) if s.text else ChosenRaw(s.screen or "", s.choice or "")
        for s in sent
    ]
    return [
        Arrival("web", person.sender, str(s.event_id), encode(raw), now_ms)
        for s, raw in zip(sent, raws, strict=True)
    ]


async def _keep(url: str, arrivals: Sequence[Arrival]) -> None:
    database = Database(url, Seams())
    await database.start()
    await database.write(lambda c: inbox.add(c, arrivals))
    await database.stop()


@asynccontextmanager
async def _worker(url: str, secret: str, home: Path) -> AsyncIterator[None]:
    """Run a worker process while the block runs."""
    named = {"DATABASE_URL": url, "SECRET_KEY": secret, "VAR_DIR": str(home), "LOG_LEVEL": "error"}
    environment = {f"KHAIHOC_{name}": value for name, value in named.items()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", "--roles", "turns", env={**os.environ, **environment}
    )
    try:
        yield
    finally:
        process.terminate()
        await process.wait()
