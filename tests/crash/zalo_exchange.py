"""Zalo in a process of its own, which outlives the program that is killed.

It takes orders by HTTP: what people do there, where the program listens, and what was told to whom.
An act is done once, however often it is ordered; what nobody answered is posted again when asked.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

from tests.crash.people import RECEIPT
from tests.crash.preparing import secrets
from tests.fakes.faulty import NONE, Asked, Reply
from tests.fakes.listening import json_reply, listening
from tests.fakes.zalo import Posted
from tests.phones import BotExchange, OaExchange
from tests.world import START, Clock

Json = dict[str, Any]
# Everybody there is, by the number of their phone.
NAMES = {"an": 1, "officer": 2}
# A program may be killed, but no machine is so busy that it answers later.
PATIENCE_SECONDS = 60.0
SURFACES: Mapping[str, type[BotExchange] | type[OaExchange]] = {
    "zalo_bot": BotExchange,
    "zalo_oa": OaExchange,
}
PATHS = {"zalo_bot": "/webhooks/zalo-bot", "zalo_oa": "/webhooks/zalo-oa"}


@dataclass(frozen=True, slots=True)
class Platform:
    """A running exchange that takes orders at `url`."""

    url: str
    child: int
    ending: int

    def stop(self) -> None:
        """End it."""
        os.close(self.ending)
        os.waitpid(self.child, 0)


def start_platform(
    surface: str, database_url: str, photos: Mapping[str, bytes], log: Path
) -> Platform:
    """Fork off an exchange for the program on this database; the caller must have no threads."""
    asking, ending = os.pipe()
    hearing, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(ending)
        os.close(hearing)
        _child(Playing(surface, database_url, photos), asking, telling, log)
    os.close(asking)
    os.close(telling)
    with os.fdopen(hearing, "rb") as line:
        url = line.readline().decode().strip()
    assert url, "the exchange never began"
    return Platform(url, child, ending)


def _child(playing: "Playing", asking: int, telling: int, log: Path) -> None:
    """Serve until the other side is closed; never return."""
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    asyncio.run(playing.serve(asking, telling))
    os._exit(0)


@dataclass(slots=True)
class Playing:
    """The exchange and its people; one order after the other is carried out."""

    surface: str
    database_url: str
    photos: Mapping[str, bytes]
    clock: Clock = field(default_factory=Clock)
    done: set[str] = field(default_factory=set)
    _exchange: BotExchange | OaExchange | None = None
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def exchange(self) -> BotExchange | OaExchange:
        """The exchange, while it serves."""
        assert self._exchange is not None, "`serve` begins it"
        return self._exchange

    async def serve(self, asking: int, telling: int) -> None:
        """Take orders; say on `telling` where, and end when `asking` is closed."""
        ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(asking, ended.set)
        async with SURFACES[self.surface].serving(self.clock) as self._exchange:
            self.exchange.fake.mail.patience = PATIENCE_SECONDS
            async with listening(self._handle, lambda _: NONE, lambda status: Reply(status)) as url:
                os.write(telling, f"{url}\n".encode())
                os.close(telling)
                await ended.wait()

    async def _handle(self, asked: Asked) -> Reply:
        order = json.loads(asked.body)
        name = order.pop("order")
        # What a killed program ordered is carried out before the next one is listened to.
        async with self._one:
            self.clock.at = START + timedelta(seconds=order.pop("at"))
            return json_reply(await getattr(self, f"do_{name}")(**order))

    async def do_settings(self) -> Json:
        """Return what leads a program here, and where pictures are."""
        return {
            "settings": {**self.exchange.settings, "limit_messages": 1_000_000},
            "media_port": self.exchange.media_port,
            "senders": {n: self.exchange.phone(k).sender for n, k in NAMES.items()},
        }

    async def do_listen(self, port: int) -> Json:
        """Post events to this port from now on."""
        self.exchange.fake.webhook = f"http://127.0.0.1:{port}{PATHS[self.surface]}"
        return {}

    async def do_again(self, taken: int) -> Json:
        """Post again what nobody took, in order, and the last `taken` events that were."""
        mail = self.exchange.fake.mail
        known = [posted for posted in mail.posted if posted.taken]
        for posted in known[len(known) - taken :] if taken else []:
            await mail.again(posted)
        return {"left": len(await mail.redeliver())}

    async def do_act(self, moment: str, who: str, verb: str, words: str = "") -> Json:
        """Let somebody act, unless they did at this moment already."""
        if moment not in self.done:
            self.done.add(moment)
            user = self._user(who)
            if verb == "forget":
                assert isinstance(self.exchange, OaExchange), "a bot's token never changes"
                self.exchange.fake.oauth.forget()
            elif verb == "away":
                async with _held(self.database_url):
                    for text in words.split("|"):
                        await self.exchange.fake.says(user, text)
            else:
                await self._act(user, verb, words)
        return {}

    async def _act(self, user: str, verb: str, words: str) -> "Posted | list[Posted]":
        fake = self.exchange.fake
        if verb == "send":
            return await fake.sends_photo(user, [self.photos[name] for name in words.split()])
        if verb == "press":
            return await fake.says(user, self._pressed(user, words))
        return await fake.says(user, self._filled(words))

    def _user(self, who: str) -> str:
        return self.exchange.phone(NAMES[who]).sender.partition(":")[2]

    def _pressed(self, user: str, number: str) -> str:
        """Return what the newest button with this number sends; without one it is typed."""
        shown = [button for said in self.exchange.fake.sent_to(user) for button in said.buttons]
        found = [payload for title, payload in shown if title.startswith(f"{number}. ")]
        return found[-1] if found else number

    def _filled(self, words: str) -> str:
        """Put receipt codes and the officer's word in."""
        told = "".join(said.text for said in self.exchange.fake.sent_to(self._user("an")))
        code = RECEIPT.search(told)
        words = words.replace("{an}", code.group() if code else "?")
        return words.replace("{word}", secrets()["officer.0"])

    async def do_consent(self) -> Json:
        """Let the account's admin consent again; every older pair is dead."""
        assert isinstance(self.exchange, OaExchange), "a bot's token never changes"
        return dict(self.exchange.fake.oauth.consent())

    async def do_told(self) -> Json:
        """Return what arrived at people, what nobody took, and what went wrong here."""
        fake = self.exchange.fake
        oauth = self.exchange.fake.oauth if isinstance(self.exchange, OaExchange) else None
        shown = oauth.ledger if oauth is not None else []
        refused = sum(bool(one.error) for one in shown)
        return {
            "sent": [(said.user, said.text, said.photo is not None) for said in fake.sent],
            "untaken": sum(not posted.taken for posted in fake.mail.posted),
            "complaints": fake.complaints,
            "renewed": len(shown) - refused,
            "refused": refused,
            # The first one was before the program came.
            "consents": oauth.consents - 1 if oauth is not None else 0,
        }


@asynccontextmanager
async def _held(url: str) -> AsyncIterator[None]:
    """Let nobody else write to a database inside the block."""
    found = make_url(url)
    if found.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(str(found.database))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.rollback()
        return
    holder = await asyncpg.connect(
        user="postgres", host=str(found.query["host"]), database=found.database
    )
    try:
        tables = "SELECT string_agg(tablename, ',') FROM pg_tables WHERE schemaname = 'public'"
        names = await holder.fetchval(tables)
        async with holder.transaction():
            await holder.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
            yield
    finally:
        await holder.close()
