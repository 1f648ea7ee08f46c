"""Serving: the program behind uvicorn, stopped gracefully by SIGTERM or Ctrl-C."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from bot.app import Program, run_program
from bot.seed import announce
from bot.settings import Settings
from bot.worker import ALL_ROLES, Roles
from storage.seams import Seams

GRACE_SECONDS = 10
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: Settings, roles: Roles = ALL_ROLES) -> None:
    """Run the program in `roles` until it is told to stop; then finish what runs.

    Raises OSError naming the address when it is taken, before anything was started.
    """
    bound = _bind(settings) if "web" in roles else None
    async with run_program(settings, seams=Seams(), roles=roles) as program:
        if bound is not None:
            await _serve_web(program, bound)
            return
        told = asyncio.Event()
        with _told_by_signals(told.set):
            await told.wait()


def _bind(settings: Settings) -> socket.socket:
    """Return a socket at our address; nobody can connect until the program is up."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        where = f"{settings.host}:{settings.port}"
        raise OSError(error.errno, error.strerror, where) from error
    return bound


async def _serve_web(program: Program, bound: socket.socket) -> None:
    settings = program.settings
    config = uvicorn.Config(
        program.app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # X-Forwarded-For is read by handlers.web.address alone, as TRUSTED_PROXIES says.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=64 * 1024,
    )
    lines = await announce(program.parts.database, settings, program.parts.seams)
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    # What start-up built is never garbage: looking through it again and again costs every turn.
    gc.collect()
    gc.freeze()
    await _Server(config, program.parts.wake.stopping).serve(sockets=[bound])


class _Server(uvicorn.Server):
    """Tells waiting pages that we stop, so that their long polls end at once."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at a signal, and let the loops finish too.

        uvicorn's own way raises the signal again once it has stopped listening, which would end
        the process before they could.
        """
        with _told_by_signals(lambda: self.handle_exit(signal.SIGTERM, None)):
            yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, end the long polls, finish what runs."""
        self._stopping.set()
        await super().shutdown(sockets)


@contextmanager
def _told_by_signals(stop: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, stop)
    try:
        yield
    finally:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
