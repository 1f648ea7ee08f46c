"""Real programs for the machine: `python -m tests.model.mother FOLDER`, a fork server.

An order is a line `start NUMBER LIFE`: a process is forked off that runs the whole program with all
its loops, and serves on the socket NUMBER in FOLDER. `ready NUMBER PID` and `ended NUMBER STATUS`
are told in lines. All of them read one clock. When standard input ends, all of them are killed.
"""

import asyncio
import mmap
import os
import select
import signal
import struct
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from bot import logs
from bot.app import run_program
from bot.settings import Settings
from storage.seams import Seams
from storage.search import PlaceIndex
from tests.crash.warming import warm
from tests.databases import ADDRESS
from tests.model.stage import OFTEN
from tests.world import Chance, settings_in

CLOCK = "clock"
# Tokens of one life and of the next never meet.
TOKENS_A_LIFE = 10**6
_MOMENT = struct.Struct("d")


def set_clock(folder: Path, moment: datetime) -> None:
    """Let it be `moment` for every process of `folder`, those that run and those to come."""
    file = folder / CLOCK
    if not file.exists():
        file.write_bytes(bytes(_MOMENT.size))
    with file.open("r+b") as kept, mmap.mmap(kept.fileno(), _MOMENT.size) as shared:
        shared[:] = _MOMENT.pack(moment.timestamp())


def clock_of(folder: Path) -> Callable[[], datetime]:
    """Return what reads the clock of `folder`."""
    with (folder / CLOCK).open("rb") as kept:
        shared = mmap.mmap(kept.fileno(), _MOMENT.size, access=mmap.ACCESS_READ)
    return lambda: datetime.fromtimestamp(_MOMENT.unpack(shared[:])[0], UTC)


def settings_of(folder: Path, number: int) -> Settings:
    """Return the settings of a process: uploads of its own, database and photos of all."""
    var = folder / f"process{number}"
    var.mkdir(exist_ok=True)
    (var / ADDRESS).write_text((folder / ADDRESS).read_text())
    return settings_in(var, **OFTEN).model_copy(update={"photo_store": str(folder / "photos")})


def main(folder: Path) -> None:
    """Fork as ordered until standard input ends."""
    logs.configure("error")
    PlaceIndex.load()
    warm()
    numbers: dict[int, int] = {}
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    tell("waiting")
    while True:
        if select.select([orders], [], [], 0.005)[0]:
            order = orders.readline().split()
            if not order:
                break
            child = _fork(folder, int(order[1]), int(order[2]))
            numbers[child] = int(order[1])
        _bury(numbers)
    for child in numbers:
        os.kill(child, signal.SIGKILL)


def _bury(numbers: dict[int, int]) -> None:
    while numbers:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        tell(f"ended {numbers.pop(child)} {os.waitstatus_to_exitcode(status)}")


def _fork(folder: Path, number: int, life: int) -> int:
    child = os.fork()
    if not child:
        asyncio.run(_serve(folder, number, life))
        os._exit(0)
    return child


async def _serve(folder: Path, number: int, life: int) -> None:
    """Run the program behind uvicorn until SIGTERM or death."""
    seams = Seams(now=clock_of(folder), token=Chance(life * TOKENS_A_LIFE).token)
    async with run_program(settings_of(folder, number), seams=seams) as program:
        config = uvicorn.Config(
            program.app,
            uds=str(folder / str(number)),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=5,
        )
        stopping = program.parts.wake.stopping
        server = _Server(config, lambda: tell(f"ready {number} {os.getpid()}"), stopping)
        await server.serve()


class _Server(uvicorn.Server):
    """Says when it listens; a signal to stop lets long polls go and is no error."""

    def __init__(
        self, config: uvicorn.Config, listens: Callable[[], None], stopping: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._listens, self._stopping = listens, stopping

    async def startup(self, sockets: object = None) -> None:
        """Listen, and say so."""
        await super().startup()
        signal.signal(signal.SIGTERM, self._stop)
        self._listens()

    async def shutdown(self, sockets: object = None) -> None:
        """Let waiting pages go, then stop."""
        self._stopping.set()
        await super().shutdown()

    def _stop(self, *_: object) -> None:
        self.should_exit = True


def tell(line: str) -> None:
    """Write a line to whoever gives the orders."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
