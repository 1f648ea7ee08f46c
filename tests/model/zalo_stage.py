"""The program under the machine on a surface of Zalo, whose fake outlives every restart."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from bot.app import run_program
from storage.database import Connection
from storage.seams import Seams
from tests.fakes.faulty import Fault, Kind
from tests.fakes.listening import Faults
from tests.model.stage import OFTEN, Hired, Stage
from tests.phones import EXCHANGES, BotExchange, Exchange, MediaHost, OaExchange
from tests.world import settings_in

# Nobody is turned away here for being the 51st, nor for the month.
PLENTY = 10**6
LIMITS = {"zalo_bot": ("users_max", "monthly_max"), "zalo_oa": ("rate_max",)}
SENDING = {"zalo_bot": "sendMessage", "zalo_oa": "message/cs"}
# What may happen to a message of ours on its way, in the fakes' words.
FAILURES: Mapping[str, Fault] = {
    "taken, unsaid": Fault("accept_then_drop"),
    "taken, reset": Fault("accept_then_reset"),
    "half an answer": Fault("half_json"),
    "dropped": Fault("drop"),
    "500": Fault("status", 500),
    "502": Fault("html", 502),
    "503": Fault("status", 503),
    "429": Fault("status", 429),
    "401": Fault("status", 401),
}
# After these a message was taken; after these too nobody on our side can know it.
_DARK: frozenset[Kind] = frozenset(("accept_then_drop", "accept_then_reset", "half_json"))
_UNCLEAR = {*_DARK, "drop"}
_REST = text("DELETE FROM outlet")


@dataclass(slots=True)
class ZaloStage(Stage):
    """`dark` counts the messages so far that may have been taken without a word.

    `unclear` counts those that failed so that nobody on our side can know.
    """

    patience: float = 60.0
    channel: str = "zalo_bot"
    dark: int = 0
    unclear: int = 0
    _platform: AsyncExitStack = field(default_factory=AsyncExitStack)
    _exchange: Exchange | None = None

    @property
    def exchange(self) -> Exchange:
        """The faked surface."""
        assert self._exchange is not None, "the platform is down"
        return self._exchange

    @property
    def fake(self) -> Any:
        """The fake of the platform behind it."""
        assert isinstance(self._exchange, BotExchange | OaExchange)
        return self._exchange.fake

    async def start(self) -> None:
        """Run a program on the rows that are there; the platform posts to it from now on."""
        if self._exchange is None:
            serving = EXCHANGES[self.channel](self.clock)
            self._exchange = await self._platform.enter_async_context(serving)
            for limit in LIMITS[self.channel]:
                setattr(self.fake, limit, PLENTY)
        seams = Seams(now=self.clock.now, token=self.chance.token)
        more = {**self.exchange.settings, f"{self.channel}_rate": 10_000.0}
        if self.channel == "zalo_bot":
            more["zalo_bot_monthly_quota"] = 0
        settings = settings_in(self.folder, **OFTEN, **more)
        media = MediaHost(self.exchange.media_port)
        running = run_program(settings, seams=seams, dialler=media)
        self._program = await self._stack.enter_async_context(running)
        transport = httpx.ASGITransport(self._program.app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")
        self.exchange.serve(self._program.app)

    def close(self) -> None:
        """Stop the program, then the platform, and remove everything."""
        self.run(self.stop())
        self.run(self._platform.aclose())
        Stage.close(self)

    async def hire(self, commune: str) -> list[Hired]:
        """Hire as ever; the clock being back, so is the pace at which messages leave."""

        async def rest(connection: Connection) -> None:
            await connection.execute(_REST)

        await self.database.write(rest)
        return await Stage.hire(self, commune)

    def spooled(self) -> bool:
        """Tell whether events wait on the disk: the database was too slow for the platform."""
        return any(path.is_file() for path in (self.folder / "spool").glob("*"))

    def fail(self, name: str, times: int = 1) -> None:
        """Let the next messages of ours fail so."""
        fault = FAILURES[name]
        self.dark += times * (fault.kind in _DARK)
        self.unclear += times * (fault.kind in _UNCLEAR or fault.status == 500)
        self.fake.fail(SENDING[self.channel], *[fault] * times)

    def heal(self) -> None:
        """Let nothing fail any more."""
        self.fake.faults = Faults()
