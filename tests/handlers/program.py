"""A program whose turns run when the test says so, looked at and spoilt beside it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from bot.app import run_program
from bot.worker import ALL_ROLES, Roles
from storage.seams import Seams
from tests.databases import Plain, Template
from tests.talk import Talk
from tests.world import VILLAGE, Chance, Clock, World, settings_in

T = TypeVar("T")
STILL: Roles = frozenset({"jobs"})
CODES = ("A1", "A2", "A3", "A4", "B1", "B2", "B3", "C1", "C2", "C3")
# Longer than any turn takes, shorter than a test may hang.
PATIENCE = 20.0


@dataclass(slots=True)
class Stage(World):
    """A world with its database file, and what happens at crash points."""

    folder: Path = Path()
    at_point: dict[str, list[Callable[[], None]]] = field(default_factory=dict)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query by another connection."""
        return Plain(self.folder).rows(query, *values)

    def spoil(self, change: str, *values: object) -> None:
        """Change rows by another connection that asks nobody."""
        Plain(self.folder).spoil(change, *values)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Let nobody else write, as another program could."""
        async with beside(Plain(self.folder).locked()):
            yield

    @asynccontextmanager
    async def full(self) -> AsyncIterator[None]:
        """Let the disk under the database be full."""
        async with beside(Plain(self.folder).full()):
            yield

    async def kept(self, count: int) -> None:
        """Wait until `count` messages wait in the inbox."""
        for _ in range(int(PATIENCE / 0.005)):
            if self.rows("SELECT count(*) FROM inbox WHERE status = 0") == [(count,)]:
                return
            await asyncio.sleep(0.005)
        raise TimeoutError(f"there are never {count} messages")

    async def at_once(self, *asked: Awaitable[T]) -> list[T]:
        """Let these requests arrive one after the other, then answer all of them.

        One batch does it, but for people who have several conversations.
        """
        tasks = []
        for n, one in enumerate(asked, 1):
            tasks.append(asyncio.ensure_future(one))
            await self.kept(n)
        await self.program.turns.once()
        while self.rows("SELECT 1 FROM inbox WHERE status = 0"):
            await self.program.turns.once()
        return list(await asyncio.gather(*tasks))

    async def pump(self, asked: Awaitable[T]) -> T:
        """Run turns until `asked` is done."""
        task = asyncio.ensure_future(asked)
        async with asyncio.timeout(PATIENCE):
            while not task.done():
                await self.program.turns.once()
                await asyncio.sleep(0.001)
        return task.result()

    def answers(self, talk: Talk) -> dict[str, int]:
        """Return the kept answers of a talker by criterion."""
        query = """SELECT a.criterion, a.option FROM answer a, declaration d, conversation c
            WHERE a.declaration_id = d.id AND d.person_id = c.person_id AND c.sender = ?"""
        return dict(self.rows(query, sender_of(talk)))

    def dead(self) -> list[tuple[str, str]]:
        """Return sender and error of the dead letters."""
        return self.rows("SELECT sender, error FROM inbox WHERE status = 2 ORDER BY id")


@asynccontextmanager
async def beside(block: AbstractContextManager[None]) -> AsyncIterator[None]:
    """Enter and leave `block` on threads: what it waits for may need our own event loop."""
    await asyncio.to_thread(block.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(block.__exit__, None, None, None)


@asynccontextmanager
async def staged(
    folder: Path,
    template: Template,
    *,
    roles: Roles = ALL_ROLES,
    chance: Chance | None = None,
    days: int = 0,
) -> AsyncIterator[Stage]:
    """Run a program in `folder`, on a copy of `template` unless it has a database already.

    Its clock stands `days` after the usual start.
    """
    template.put(folder)
    clock, drawn = Clock(), chance or Chance()
    clock.forward(days=days)
    at_point: dict[str, list[Callable[[], None]]] = {}

    def crashpoint(name: str) -> None:
        for happen in at_point.pop(name, []):
            happen()

    seams = Seams(now=clock.now, token=drawn.token, crashpoint=crashpoint)
    settings = settings_in(folder, limit_messages=1000)
    async with run_program(settings, seams=seams, roles=roles) as program:
        yield Stage(program, clock, drawn, folder, at_point)


async def to_first_question(talk: Talk, name: str = "Nguyễn Thị Hòa 1965") -> None:
    """Walk from the QR code to the first question."""
    await talk.open(place=VILLAGE)
    await talk.press("start")
    await talk.press(1)
    await talk.press("agree")
    await talk.say(name)
    assert talk.screen["progress"] == {"step": 1, "of": 10}


async def to_submit(talk: Talk) -> None:
    """Walk from the first question to the word that hands in."""
    for _ in CODES:
        await talk.press("2")
    await talk.press("none")
    await talk.press("submit")


def sender_of(talk: Talk) -> str:
    """Return the name of the talker's conversation."""
    return talk.client.cookies["khaihoc"].split(".")[0]


async def post(talk: Talk, event: dict[str, Any], id: str | None = None) -> httpx.Response:
    """Send an event as it is, under `id` or a fresh one."""
    body = {"event_id": id or str(uuid4()), **event}
    return await talk.client.post(f"{talk.base}/events", json=body)


def pressing(talk: Talk, choice: str) -> dict[str, Any]:
    """Return the event of pressing a choice of the present question."""
    return {"screen": talk.screen["id"], "choice": choice}
