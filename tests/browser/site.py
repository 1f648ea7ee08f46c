"""The program as people run it: a process of its own, on a free port, in a folder of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 20
# A walk of a machine is quicker than any person, so the limits on haste stand aside.
HASTE = {
    "KHAIHOC_LIMIT_MESSAGES": "1000",
    "KHAIHOC_LIMIT_SESSIONS": "1000",
    "KHAIHOC_LIMIT_UPLOADS": "1000",
}


class SiteRefused(Exception):
    """A command of the program failed, or the server did not come up; the text says why."""


def free_port() -> int:
    """Return a port of this machine that nobody uses at this moment."""
    with socket.socket() as sought:
        sought.bind(("127.0.0.1", 0))
        port: int = sought.getsockname()[1]
        return port


def make_seeded(folder: Path) -> Path:
    """Migrate and seed the demo in `folder`, as `make run` does; return it, to be copied."""
    site = Site(folder)
    site.command("migrate")
    site.command("seed")
    return folder


@dataclass(slots=True)
class Site:
    """One installation; `start` serves it at `url`, `kill` is the power failing."""

    folder: Path
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = None

    @classmethod
    def copy(cls, seeded: Path, folder: Path, **more: str) -> "Site":
        """Return an installation in `folder` that begins as the one in `seeded`."""
        shutil.copytree(seeded, folder)
        return cls(folder, more)

    @property
    def url(self) -> str:
        """Return its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def _environment(self) -> dict[str, str]:
        bare = {k: v for k, v in os.environ.items() if not k.upper().startswith("KHAIHOC_")}
        own = {"KHAIHOC_VAR_DIR": str(self.folder), "KHAIHOC_PORT": str(self.port)}
        return {**bare, **HASTE, **own, "KHAIHOC_NOTICE_DELAY_SECONDS": "1", **self.more}

    def command(self, *words: str) -> str:
        """Run `python -m bot WORDS` on it and return what it printed; SiteRefused if it failed."""
        line = [sys.executable, "-m", "bot", *words]
        ended = subprocess.run(
            line, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=120
        )
        if ended.returncode:
            raise SiteRefused(f"{' '.join(words)}: {ended.stderr or ended.stdout}")
        return ended.stdout

    def officer_link(self) -> str:
        """Return the address of a fresh one-time link of a commune officer of the demo."""
        name = ("--name", "Cán bộ mẫu", "--place", "20242", "--role", "commune_officer")
        said = self.command("officer", "invite", *name)
        return next(word for word in said.split() if word.startswith(self.url))

    def start(self) -> None:
        """Serve, and return when it answers; SiteRefused with its log when it does not."""
        self._log = (self.folder / "server.log").open("ab")
        line = [sys.executable, "-m", "bot", "run"]
        self._process = subprocess.Popen(
            line, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log
        )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise SiteRefused((self.folder / "server.log").read_text("utf-8")[-4000:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self) -> None:
        """Stop as an operator does, by SIGTERM; what it does not finish in time is killed."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once, wherever it is in its work."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._log is not None:
            self._log.close()
        self._process = self._log = None
