"""The program under the machine: started, stopped, started again on the same rows."""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx

from bot.app import Program, run_program
from storage import officers, places
from storage.database import Connection, Database
from storage.seams import Seams, to_ms
from storage.search import PlaceIndex
from tests.databases import ADDRESS, server, url_in
from tests.photos_made import page, saved
from tests.world import START, Chance, Clock, make_template, settings_in

T = TypeVar("T")
FAR = "20242"
# No limit is met: people here are faster than people.
OFTEN = dict.fromkeys(("limit_messages", "limit_sessions", "limit_uploads", "limit_api"), 10**6)


@dataclass(slots=True)
class Hired:
    """An officer with both ways in."""

    id: int
    token: str
    link: str


@dataclass(slots=True)
class Stage:
    """One program after another in one folder; `run` runs a coroutine of a sequence on it.

    `patience`: in so many seconds everything is answered and nothing waits.
    """

    engine: str
    folder: Path
    runner: asyncio.Runner
    patience: float = 8.0
    clock: Clock = field(default_factory=Clock)
    chance: Chance = field(default_factory=Chance)
    restarts: int = 0
    kills: int = 0
    used: int = 0
    photo: bytes = b""
    name: str = ""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _program: Program | None = None
    _client: httpx.AsyncClient | None = None

    @classmethod
    def open(cls, engine: str, **more: Any) -> Self:
        """Make a migrated database and run the program on it."""
        folder = Path(tempfile.mkdtemp(prefix="khaihoc-model-"))
        stage = cls(engine, folder, asyncio.Runner(), **more)
        if engine == "postgresql":
            stage.name = f"model_{folder.name.rpartition('-')[2].lower()}"
            (folder / ADDRESS).write_text(server().create(stage.name))
        stage.photo = saved(page(300, 400), "JPEG", quality=80)
        stage.run(stage._make())
        return stage

    def close(self) -> None:
        """Stop the program and remove its folder and database."""
        try:
            self.run(self.stop())
        finally:
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.name:
                server().run(f"DROP DATABASE {self.name} WITH (FORCE)")

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the program's own loop."""
        return self.runner.run(work)

    def begin(self, line: int) -> None:
        """Begin a sequence; where there are several programs, `line` tells which is asked when."""

    @property
    def program(self) -> Program:
        """The program that runs now."""
        assert self._program is not None, "the program is down"
        return self._program

    @property
    def database(self) -> Database:
        """The way to the rows."""
        return self.program.parts.database

    def client(self) -> httpx.AsyncClient:
        """Return a client of the program that runs now."""
        assert self._client is not None, "the program is down"
        return self._client

    async def passed(self) -> None:
        """Let the program look for what is due at the time that it is now."""
        self.program.parts.wake.jobs.ring()

    async def cut(self, ticks: int) -> None:
        """A request was cut off by its line alone."""

    async def strike(self, ticks: int) -> None:
        """Nothing is killed here while people speak: see `Several`."""

    async def asking(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """Ask once: one program that is not killed answers."""
        return await ask()

    async def _make(self) -> None:
        await make_template(url_in(self.folder))
        await self.start()
        assert self.database.is_shared == (self.engine == "postgresql")

    async def start(self) -> None:
        """Run a program on the rows that are there."""
        seams = Seams(now=self.clock.now, token=self.chance.token)
        settings = settings_in(self.folder, **OFTEN)
        self._program = await self._stack.enter_async_context(run_program(settings, seams=seams))
        transport = httpx.ASGITransport(self._program.app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")

    async def stop(self) -> None:
        """Stop it, letting it finish what it holds."""
        if self._client is not None:
            await self._client.aclose()
        await self._stack.aclose()

    async def restart(self) -> None:
        """Stop it and run another."""
        self.restarts += 1
        await self.stop()
        await self.start()

    async def hire(self, commune: str) -> list[Hired]:
        """Give a commune a village, an officer and a leader; the clock is back at its start."""
        self.clock.at = START
        await self.passed()
        hired: list[Hired] = []

        async def work(connection: Connection) -> list[Hired]:
            hired.clear()
            await places.add_villages(connection, [(f"{commune}-001", "thôn 1", "village")])
            for role in ("commune_officer", "commune_leader"):
                hired.append(await self._hired(connection, commune, role))
            return hired

        return await self.database.write(work)

    async def _hired(self, connection: Connection, commune: str, role: Any) -> Hired:
        at_ms = to_ms(self.clock.at)
        number = await officers.add_officer(
            connection, name="Cán bộ mẫu", role=role, place=commune, at_ms=at_ms
        )
        link, token = self.chance.token(), self.chance.token()
        for kind, secret in (("link", link), ("api", token)):
            await officers.add_credential(
                connection,
                token=secret,
                officer_id=number,
                kind=kind,
                at_ms=at_ms,
                expires_ms=at_ms + 900_000 if kind == "link" else None,
            )
        return Hired(number, token, f"/officer/{link}")

    def next_commune(self) -> str:
        """Return a commune nobody used on this stage."""
        index = PlaceIndex.load()
        codes = [c.code for p in index.provinces() for c in index.communes(p.code)]
        self.used += 1
        return [code for code in codes if code != FAR][self.used]
