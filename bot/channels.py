"""The channels this installation serves, one line each; a channel's library loads when it is on."""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter

from bot.settings import Settings
from handlers.channel import Channel
from handlers.door import Door
from handlers.parts import Parts
from handlers.web.channel import WebChannel

if TYPE_CHECKING:
    from handlers.far.dialling import Dialler
    from handlers.far.fetch import Fetcher

WEB_ALONE: Mapping[str, Channel] = MappingProxyType({"web": WebChannel()})


@dataclass(frozen=True, slots=True)
class Loop:
    """Something a process with the role `role` does all the time.

    `alone`: in one process of the installation only.
    """

    name: str
    role: str
    run: Callable[[], Coroutine[Any, Any, None]]
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """How a platform reaches us: routes it calls, loops that ask it."""

    routers: tuple[APIRouter, ...] = ()
    loops: tuple[Loop, ...] = ()


def _no_entry(door: Door) -> Entry:
    return Entry()


@dataclass(frozen=True, slots=True)
class Served:
    """The channels that are on, by name; their way in to a door; what fetches their photos."""

    channels: Mapping[str, Channel] = field(default_factory=lambda: WEB_ALONE)
    enter: Callable[[Door], Entry] = _no_entry
    fetcher: "Fetcher | None" = None


def list_channels(settings: Settings) -> tuple[str, ...]:
    """Return the names of the channels that are on. The web needs no token and is always on."""
    on = {"zalo_bot": settings.zalo_bot_token.get_secret_value(), "zalo_oa": settings.zalo_oa_id}
    return ("web", *(name for name, needed in on.items() if needed))


def list_entrances(settings: Settings) -> dict[str, str]:
    """Return where people open the channels beside the web, by name: one of Zalo's is enough."""
    account = settings.zalo_oa_id or settings.zalo_bot_token.get_secret_value().partition(":")[0]
    if not account:
        return {}
    name = "zalo_oa" if settings.zalo_oa_id else "zalo_bot"
    return {name: settings.zalo_link or f"https://zalo.me/{account}"}


@asynccontextmanager
async def open_channels(
    settings: Settings, parts: Parts, dialler: "Dialler | None" = None
) -> AsyncIterator[Served]:
    """Give the channels that are on as long as the block runs.

    `dialler` says which machines photos are fetched from, instead of the usual `Outward`.
    """
    if not any(name.startswith("zalo_") for name in list_channels(settings)):
        yield Served()
        return
    from bot.zalo import open_zalo

    async with open_zalo(settings, parts, dialler) as served:
        yield served
