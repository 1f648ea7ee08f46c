"""start_s: from the command to the first page, on a database that is migrated and seeded."""

import asyncio
import os
import socket
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

from benchmarks.figures import Figure, table

STARTS = 3
PATIENCE_SECONDS = 60.0


async def measure() -> list[Figure]:
    """Print the table and return its figure."""
    with TemporaryDirectory(prefix="khaihoc-bench-") as folder:
        environment = _environment(Path(folder))
        for command in ("migrate", "seed"):
            await _command(environment, command)
        seconds = [await _start(environment) for _ in range(STARTS)]
    rows = [(n, took) for n, took in enumerate(seconds, 1)]
    print(table("Start to the first page", ("start", "seconds"), rows))
    return [Figure("start_s", median(seconds), "s")]


def _environment(folder: Path) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours = {"KHAIHOC_VAR_DIR": str(folder), "KHAIHOC_PORT": str(port)}
    return {n: v for n, v in os.environ.items() if not n.startswith("KHAIHOC_")} | ours


async def _command(environment: dict[str, str], *words: str) -> None:
    quiet = asyncio.subprocess.DEVNULL
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, env=environment, stdout=quiet
    )
    assert await done.wait() == 0, f"{words} failed"


async def _start(environment: dict[str, str]) -> float:
    began, quiet = time.perf_counter(), asyncio.subprocess.DEVNULL
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", env=environment, stdout=quiet, stderr=quiet
    )
    try:
        await asyncio.to_thread(_first_page, f"http://127.0.0.1:{environment['KHAIHOC_PORT']}/")
        return time.perf_counter() - began
    finally:
        server.terminate()
        await server.wait()


def _first_page(address: str) -> None:
    last = time.perf_counter() + PATIENCE_SECONDS
    while True:
        try:
            with urlopen(address) as page:
                page.read()
            return
        except URLError:
            if time.perf_counter() > last:
                raise
            time.sleep(0.02)
