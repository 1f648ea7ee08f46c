"""What tests of Zalo's doors share: Zalo, before a program whose turns wait."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from handlers.admin import admin_router
from handlers.errors import install_errors
from handlers.zalo.hearing import BOT, OA, Ear
from handlers.zalo.intake import Intake
from handlers.zalo.signature import Signature
from handlers.zalo.webhooks import BotDoor, OaDoor, Webhooks
from storage.seams import Seams
from storage.spool import Spool
from tests.handlers.program import Stage
from tests.handlers.zalo.calls import ACCOUNT, APP, ROBOT, SECRET, TOLD, Zalo


@pytest.fixture
async def zalo(still: Stage) -> AsyncIterator[Zalo]:
    """Zalo, before a program whose turns wait."""
    parts = still.program.parts
    key = parts.secret("inbox")
    spool = Spool(still.folder / "spool", Seams(now=still.clock.now))
    intake = Intake(parts, still.program.door, spool)
    doors = Webhooks(
        intake,
        bot=BotDoor(Ear(BOT, ROBOT, key), TOLD),
        oa=OaDoor(Ear(OA, ACCOUNT, key), Signature(APP, ACCOUNT, "app", SECRET)),
        verifier="KDo-9_a",
    )
    app = FastAPI(openapi_url=None)
    app.include_router(doors.router())
    app.include_router(admin_router())
    install_errors(app, parts.words, parts.measures)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield Zalo(still, client, intake)
