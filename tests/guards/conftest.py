"""The program with every channel on, so that guards see all of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import Template
from tests.world import World, running

# Nothing is sent to these: nobody writes.
CHANNELS = {
    "zalo_bot_token": "1:token",
    "zalo_bot_api_url": "http://127.0.0.1:1",
    "zalo_bot_mode": "webhook",
    "zalo_bot_webhook_secret": "a secret of eight",
    "zalo_oa_id": "1",
    "zalo_oa_app_id": "2",
    "zalo_oa_app_secret": "secret",
    "zalo_oa_webhook_secret": "secret",
}


@pytest.fixture
async def world(tmp_path: Path, template: Template) -> AsyncIterator[World]:
    """A running program with all its doors."""
    async with running(tmp_path / "var", template, **CHANNELS) as found:
        yield found
