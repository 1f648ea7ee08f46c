"""Serving: the program behind uvicorn, stopped gracefully by SIGTERM or Ctrl-C."""

import asyncio
import sys

import uvicorn

from bot.app import run_program
from bot.seed import announce
from bot.settings import Settings
from bot.worker import ALL_ROLES, Roles
from storage.seams import Seams

GRACE_SECONDS = 10


async def serve(settings: Settings, roles: Roles = ALL_ROLES) -> None:
    """Run the program in `roles` until it is told to stop."""
    async with run_program(settings, seams=Seams(), roles=roles) as program:
        if "web" not in roles:
            await asyncio.Event().wait()
        config = uvicorn.Config(
            program.app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            h11_max_incomplete_event_size=64 * 1024,
        )
        server = _Server(config, program.parts.wake.stopping)
        lines = await announce(program.parts.database, settings, program.parts.seams)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        await server.serve()


class _Server(uvicorn.Server):
    """Tells waiting pages that we stop, so that their long polls end at once."""

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: object = None) -> None:
        """Stop listening, end the long polls, finish what runs."""
        self._stopping.set()
        await super().shutdown()
