"""The parties of the race: those who send and die, and the operator who consents again."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import msgspec
import structlog

from bot import logs
from handlers.channel import HumanNeeded, Later
from handlers.measures import Measures
from handlers.outside import OutsideFailed, ask, open_outside
from handlers.zalo.oauth import App, OAuth
from handlers.zalo.sealing import Pair, Seal
from handlers.zalo.tokens import OaTokens
from storage import zalo_tokens
from storage.database import UNAVAILABLE, Database
from storage.seams import Seams, to_ms
from tests.zalo_tokens.world import CONSENT, KEY, SEND, TIMES, Place, say

OA, APP, SECRET = "4001", "7001", "app-secret"
STALE = -216


@dataclass(frozen=True, slots=True)
class Death:
    """At which passage of which crash point a process dies; "" never."""

    point: str = ""
    nth: int = 1


# Twice where it hurts most: Zalo's answer dies with the process.
POINTS = (
    "zalo_token.mark",
    "zalo_token.asked",
    "zalo_token.answered",
    "zalo_token.answered",
    "zalo_token.refused",
    "zalo_token.committed",
    "commit.before",
    "commit.after",
)


def draw_death(chance: random.Random) -> Death:
    """Return the fate of a new process; most die when they renew."""
    if chance.random() < 0.25:
        return Death()
    return Death(chance.choice(POINTS), chance.choice((1, 1, 2, 3)))


@dataclass(slots=True)
class Passing:
    """A crashpoint that is the end of this process at its death."""

    death: Death
    passed: int = 0

    def __call__(self, name: str) -> None:
        """Pass a point, or do not return from it."""
        if name != self.death.point:
            return
        self.passed += 1
        if self.passed == self.death.nth:
            say("died", point=name)
            os.kill(os.getpid(), signal.SIGKILL)


@asynccontextmanager
async def opened(place: Place, passing: Passing) -> AsyncIterator[tuple[Database, Seams]]:
    """Give the database as one process has it."""
    seams = Seams(now=place.clock.now, crashpoint=passing)
    database = Database(place.url, seams)
    await database.start()
    try:
        yield database, seams
    finally:
        await database.stop()


async def work(place: Place, death: Death, tasks: int) -> None:
    """Send messages with `tasks` holders of tokens in this process, or die in the middle."""
    logs.configure("info")
    async with opened(place, Passing(death)) as (database, seams), asyncio.TaskGroup() as group:
        for number in range(tasks):
            group.create_task(_send_all(place, database, seams, f"{os.getpid()}.{number}"))


async def _send_all(place: Place, database: Database, seams: Seams, who: str) -> None:
    structlog.contextvars.bind_contextvars(who=who)
    chance = random.Random(who)
    async with open_outside(total_seconds=5) as http:
        http.headers["X-Who"] = who
        tokens = OaTokens(
            OAuth(App(OA, APP, SECRET, place.zalo), http, TIMES.answer),
            Seal(OA, KEY, seams.token),
            database=database,
            seams=seams,
            measures=Measures(),
            times=TIMES,
        )
        while not place.over.exists():
            await _send(place, http, tokens)
            await asyncio.sleep(chance.uniform(0.02, 0.2))


async def _send(place: Place, http: aiohttp.ClientSession, tokens: OaTokens) -> None:
    """Send one message, with one other token if Zalo does not take the first."""
    try:
        access = await tokens.get()
        if await _post(place, http, access) == STALE:
            await _post(place, http, await tokens.renew(access))
    except (Later, HumanNeeded, OutsideFailed):
        return


async def _post(place: Place, http: aiohttp.ClientSession, access: str) -> int:
    url, head = place.zalo + SEND, {"access_token": access}
    answered = await ask(http, "POST", url, json={}, headers=head)
    error: int = msgspec.json.decode(answered.body)["error"]
    return error


async def operate(place: Place) -> None:
    """Consent when the account was never used, and again whenever a human is needed; for ever."""
    async with opened(place, Passing(Death())) as (database, seams), open_outside() as http:
        seal = Seal(OA, KEY, seams.token)
        while True:
            try:
                kept = await database.read(lambda c: zalo_tokens.get(c, OA))
                # An operator hears of it by the alarm.
                if kept is None or (kept.state == "human" and kept.alarmed_ms is not None):
                    await _consent(place, database, seal, http)
            except UNAVAILABLE as error:
                say("operator_waits", error=type(error).__name__)
            await asyncio.sleep(0.05)


async def _consent(
    place: Place, database: Database, seal: Seal, http: aiohttp.ClientSession
) -> None:
    answered = await ask(http, "POST", place.zalo + CONSENT)
    given = msgspec.json.decode(answered.body)
    now_ms = to_ms(place.clock.now())
    pair = Pair(given["access_token"], given["refresh_token"], int(given["expires_in"]))
    sealed = seal.close(pair, now_ms=now_ms)
    version = await database.write(lambda c: zalo_tokens.set_pair(c, OA, sealed, at_ms=now_ms))
    say("consented", version=version)
