"""The usual bot: the same form with aiogram's FSM and SQLAlchemy's ORM.

A session per update from a middleware, entities loaded with their relations, one commit per
update; FSM in memory (the default, the cheapest, and lost in a restart). Its database is set up as
ours is (SQLite, WAL, synchronous=FULL), which is kinder to it than the defaults.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiogram import BaseMiddleware
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import Message, TelegramObject
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from benchmarks.bare import AiogramBot, aiogram_bot
from benchmarks.orm import Answer, Base, Declaration, User

QUESTIONS = 10
CODES = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3")


class Form(StatesGroup):
    """Where a person stands: at one of the ten questions."""

    answering = State()


class SessionMiddleware(BaseMiddleware):
    """Gives each update a session of its own."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        """Run the handler with `session`."""
        async with self._sessions() as session:
            data["session"] = session
            return await handler(event, data)


async def begin(message: Message, state: FSMContext, session: AsyncSession) -> None:
    """Take the first message: keep the person with a draft, then ask the first question."""
    assert message.from_user is not None, "private messages have a sender"
    user = User(telegram_id=message.from_user.id, name="Nguyễn Thị Hoa", language="vi")
    user.declarations.append(Declaration(status="draft"))
    session.add(user)
    await session.commit()
    await state.set_state(Form.answering)
    await state.update_data(question=0)


class Asking:
    """The handler of an answer."""

    def __init__(self, questions: Sequence[str]) -> None:
        self._questions = questions

    async def ask_next(self, message: Message, state: FSMContext, session: AsyncSession) -> None:
        """Keep the answer and ask the next question."""
        assert message.from_user is not None, "private messages have a sender"
        at = (await state.get_data())["question"]
        found = select(User).where(User.telegram_id == message.from_user.id)
        user = (await session.execute(found)).scalar_one()
        draft = user.declarations[-1]
        code, option = CODES[at], int(message.text or "0") - 1
        known = next((a for a in draft.answers if a.criterion == code), None)
        if known is None:
            draft.answers.append(Answer(criterion=code, option=option))
        else:
            known.option = option
        await session.commit()
        await state.update_data(question=(at + 1) % QUESTIONS)
        await message.answer(self._questions[(at + 1) % QUESTIONS])


@asynccontextmanager
async def usual(url: str, folder: Path, questions: Sequence[str]) -> AsyncIterator[AiogramBot]:
    """Give the usual bot with a database in `folder`."""
    engine = _engine(folder)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with aiogram_bot(url) as (bot, dispatcher):
        dispatcher.message.middleware(SessionMiddleware(sessions))
        dispatcher.message.register(Asking(questions).ask_next, Form.answering)
        dispatcher.message.register(begin)
        yield AiogramBot(bot, dispatcher)
    await engine.dispose()


def _engine(folder: Path) -> AsyncEngine:
    engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/usual.db")

    @event.listens_for(engine.sync_engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for setting in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {setting}")
        cursor.close()

    return engine
