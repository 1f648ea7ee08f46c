"""Asking the bot's platform for what people wrote: for development, where nobody can call us.

An update is never confirmed: one that was consumed may come again (its event id tells), and one
that comes while we die is lost. So this is no way to serve people (Zalo Bot API, getUpdates).
"""

import asyncio
from typing import Protocol

import structlog

from handlers.channel import HumanNeeded, Later, NotSent
from handlers.zalo.hearing import Ear
from handlers.zalo.intake import Intake

POLL_SECONDS = 30
# Between tries while the platform fails, doubling; and while a person must change something.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
log = structlog.get_logger("zalo")


class Updates(Protocol):
    """What is asked of the client (`handlers.zalo.bot.BotApi`); both raise NotSent."""

    async def get_updates(self, seconds: int = 30) -> tuple[bytes, ...]:
        """Wait for updates; none while nothing comes."""

    async def get_webhook_info(self) -> object | None:
        """Return the webhook that is set, None without one."""


class Polling:
    """Asks until cancelled, in one process of the installation only; waits `seconds` each time."""

    def __init__(self, intake: Intake, ear: Ear, api: Updates, seconds: int = POLL_SECONDS) -> None:
        self._intake, self._ear, self._api, self._seconds = intake, ear, api, seconds
        self._pause = FIRST_PAUSE
        # Whether a webhook may be set: nobody knows at the start and after a failure.
        self._unsure, self._refused = True, False

    async def run(self) -> None:
        """Ask for updates and keep them; wait while a webhook is set."""
        while True:
            pause = await self.once()
            await asyncio.sleep(pause)

    async def once(self) -> float:
        """Ask once; return how many seconds to wait before the next time."""
        try:
            if self._unsure and await self._api.get_webhook_info() is not None:
                return self._refuse()
            self._unsure = self._refused = False
            for update in await self._api.get_updates(self._seconds):
                await self._intake.take(self._ear, update)
        except NotSent as failed:
            self._unsure = True
            return self._failed(failed)
        self._pause = FIRST_PAUSE
        return 0.0

    def _refuse(self) -> float:
        """Say once that a webhook is set, beside which the platform refuses to be asked."""
        if not self._refused:
            self._refused = True
            log.error("polling_refused", channel=self._ear.channel)
        return LONGEST_PAUSE

    def _failed(self, failed: NotSent) -> float:
        """Return the pause after a failure: what the platform asks for, or longer each time."""
        if self._intake.is_news("polling"):
            log.warning("polling_failed", code=failed.code)
        if isinstance(failed, HumanNeeded):
            return LONGEST_PAUSE
        pause, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
        asked = failed.seconds if isinstance(failed, Later) else None
        return min(max(pause, asked or 0.0), LONGEST_PAUSE)
