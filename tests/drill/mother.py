"""The server of the drill: `python -m tests.drill.mother FOLDER PORT`.

The mother has everything imported and forks a server for each order, so that a killed one is back
in half a second. An order is a line `POINT NTH`: the server kills itself the NTH time it comes to
the crash point POINT (`- 0`: never). What happens is told in lines: `started PID`, `ready`,
`ended STATUS`. When the drill goes away, the server goes too.
"""

import asyncio
import os
import select
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import uvicorn

from bot import logs
from bot.app import Program, run_program
from bot.settings import Settings
from storage.seams import Seams
from storage.search import PlaceIndex
from tests.world import settings_in

PLENTY = 1_000_000
NOTICE_SECONDS = 1
GRACE_SECONDS = 10


def main(folder: Path, port: int) -> None:
    """Serve until standard input ends."""
    settings = settings_in(
        folder,
        port=port,
        notice_delay_seconds=NOTICE_SECONDS,
        limit_messages=PLENTY,
        limit_sessions=PLENTY,
        limit_uploads=PLENTY,
    )
    logs.configure("info")
    PlaceIndex.load()
    tell("waiting")
    orders = os.fdopen(os.dup(0), "rb", buffering=0)
    while order := orders.readline():
        point, nth = order.decode().split()
        child = os.fork()
        if not child:
            asyncio.run(serve(settings, dies_at(point, int(nth))))
            os._exit(0)
        tell(f"started {child}")
        tell(f"ended {wait_for(child)}")


def wait_for(child: int) -> int:
    """Return the exit status of `child`; end it when nobody gives orders any more."""
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        readable, _, _ = select.select([0], [], [], 0.005)
        if readable:
            # No order comes while a server runs, so this is the end of standard input.
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os._exit(0)


def dies_at(point: str, nth: int) -> Callable[[str], None]:
    """Return a crashpoint that is the end of this process the `nth` time it is called `point`."""
    left = nth

    def crashpoint(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return crashpoint


async def serve(settings: Settings, crashpoint: Callable[[str], None]) -> None:
    """Run the program behind uvicorn until SIGTERM or death."""
    async with run_program(settings, seams=Seams(crashpoint=crashpoint)) as program:
        config = uvicorn.Config(
            program.app,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        await _Server(config, program).serve()


class _Server(uvicorn.Server):
    """Says when it listens; ends long polls when it stops."""

    def __init__(self, config: uvicorn.Config, program: Program) -> None:
        super().__init__(config)
        self._stopping = program.parts.wake.stopping

    async def startup(self, sockets: object = None) -> None:
        """Listen, and say so."""
        await super().startup()
        tell("ready")

    async def shutdown(self, sockets: object = None) -> None:
        """Let waiting pages go, then stop."""
        self._stopping.set()
        await super().shutdown()

    async def main_loop(self) -> None:
        """Serve; a signal to stop is no error here."""
        signal.signal(signal.SIGTERM, self._stop)
        await super().main_loop()

    def _stop(self, *_: object) -> None:
        self.should_exit = True


def tell(line: str) -> None:
    """Write a line to whoever gives the orders."""
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
