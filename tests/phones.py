"""Phones with Zalo on them: how people reach our bot and our account through the fakes."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI

from handlers.far.dialling import Machine
from tests.fakes.zalo import Mail, Said
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import APP_SECRET, FakeZaloOa
from tests.world import Clock
from tests.zalo_talk import Phone

SECRET = "a-secret-for-the-webhook"
# Ids of the OA's people are beyond what a float holds.
FIRST_USER = 9_007_199_254_740_993
# Where pictures lie: a host that is allowed by default, without https as Zalo gives it.
MEDIA = "http://photo-stal-1.zdn.vn/media"


class Exchange(Protocol):
    """A surface of Zalo, faked: `settings` lead a program to it, `phone` gives a person one."""

    name: str

    @property
    def settings(self) -> Mapping[str, Any]:
        """Settings that lead a program here."""

    @property
    def media_port(self) -> int:
        """Where the pictures that people send are served, on this machine."""

    def serve(self, app: FastAPI) -> None:
        """Let events reach this program from now on."""

    def phone(self, number: int) -> Phone:
        """Return the phone of person `number`."""

    def check(self) -> None:
        """Fail if our program did what no client should."""


@dataclass(frozen=True)
class MediaHost:
    """Leads every name to the fake's pictures; nobody listens where https would be."""

    port: int

    async def find(self, host: str, port: int) -> tuple[Machine, ...]:
        """Return the fake for http, a closed port for https."""
        return (Machine("127.0.0.1", self.port if port == 80 else 1),)


def _post_to(mail: Mail, app: FastAPI) -> None:
    """Post events to a program at once; how soon it answers is measured elsewhere."""
    mail.http, mail.patience = httpx.AsyncClient(transport=httpx.ASGITransport(app)), 60.0


def _port_of(url: str) -> int:
    return urlsplit(url).port or 80


@dataclass
class BotPhone:
    """A phone that talks to the bot."""

    fake: FakeZaloBot
    user: str
    surface: str = "zalo_bot"

    @property
    def sender(self) -> str:
        """The conversation's name with us."""
        return f"zb:{self.user}"

    async def write(self, words: str) -> None:
        """Send words."""
        posted = await self.fake.says(self.user, words)
        assert posted.taken, posted.statuses

    async def begin(self) -> None:
        """Write first: a bot cannot be followed."""
        await self.write("alo")

    async def show(self, photos: Sequence[bytes]) -> None:
        """Send an album: one event a picture."""
        for posted in await self.fake.sends_photo(self.user, photos):
            assert posted.taken, posted.statuses

    def received(self) -> list[Said]:
        """Return what came."""
        return self.fake.sent_to(self.user)


@dataclass
class BotExchange:
    """The Bot Platform with one bot of ours."""

    fake: FakeZaloBot
    name: str = "zalo_bot"

    @classmethod
    @asynccontextmanager
    async def serving(cls, clock: Clock) -> AsyncIterator[Self]:
        """Serve inside the block."""
        async with FakeZaloBot.serving(clock=clock.now, secret=SECRET) as fake:
            fake.pictures.base = MEDIA
            yield cls(fake)

    @property
    def media_port(self) -> int:
        """Where its pictures are."""
        return _port_of(self.fake.url)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What leads a program here."""
        return {
            "zalo_bot_token": self.fake.token,
            "zalo_bot_api_url": self.fake.url,
            "zalo_bot_mode": "webhook",
            "zalo_bot_webhook_secret": SECRET,
            "zalo_bot_rate": 1_000.0,
        }

    def serve(self, app: FastAPI) -> None:
        """Post events to this program."""
        self.fake.webhook = "http://127.0.0.1/webhooks/zalo-bot"
        _post_to(self.fake.mail, app)

    def phone(self, number: int) -> Phone:
        """Return the phone of person `number`."""
        return BotPhone(self.fake, f"{number:020x}")

    def check(self) -> None:
        """Nothing was sent that the Bot API refuses."""
        assert self.fake.complaints == []


@dataclass
class OaPhone:
    """A phone that talks to the Official Account."""

    fake: FakeZaloOa
    user: str
    surface: str = "zalo_oa"

    @property
    def sender(self) -> str:
        """The conversation's name with us."""
        return f"zo:{self.user}"

    async def begin(self) -> None:
        """Follow the account."""
        posted = await self.fake.follows(self.user)
        assert posted.taken, posted.statuses

    async def write(self, words: str) -> None:
        """Send words, or what a button sends."""
        posted = await self.fake.says(self.user, words)
        assert posted.taken, posted.statuses

    async def show(self, photos: Sequence[bytes]) -> None:
        """Send an album: one event with all of it."""
        posted = await self.fake.sends_photo(self.user, photos)
        assert posted.taken, posted.statuses

    def received(self) -> list[Said]:
        """Return what came."""
        return self.fake.sent_to(self.user)


@dataclass
class OaExchange:
    """One Official Account of ours."""

    fake: FakeZaloOa
    name: str = "zalo_oa"

    @classmethod
    @asynccontextmanager
    async def serving(cls, clock: Clock) -> AsyncIterator[Self]:
        """Serve inside the block."""
        async with FakeZaloOa.serving(clock=clock.now) as fake:
            fake.pictures.base = MEDIA
            yield cls(fake)

    @property
    def media_port(self) -> int:
        """Where its pictures are."""
        return _port_of(self.fake.url)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What leads a program here."""
        return {
            "zalo_oa_id": self.fake.oa_id,
            "zalo_oa_app_id": self.fake.app_id,
            "zalo_oa_app_secret": APP_SECRET,
            "zalo_oa_webhook_secret": self.fake.webhook_secret,
            "zalo_oa_api_url": self.fake.url,
            "zalo_oa_oauth_url": self.fake.url,
            "zalo_oa_access_token": self.fake.first["access_token"],
            "zalo_oa_refresh_token": self.fake.first["refresh_token"],
            "zalo_oa_rate": 1_000.0,
        }

    def serve(self, app: FastAPI) -> None:
        """Post events to this program."""
        self.fake.webhook = "http://127.0.0.1/webhooks/zalo-oa"
        _post_to(self.fake.mail, app)

    def phone(self, number: int) -> Phone:
        """Return the phone of person `number`."""
        return OaPhone(self.fake, str(FIRST_USER + number))

    def check(self) -> None:
        """Nothing was sent that the Open API refuses, and no message cost anything."""
        assert self.fake.complaints == []
        assert self.fake.cost == 0


Serving = Callable[[Clock], AbstractAsyncContextManager[Exchange]]
EXCHANGES: Mapping[str, Serving] = {
    "zalo_bot": BotExchange.serving,
    "zalo_oa": OaExchange.serving,
}
