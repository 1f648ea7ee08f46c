"""A program that hears of far photos: its page also says what a platform would."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dialogs.events import Event, PhotosSent
from dialogs.screen import Screen
from dialogs.state import State
from handlers.far.fetch import Fetcher
from handlers.far.fetching import Far
from handlers.i18n import Words
from handlers.images.inspector import ImageInspector
from handlers.media import Media
from handlers.needs import Needs
from handlers.turns import Turns
from handlers.web.channel import WebChannel
from storage import inbox
from storage.inbox import Arrival, Kept
from storage.seams import to_ms
from tests.databases import Template
from tests.drill.pictures import photo
from tests.fakes.photo_host import Near, PhotoHost, answer, certified, photo_host
from tests.handlers.program import STILL, Stage, sender_of, staged, to_first_question
from tests.talk import Talk

SERVER, CLIENT = certified("*.zdn.vn")


@dataclass(frozen=True, slots=True)
class Platform:
    """The page, which also takes the addresses of photos as a platform tells them."""

    name: str = "web"
    fetched: bool = True
    page: WebChannel = field(default_factory=WebChannel)

    def read(self, message: Kept, state: State) -> Event:
        """Return the event of photos by their addresses, or of the page."""
        if not message.raw.startswith('{"sources"'):
            return self.page.read(message, state)
        said = json.loads(message.raw)
        files = tuple(f"far-{message.id:012d}-{n:02d}" for n in range(len(said["sources"])))
        return PhotosSent(files, None, tuple(said["sources"]), said["piece"])

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return the page's JSON."""
        return self.page.render(screen, id=id, words=words, state=state)


@dataclass(slots=True)
class Town:
    """A person at the first question, the platform's photo host, and our loops, done by hand."""

    stage: Stage
    talk: Talk
    host: PhotoHost
    near: Near
    turns: Turns
    inspector: ImageInspector
    media: Media
    sent: int = 0

    def new_media(self, *, seconds: float = 20.0) -> Media:
        """Return the loop as a process that has just started has it."""
        parts = self.stage.program.parts
        fetcher = Fetcher(
            ("zdn.vn",),
            self.near,
            parts.incoming,
            max_bytes=parts.photo_max_bytes,
            seconds=seconds,
            tls=CLIENT,
        )
        return Media(parts, self.inspector, Far(parts, fetcher))

    def picture(self, number: int, *, sharp: bool = True) -> str:
        """Let the host have a photo; return its address."""
        return self.host.say(f"/{number}.jpg", answer(photo(number, sharp=sharp)))

    async def send(self, *sources: str, piece: bool = True, name: str = "") -> None:
        """Let the platform tell of photos, as one message."""
        self.sent += 1
        raw = json.dumps({"sources": sources, "piece": piece})
        at_ms = to_ms(self.stage.clock.now())
        arrival = Arrival("web", sender_of(self.talk), name or f"sent:{self.sent}", raw, at_ms)
        await self.stage.program.parts.database.write(lambda c: inbox.add(c, [arrival]))

    async def drain(self) -> None:
        """Answer everything that waits."""
        while await self.turns.once():
            pass

    async def work(self, **span: float) -> list[str]:
        """Let all loops work after `span` has passed; return what was said meanwhile."""
        self.stage.clock.forward(**span)
        before = len(await self.said())
        await self.drain()
        await self.media.once()
        await self.drain()
        return (await self.said())[before:]

    async def said(self) -> list[str]:
        """Return everything said to our person."""
        rows = self.stage.rows("SELECT payload FROM outbox ORDER BY inbox_id, n")
        return [json.loads(payload)["text"] for (payload,) in rows]

    def photos(self) -> list[tuple[str, str | None]]:
        """Return verdict and reason of every photo, in order."""
        return self.stage.rows("SELECT verdict, reason FROM evidence ORDER BY album, n, id")

    def files(self) -> list[str]:
        """Return the names of what lies in `incoming/`."""
        return sorted(path.name for path in (self.stage.folder / "incoming").iterdir())


@asynccontextmanager
async def town(folder: Path, template: Template) -> AsyncIterator[Town]:
    """Run all of it."""
    async with (
        photo_host(SERVER) as host,
        staged(folder, template, roles=STILL) as stage,
        Talk(stage) as talk,
        ImageInspector() as inspector,
    ):
        await stage.pump(to_first_question(talk))
        parts = stage.program.parts
        turns = Turns(parts, {"web": Platform()}, Needs(parts), stage.program.door)
        found = Town(stage, talk, host, Near(host), turns, inspector, Media(parts, inspector))
        found.media = found.new_media()
        yield found
