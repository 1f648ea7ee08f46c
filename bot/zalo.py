"""Zalo's two surfaces, built from Settings."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import aiohttp

from bot.channels import WEB_ALONE, Entry, Loop, Served, list_channels
from bot.settings import Settings
from handlers.channel import Channel, Window
from handlers.door import Door
from handlers.far.dialling import Dialler, Outward
from handlers.far.fetch import Fetcher
from handlers.outside import open_outside
from handlers.parts import Parts
from handlers.shown import Shown
from handlers.zalo.bot import BotApi
from handlers.zalo.channel import ZaloBot, ZaloOa
from handlers.zalo.hearing import Ear
from handlers.zalo.intake import Intake
from handlers.zalo.oa import OaApi
from handlers.zalo.oauth import LIFE_SECONDS, App
from handlers.zalo.polling import Polling
from handlers.zalo.sealing import Pair
from handlers.zalo.signature import Signature
from handlers.zalo.tokens import OaTokens
from handlers.zalo.webhooks import BotDoor, OaDoor, Webhooks
from storage.spool import Spool

HOUR_MS = 3_600_000


@asynccontextmanager
async def open_zalo(
    settings: Settings, parts: Parts, dialler: Dialler | None = None
) -> AsyncIterator[Served]:
    """Give the surfaces that are on, over one set of connections, beside the web."""
    async with open_outside() as http:
        channels: dict[str, Channel] = dict(WEB_ALONE)
        if "zalo_bot" in list_channels(settings):
            channels["zalo_bot"] = _bot(settings, parts, http)
        if "zalo_oa" in list_channels(settings):
            channels["zalo_oa"] = _oa(settings, parts, http)
        fetcher = Fetcher(
            settings.zalo_photo_hosts,
            dialler or Outward(),
            parts.incoming,
            max_bytes=parts.photo_max_bytes,
        )
        yield Served(channels, partial(_enter, settings, parts, http), fetcher)


def _enter(settings: Settings, parts: Parts, http: aiohttp.ClientSession, door: Door) -> Entry:
    """Return the webhooks, what brings in the spool, and polling where the bot is asked."""
    intake = Intake(parts, door, Spool(Path(settings.var_dir) / "spool", parts.seams))
    on, key = list_channels(settings), parts.secret("inbox")
    bot = Ear("zalo_bot", bot_id(settings), key) if "zalo_bot" in on else None
    asked = bot if settings.zalo_bot_mode == "polling" else None
    loops = [Loop("spool", "web", intake.run)]
    if asked is not None:
        polling = Polling(intake, asked, bot_api(settings, http))
        loops.append(Loop("polling", "web", polling.run, alone=True))
    secret = settings.zalo_bot_webhook_secret.get_secret_value()
    webhooks = Webhooks(
        intake,
        bot=BotDoor(bot, secret) if bot is not None and asked is None else None,
        oa=_oa_door(settings, key) if "zalo_oa" in on else None,
        verifier=settings.zalo_oa_verifier,
    )
    return Entry((webhooks.router(),), tuple(loops))


def _oa_door(settings: Settings, key: bytes) -> OaDoor:
    signature = Signature(
        settings.zalo_oa_app_id,
        settings.zalo_oa_id,
        settings.zalo_oa_signed_id,
        settings.zalo_oa_webhook_secret.get_secret_value(),
    )
    return OaDoor(Ear("zalo_oa", settings.zalo_oa_id, key), signature)


def app_of(settings: Settings) -> App:
    """Return the app to which the Official Account consented."""
    secret = settings.zalo_oa_app_secret.get_secret_value()
    return App(settings.zalo_oa_id, settings.zalo_oa_app_id, secret, settings.zalo_oa_oauth_url)


def first_pair(settings: Settings) -> Pair | None:
    """Return the tokens of the settings, which count only while none are kept."""
    access = settings.zalo_oa_access_token.get_secret_value()
    refresh = settings.zalo_oa_refresh_token.get_secret_value()
    return Pair(access, refresh, LIFE_SECONDS) if access and refresh else None


def bot_api(settings: Settings, http: aiohttp.ClientSession) -> BotApi:
    """Return the bot's side of the Bot API."""
    return BotApi(http, settings.zalo_bot_api_url, settings.zalo_bot_token.get_secret_value())


def bot_id(settings: Settings) -> str:
    """Return the number by which Zalo knows the bot: the part of its token before the colon."""
    return settings.zalo_bot_token.get_secret_value().partition(":")[0]


def _bot(settings: Settings, parts: Parts, http: aiohttp.ClientSession) -> ZaloBot:
    return ZaloBot(
        bot_api(settings, http),
        Shown(parts),
        identity=bot_id(settings),
        rate=settings.zalo_bot_rate,
        quota=settings.zalo_bot_monthly_quota,
    )


def _oa(settings: Settings, parts: Parts, http: aiohttp.ClientSession) -> ZaloOa:
    tokens = OaTokens.of(parts, app_of(settings), http, first_pair(settings))
    window = Window(
        settings.zalo_oa_free_hours * HOUR_MS,
        settings.zalo_oa_paid_hours * HOUR_MS,
        settings.zalo_oa_pay,
    )
    return ZaloOa(
        OaApi(http, settings.zalo_oa_api_url, tokens),
        Shown(parts),
        identity=settings.zalo_oa_id,
        rate=settings.zalo_oa_rate,
        window=window,
    )
