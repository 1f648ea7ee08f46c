"""A program that serves Zalo, turned by hand, and the exchange it is called by."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any, cast

import aiohttp
import httpx
import uvicorn

from bot.app import build_parts, build_program
from bot.channels import Entry, Served, open_channels
from bot.settings import Settings
from bot.worker import Loops, Roles, Worker
from bot.zalo import app_of, first_pair
from handlers.channel import Channel
from handlers.delivery import Deliveries
from handlers.door import Door
from handlers.far.fetching import Far
from handlers.images.inspector import ImageInspector
from handlers.media import Media
from handlers.outside import open_outside
from handlers.parts import Parts
from handlers.zalo.channel import ZaloOa
from handlers.zalo.intake import Intake
from handlers.zalo.oa import OaApi
from handlers.zalo.oauth import OAuth
from handlers.zalo.sealing import PURPOSE, Seal
from handlers.zalo.tokens import OaTokens, Times
from storage.seams import Seams
from tests.crash.answering import Answering
from tests.crash.life import PATIENCE_SECONDS, Hands, Looked, Order, Stage, settings_of
from tests.crash.zalo_book import Book
from tests.phones import MediaHost

# Times at Zalo's door for tokens: what is waited for here is a process that was killed.
TIMES = Times(answer=2.0, lease=3.0, wait=8.0, look=0.02)
# Without a channel there is nothing to deliver: no loop but the watch runs by itself.
IDLE: Roles = frozenset(("deliveries",))


@dataclass(frozen=True, slots=True)
class Control:
    """Gives orders to the exchange, at the moment of the book."""

    client: httpx.AsyncClient
    book: Book

    async def __call__(self, order: str, **words: Any) -> Any:
        """Return what came of an order."""
        body = {"order": order, "at": self.book.at_seconds, **words}
        answer = await self.client.post("/", json=body, timeout=PATIENCE_SECONDS)
        return answer.raise_for_status().json()


@dataclass(slots=True)
class ZaloHands(Hands):
    """Turn the loops of a program that serves Zalo."""

    deliveries: Deliveries
    intake: Intake
    settings: Settings
    senders: Mapping[str, str]
    draining: asyncio.Task[None] | None = None

    async def once(self) -> int:
        """Do what waits now, and let what is on the line come back."""
        done = await self._drain()
        done += await Hands.once(self)
        done += await self.deliveries.once()
        sending = [task for tasks in self.deliveries._on_line.values() for task in tasks]
        await asyncio.gather(*sending)
        # An album that grew whole has entered an event, which nothing else tells of.
        return done or int(await self._waits())

    async def _drain(self) -> int:
        """Go on with bringing the spool in, which the turns may carry; return 1 while it waits."""
        if self.draining is None and self.intake._spool.waits:
            self.draining = asyncio.create_task(self.intake.drain())
        if self.draining is None:
            return 0
        await asyncio.sleep(0)
        if self.draining.done():
            self.draining.result()
            self.draining = None
        return 1


@asynccontextmanager
async def running(
    order: Order, seams: Seams, stage: Stage, exchange: Control
) -> AsyncIterator[ZaloHands]:
    """Run a program as ordered inside the block; no loop of it turns by itself."""
    told = await exchange("settings")
    settings = Settings.model_validate({**settings_of(order).model_dump(), **told["settings"]})
    parts = await build_parts(settings, seams)
    try:
        dialler = MediaHost(told["media_port"])
        async with open_channels(settings, parts, dialler) as found, open_outside() as http:
            entries: list[Entry] = []

            def enter(door: Door) -> Entry:
                entries.append(found.enter(door))
                return entries[0]

            channels = _impatient(found.channels, settings, parts, http)
            served = Served(channels, enter, found.fetcher)
            program = build_program(settings, parts, ImageInspector(), served)
            (loop,) = (loop for loop in entries[0].loops if loop.name == "spool")
            intake = cast("Any", loop.run).__self__
            assert found.fetcher is not None, "Zalo's photos are fetched"
            hands = ZaloHands(
                program,
                Media(parts, Looked(stage.inspected), Far(parts, found.fetcher)),
                Answering(program.app, seams.crashpoint),
                order.together,
                Deliveries(parts, channels),
                intake,
                settings,
                told["senders"],
            )
            loops = Loops(program.turns, hands.media, program.jobs, Deliveries(parts, {}))
            async with Worker(parts, loops).running(IDLE):
                with program.door.carried() if order.together else nullcontext():
                    yield hands
    finally:
        await parts.database.stop()


def _impatient(
    channels: Mapping[str, Channel], settings: Settings, parts: Parts, http: aiohttp.ClientSession
) -> dict[str, Channel]:
    """Return the channels with an account that waits for a dead process for seconds only."""
    kept = dict(channels)
    oa = kept.get("zalo_oa")
    if isinstance(oa, ZaloOa):
        seal = Seal(settings.zalo_oa_id, parts.secret(PURPOSE), parts.seams.token)
        tokens = OaTokens(
            OAuth(app_of(settings), http, TIMES.answer),
            seal,
            database=parts.database,
            seams=parts.seams,
            measures=parts.measures,
            first=first_pair(settings),
            times=TIMES,
        )
        kept["zalo_oa"] = replace(oa, api=OaApi(http, settings.zalo_oa_api_url, tokens))
    return kept


@asynccontextmanager
async def listening(app: Any) -> AsyncIterator[int]:
    """Serve an application on a free port inside the block; give the port."""
    config = uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    bound = socket.create_server(("127.0.0.1", 0))
    await server.startup(sockets=[bound])
    try:
        yield bound.getsockname()[1]
    finally:
        await server.shutdown(sockets=[bound])
