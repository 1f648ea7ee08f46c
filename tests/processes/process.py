"""One process of an installation with several: started by its command, told to stop or killed."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.talk import Talk

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 60.0


def free_port() -> int:
    """Return a port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Process:
    """A `python -m bot run` with some roles; its own folder, the installation's database."""

    folder: Path
    roles: str
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    _child: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """Where it serves, if it has the role web."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it answers if it has the role web."""
        self.folder.mkdir(parents=True, exist_ok=True)
        named = {**self.settings, "VAR_DIR": str(self.folder), "PORT": str(self.port)}
        environment = {f"KHAIHOC_{name}": value for name, value in named.items()}
        with (self.folder / "said.log").open("ab") as said:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "run", "--roles", self.roles,
                cwd=ROOT, env={**os.environ, **environment}, stdout=said, stderr=said,
            )  # fmt: skip
        if "web" in self.roles.split(","):
            await self._answering()

    async def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, wait for the end and return the exit status."""
        assert self._child is not None
        with suppress(ProcessLookupError):
            self._child.send_signal(sign)
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self._child.wait()

    def said(self) -> str:
        """Return what it wrote."""
        return (self.folder / "said.log").read_text()

    async def _answering(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/health/live")).status_code == 200:
                        return
                assert self._child is not None
                assert self._child.returncode is None, self.said()
                await asyncio.sleep(0.05)


class FarTalk(Talk):
    """A person who speaks with a process over the network; `at` is whom the next word goes to."""

    def __init__(self, at: Process, base: str = "/chat") -> None:
        self.at = at
        super().__init__(None, base)  # type: ignore[arg-type]

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.at.url, timeout=40, trust_env=False)

    async def go_to(self, at: Process) -> None:
        """Go on with another process, as behind a load balancer."""
        kept = self.client.cookies
        await self.client.aclose()
        self.at = at
        self.client = self._client()
        self.client.cookies = kept
