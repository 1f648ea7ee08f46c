"""One Official Account for tests: its rows, its clock, Zalo's OAuth over a socket, and processes.

A "process" here is another `OaTokens` on the same rows; it dies by an exception at a crash point.
Real processes and real deaths are in `tests/zalo_tokens/`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from handlers.measures import Measures
from handlers.outside import open_outside
from handlers.zalo.oauth import App, OAuth
from handlers.zalo.sealing import Pair, Seal
from handlers.zalo.tokens import OaTokens, Times
from storage import zalo_tokens
from storage.database import Database
from storage.seams import Seams, survive, to_ms
from storage.zalo_tokens import KeptTokens
from tests.databases import Plain, Template, url_in
from tests.fakes.faulty import Fault, Faulty, Scripted, serving
from tests.fakes.zalo_oauth import ZaloOAuth
from tests.world import Chance, Clock

KEY = b"k" * 32
OA = "4001"
Log = list[MutableMapping[str, Any]]
QUICK = Times(answer=1.5, lease=2.5, wait=6.0, look=0.01)


def alarms(log: Log) -> list[str]:
    """Return the codes of the alarms so far."""
    return [one["code"] for one in log if one["event"] == "zalo_consent_needed"]


class Died(BaseException):
    """This process is no more."""


@dataclass(slots=True)
class Account:
    """What a test looks at; `faults` are those of Zalo's next answers."""

    folder: Path
    database: Database
    zalo: ZaloOAuth
    server: Faulty
    http: aiohttp.ClientSession
    clock: Clock
    chance: Chance
    faults: list[Fault]
    measures: Measures = field(default_factory=Measures)

    @property
    def plain(self) -> Plain:
        """The rows, looked at by another program."""
        return Plain(self.folder)

    def process(
        self,
        crashpoint: Callable[[str], None] = survive,
        *,
        first: Pair | None = None,
        key: bytes = KEY,
        times: Times = QUICK,
        url: str = "",
    ) -> OaTokens:
        """Return the tokens as another process has them."""
        seams = Seams(self.clock.now, self.chance.token, crashpoint)
        app = App(OA, self.zalo.app_id, self.zalo.secret, url or self.server.address)
        return OaTokens(
            OAuth(app, self.http, times.answer),
            Seal(OA, key, self.chance.token),
            database=self.database,
            seams=seams,
            measures=self.measures,
            first=first,
            times=times,
        )

    def dying(self, point: str) -> OaTokens:
        """Return the tokens of a process that dies at a crash point."""

        def crashpoint(name: str) -> None:
            if name == point:
                raise Died

        return self.process(crashpoint)

    async def seed(self) -> None:
        """Consent in the browser and keep the pair, as `zalo seed` does."""
        given = self.zalo.consent()
        pair = Pair(given["access_token"], given["refresh_token"], self.zalo.life)
        now_ms = to_ms(self.clock.at)
        sealed = Seal(OA, KEY, self.chance.token).close(pair, now_ms=now_ms)
        await self.database.write(lambda c: zalo_tokens.set_pair(c, OA, sealed, at_ms=now_ms))

    async def row(self) -> KeptTokens:
        """Return the row."""
        kept = await self.database.read(lambda c: zalo_tokens.get(c, OA))
        assert kept is not None
        return kept

    def shown(self) -> list[tuple[int, int]]:
        """Return which refresh tokens were shown to Zalo, with the error of each."""
        return [(one.token, one.error) for one in self.zalo.ledger]

    async def asked(self) -> None:
        """Wait until Zalo was shown a token."""
        for _ in range(1000):
            if self.zalo.ledger:
                return
            await asyncio.sleep(0.01)
        raise TimeoutError("nobody asks Zalo")

    def counted(self) -> dict[str, float]:
        """Return what was counted of askings, and the alarms."""
        return {
            next(iter(sample.labels.values())): sample.value
            for family in self.measures.collect()
            if family.name in ("khaihoc_zalo_tokens", "khaihoc_alarms")
            for sample in family.samples
        }


@asynccontextmanager
async def opened(folder: Path, template: Template) -> AsyncIterator[Account]:
    """Give an account without tokens, on a database of the test's own."""
    await asyncio.to_thread(template.put, folder)
    clock, chance = Clock(), Chance()
    database = Database(url_in(folder), Seams(clock.now, chance.token))
    await database.start()
    zalo = ZaloOAuth(now=lambda: clock.at.timestamp())
    plan = Scripted([])
    async with serving(zalo, plan) as server, open_outside() as http:
        yield Account(folder, database, zalo, server, http, clock, chance, plan.faults)
    await database.stop()
    assert zalo.leaks == []
