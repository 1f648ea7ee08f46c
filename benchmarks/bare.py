"""The yardstick: a stateless bare aiogram handler that sends the same texts and keeps nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message

from storage.criteria import load_criteria_sets

TOKEN = "42:TEST"


def raw_update(person: int, number: int, text: str) -> bytes:
    """Return an update as Telegram sends it: message `number` of `person`."""
    who = {"id": person, "first_name": "Hoa", "username": f"hoa{person}"}
    message = {
        "message_id": number,
        "date": 1767225600,
        "chat": {**who, "type": "private"},
        "from": {**who, "is_bot": False, "language_code": "vi"},
        "text": text,
    }
    return json.dumps({"update_id": person * 1000 + number, "message": message}).encode()


def questions() -> tuple[str, ...]:
    """Return the ten questions as a bot sends them: text and numbered list, without buttons.

    The list is the canonical rendering (design.md), and the budgets were set against it. A
    keyboard would make the bare handler about a quarter dearer, and our ratios look better.
    """
    (criteria, *_) = load_criteria_sets().sets
    return tuple(
        "\n".join(
            (i.ask.get("vi"), *(f"{n}. {o.text.get('vi')}" for n, o in enumerate(i.options, 1)))
        )
        for i in criteria.indicators
    )


@dataclass(frozen=True, slots=True)
class AiogramBot:
    """A dispatcher with its bot."""

    bot: Bot
    dispatcher: Dispatcher

    async def take(self, raw: bytes) -> None:
        """Take a raw update; its reply is at the Bot API when this returns."""
        await self.dispatcher.feed_raw_update(self.bot, json.loads(raw))

    async def answer_all(self, updates: Sequence[Sequence[bytes]]) -> int:
        """Let people write at the same time, each one after the other; return all turns."""
        await asyncio.gather(*map(self._talk, updates))
        return sum(map(len, updates))

    async def _talk(self, updates: Sequence[bytes]) -> None:
        for raw in updates:
            await self.take(raw)


def raw_updates(people: int, answers: int) -> list[list[bytes]]:
    """Return the updates of `people`, each with `answers`."""
    return [[raw_update(p, n, "3") for n in range(answers)] for p in range(1, people + 1)]


@asynccontextmanager
async def aiogram_bot(url: str) -> AsyncIterator[tuple[Bot, Dispatcher]]:
    """Give a bot that speaks to the Bot API at `url`, and an empty dispatcher."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    async with Bot(TOKEN, session=session) as bot:
        yield bot, Dispatcher()


@asynccontextmanager
async def bare(url: str, questions: Sequence[str]) -> AsyncIterator[AiogramBot]:
    """Give a bot whose only handler sends one of `questions`."""
    async with aiogram_bot(url) as (bot, dispatcher):

        @dispatcher.message()
        async def _answer(message: Message) -> None:
            await message.answer(questions[message.message_id % len(questions)])

        yield AiogramBot(bot, dispatcher)
