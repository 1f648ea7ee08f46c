"""The processes that share a PostgreSQL database: LISTEN/NOTIFY and session locks.

Each keeps one connection for it: a process that dies lets go of everything at once, and nobody has
to clean up.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from zlib import crc32

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from storage.engines import UNAVAILABLE, Connection, Engine
from storage.peers import ROLES, Peers
from storage.postgresql import Postgresql

CHANNEL = "khaihoc"
# Classes of advisory locks; any numbers nobody else on this database takes.
_PRESENT, _HELD = 20_260_201, 20_260_202
LOOK_SECONDS = 2.0
# PostgreSQL takes less than 8,000 bytes at once.
PAYLOAD = 7_900
LOST: tuple[type[Exception], ...] = (
    *UNAVAILABLE,
    DBAPIError,
    PendingRollbackError,
    OSError,
)
log = structlog.get_logger("peers")

_JOIN = text("SELECT pg_advisory_lock_shared(:class, :role)")
_COUNT = text(
    "SELECT objid, count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = :class"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " GROUP BY objid"
)
_TELL = text("SELECT pg_notify(:channel, :words)")
_HOLD = text("SELECT pg_try_advisory_lock(:class, :name)")
_RELEASE = text("SELECT pg_advisory_unlock(:class, :name)")


class FarPeers(Peers):
    """The processes that share a PostgreSQL database."""

    def __init__(self, engine: Engine) -> None:
        assert isinstance(engine, Postgresql), "only PostgreSQL is shared by processes"
        self._engine = engine
        self._counts: dict[str, int] = {}
        self._here: tuple[str, ...] = ()
        self._words: list[str] = []
        self._stirred = asyncio.Event()
        self._busy = asyncio.Lock()
        self._held: set[str] = set()
        self._connection: Connection | None = None
        self._hear: Callable[[str], None] = lambda word: None
        self._task: asyncio.Task[None] | None = None

    def count(self, role: str) -> int:
        """Return how many processes have a role, this one included."""
        return max(self._counts.get(role, 0), 1)

    def tell(self, word: str) -> None:
        """Tell the other processes a word; nothing is sent where there are none."""
        if any(self._counts.get(role, 0) > (role in self._here) for role in ROLES):
            self._words.append(word)
            self._stirred.set()

    async def hold(self, name: str) -> bool:
        """Try to be the only process that works on `name`; False also while unconnected."""
        if name in self._held:
            return True
        with suppress(*LOST):
            if await self._ask(_HOLD, {"class": _HELD, "name": _number(name)}):
                self._held.add(name)
        return name in self._held

    async def release(self, name: str) -> None:
        """Let go of what `hold` gave."""
        if name in self._held:
            self._held.discard(name)
            with suppress(*LOST):
                await self._ask(_RELEASE, {"class": _HELD, "name": _number(name)})

    async def join(self, roles: Iterable[str], hear: Callable[[str], None]) -> None:
        """Take part with these roles until `leave`; a lost connection is made again."""
        self._here, self._hear = tuple(roles), hear
        await self._connect()
        self.tell("hello")
        self._task = asyncio.create_task(self._keep(), name="peers")

    async def leave(self) -> None:
        """Say what is left to say, and take part no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(*LOST):
            await self._flush()
        await self._disconnect()

    async def _keep(self) -> None:
        """Say what there is to say, and look who is there every two seconds."""
        while True:
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._stirred.wait()
                if self._connection is None:
                    await self._connect()
                if self._stirred.is_set():
                    await self._flush()
                else:
                    await self._look()
            except LOST as error:
                log.warning("peers_lost", error=type(error).__name__)
                await self._disconnect()
                await asyncio.sleep(LOOK_SECONDS)

    async def _connect(self) -> None:
        connection = await self._engine.listen()
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.add_listener(CHANNEL, self._heard)
        self._connection = connection
        for role in self._here:
            await self._ask(_JOIN, {"class": _PRESENT, "role": ROLES.index(role)})
        await self._look()

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        self._held.clear()
        if connection is not None:
            with suppress(*LOST):
                await connection.invalidate()
                await connection.close()

    async def _look(self) -> None:
        assert self._connection is not None, "looked at while connected"
        async with self._busy:
            rows = (await self._connection.execute(_COUNT, {"class": _PRESENT})).all()
        # A newer program beside us may have roles we know nothing of.
        self._counts = {ROLES[n]: count for n, count in rows if n < len(ROLES)}

    async def _flush(self) -> None:
        self._stirred.clear()
        words, self._words = self._words, []
        for payload in _packed(words):
            await self._ask(_TELL, {"channel": CHANNEL, "words": payload})

    async def _ask(self, statement: Any, values: dict[str, Any]) -> Any:
        if self._connection is None:
            return None
        async with self._busy:
            return (await self._connection.execute(statement, values)).scalar()

    def _heard(self, driver: Any, sender: int, channel: str, payload: str) -> None:
        if sender == driver.get_server_pid():
            return
        for word in payload.split("\n"):
            if word == "hello":
                self._counts = {role: self._counts.get(role, 0) + 1 for role in ROLES}
            else:
                self._hear(word)


def _number(name: str) -> int:
    """Return the number by which a name is locked: 32 bits with a sign."""
    return crc32(name.encode()) - 2**31


def _packed(words: Iterable[str]) -> list[str]:
    """Return words, each once, in as few texts as the server takes."""
    packed: list[str] = []
    for word in dict.fromkeys(words):
        if packed and len(packed[-1]) + len(word) < PAYLOAD:
            packed[-1] += f"\n{word}"
        else:
            packed.append(word)
    return packed
