"""The doctor for Zalo: who we are there, whether Zalo finds us, what is left of the month."""

from typing import Literal

from bot.findings import Finding
from bot.settings import Settings
from bot.zalo import app_of, bot_api, bot_id, first_pair
from handlers.channel import NotSent
from handlers.measures import Measures
from handlers.outside import open_outside
from handlers.zalo.bot import BotApi, Verification
from handlers.zalo.oa import OaApi
from handlers.zalo.oauth import OAuth
from handlers.zalo.sealing import PURPOSE, Seal
from handlers.zalo.tokens import OaTokens
from handlers.zalo.webhooks import BOT_PATH
from storage.database import UNAVAILABLE, Database
from storage.seams import Seams

Action = Literal["set", "test", "delete"]
WEBHOOK = "zalo_bot_webhook"
# A state body's account is of this type; what its package allows is for Zalo to say.
GOVERNMENT = 4


async def examine_bot(settings: Settings) -> list[Finding]:
    """Return what Zalo says of the bot and of its webhook."""
    async with open_outside() as http:
        api = bot_api(settings, http)
        try:
            me = await api.get_me()
            return [Finding("zalo_bot", True, f"bot {me.account_name}"), await _hook(settings, api)]
        except NotSent as refused:
            words = f"Zalo refuses ({refused.code}): look at ZALO_BOT_TOKEN, and docs/zalo.md"
            return [Finding("zalo_bot", False, words)]


async def _hook(settings: Settings, api: BotApi) -> Finding:
    """Compare how the bot hears with how it is set to hear."""
    found, wanted = await api.get_webhook_info(), f"{settings.base_url}{BOT_PATH}"
    if settings.zalo_bot_mode == "polling":
        if found is None:
            return Finding("zalo_bot_hears", True, "polling, for development only")
        words = "a webhook is set, polling hears nothing: `check --zalo-webhook delete`"
        return Finding("zalo_bot_hears", False, words)
    if found is None or found.url != wanted:
        there = "no webhook is set" if found is None else "the webhook is another address"
        return Finding(
            "zalo_bot_hears", False, f"{there}: `python -m bot check --zalo-webhook set`"
        )
    return Finding("zalo_bot_hears", True, wanted)


async def change_webhook(settings: Settings, action: Action) -> Finding:
    """Set, try or delete the bot's webhook, and return what Zalo saw."""
    secure = settings.zalo_bot_mode == "webhook" and settings.base_url.startswith("https:")
    if not bot_id(settings):
        return Finding(WEBHOOK, False, "ZALO_BOT_TOKEN is empty: there is no bot")
    if action == "set" and not secure:
        return Finding(WEBHOOK, False, "needs ZALO_BOT_MODE=webhook and an https PUBLIC_URL")
    async with open_outside() as http:
        api = bot_api(settings, http)
        try:
            if action == "delete":
                await api.delete_webhook()
                return Finding(WEBHOOK, True, "deleted")
            if action == "test":
                return _seen(await api.test_webhook(), "works")
            secret = settings.zalo_bot_webhook_secret.get_secret_value()
            found = await api.set_webhook(f"{settings.base_url}{BOT_PATH}", secret)
            return _seen(found.verification, f"set: {settings.base_url}{BOT_PATH}")
        except NotSent as refused:
            return Finding(WEBHOOK, False, f"Zalo refuses ({refused.code}): see docs/zalo.md")


def _seen(seen: Verification | None, fine: str) -> Finding:
    """Return what Zalo saw when it called us; where it says nothing, that it took the order."""
    if seen is None or seen.ok:
        return Finding(WEBHOOK, True, fine)
    hint = f": {seen.hint}" if seen.hint else ""
    return Finding(WEBHOOK, False, f"Zalo does not get through ({seen.outcome}){hint}")


async def examine_oa(settings: Settings, seams: Seams) -> list[Finding]:
    """Return what Zalo says of the Official Account; renews its token if it is time."""
    database = Database(settings.database_url, seams)
    try:
        await database.start()
        async with open_outside() as http:
            seal = Seal(settings.zalo_oa_id, settings.derive_key(PURPOSE), seams.token)
            tokens = OaTokens(
                OAuth(app_of(settings), http),
                seal,
                database=database,
                seams=seams,
                measures=Measures(),
                first=first_pair(settings),
            )
            return [await _account(OaApi(http, settings.zalo_oa_api_url, tokens))]
    except UNAVAILABLE:
        return [Finding("zalo_oa", False, "its tokens are in the database: mend that first")]
    finally:
        await database.stop()


async def _account(api: OaApi) -> Finding:
    try:
        found = await api.get_oa()
    except NotSent as refused:
        words = f"Zalo refuses ({refused.code}): `python -m bot zalo status`, and docs/zalo.md"
        return Finding("zalo_oa", False, words)
    kind = "a body of the state" if found.oa_type == GOVERNMENT else "a business"
    words = f"{found.name}, {kind}, package {found.package_name or 'not said'}"
    if found.is_verified is False:
        return Finding("zalo_oa", False, f"{words}: not verified, so it may not send")
    return Finding("zalo_oa", True, words)
