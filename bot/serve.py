"""Serving: the program behind uvicorn, stopped gracefully by SIGTERM or Ctrl-C."""

import asyncio
import gc
import signal
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
    """Run the program in `roles` until it is told to stop; then finish what runs."""
    async with run_program(settings, seams=Seams(), roles=roles) as program:
        if "web" in roles:
            await _serve_web(program)
            return
        told = asyncio.Event()
        with _told_by_signals(told.set):
            await told.wait()


async def _serve_web(program: Program) -> None:
    settings = program.settings
    config = uvicorn.Config(
        program.app,
        host=settings.host,
        port=settings.port,
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
    await _Server(config, program.parts.wake.stopping).serve()


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

    async def shutdown(self, sockets: object = None) -> None:
        """Stop listening, end the long polls, finish what runs."""
        self._stopping.set()
        await super().shutdown()


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
