"""turn_http, turns_per_second, lone_p99_ms: the whole server, with load and stub beside it."""

import asyncio
import time
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec

from benchmarks.bare import raw_update
from benchmarks.client import Client
from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, TO_THE_QUESTIONS, VILLAGE, Person, bodies
from benchmarks.processes import Process, child
from benchmarks.rounds import Measured, Side, interleaved
from benchmarks.serving import WEBHOOK
from benchmarks.stub import Stub, stub
from handlers.web.read import TypedRaw

PEOPLE, CROWD = 24, 128
GROUPS = 3
ROUNDS = 5
LONE_PEOPLE = 40
HTTP_BUDGET = 0.5


@dataclass(slots=True)
class Visitor:
    """Somebody at the page: a browser, and the question it shows."""

    client: Client
    person: Person
    waits: list[float] = field(default_factory=list)

    async def arrive(self) -> None:
        """Open the page and go on to the first question."""
        opened = msgspec.json.encode({"place": VILLAGE})
        self.person.hear(await self.client.post("/chat/sessions", opened))
        for raw in TO_THE_QUESTIONS:
            if isinstance(raw, TypedRaw):
                body = {"event_id": str(uuid4()), "text": raw.text}
                self.person.hear(await self.client.post("/chat/events", msgspec.json.encode(body)))
        assert self.person.heard["progress"] == {"step": 1, "of": 10}, self.person.heard

    async def answer(self) -> None:
        """Answer questions one after the other, noting how long each answer took."""
        said = b""
        for body in bodies(self.person, ANSWERS):
            began = time.perf_counter()
            said = await self.client.post("/chat/events", body)
            self.waits.append(time.perf_counter() - began)
        self.person.hear(said)
        assert self.person.heard["progress"]["step"] == ANSWERS + 1, "went astray"


def our_side(server: Process, people: int, groups: int, waits: list[float]) -> Side:
    """Return the side of our server; the time of each answer is added to `waits`."""
    crowd: list[Visitor] = []

    async def prepare() -> None:
        for visitor in crowd:
            visitor.client.close()
        crowd[:] = [Visitor(Client(server.port), Person("")) for _ in range(people * groups)]
        await asyncio.gather(*(v.arrive() for v in crowd))
        waits.clear()

    async def play() -> int:
        for n in range(groups):
            await asyncio.gather(*(v.answer() for v in crowd[n::groups]))
        waits.extend(wait for v in crowd for wait in v.waits)
        return len(waits)

    return Side(play, prepare, server.cpu)


def bare_side(server: Process, api: Stub, people: int, groups: int) -> Side:
    """Return the side of the bare handler's webhook."""
    clients = [Client(server.port) for _ in range(people)]

    async def talk(person: int) -> None:
        for number in range(ANSWERS):
            await clients[person].post(WEBHOOK, raw_update(person + 1, number, "3"))

    async def play() -> int:
        before = api.taken()
        for _ in range(groups):
            await asyncio.gather(*map(talk, range(people)))
        turns = people * groups * ANSWERS
        assert api.taken() - before == turns, "a reply got lost"
        return turns

    return Side(play, cpu=server.cpu)


async def measure() -> list[Figure]:
    """Print the table and return its figures."""
    async with (
        stub() as api,
        child("benchmarks.serving", "bare", api.url) as theirs,
        child("benchmarks.serving", "ours", api.url) as ours,
    ):
        waits: list[float] = []
        pair = (our_side(ours, PEOPLE, GROUPS, waits), bare_side(theirs, api, PEOPLE, GROUPS))
        mine, bare = await interleaved(pair, ROUNDS)
        (crowd,) = await interleaved([our_side(ours, CROWD, 2, waits)], ROUNDS)
        (lone,) = await interleaved([our_side(ours, 1, LONE_PEOPLE, waits)], 1)
    p99 = sorted(waits)[int(len(waits) * 0.99)] * 1000
    _print(mine, bare, crowd, lone, p99)
    return [
        Figure("turn_http", mine.against(bare), "x bare aiogram", HTTP_BUDGET),
        Figure("turns_per_second", crowd.per_second, "turns/s"),
        Figure("lone_p99_ms", p99, "ms"),
    ]


def _print(mine: Measured, bare: Measured, crowd: Measured, lone: Measured, p99: float) -> None:
    rows = [
        ("ours", PEOPLE, mine.us, mine.per_second, None),
        ("bare aiogram", PEOPLE, bare.us, bare.per_second, None),
        ("ours", CROWD, crowd.us, crowd.per_second, None),
        ("ours", 1, lone.us, lone.per_second, p99),
    ]
    head = ("server", "people", "server CPU, us", "turns/s", "p99, ms")
    print(table("Over HTTP, load and stub on the same cores", head, rows))
