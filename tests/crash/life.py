"""One life of the program: started on a home folder, given one step, stopped or killed on the way.

The loops do not run by themselves: they are turned by hand until nothing waits, so that the same
life passes the same crash points in the same order.
"""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from bot.app import Program, build_parts, build_program
from bot.seed import seed
from bot.settings import Settings
from handlers.images.inspector import ImageInspector, Inspected, PhotoRefused
from handlers.media import Media
from storage import inbox
from storage.database import Database
from storage.photos import PhotoStore
from storage.seams import Seams
from tests.crash.answering import Answering
from tests.crash.people import People, Speaker
from tests.crash.points import Death, Passing
from tests.crash.rows import Seen, State, read_state
from tests.crash.scenarios import Step
from tests.world import START, Chance, Clock

PLENTY = 1_000_000
# Tokens of one life and of the next never meet.
TOKENS_A_LIFE = 1_000_000
# Long: the machine may be given to others meanwhile.
PATIENCE_SECONDS = 240.0
FORGETTING = {"refuse", "xóa hết"}


@dataclass(frozen=True, slots=True)
class Stage:
    """What all lives share: pictures, what the inspector makes of them, and secrets given out."""

    photos: Mapping[str, bytes]
    inspected: Mapping[str, Inspected]
    tokens: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Order:
    """Live in `home` from step `begin` to step `until` of a scenario, and die on the way.

    The phases of a life are "start", "again" (`recover`: step `begin` was cut off before), the
    numbers of its steps, and "stop".
    """

    home: Path
    url: str
    store: str
    scenario: str
    steps: Sequence[Step]
    begin: int
    until: int
    recover: bool = False
    death: Death | None = None
    together: bool = False


@dataclass(slots=True)
class Told:
    """What is kept once a step has been done; `passed` counts its crash points.

    `differs` are answers that were given before a kill and are other ones now; `recovery_ms` is
    the time from the start of the process until everybody was served.
    """

    step: int
    state: State
    orphans: int
    passed: dict[str, int]
    differs: list[str] = field(default_factory=list)
    recovery_ms: int = 0

    def line(self) -> str:
        """Return it as a line of a file; a kill after it was written does not lose it."""
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def read(cls, line: str) -> "Told":
        """Return what was told in a line."""
        return cls(**json.loads(line))


class Looked(ImageInspector):
    """Gives what the decoding process made of these pictures when it was asked before.

    That process holds nothing and keeps nothing, so no kill can matter to it; starting one in every
    life would be most of the harness's time.
    """

    def __init__(self, known: Mapping[str, Inspected]) -> None:
        super().__init__()
        self._known = known

    async def inspect(self, path: Path) -> Inspected:
        """Return what is kept of a known picture."""
        data = await asyncio.to_thread(path.read_bytes)
        found = self._known.get(hashlib.sha256(data).hexdigest())
        if found is None:
            raise PhotoRefused("broken", "not one of the harness's pictures")
        return found


async def live(order: Order, stage: Stage, photos: PhotoStore | None = None) -> None:
    """Live as ordered; tell what is kept after each step in `told` of the home.

    `photos` stands for the store of the order, for a life that must not start one.
    """
    began = time.monotonic()
    people = People.load(order.home / "people.json")
    people.lives += 1
    people.keep()
    passing = Passing(order.death)
    clock, chance = Clock(), Chance(people.lives * TOKENS_A_LIFE)
    clock.forward(seconds=people.at_seconds)
    seams = Seams(clock.now, chance.token, passing)
    if order.scenario == "seed":
        await _seeded(order, seams, passing, began)
        return
    async with _running(order, seams, stage, photos) as hands:
        walk = Walk(order, stage, people, hands, clock, passing)
        await walk.all(began)
        passing.phase = "stop"
    with (order.home / "passed").open("w") as file:
        json.dump(passing.passed, file)


def settings_of(order: Order) -> Settings:
    """Return the settings of a home."""
    return Settings(
        var_dir=order.home,
        secret_key=SecretStr("a secret for tests only, long enough"),
        database_url=order.url,
        photo_store=order.store,
        limit_messages=PLENTY,
        limit_sessions=PLENTY,
        limit_uploads=PLENTY,
        limit_api=PLENTY,
    )


@dataclass(slots=True)
class Hands:
    """Turn the loops of a program."""

    program: Program
    media: Media
    app: Answering
    together: bool

    async def once(self) -> int:
        """Do what waits now; return how much that was.

        An idle loop is not turned: how often it would look in vain is a matter of luck.
        """
        turns = self.program.turns
        turn = turns.together if self.together and not turns.careful else turns.once
        done = await turn() if await self._waits() else 0
        done += await self.media.once()
        return done + await self.program.jobs.once()

    async def _waits(self) -> bool:
        if self.together and self.program.door.waiting:
            return True
        async with self.program.parts.database.reading() as connection:
            return await inbox.count_waiting(connection) > 0

    async def until_still(self) -> None:
        """Go on until nothing waits."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.once():
                pass

    async def until(self, speaking: "asyncio.Future[Any]") -> None:
        """Go on until an answer came."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not speaking.done():
                await self.once()
                await asyncio.sleep(0)
        speaking.result()


@asynccontextmanager
async def _running(
    order: Order, seams: Seams, stage: Stage, photos: PhotoStore | None
) -> AsyncIterator[Hands]:
    settings = settings_of(order)
    parts = await build_parts(settings, seams)
    parts = parts if photos is None else replace(parts, photos=photos)
    try:
        program = build_program(settings, parts, ImageInspector())
        media = Media(parts, Looked(stage.inspected))
        carried = program.door.carried() if order.together else nullcontext()
        async with program.worker.running(frozenset({"web"})):
            with carried:
                app = Answering(program.app, seams.crashpoint)
                yield Hands(program, media, app, order.together)
    finally:
        await parts.database.stop()


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps of one life."""

    order: Order
    stage: Stage
    people: People
    hands: Hands
    clock: Clock
    passing: Passing

    async def all(self, began: float) -> None:
        """Do every step, the one that was cut off first."""
        app: Any = self.hands.app
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            for number in range(self.order.begin, self.order.until + 1):
                again = self.order.recover and number == self.order.begin
                self.passing.phase = "again" if again else str(number)
                differs = await self._repeat(number, client) if again else []
                await self._step(number, client)
                passed = dict(self.passing.passed.get(self.passing.phase, {}))
                took = round((time.monotonic() - began) * 1000) if again else 0
                await self._tell(number, passed, differs, took)

    async def _step(self, number: int, client: httpx.AsyncClient) -> None:
        step = self.order.steps[number]
        await self.hands.until_still()
        if self.people.at_seconds < step.at:
            self.people.at_seconds = step.at
            self.people.keep()
        self.clock.at = START + timedelta(seconds=self.people.at_seconds)
        moment = f"{self.order.scenario}.{number}"
        acts = [
            self._speaker(page, client).act(moment, (verb, *words))
            for page, verb, *words in step.acts
        ]
        await self.hands.until(asyncio.ensure_future(asyncio.gather(*acts)))
        await self.hands.until_still()

    async def _repeat(self, number: int, client: httpx.AsyncClient) -> list[str]:
        """Repeat everybody's last answered request; tell whose answer is another one now.

        Who has just asked to be forgotten is not asked about what was said before.
        """
        differs = []
        acts = self.order.steps[number].acts
        for name in sorted({page for page, _, *words in acts if not FORGETTING & {*words}}):
            repeating = asyncio.ensure_future(self._speaker(name, client).repeat())
            await self.hands.until(repeating)
            if repeating.result():
                differs.append(f"{name}: {repeating.result()}")
        return differs

    def _speaker(self, name: str, client: httpx.AsyncClient) -> Speaker:
        page, stage = self.people.page(name), self.stage
        return Speaker(page, self.people, client, stage.photos, stage.tokens)

    async def _tell(
        self, number: int, passed: dict[str, int], differs: list[str], took: int
    ) -> None:
        database = self.hands.program.parts.database
        seen = await look(database, self.people, self.order.home)
        told = Told(number, seen.state, seen.orphans, passed, differs, took)
        with (self.order.home / "told").open("a") as file:
            file.write(told.line())


async def look(database: Database, people: People, home: Path) -> Seen:
    """Return everything that is kept."""
    senders = {
        cookie.split(".")[0]: name
        for name, page in people.pages.items()
        for cookie in page.cookies.values()
    }
    async with database.reading() as connection:
        return await read_state(connection, senders, home / "photos")


async def _seeded(order: Order, seams: Seams, passing: Passing, began: float) -> None:
    """Make the demo, as `make run` does."""
    passing.phase = "again" if order.recover else "0"
    database = Database(order.url, seams)
    await database.start()
    try:
        await seed(database, settings_of(order), seams)
        took = round((time.monotonic() - began) * 1000) if order.recover else 0
        seen = await look(database, People(order.home / "people.json"), order.home)
    finally:
        await database.stop()
    passed = dict(passing.passed.get(passing.phase, {}))
    with (order.home / "told").open("a") as file:
        file.write(Told(0, seen.state, seen.orphans, passed, [], took).line())
