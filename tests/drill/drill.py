"""The drill: walks over HTTP, a server that is killed again and again, and what came of it."""

import asyncio
import random
import re
import signal
import socket
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from storage import officers
from storage.database import Connection, Database
from storage.seams import Seams, to_ms
from tests.databases import url_in
from tests.drill.page import Counts, Page
from tests.drill.people import Citizen, Desk, Officer
from tests.drill.reference import Known, Reference
from tests.drill.server import Server
from tests.world import COMMUNE, make_template, settings_in

# Every named moment of the program, and how often it may pass before the kill at most.
POINTS = {
    "door.kept": 12,
    "commit.before": 25,
    "commit.after": 25,
    "turns.apply": 12,
    "turns.applied": 12,
    "media.keep": 2,
    "media.kept": 2,
    "jobs.notice": 2,
    "jobs.remove": 2,
}
TOGETHER = 5
# How long a kill inside a crash point waits for the program to come there.
POINT_SECONDS = 20.0
LIFE_SECONDS = 1.2
FINISH_SECONDS = 60.0
TROUBLE = re.compile(r"loop_failed|turn_failed|request_failed|dead_letter|batch_again|Traceback")


@dataclass(frozen=True, slots=True)
class Kill:
    """One planned kill: inside a crash point, or `after` seconds of life.

    `starting`: counted from the start order, so that it may hit before the server listens.
    """

    point: str = "-"
    nth: int = 0
    after: float = 0.0
    starting: bool = False
    cold: bool = False


@dataclass(slots=True)
class Figures:
    """What a drill found; `sound` when there is nothing to mend."""

    seed: int
    kills: int = 0
    walks: int = 0
    seconds: float = 0.0
    phases: Counter[str] = field(default_factory=Counter)
    points: Counter[str] = field(default_factory=Counter)
    counts: Counts = field(default_factory=Counts)
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    asked_again: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)
    recovery_ms: int = 0
    cold_ms: int = 0
    leftovers: int = 0

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, asked again, doubled, stuck or failed."""
        found = (self.lost, self.asked_again, self.doubled, self.stuck, self.trouble)
        return not any(found)

    def lines(self) -> list[str]:
        """Return the figures for people, what was found last."""
        rows = [
            ("kills", self.kills),
            ("  at random moments: what ran", _listed(self.phases)),
            ("  inside crash points", _listed(self.points)),
            ("walks ended", self.walks),
            ("requests answered", self.counts.answers),
            ("  sent again after a kill", self.counts.sent_again),
            ("  old ones asked again and compared", self.counts.compared),
            ("acknowledged answers, photos, moves", self.acknowledged),
            ("lost", len(self.lost)),
            ("asked again", len(self.asked_again)),
            ("doubled", len(self.doubled)),
            ("stuck", len(self.stuck)),
            ("failures in the log", len(self.trouble)),
            ("uploads left for the sweep", self.leftovers),
            ("worst recovery", f"{self.recovery_ms} ms, with interpreter {self.cold_ms} ms"),
            ("seconds", round(self.seconds)),
            ("again with", f"make drill ARGS='--kills {self.kills} --seed {self.seed}'"),
        ]
        lines = [f"{name:<38}{value}" for name, value in rows]
        for kind in ("lost", "asked_again", "doubled", "stuck", "trouble"):
            lines += [f"{kind}: {what}" for what in getattr(self, kind)[:20]]
        return lines


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items())) or "none"


def plan(kills: int, seed: int) -> list[Kill]:
    """Return `kills` kills, the same for the same seed: each crash point once, the rest mixed."""
    chance = random.Random(seed)
    planned = [Kill(point, chance.randint(1, most)) for point, most in POINTS.items()][:kills]
    while len(planned) < kills:
        luck = chance.random()
        if luck < 0.35:
            point = chance.choice(list(POINTS))
            planned.append(Kill(point, chance.randint(1, POINTS[point])))
        elif luck < 0.45:
            planned.append(Kill(after=chance.uniform(0, 0.5), starting=True))
        else:
            after = chance.uniform(0, LIFE_SECONDS) ** 1.5
            planned.append(Kill(after=after, cold=chance.random() < 0.05))
    chance.shuffle(planned)
    return planned


@dataclass(slots=True)
class Drill:
    """One drill in `folder`, which must be empty."""

    folder: Path
    seed: int
    planned: Sequence[Kill]
    figures: Figures = field(init=False)
    reference: Reference = field(init=False)
    server: Server = field(init=False)
    desk: Desk = field(default_factory=Desk)
    pages: list[Page] = field(default_factory=list)
    ending: bool = False

    def __post_init__(self) -> None:
        """Prepare the parts; nothing runs yet."""
        self.figures = Figures(self.seed)
        self.reference = Reference(self.folder / "var")
        self.server = Server(self.folder / "var", free_port())

    async def run(self) -> Figures:
        """Walk and kill as planned, let everybody finish, stop, and hold everything to account."""
        began = time.monotonic()
        link = await self._prepare()
        walkers = []
        try:
            walkers = await self._walkers(link)
            await self._kill_all()
            await self._finish(walkers)
        finally:
            for task in walkers:
                task.cancel()
            await asyncio.gather(*walkers, return_exceptions=True)
            for page in self.pages:
                await page.client.aclose()
            await self.server.close()
        self._conclude()
        self.figures.seconds = time.monotonic() - began
        return self.figures

    async def _prepare(self) -> str:
        """Make the database with its commune and an officer; return the officer's link."""
        folder = self.folder / "var"
        folder.mkdir()
        await make_template(url_in(folder))
        seams = Seams()
        token, at_ms = seams.token(), to_ms(seams.now())

        async def work(connection: Connection) -> None:
            number = await officers.add_officer(
                connection, name="Cán bộ mẫu", role="commune_officer", place=COMMUNE, at_ms=at_ms
            )
            await officers.add_credential(
                connection,
                token=token,
                officer_id=number,
                kind="link",
                at_ms=at_ms,
                expires_ms=at_ms + 900_000,
            )

        database = Database(settings_in(folder).database_url, seams)
        await database.start()
        await database.write(work)
        await database.stop()
        return f"/officer/{token}"

    async def _walkers(self, link: str) -> list[asyncio.Task[None]]:
        """Start the first server, the officer and the citizens."""
        await self.server.start()
        await self.server.ready()
        page = self._page("/officer/chat", 0)
        await page.enter(link)
        await page.open()
        officer = Officer(page, self.desk, self.reference)
        tasks = [asyncio.create_task(self._safely("officer", officer.work()), name="officer")]
        tasks += [asyncio.create_task(self._people(n), name=f"line {n}") for n in range(TOGETHER)]
        return tasks

    def _page(self, base: str, number: int) -> Page:
        chance = random.Random(self.seed * 10_000 + number)
        page = Page(self.server, base, chance, self.figures.counts)
        self.pages.append(page)
        return page

    async def _people(self, line: int) -> None:
        """One person after another, until the drill ends."""
        while not self.ending:
            number = len(self.reference.people) + 1
            known = Known(f"person {number}")
            self.reference.people.append(known)
            page = self._page("/chat", number)
            chance = random.Random(self.seed * 20_000 + number)
            walk = Citizen(page, known, self.reference, self.desk, chance, number).walk()
            await self._safely(known.name, walk)
            self.figures.walks += known.done

    async def _safely(self, name: str, walk: Coroutine[None, None, None]) -> None:
        """Walk; a page that cannot go on is a finding, with its figures and seed."""
        try:
            await walk
        except Exception as error:
            self.figures.stuck.append(f"{name}: {type(error).__name__} {error}"[:500])

    async def _kill_all(self) -> None:
        for n, kill in enumerate(self.planned):
            if n:
                await self.server.start(kill.point, kill.nth, cold=kill.cold)
            else:
                await self._restart_armed(kill)
            if not kill.starting:
                await self.server.ready()
            await self._die(kill)
            self.reference.check_kept()
        await self.server.start()
        await self.server.ready()

    async def _restart_armed(self, kill: Kill) -> None:
        """The first server knew no plan; it goes in peace."""
        await self.server.kill(signal.SIGTERM)
        await self.server.start(kill.point, kill.nth)

    async def _die(self, kill: Kill) -> None:
        """Wait for the planned moment, kill, and note what ran."""
        patience = kill.after if kill.point == "-" else POINT_SECONDS
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self.server.down.wait()
        reached = self.server.down.is_set()
        running = sorted(page.doing for page in self.pages if page.doing) or ["nothing"]
        starting = not self.server.up.is_set()
        await self.server.kill()
        self.figures.kills += 1
        if reached:
            self.figures.points[kill.point] += 1
        else:
            self.figures.phases.update(["starting"] if starting else running)

    async def _finish(self, walkers: Sequence[asyncio.Task[None]]) -> None:
        """Let every walk end with the server up, then stop the server as an operator does."""
        self.ending = True
        officer, *people = walkers
        _, late = await asyncio.wait(people, timeout=FINISH_SECONDS)
        for known in self.reference.people:
            if not known.done:
                self.figures.stuck.append(f"{known.name} has not ended")
        for page in self.pages if late else ():
            if page.doing:
                self.figures.stuck.append(f"{page.doing} at {page.present}")
        officer.cancel()
        await asyncio.sleep(0.2)
        status = await self.server.kill(signal.SIGTERM)
        if status != 0:
            self.figures.trouble.append(f"graceful stop ended with {status}")

    def _conclude(self) -> None:
        self.reference.check_end()
        found, figures = self.reference, self.figures
        figures.acknowledged = found.acknowledged
        figures.lost, figures.asked_again = _once(found.lost), _once(found.asked_again)
        figures.doubled = _once(found.doubled)
        figures.stuck += found.stuck
        figures.trouble += [line for line in _log_lines(self.server.log) if TROUBLE.search(line)]
        figures.recovery_ms = max(self.server.recovery_ms, default=0)
        figures.cold_ms = max(self.server.cold_ms, default=0)
        figures.leftovers = len(list((self.folder / "var" / "incoming").iterdir()))


def _once(found: list[str]) -> list[str]:
    return list(dict.fromkeys(found))


def _log_lines(log: Path) -> list[str]:
    return log.read_text(errors="replace").splitlines()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
