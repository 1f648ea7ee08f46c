"""turn_zalo_24: a turn from Zalo's raw update at the door to the Bot API that has its reply.

zalo_burst_p99_ms: 5,000 events of an Official Account at once, over HTTP, each acknowledged once it
is kept, while the turns they lead to run on the same two cores.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from benchmarks.bare import bare, questions
from benchmarks.client import Client
from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, VILLAGE, add_villages, settings_in
from benchmarks.processes import child
from benchmarks.rounds import Side, interleaved
from benchmarks.serving import OA
from benchmarks.stub import stub
from benchmarks.turns import bot_side
from bot.app import build_parts, build_program
from bot.channels import open_channels
from dialogs.events import Event
from dialogs.screen import Screen
from dialogs.state import State
from handlers.channel import Window
from handlers.i18n import Words
from handlers.images.inspector import ImageInspector
from handlers.zalo.channel import ZaloBot
from handlers.zalo.hearing import Ear
from handlers.zalo.intake import Intake
from storage.inbox import Kept
from storage.migrate import migrate
from storage.seams import Seams, to_ms
from storage.spool import Spool

PEOPLE, GROUPS, ROUNDS = 24, 4, 7
BUDGET = 0.25
BURST, LINES = 5_000, 200
BURST_BUDGET_MS = 500.0
BOT = {
    "zalo_bot_token": "1:bench",
    "zalo_bot_mode": "webhook",
    "zalo_bot_webhook_secret": "a secret of the bench",
    "zalo_bot_monthly_quota": 0,
    "zalo_bot_rate": 100_000,
}
# Longer than nobody needs to read a question (`handlers.zalo.read`).
READING = timedelta(seconds=1.1)
TO_THE_QUESTIONS = (f"bắt đầu {VILLAGE}", "1", "1", "đồng ý", "nguyễn thị hoa 1965")


@dataclass(slots=True)
class Moving:
    """The real time, and what people spend reading."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """Return the moment."""
        return datetime.now(UTC) + self.ahead

    def read(self, since: datetime) -> None:
        """Let a person who was asked at `since` have read the question."""
        self.ahead += max(READING - (self.now() - since), timedelta())


@dataclass(slots=True)
class Street:
    """People who write to the bot and wait for what it sends."""

    intake: Intake
    ear: Ear
    clock: Moving
    heard: dict[str, asyncio.Event]
    told: int = 0

    async def say(self, person: str, text: str) -> None:
        """Let a person write; return once the reply is at the Bot API."""
        self.told += 1
        at_ms = to_ms(self.clock.now())
        update = {
            "event_name": "message.text.received",
            "message": {
                "message_id": f"{self.told:020x}",
                "date": at_ms,
                "from": {"id": person, "display_name": "Hoa", "is_bot": False},
                "chat": {"id": person, "chat_type": "PRIVATE"},
                "text": text,
            },
        }
        event = self.heard[person] = asyncio.Event()
        await self.intake.take(self.ear, msgspec.json.encode(update))
        await event.wait()

    async def talk(self, person: str, texts: tuple[str, ...]) -> None:
        """Let a person write these, each after the reply to the one before."""
        for text in texts:
            asked = self.clock.now()
            await self.say(person, text)
            self.clock.read(asked)


def street_side(street: Street, people: int, groups: int) -> Side:
    """Return the side on which `groups` of people answer; each is at the first question before."""
    crowd: list[str] = []
    met = 0

    async def prepare() -> None:
        nonlocal met
        crowd[:] = [f"{met + n:020x}" for n in range(people * groups)]
        met += len(crowd)
        await asyncio.gather(*(street.talk(p, TO_THE_QUESTIONS) for p in crowd))

    async def play() -> int:
        for n in range(groups):
            await asyncio.gather(*(street.talk(p, ("3",) * ANSWERS) for p in crowd[n::groups]))
        return len(crowd) * ANSWERS

    return Side(play, prepare)


@dataclass(frozen=True, slots=True)
class Heard:
    """The bot's channel, telling people when the Bot API has taken what is sent to them."""

    channel: ZaloBot
    heard: dict[str, asyncio.Event]
    name: str = "zalo_bot"
    fetched: bool = False
    identity: str = "1"
    window: Window | None = None
    rate: float = 100_000
    quota: int = 0

    def read(self, message: Kept, state: State) -> Event:
        """Read as the channel does."""
        return self.channel.read(message, state)

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Render as the channel does."""
        return self.channel.render(screen, id=id, words=words, state=state)

    async def send(self, sender: str, payload: str) -> str:
        """Send as the channel does, and tell."""
        taken = await self.channel.send(sender, payload)
        self.heard[sender.removeprefix("zb:")].set()
        return taken


@asynccontextmanager
async def our_street(api: str) -> AsyncIterator[Street]:
    """Run the program with a bot whose API is at `api`, and people before its door."""
    clock, heard = Moving(), dict[str, asyncio.Event]()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="khaihoc-bench-")))
        settings = settings_in(folder, zalo_bot_api_url=api, **BOT)
        await migrate(settings.database_url)
        parts = await build_parts(settings, Seams(now=clock.now))
        stack.push_async_callback(parts.database.stop)
        await parts.database.write(add_villages)
        inspector = await stack.enter_async_context(ImageInspector())
        served = await stack.enter_async_context(open_channels(settings, parts))
        bot = served.channels["zalo_bot"]
        assert isinstance(bot, ZaloBot), "the bot is on"
        ears = {**served.channels, "zalo_bot": Heard(bot, heard)}
        program = build_program(settings, parts, inspector, replace(served, channels=ears))
        await stack.enter_async_context(program.worker.running())
        intake = Intake(parts, program.door, Spool(folder / "spool", parts.seams))
        yield Street(intake, Ear("zalo_bot", "1", parts.secret("inbox")), clock, heard)


async def measure() -> list[Figure]:
    """Print the tables and return their figures."""
    async with stub() as api, stub() as theirs_api:
        async with our_street(api.url) as street, bare(theirs_api.url, questions()) as bot:
            yard = bot_side(bot, theirs_api, PEOPLE, GROUPS)
            sides = (street_side(street, PEOPLE, GROUPS), yard)
            mine, theirs = await interleaved(sides, ROUNDS)
        ratio = mine.against(theirs)
        row = (PEOPLE, mine.us, theirs.us, ratio, BUDGET, mine.per_second)
        head = ("people", "ours, us", "theirs, us", "ratio", "budget", "ours, turns/s")
        print(table("CPU of a Zalo turn against a stateless bare aiogram handler", head, [row]))
        return [Figure("turn_zalo_24", ratio, "x bare aiogram", BUDGET), await _burst(api.url)]


async def _burst(api: str) -> Figure:
    """Post BURST events over LINES connections as fast as they are taken."""
    waits: list[float] = []
    async with child("benchmarks.serving", "zalo", api) as server:
        clients = [Client(server.port) for _ in range(LINES)]

        async def post(number: int) -> None:
            for n in range(number, BURST, LINES):
                body, signature = oa_event(n)
                began = time.perf_counter()
                await clients[number].post("/webhooks/zalo-oa", body, signature)
                waits.append(time.perf_counter() - began)

        began = time.perf_counter()
        await asyncio.gather(*map(post, range(LINES)))
        lasted = time.perf_counter() - began
        for client in clients:
            client.close()
    p99 = sorted(waits)[int(len(waits) * 0.99)] * 1000
    head = ("events", "connections", "events/s", "median, ms", "p99, ms")
    middle = sorted(waits)[len(waits) // 2] * 1000
    rows = [(BURST, LINES, BURST / lasted, middle, p99)]
    print(table("A burst of events of an Official Account, acknowledged once kept", head, rows))
    return Figure("zalo_burst_p99_ms", p99, "ms", BURST_BUDGET_MS)


def oa_event(number: int) -> tuple[bytes, bytes]:
    """Return the body of a message of person `number` and the header that signs it."""
    stamp = str(int(time.time() * 1000))
    body = msgspec.json.encode(
        {
            "app_id": OA["zalo_oa_app_id"],
            "event_name": "user_send_text",
            "timestamp": stamp,
            "sender": {"id": f"{10**18 + number}"},
            "recipient": {"id": OA["zalo_oa_id"]},
            "message": {"text": f"bắt đầu {VILLAGE}", "msg_id": f"{number:020x}"},
        }
    )
    signed = (OA["zalo_oa_app_id"].encode(), body, stamp.encode())
    mac = sha256(b"".join((*signed, OA["zalo_oa_webhook_secret"].encode()))).hexdigest()
    return body, f"X-ZEvent-Signature: mac={mac}\r\n".encode()
