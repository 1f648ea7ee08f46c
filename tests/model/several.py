"""Several real processes on one PostgreSQL database under the machine, any of them killed."""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from sqlalchemy import text

from storage.database import Database
from storage.far_peers import CHANNEL
from storage.seams import Seams
from tests.databases import url_in
from tests.model.mother import set_clock
from tests.model.phone import Divergence
from tests.model.stage import Stage

ROOT = Path(__file__).parents[2]
START_SECONDS = 60.0
# Of so many ends one is an orderly stop.
ORDERLY = 4
# Of so many requests that are cut off one is cut off by a death.
DEADLY = 3
TICK_SECONDS = 0.004
_RING = text("SELECT pg_notify(:channel, 'jobs')")


@dataclass(slots=True)
class Several(Stage):
    """`processes` programs; each request goes to any of them, as `luck` has it."""

    patience: float = 60.0
    processes: int = 2
    lives: int = 0
    luck: random.Random = field(default_factory=random.Random)
    _mother: asyncio.subprocess.Process | None = None
    _hearing: asyncio.Task[None] | None = None
    _pids: dict[int, int] = field(default_factory=dict)
    _ends: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _ready: dict[int, asyncio.Event] = field(default_factory=dict)
    _clients: dict[int, httpx.AsyncClient] = field(default_factory=dict)
    _database: Database | None = None

    def begin(self, line: int) -> None:
        """Begin a sequence whose requests go where the number `line` leads them."""
        self.luck = random.Random(line)

    @property
    def database(self) -> Database:
        """An onlooker's way to the rows."""
        assert self._database is not None, "nothing runs"
        return self._database

    def client(self) -> httpx.AsyncClient:
        """Return a client of any process."""
        return self.luck.choice([self._clients[n] for n in sorted(self._clients)])

    async def passed(self) -> None:
        """Let every process see the time, and look for what is due."""
        set_clock(self.folder, self.clock.at)
        await self.database.write(lambda c: c.execute(_RING, {"channel": CHANNEL}))

    async def start(self) -> None:
        """Start all processes on the rows that are there."""
        set_clock(self.folder, self.clock.at)
        self._database = Database(url_in(self.folder), Seams())
        await self._database.start()
        with (self.folder / "said.log").open("ab") as said:
            self._mother = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.model.mother", str(self.folder),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                stderr=said, cwd=ROOT,
            )  # fmt: skip
        self._hearing = asyncio.create_task(self._hear())
        for number in range(self.processes):
            await self._begin(number)

    async def stop(self) -> None:
        """End all of them, and their mother."""
        if self._mother is None:
            return
        for number in list(self._pids):
            await self._end(number, signal.SIGTERM)
        assert self._mother.stdin is not None
        self._mother.stdin.close()
        await self._mother.wait()
        assert self._hearing is not None
        self._hearing.cancel()
        await self.database.stop()

    async def restart(self) -> None:
        """Kill one of them, now and then stop it in order, and start it again."""
        self.restarts += 1
        number = self.luck.randrange(self.processes)
        orderly = self.luck.randrange(ORDERLY) == 0
        self.kills += not orderly
        status = await self._end(number, signal.SIGTERM if orderly else signal.SIGKILL)
        assert status == (0 if orderly else -signal.SIGKILL), f"{status}: {self.said()}"
        await self._begin(number)

    async def cut(self, ticks: int) -> None:
        """A request was cut off, now and then by the death of a process."""
        if self.luck.randrange(DEADLY) == 0:
            await self.restart()

    async def strike(self, ticks: int) -> None:
        """Kill a process (or stop it) while others speak with it, and start it again."""
        await asyncio.sleep(ticks * TICK_SECONDS)
        await self.restart()

    def said(self) -> str:
        """Return what the processes said last about themselves."""
        return (self.folder / "said.log").read_text("utf-8", "replace")[-3000:]

    async def asking(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Ask until it is answered: who is cut off or told to wait asks again, of anybody.

        That is what the page does; officers' programs are told to do so.
        """
        until, heard = time.monotonic() + self.patience, "nothing"
        while time.monotonic() < until:
            try:
                answer = await ask()
            except httpx.TransportError as error:
                heard = repr(error)
                await asyncio.sleep(0.02)
                continue
            if answer.status_code != 202:
                return answer
            heard = answer.text
        raise Divergence(f"no answer in {self.patience:.0f} s but {heard}: {self.said()}")

    async def _begin(self, number: int) -> None:
        self.lives += 1
        self._ready[number] = asyncio.Event()
        self._ends[number] = asyncio.get_running_loop().create_future()
        assert self._mother is not None
        assert self._mother.stdin is not None
        self._mother.stdin.write(f"start {number} {self.lives}\n".encode())
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._ready[number].wait()
        except TimeoutError:
            raise AssertionError(f"a process does not come up: {self.said()}") from None
        socket = httpx.AsyncHTTPTransport(uds=str(self.folder / str(number)))
        self._clients[number] = httpx.AsyncClient(
            transport=socket, base_url="http://test", timeout=40
        )

    async def _end(self, number: int, sign: signal.Signals) -> int:
        client = self._clients.pop(number)
        os.kill(self._pids.pop(number), sign)
        async with asyncio.timeout(START_SECONDS):
            status = await self._ends[number]
        await client.aclose()
        return status

    async def _hear(self) -> None:
        """Take what the mother and her children tell."""
        assert self._mother is not None
        assert self._mother.stdout is not None
        while line := (await self._mother.stdout.readline()).decode().split():
            if line[0] == "ready":
                self._pids[int(line[1])] = int(line[2])
                self._ready[int(line[1])].set()
            elif line[0] == "ended":
                self._ends[int(line[1])].set_result(int(line[2]))
