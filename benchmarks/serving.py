"""The servers of `turn_http`, each in a process of its own.

    python -m benchmarks.serving ours|bare|zalo URL_OF_THE_STUB

They print their port and serve until their input is closed. `zalo` is ours with an Official Account
whose API is the stub.
"""

import asyncio
import gc
import socket
import sys

import uvicorn
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from benchmarks.bare import bare, questions
from benchmarks.people import our_program
from benchmarks.processes import until_closed
from bot import logs
from bot.wire import BoundedHttp

WEBHOOK = "/webhook"
OA = {
    "zalo_oa_id": "1000000000000000001",
    "zalo_oa_app_id": "1000000000000000002",
    "zalo_oa_app_secret": "a secret of the bench",
    "zalo_oa_webhook_secret": "another secret of the bench",
    "zalo_oa_access_token": "access-of-the-bench",
    "zalo_oa_refresh_token": "refresh-of-the-bench",
}


async def _ours(**values: object) -> None:
    async with our_program(**values) as ours:
        listening = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            ours.program.app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            http=BoundedHttp,
        )
        server = uvicorn.Server(config)
        gc.collect()
        gc.freeze()
        serving = asyncio.create_task(server.serve([listening]))
        await until_closed(listening.getsockname()[1])
        server.should_exit = True
        await serving


async def _bare(url: str) -> None:
    async with bare(url, questions()) as bot:
        app = web.Application()
        taking = SimpleRequestHandler(bot.dispatcher, bot.bot, handle_in_background=False)
        taking.register(app, WEBHOOK)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        await until_closed(runner.addresses[0][1])
        await runner.cleanup()


if __name__ == "__main__":
    logs.configure("error")
    side, stub = sys.argv[1:]
    if side == "bare":
        asyncio.run(_bare(stub))
    else:
        asyncio.run(_ours(**(OA | {"zalo_oa_api_url": stub} if side == "zalo" else {})))
