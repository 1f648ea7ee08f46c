"""The doctor asks Zalo who we are there and whether it finds us, and says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.findings import Finding
from bot.settings import Settings
from bot.zalo_doctor import change_webhook, examine_bot, examine_oa
from storage.seams import Seams
from tests.databases import Template
from tests.fakes.zalo_bot import FakeZaloBot
from tests.fakes.zalo_oa import APP_SECRET, FakeZaloOa
from tests.world import settings_in

PUBLIC = "https://khaihoc.example.vn"
HOOK = f"{PUBLIC}/webhooks/zalo-bot"


@pytest.fixture
async def bot() -> AsyncIterator[FakeZaloBot]:
    """A bot at Zalo."""
    async with FakeZaloBot.serving() as fake:
        yield fake


@pytest.fixture
async def oa() -> AsyncIterator[FakeZaloOa]:
    """An Official Account at Zalo."""
    async with FakeZaloOa.serving() as fake:
        yield fake


def bot_settings(folder: Path, fake: FakeZaloBot, **values: Any) -> Settings:
    usual = {
        "public_url": PUBLIC,
        "zalo_bot_token": fake.token,
        "zalo_bot_api_url": fake.url,
        "zalo_bot_mode": "webhook",
        "zalo_bot_webhook_secret": "eight letters",
    }
    return settings_in(folder, **(usual | values))


async def test_a_bot_without_its_webhook_is_told_how_to_set_it_and_then_it_is_fine(
    tmp_path: Path, bot: FakeZaloBot
) -> None:
    settings = bot_settings(tmp_path, bot)
    who, hears = await examine_bot(settings)
    assert (who.ok, hears.ok) == (True, False)
    assert hears.words == "no webhook is set: `python -m bot check --zalo-webhook set`"
    await change_webhook(settings, "set")
    assert bot.webhook == HOOK
    assert (await examine_bot(settings))[1] == Finding("zalo_bot_hears", True, HOOK)


async def test_polling_beside_a_webhook_hears_nothing_and_the_doctor_says_so(
    tmp_path: Path, bot: FakeZaloBot
) -> None:
    await change_webhook(bot_settings(tmp_path, bot), "set")
    polling = bot_settings(tmp_path, bot, zalo_bot_mode="polling")
    assert [f.ok for f in await examine_bot(polling)] == [True, False]
    assert await change_webhook(polling, "delete") == Finding("zalo_bot_webhook", True, "deleted")
    assert [f.ok for f in await examine_bot(polling)] == [True, True]


@pytest.mark.parametrize("values", [{"public_url": "http://localhost:1"}, {"zalo_bot_token": ""}])
async def test_a_webhook_that_cannot_work_is_not_set(
    tmp_path: Path, bot: FakeZaloBot, values: dict[str, str]
) -> None:
    assert not (await change_webhook(bot_settings(tmp_path, bot, **values), "set")).ok
    assert not bot.webhook


async def test_a_wrong_token_is_named_without_being_shown(tmp_path: Path, bot: FakeZaloBot) -> None:
    (found,) = await examine_bot(bot_settings(tmp_path, bot, zalo_bot_token="1:wrong"))
    assert found == Finding(
        "zalo_bot", False, "Zalo refuses (401): look at ZALO_BOT_TOKEN, and docs/zalo.md"
    )


async def test_the_account_says_who_it_is_and_an_unconsented_one_what_to_do(
    tmp_path: Path, template: Template, oa: FakeZaloOa
) -> None:
    template.put(tmp_path)
    settings = settings_in(
        tmp_path,
        zalo_oa_id=oa.oa_id,
        zalo_oa_app_id=oa.app_id,
        zalo_oa_app_secret=APP_SECRET,
        zalo_oa_webhook_secret=oa.webhook_secret,
        zalo_oa_api_url=oa.url,
        zalo_oa_oauth_url=oa.url,
    )
    (without,) = await examine_oa(settings, Seams())
    assert (without.ok, "python -m bot zalo status" in without.words) == (False, True)
    first = {
        "zalo_oa_access_token": oa.first["access_token"],
        "zalo_oa_refresh_token": oa.first["refresh_token"],
    }
    seeded = Settings(**(settings.model_dump() | first))
    (found,) = await examine_oa(seeded, Seams())
    assert found.ok, found
    assert oa.complaints == []
