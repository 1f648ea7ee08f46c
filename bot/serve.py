"""Serving: the program behind uvicorn, stopped gracefully by SIGTERM or Ctrl-C."""

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bot.app import Program, run_program
from bot.seed import announce
from bot.settings import Settings
from bot.wire import BoundedHttp
from bot.worker import ALL_ROLES, Roles
from handlers.errors import install_errors
from handlers.health import health_router
from handlers.metrics import metrics_router
from handlers.parts import Parts
from storage.seams import Seams

GRACE_SECONDS = 10
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(settings: Settings, roles: Roles = ALL_ROLES) -> None:
    """Run the program in `roles` until it is told to stop; then finish what runs.

    Raises OSError naming the address when it is taken, before anything was started.
    """
    port = settings.port if "web" in roles else settings.metrics_port
    bound = _bind(settings.host, port) if port else None
    async with run_program(settings, seams=Seams(), roles=roles) as program:
        if bound is not None and "web" in roles:
            await _serve_web(program, bound)
        elif bound is not None:
            await _server(watch_app(program.parts), program).serve(sockets=[bound])
        else:
            told = asyncio.Event()
            with _told_by_signals(told.set):
                await told.wait()


def watch_app(parts: Parts) -> FastAPI:
    """Return what a process without the web role answers: `/health` and `/metrics`."""
    app = FastAPI(title="KhaiHoc", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.include_router(health_router())
    app.include_router(metrics_router())
    install_errors(app, parts.words, parts.measures)
    return app


def _bind(host: str, port: int) -> socket.socket:
    """Return a socket at our address; nobody can connect until the program is up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from error
    return bound


def _server(app: FastAPI, program: Program) -> "_Server":
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # X-Forwarded-For is read by handlers.web.address alone, as TRUSTED_PROXIES says.
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        http=BoundedHttp,
    )
    return _Server(config, program.parts.wake.stopping)


async def _serve_web(program: Program, bound: socket.socket) -> None:
    parts = program.parts
    lines = await announce(parts.database, program.settings, parts.seams)
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    # What start-up built is never garbage: looking through it again and again costs every turn.
    gc.collect()
    gc.freeze()
    await _server(program.app, program).serve(sockets=[bound])


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
