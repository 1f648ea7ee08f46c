"""Our side: a whole program on a real SQLite file, and people in the middle of its questions."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import msgspec

from benchmarks.rounds import Side
from bot.app import Program, run_program
from bot.settings import Settings
from handlers.web.read import ChosenRaw, OpenedRaw, Raw, TypedRaw, encode
from handlers.web.requests import EventSent, check_event
from handlers.web.speech import Speech
from storage import places
from storage.database import Connection
from storage.inbox import Arrival, event_key
from storage.migrate import migrate
from storage.seams import to_ms

COMMUNE = "20242"
VILLAGE = "20242-012"
# Of the ten questions; the people stay in the middle of them.
ANSWERS = 8
TO_THE_QUESTIONS: tuple[Raw, ...] = (
    OpenedRaw(place=VILLAGE),
    TypedRaw("bắt đầu"),
    TypedRaw("1"),
    TypedRaw("đồng ý"),
    TypedRaw("nguyễn thị hoa 1965"),
)


@dataclass(slots=True)
class Person:
    """Somebody at the web chat: the name of their conversation, the question they look at."""

    sender: str
    screen: int = 0
    heard: dict[str, Any] = field(default_factory=dict)
    answer: bytes = b""

    def hear(self, answer: bytes) -> None:
        """Look at the last screen of an answer."""
        self.heard = msgspec.json.decode(answer)["screens"][-1]
        self.screen = int(self.heard["id"])


@dataclass(frozen=True, slots=True)
class Ours:
    """A running program, spoken to at its door."""

    program: Program
    speech: Speech

    async def take(self, sender: str, body: bytes) -> bytes:
        """Take what the page posts, and return the answer as the page gets it."""
        sent = msgspec.json.decode(body, type=EventSent)
        check_event(sent)
        raw: Raw = (
            TypedRaw(sent.text, sent.screen)
            if sent.text is not None
            else ChosenRaw(sent.screen or "", sent.choice or "")
        )
        return await self.say(sender, str(sent.event_id), raw)

    async def say(self, sender: str, event_id: str, raw: Raw) -> bytes:
        """Keep a message and wait for its answer."""
        parts = self.program.parts
        external = event_key(parts.secret("inbox"), sender, event_id)
        arrival = Arrival("web", sender, external, encode(raw), to_ms(parts.now()))
        message, _, answer = await self.program.door.ask(arrival)
        return await (self.speech.of(answer) if answer else self.speech.wait(message, sender))

    async def arrive(self, people: int) -> list[Person]:
        """Return new people who look at the first question."""
        new = [Person(secrets.token_urlsafe(16)) for _ in range(people)]
        await asyncio.gather(*(self._begin(person) for person in new))
        return new

    async def _begin(self, person: Person) -> None:
        for raw in TO_THE_QUESTIONS:
            person.hear(await self.say(person.sender, str(uuid4()), raw))
        assert person.heard["progress"] == {"step": 1, "of": 10}, person.heard

    async def answer_all(self, posts: Sequence[tuple[Person, Sequence[bytes]]]) -> int:
        """Let people post at the same time, each one after the other; return all turns."""
        await asyncio.gather(*(self._talk(person, bodies) for person, bodies in posts))
        return sum(len(bodies) for _, bodies in posts)

    async def _talk(self, person: Person, bodies: Sequence[bytes]) -> None:
        for body in bodies:
            person.answer = await self.take(person.sender, body)


def bodies(person: Person, answers: int) -> list[bytes]:
    """Return what the page posts for the next answers: typed and pressed ones in turn."""
    return [
        msgspec.json.encode(
            {"event_id": str(uuid4()), "screen": str(person.screen + n)}
            | ({"choice": "2"} if n % 2 else {"text": "3"})
        )
        for n in range(answers)
    ]


def answering(ours: Ours, people: int, groups: int) -> Side:
    """Return the side on which `groups` of `people` answer, one group after the other."""
    posts: list[list[tuple[Person, list[bytes]]]] = []

    async def prepare() -> None:
        for person, _ in chain.from_iterable(posts):
            person.hear(person.answer)
            assert person.heard["progress"]["step"] == ANSWERS + 1, "went astray"
        everybody = [(p, bodies(p, ANSWERS)) for p in await ours.arrive(people * groups)]
        posts[:] = [everybody[n::groups] for n in range(groups)]

    async def play() -> int:
        return sum([await ours.answer_all(group) for group in posts])

    return Side(play, prepare)


@asynccontextmanager
async def our_program(**values: object) -> AsyncIterator[Ours]:
    """Run the program on a new database with one commune."""
    with TemporaryDirectory(prefix="khaihoc-bench-") as folder:
        settings = settings_in(Path(folder), **values)
        await migrate(settings.database_url)
        async with run_program(settings) as program:
            await program.parts.database.write(add_villages)
            yield Ours(program, Speech(program.parts, program.needs))


def settings_in(folder: Path, **values: object) -> Settings:
    """Return settings of a program that lives in `folder`, with no limit on how fast one types."""
    limits = {"limit_messages": 10**9, "limit_sessions": 10**9}
    given: dict[str, Any] = {**limits, "secret_key": secrets.token_hex(32), **values}
    return Settings(var_dir=folder, **given)


async def add_villages(connection: Connection) -> None:
    """Give the commune its villages."""
    villages = [(f"{COMMUNE}-{n:03}", f"tổ {n}", "residential_group") for n in range(1, 19)]
    await places.add_villages(connection, villages)  # type: ignore[arg-type]
