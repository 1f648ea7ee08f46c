"""A stage for conversations: people who speak through the real routes, one transcript of it all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.app import build_parts, build_program
from bot.channels import open_channels
from dialogs.commands import read_command
from dialogs.criteria import CriteriaSet
from dialogs.flows import FLOWS
from dialogs.receipts import ALPHABET, BODY_LENGTH, TAIL_LENGTH
from dialogs.state import State
from handlers.images.inspector import ImageInspector
from storage import conversations, evidence, officers
from storage.criteria import CriteriaLibrary
from storage.criteria_versions import all_sets, keep_versions
from storage.seams import Seams, to_ms
from tests.golden.english import in_english
from tests.phones import EXCHANGES, Exchange, MediaHost
from tests.talk import Talk
from tests.world import COMMUNE, VILLAGE, Chance, Clock, World, settings_in
from tests.zalo_talk import ZaloTalk

# How long people take for an answer; a second message within 3 s would amend the first.
THINKING_SECONDS = 4
# A receipt code is drawn from a token's remainder by this; each person on stage gets a fixed one.
CODES = len(ALPHABET) ** (BODY_LENGTH + TAIL_LENGTH - 1)
# The codes of the first people on stage: KH26-7F3K-2M, KH26-4M9P-7C, KH26-H3KX-9R ...
BODIES = ("7F3K2", "4M9P7", "H3KX9", "RC7N4")
Act = Callable[["Stage"], Awaitable[None]]
Reply = str | tuple[bytes, ...]


@dataclass(slots=True)
class Receipts(Chance):
    """Chance whose tokens all differ, and draw the receipt code that is wanted next."""

    body: str = BODIES[0]

    def token(self) -> str:
        """Return 64 hex characters whose remainder spells `body`."""
        number = int(Chance.token(self), 16)
        drawn = sum(ALPHABET.index(c) * len(ALPHABET) ** n for n, c in enumerate(self.body))
        return f"{number - number % CODES + drawn:064x}"[-64:]


@dataclass(slots=True)
class Seen:
    """What a conversation passed through: questions by flow, and commands by audience."""

    steps: dict[str, set[str]] = field(default_factory=dict)
    commands: dict[str, set[str]] = field(default_factory=dict)

    def add(self, state: State) -> None:
        """Note the question at which somebody stands."""
        self.steps.setdefault(state.flow, set()).add(state.step)

    def add_words(self, state: State, text: str) -> None:
        """Note the command that a text is at this question."""
        from dialogs.steps import STEPS

        flow, step = FLOWS[state.flow], STEPS[state.step]
        command = read_command(text, flow.audience, free_text=step.free_text, named=step.words)
        if command is not None:
            self.commands.setdefault(flow.audience, set()).add(command.name)


@dataclass(slots=True)
class Player:
    """Somebody on stage. Replies: "[id]" or "[2]" presses, bytes in a tuple are photos."""

    stage: "Stage"
    name: str
    talk: Talk | ZaloTalk
    body: str

    async def do(self, *replies: Reply) -> None:
        """Give these replies one after another."""
        for reply in replies:
            self.stage.clock.forward(seconds=THINKING_SECONDS)
            await self._one(reply)

    async def soon(self, text: str, *, seconds: float = 1) -> None:
        """Type something right after the message before, looking at the older screen."""
        self.stage.clock.forward(seconds=seconds)
        self.talk.screen = {**self.talk.screen, "id": str(int(self.talk.screen["id"]) - 1)}
        await self._one(text)

    async def _one(self, reply: Reply) -> None:
        self.stage.turn_to(self)
        state = await self.state()
        if isinstance(reply, tuple):
            await self.talk.send(*reply)
        elif reply.startswith("["):
            choice = reply.strip("[]")
            await self.talk.press(int(choice) if choice.isdigit() else choice)
        else:
            reply = in_english(reply) if self.stage.locale == "en" else reply
            self.stage.seen.add_words(state, reply)
            await self.talk.say(reply)
        self.stage.seen.add(await self.state())

    async def while_photo_waits(self, photo: bytes, text: str) -> None:
        """Send a photo and type something before anybody has looked at the photo."""
        self.stage.turn_to(self)
        looking = asyncio.create_task(self.talk.send(photo))
        for _ in range(1_000):
            if await self._waits():
                break
            await asyncio.sleep(0.005)
        await self._one(text)
        await looking
        self.stage.seen.add(await self.state())

    async def _waits(self) -> bool:
        database = self.stage.world.program.parts.database
        async with database.reading() as connection:
            return bool(await evidence.list_pending(connection, limit=1))

    async def open(self, **asked: str) -> None:
        """Open the page (again)."""
        self.stage.turn_to(self)
        await self.talk.open(**asked)
        self.stage.seen.add(await self.state())

    async def hear(self) -> None:
        """Receive what comes without being asked for."""
        self.stage.turn_to(self)
        await self.talk.hear()
        self.stage.seen.add(await self.state())

    async def state(self) -> State:
        """Return where this person stands, as it is kept."""
        async with self.stage.world.program.parts.database.reading() as connection:
            found = await conversations.load(connection, [self.talk.sender])
        return found[self.talk.sender].state

    @property
    def screen(self) -> Mapping[str, object]:
        """The present question."""
        return self.talk.screen


@dataclass(slots=True)
class Stage:
    """The world of one conversation in one language, with its transcript."""

    folder: Path
    locale: str
    world: World
    running: AsyncExitStack
    stack: AsyncExitStack
    lines: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    players: list[Player] = field(default_factory=list)
    speaking: Player | None = None
    exchange: Exchange | None = None

    @property
    def clock(self) -> Clock:
        """The clock of everybody."""
        return self.world.clock

    def t(self, vi: str, en: str) -> str:
        """Return what a person types in the language of this run."""
        return en if self.locale == "en" else vi

    def note(self, vi: str, en: str) -> None:
        """Write a stage direction."""
        self.lines.append(f"   ({self.t(vi, en)})")

    def turn_to(self, player: Player) -> None:
        """Name the speaker when it is another one than before; set whose code is drawn."""
        chance = self.world.chance
        assert isinstance(chance, Receipts)
        chance.body = player.body
        if self.speaking is not player and len(self.players) > 1:
            self.lines.append(f"── {player.name} ──")
        self.speaking = player

    async def citizen(self, vi: str = "Người dân", en: str = "Citizen", **asked: str) -> Player:
        """Let a citizen open the page, by the QR code of a place unless told otherwise."""
        player = await self._player(self.t(vi, en), "/chat")
        if self.locale != "vi":
            asked = {"locale": self.locale, **asked}
        await player.open(**asked)
        return player

    async def neighbour(self, vi: str = "Người dân", en: str = "Citizen") -> Player:
        """Let a citizen come by the QR code of the village."""
        return await self.citizen(vi, en, place=VILLAGE)

    async def officer(
        self,
        vi: str = "Cán bộ",
        en: str = "Officer",
        role: str = "commune_officer",
        place: str = COMMUNE,
    ) -> Player:
        """Let an officer enter by a one-time link."""
        player = await self._player(self.t(vi, en), "/officer/chat")
        link = await self.world.officer_link(role, place)
        self.turn_to(player)
        if self.exchange is None:
            self.note("mở liên kết cán bộ", "opens the officer link")
        await player.talk.enter(link)
        if self.locale != "vi":
            async with self.meanwhile():
                await player.do("ngôn ngữ", "[en]")
        self.seen.add(await player.state())
        return player

    async def _player(self, name: str, base: str) -> Player:
        talk = self._talk(base)
        self.stack.push_async_callback(talk.end)
        body = BODIES[sum(p.talk.base == "/chat" for p in self.players) % len(BODIES)]
        player = Player(self, name, talk, body)
        self.players.append(player)
        return player

    def _talk(self, base: str) -> Talk | ZaloTalk:
        if self.exchange is None:
            return Talk(self.world, base, self.lines)
        phone = self.exchange.phone(len(self.players))
        return ZaloTalk(self.world, phone, self.lines, base)

    @asynccontextmanager
    async def meanwhile(self, vi: str = "", en: str = "") -> AsyncIterator[None]:
        """Leave out what is said inside the block, naming it; the last screen stays."""
        before = len(self.lines)
        yield
        del self.lines[before:]
        if vi:
            self.note(vi, en)
        if self.speaking is not None:
            self.lines += self.speaking.talk.again()

    async def notices_leave(self) -> None:
        """Let the minute pass after which notices leave."""
        self.note("hơn một phút sau", "a good minute later")
        self.clock.forward(seconds=61)
        self.world.program.parts.wake.jobs.ring()

    async def revoke_officers(self) -> None:
        """End the rights of every officer."""
        database = self.world.program.parts.database
        at_ms = to_ms(self.clock.at)
        async with database.reading() as connection:
            listed = await officers.list_officers(connection)
        for one in listed:
            await database.write(
                lambda c, n=one.officer.id: officers.revoke(c, n, at_ms=at_ms)  # type: ignore[misc]
            )

    async def start_again(self, *sets: CriteriaSet) -> None:
        """Start the program anew on the same data, with these criteria sets if any are given."""
        # The old one stops first: on PostgreSQL it would go on answering beside the new one.
        await self.running.aclose()
        program = performing(
            self.folder, self.world.clock, self.world.chance, sets, exchange=self.exchange
        )
        self.world = world = await self.running.enter_async_context(program)
        for player in self.players:
            await player.talk.move_to(world)

    def transcript(self, title: str) -> str:
        """Return head and transcript."""
        heads = [title, *self.heads, *_passed("steps", self.seen.steps)]
        heads += _passed("commands", self.seen.commands)
        return "\n".join([*(f"# {line}" for line in heads), "", *self.lines]) + "\n"


def _passed(what: str, seen: dict[str, set[str]]) -> list[str]:
    return [f"{what} of the {who}: {' '.join(sorted(names))}" for who, names in seen.items()]


@asynccontextmanager
async def performing(
    folder: Path,
    clock: Clock,
    chance: Chance,
    sets: Sequence[CriteriaSet] = (),
    *,
    exchange: Exchange | None = None,
) -> AsyncIterator[World]:
    """Run a program on the data in `folder`, with the criteria `sets` in place of the usual.

    With an `exchange` it serves that surface of Zalo too, and hears what people do there.
    """
    settings = settings_in(folder, **(exchange.settings if exchange else {}))
    parts = await build_parts(settings, Seams(now=clock.now, token=chance.token))
    if sets:
        library = CriteriaLibrary(tuple(sets))
        await parts.database.write(lambda c: keep_versions(c, library))
        async with parts.database.reading() as connection:
            known = await all_sets(connection, library)
        parts = replace(parts, library=library, sets=known)
    media = MediaHost(exchange.media_port) if exchange else None
    async with ImageInspector() as inspector, open_channels(settings, parts, media) as served:
        program = build_program(settings, parts, inspector, served)
        if exchange is not None:
            exchange.serve(program.app)
        async with program.worker.running():
            yield World(program, clock, chance)
    await parts.database.stop()


async def play(act: Act, folder: Path, locale: str, title: str, surface: str = "web") -> str:
    """Play a conversation on the database in `folder` and return its transcript."""
    clock = Clock()
    async with AsyncExitStack() as running, AsyncExitStack() as stack:
        exchange = None
        if surface != "web":
            exchange = await stack.enter_async_context(EXCHANGES[surface](clock))
        program = performing(folder, clock, Receipts(), exchange=exchange)
        world = await running.enter_async_context(program)
        stage = Stage(folder, locale, world, running, stack, exchange=exchange)
        await act(stage)
        await asyncio.sleep(0)
        # The program stops before the platform it talks to.
        await running.aclose()
        if exchange is not None:
            exchange.check()
    return stage.transcript(title)
