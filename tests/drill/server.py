"""The server as the drill holds it: started, killed, and heard to have died."""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 60.0


class ServerTrouble(RuntimeError):
    """The server did not start, or ended without being told to."""


@dataclass(slots=True)
class Server:
    """One server after another on the same folder and port; `up` while one listens."""

    folder: Path
    port: int
    up: asyncio.Event = field(default_factory=asyncio.Event)
    down: asyncio.Event = field(default_factory=asyncio.Event)
    recovery_ms: list[int] = field(default_factory=list)
    cold_ms: list[int] = field(default_factory=list)
    _mother: asyncio.subprocess.Process | None = None
    _lines: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    _listening: asyncio.Task[None] | None = None
    _pid: int = 0
    _status: int | None = None
    _order: str = "- 0"

    @property
    def log(self) -> Path:
        """Where everything the servers say about themselves goes."""
        return self.folder.parent / "server.log"

    async def start(self, point: str = "-", nth: int = 0, *, cold: bool = False) -> None:
        """Start a server; with `cold` its interpreter too. Returns before it listens."""
        if cold:
            await self.close()
        began = time.monotonic()
        self.down.clear()
        self._status = None
        self._order = f"{point} {nth}"
        cold = self._mother is None
        if cold:
            await self._open()
        assert self._mother is not None
        assert self._mother.stdin is not None
        self._mother.stdin.write(f"{self._order}\n".encode())
        kind, _, pid = (await self._line()).partition(" ")
        if kind != "started":
            raise ServerTrouble(f"instead of a start: {kind}")
        self._pid = int(pid)
        self._listening = asyncio.create_task(self._listen(began, cold))

    async def ready(self) -> bool:
        """Wait until it listens; False when it died before."""
        waits = [asyncio.ensure_future(e.wait()) for e in (self.up, self.down)]
        await asyncio.wait(waits, timeout=PATIENCE_SECONDS, return_when="FIRST_COMPLETED")
        for wait in waits:
            wait.cancel()
        if not self.up.is_set() and not self.down.is_set():
            raise ServerTrouble("the server does not come up")
        return self.up.is_set()

    async def kill(self, sign: signal.Signals = signal.SIGKILL) -> int:
        """Send `sign` if it still lives, wait for its end and return its exit status."""
        if not self.down.is_set():
            with suppress(ProcessLookupError):
                os.kill(self._pid, sign)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.down.wait()
        assert self._status is not None
        return self._status

    async def close(self) -> None:
        """End the mother, and with her a server that still runs."""
        if self._mother is None:
            return
        mother, self._mother = self._mother, None
        assert mother.stdin is not None
        mother.stdin.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await mother.wait()
        if self._listening is not None:
            self._listening.cancel()

    async def _open(self) -> None:
        with self.log.open("ab") as log:
            self._mother = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.drill.mother",
                str(self.folder),
                str(self.port),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
            )
        if await self._line() != "waiting":
            raise ServerTrouble(f"the server does not start: {self.log.read_text()[-2000:]}")

    async def _line(self) -> str:
        assert self._mother is not None
        assert self._mother.stdout is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return (await self._mother.stdout.readline()).decode().strip()

    async def _listen(self, began: float, cold: bool) -> None:
        """Hear "ready" and "ended"; a server that listens says nothing for long."""
        assert self._mother is not None
        assert self._mother.stdout is not None
        while line := (await self._mother.stdout.readline()).decode().strip():
            if line == "ready":
                took = self.cold_ms if cold else self.recovery_ms
                took.append(round((time.monotonic() - began) * 1000))
                self.up.set()
            elif line.startswith("ended"):
                self.up.clear()
                self._status = int(line.split()[1])
                self.down.set()
                return
