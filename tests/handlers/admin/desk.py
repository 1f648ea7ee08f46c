"""An office for tests: the admin API on a real database, with officers and files put in."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from fastapi import FastAPI
from PIL import Image

from bot.app import build_parts
from dialogs import effects as e
from dialogs import review
from dialogs.model import Role, Verdict
from dialogs.state import State
from handlers.admin import admin_router
from handlers.errors import install_errors
from handlers.parts import Parts
from storage import conversations, due, evidence, inbox, officers
from storage.conversations import Conversation
from storage.database import Connection
from storage.effects import TurnWrite, apply_decision, apply_turns
from storage.inbox import Arrival
from storage.seams import Seams, to_ms
from tests.databases import Plain, Template
from tests.photos_made import page, saved
from tests.world import COMMUNE, VILLAGE, Chance, Clock, settings_in

__all__ = ["COMMUNE", "VILLAGE", "Caller", "Desk", "certificate", "open_desk"]
# Another ward of the same city, and one far away.
NEIGHBOUR = "20194"
FAR = "00070"
PROVINCE = "48"
# What a file scores with the third option everywhere: 8 of 10 in each of ten questions.
EIGHTS = (2,) * 10


@dataclass(frozen=True, slots=True)
class Caller:
    """An officer with a token."""

    id: int
    token: str


@dataclass(slots=True)
class Desk:
    """The application with its clock; `add_*` put rows in through storage alone."""

    parts: Parts
    app: FastAPI
    clock: Clock
    chance: Chance
    people: int = 0
    # What happens, once, at a named point of the program.
    at_point: dict[str, list[Callable[[], None]]] = field(default_factory=dict)

    @property
    def plain(self) -> Plain:
        """Its rows, by another connection that asks nobody."""
        return Plain(self.parts.incoming.path("x" * 16).parents[1])

    def client(self, caller: Caller | None = None, locale: str = "en") -> httpx.AsyncClient:
        """Return a client that sends the caller's token."""
        headers = {"Accept-Language": locale}
        if caller is not None:
            headers["Authorization"] = f"Bearer {caller.token}"
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://test", headers=headers
        )

    async def add_officer(
        self, role: Role = "commune_officer", place: str = COMMUNE, name: str = "Cán bộ mẫu"
    ) -> Caller:
        """Add an officer with an API token."""
        token, at_ms = self.chance.token(), to_ms(self.clock.at)

        async def work(connection: Connection) -> int:
            number = await officers.add_officer(
                connection, name=name, role=role, place=place, at_ms=at_ms
            )
            await officers.add_credential(
                connection, token=token, officer_id=number, kind="api", at_ms=at_ms
            )
            return number

        return Caller(await self.parts.database.write(work), token)

    async def revoke(self, caller: Caller) -> None:
        """End an officer's rights."""
        at_ms = to_ms(self.clock.at)
        await self.parts.database.write(
            lambda connection: officers.revoke(connection, caller.id, at_ms=at_ms)
        )

    async def add_draft(
        self,
        name: str = "Nguyễn Thị Hòa",
        *,
        commune: str = COMMUNE,
        village: str | None = VILLAGE,
        village_text: str | None = None,
        options: Sequence[int] = EIGHTS,
        settled: bool = True,
        birth_year: int = 1965,
    ) -> str:
        """Begin a file with ten answers and return its public id."""
        self.people += 1
        sender, file = f"person-{self.people}", self.chance.token()[:22]
        criteria = self.parts.library.current("citizen", 2026)
        place = self.parts.index.get(commune)
        assert place is not None
        begin = e.BeginDeclaration(
            "citizen",
            2026,
            criteria.version,
            place.province.code,
            commune,
            village,
            village_text,
            file,
            e.ConsentText("1", "Đồng ý", "vi"),
        )
        await self._turn(sender, (begin,))
        known = await self._load(sender)
        assert known.person is not None
        assert known.declaration is not None
        answers = (
            e.SaveAnswer(known.declaration.id, code, option)
            for code, option in zip(criteria.codes, options, strict=True)
        )
        named = e.SetPerson(known.person.id, name, birth_year, settled)
        await self._turn(sender, (named, *answers))
        return file

    async def add_file(
        self,
        name: str = "Nguyễn Thị Hòa",
        *,
        photos: Mapping[Verdict, Image.Image] | None = None,
        **place: object,
    ) -> str:
        """Hand a file in and return its public id."""
        file = await self.add_draft(name, **place)  # type: ignore[arg-type]
        sender = f"person-{self.people}"
        for verdict, image in (photos or {}).items():
            await self._add_photo(sender, verdict, image)
        own = (await self._load(sender)).declaration
        assert own is not None
        now, token = self.clock.at, self.chance.token()
        effects = review.submit(
            own, self.parts.sets[own.criteria], difficult=False, now=now, token=token
        )
        await self.parts.database.write(
            lambda connection: apply_decision(connection, effects, now=now)
        )
        self.clock.forward(seconds=1)
        return file

    async def _add_photo(self, sender: str, verdict: Verdict, image: Image.Image) -> None:
        known = await self._load(sender)
        assert known.declaration is not None
        number, upload = self.chance.token()[:22], self.chance.token()
        await self._turn(
            sender, (e.AttachEvidence(known.declaration.id, (upload,), (number,), None),)
        )
        thumb = image.copy()
        thumb.thumbnail((320, 320))
        keys = evidence.Keys(
            await self.parts.photos.keep(saved(image, "JPEG")),
            await self.parts.photos.keep(saved(thumb, "JPEG")),
        )
        await self.parts.database.write(
            lambda connection: evidence.set_kept(
                connection,
                number,
                verdict=verdict,
                keys=keys,
                size=image.size,
                original_sha256="0" * 64,
            )
        )

    async def send_notice(self, file: str) -> None:
        """Let the notice of the file's decision leave, as the job and the turn do."""
        self.clock.forward(seconds=self.parts.rules.notice_seconds)
        now = self.clock.at

        async def work(connection: Connection) -> None:
            rows = await due.list_due(connection, now_ms=to_ms(now))
            numbers = [row.id for row in rows if row.kind == due.NOTICE]
            await due.set_done(connection, numbers, now_ms=to_ms(now), outcome="sent")
            told = [e.NoticeTold(row.declaration) for row in rows if row.declaration]
            await apply_decision(connection, told, now=now)

        await self.parts.database.write(work)

    async def _load(self, sender: str) -> Conversation:
        async with self.parts.database.reading() as connection:
            return (await conversations.load(connection, [sender]))[sender]

    async def _turn(self, sender: str, effects: tuple[e.Effect, ...]) -> None:
        now, event = self.clock.at, self.chance.token()

        async def work(connection: Connection) -> None:
            if await conversations.get_id(connection, sender) is None:
                fresh = Conversation(0, "web", "", sender, 1, State())
                await conversations.add_conversations(connection, [fresh])
            known = (await conversations.load(connection, [sender]))[sender]
            kept = await inbox.add(
                connection, [Arrival("web", sender, event[:32], "{}", to_ms(now))]
            )
            number = kept[event[:32]][0]
            turn = TurnWrite(number, known.id, known.version, State(), effects, (), None)
            await apply_turns(connection, [turn], now=now)

        await self.parts.database.write(work)


@asynccontextmanager
async def open_desk(folder: Path, template: Template, **settings: object) -> AsyncIterator[Desk]:
    """Give a desk on a copy of `template`."""
    template.put(folder)
    clock, chance = Clock(), Chance()
    at_point: dict[str, list[Callable[[], None]]] = {}

    def crashpoint(name: str) -> None:
        for happen in at_point.pop(name, []):
            happen()

    seams = Seams(now=clock.now, token=chance.token, crashpoint=crashpoint)
    parts = await build_parts(settings_in(folder, **settings), seams)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.parts = parts
    app.include_router(admin_router())
    install_errors(app, parts.words)
    try:
        yield Desk(parts, app, clock, chance, at_point=at_point)
    finally:
        await parts.database.stop()


def certificate() -> Image.Image:
    """Return a small readable photo."""
    return page(600, 800)
