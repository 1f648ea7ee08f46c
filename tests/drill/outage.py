"""After an outage: what waits is answered in order, fairly, with bounded memory."""

import asyncio
import random
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from bot.app import Program, run_program
from bot.worker import Roles
from handlers.turns import BATCH
from handlers.web.read import OpenedRaw, TypedRaw, encode
from storage import inbox
from storage.database import Connection
from storage.inbox import Arrival
from storage.models import INBOX_DEAD, conversation, outbox
from storage.models import inbox as messages
from storage.seams import Seams, to_ms
from tests.databases import ADDRESS, server, url_in
from tests.world import VILLAGE, make_template, settings_in

# What people typed while nobody answered: enough that every one gets a question of its own.
WORDS = ("bắt đầu", "1", "xin chào", "trợ giúp", "quay lại", "2", "menu", "kết quả", "ngôn ngữ")
AT_ONCE = 1_000
FLOODER = "flooder-who-says-a-lot"
MB = 1024 * 1024
# What a batch needs and what Python keeps of it; it does not depend on how much waits.
MOST_BYTES = 40 * MB


@dataclass(frozen=True, slots=True)
class Figures:
    """What a drain came to.

    `first_seconds` is when the last of all people was first served, `first_after` how many messages
    had been answered by then. `disordered` counts people whose messages were answered in another
    order than they came.
    """

    waiting: int
    people: int
    seconds: float
    first_seconds: float
    first_after: int
    answered: int
    dead: int
    disordered: int
    grown_bytes: int

    @property
    def is_fair(self) -> bool:
        """Whether everybody was served once before the flooder took more than a few turns."""
        return self.people <= self.first_after <= self.people * 5 // 4 + BATCH

    @property
    def sound(self) -> bool:
        """Whether all were answered in order and fairly, whatever waits, in the same memory."""
        whole = (self.answered, self.dead, self.disordered) == (self.waiting, 0, 0)
        return whole and self.is_fair and self.grown_bytes < MOST_BYTES

    def lines(self) -> list[str]:
        """Return the figures for people."""
        rate = self.waiting / self.seconds
        return [
            f"{self.waiting} waiting messages of {self.people} people (one sent a fifth of them): "
            f"{self.answered} answered, {self.dead} dead, {self.disordered} people out of order",
            f"{self.seconds:.1f} s, {rate:.0f} a second; everybody was first served after "
            f"{self.first_seconds:.1f} s and {self.first_after} messages; "
            f"memory grew {self.grown_bytes / MB:.1f} MB",
        ]


async def drain(program: Program, *, waiting: int, people: int, seed: int) -> Figures:
    """Keep `waiting` messages of `people` (none of them served yet), then answer all of them.

    The loops of `program` must not run: its turns are taken here.
    """
    await _keep(program, waiting, people, seed)
    began, before = time.monotonic(), _resident()
    most, first, after, done = before, 0.0, 0, 0
    while taken := await program.turns.once():
        most, done = max(most, _resident()), done + taken
        if not first and await _greeted(program) >= people:
            first, after = time.monotonic() - began, done
    seconds = time.monotonic() - began
    async with program.parts.database.reading() as connection:
        answered, dead, disordered = await _account(connection)
    return Figures(
        waiting, people, seconds, first, after, answered, dead, disordered, most - before
    )


async def _keep(program: Program, waiting: int, people: int, seed: int) -> None:
    """Keep everybody's messages; the flooder's come first of all, the others' mixed."""
    chance = random.Random(seed)
    senders = [f"person-{n:06}-who-waits" for n in range(people - 1)]
    said = [FLOODER] * (waiting // 5)
    said += senders + chance.choices(senders, k=waiting - len(said) - len(senders))
    counts = dict.fromkeys((FLOODER, *senders), 0)
    at_ms = to_ms(program.parts.now())
    for start in range(0, len(said), AT_ONCE):
        arrivals = []
        for number, sender in enumerate(said[start : start + AT_ONCE], start):
            raw = _raw(counts[sender])
            counts[sender] += 1
            arrivals.append(Arrival("web", sender, f"waiting-{number}", raw, at_ms + number))
        await program.parts.database.write(partial(inbox.add, arrivals=arrivals))


def _raw(number: int) -> str:
    return encode(TypedRaw(WORDS[number % len(WORDS)]) if number else OpenedRaw(VILLAGE))


async def _greeted(program: Program) -> int:
    """Return how many people have been answered at all."""
    async with program.parts.database.reading() as connection:
        count = select(func.count(func.distinct(outbox.c.conversation_id)))
        return int((await connection.execute(count)).scalar_one())


async def _account(connection: Connection) -> tuple[int, int, int]:
    """Return messages answered, messages given up, and people whose order was not kept.

    Questions are numbered as they are asked: within a conversation the numbers must grow with the
    order of arrival.
    """
    dead = select(func.count()).where(messages.c.status == INBOX_DEAD)
    answered = select(func.count(func.distinct(outbox.c.inbox_id)))
    numbers = select(outbox.c.conversation_id, outbox.c.number).where(outbox.c.number.is_not(None))
    ordered = numbers.order_by(outbox.c.conversation_id, outbox.c.inbox_id, outbox.c.n)
    last: dict[int, int] = {}
    disordered = set()
    for who, number in await connection.execute(ordered):
        if number <= last.get(who, -1):
            disordered.add(who)
        last[who] = number
    told = (await connection.execute(answered)).scalar_one()
    given_up = (await connection.execute(dead)).scalar_one()
    known = (await connection.execute(select(func.count()).select_from(conversation))).scalar_one()
    assert known == len(last), "everybody was asked something"
    return int(told), int(given_up), len(disordered)


def _resident() -> int:
    """Return the memory of this process in bytes."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


def run(waiting: int, people: int, seed: int) -> bool:
    """Drain on both databases and print the figures; tell whether nothing was wrong."""
    sound = True
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="khaihoc-outage-") as place:
            folder = Path(place) / "var"
            folder.mkdir()
            if name == "postgresql":
                (folder / ADDRESS).write_text(server().create("outage"))
            figures = asyncio.run(_drained(folder, waiting, people, seed))
        print(f"{name}: " + "\n".join(figures.lines()), flush=True)
        sound = sound and figures.sound
    return sound


async def _drained(folder: Path, waiting: int, people: int, seed: int) -> Figures:
    await make_template(url_in(folder))
    roles: Roles = frozenset({"web"})
    async with run_program(settings_in(folder), seams=Seams(), roles=roles) as program:
        return await drain(program, waiting=waiting, people=people, seed=seed)
