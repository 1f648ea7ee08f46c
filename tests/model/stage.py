"""The program under the machine: started, stopped, started again on the same rows."""

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from bot.app import Program, run_program
from storage import officers, places
from storage.database import Connection
from storage.seams import Seams, to_ms
from tests.databases import FILE, url_in
from tests.photos_made import page, saved
from tests.world import START, Chance, Clock, make_template, settings_in

T = TypeVar("T")
FAR = "20242"
# No limit is met: people here are faster than people.
OFTEN = 10**6
_NUMBERS = itertools.count()


@dataclass(slots=True)
class Hired:
    """An officer with both ways in."""

    id: int
    token: str
    link: str


@dataclass(slots=True)
class Stage:
    """One program after another in one folder; `run` runs a coroutine of a sequence on it."""

    engine: str
    folder: Path
    runner: asyncio.Runner
    clock: Clock = field(default_factory=Clock)
    chance: Chance = field(default_factory=Chance)
    restarts: int = 0
    used: int = 0
    photo: bytes = b""
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _program: Program | None = None
    _client: httpx.AsyncClient | None = None

    @classmethod
    def open(cls, engine: str) -> "Stage":
        """Make a migrated database and run the program on it."""
        folder = Path(tempfile.mkdtemp(prefix="khaihoc-model-"))
        stage = cls(engine, folder, asyncio.Runner())
        stage.photo = saved(page(300, 400), "JPEG", quality=80)
        stage.run(stage._make())
        return stage

    def close(self) -> None:
        """Stop the program and remove its folder."""
        try:
            self.run(self.stop())
        finally:
            self.runner.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the program's own loop."""
        return self.runner.run(work)

    @property
    def program(self) -> Program:
        """The program that runs now."""
        assert self._program is not None, "the program is down"
        return self._program

    def client(self) -> httpx.AsyncClient:
        """Return a client of the program that runs now."""
        assert self._client is not None, "the program is down"
        return self._client

    async def _make(self) -> None:
        (self.folder / "template").mkdir(parents=True, exist_ok=True)
        await make_template(url_in(self.folder / "template"))
        (self.folder / "var").mkdir()
        shutil.copy(self.folder / "template" / FILE, self.folder / "var")
        await self.start()

    async def start(self) -> None:
        """Run a program on the rows that are there."""
        often = dict.fromkeys(
            ("limit_messages", "limit_sessions", "limit_uploads", "limit_api"), OFTEN
        )
        seams = Seams(now=self.clock.now, token=self.chance.token)
        settings = settings_in(self.folder / "var", **often)
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
        hired: list[Hired] = []

        async def work(connection: Connection) -> list[Hired]:
            hired.clear()
            await places.add_villages(connection, [(f"{commune}-001", "thôn 1", "village")])
            for role in ("commune_officer", "commune_leader"):
                hired.append(await self._hired(connection, commune, role))
            return hired

        return await self.program.parts.database.write(work)

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
        index = self.program.parts.index
        codes = [c.code for p in index.provinces() for c in index.communes(p.code)]
        self.used += 1
        return [code for code in codes if code != FAR][self.used]
