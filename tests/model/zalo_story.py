"""A sequence whose people are on Zalo; officers stay on the web, and so does the reference."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from storage.seams import to_ms
from tests.model import reading
from tests.model.phone import Divergence
from tests.model.reading import Seen, kind
from tests.model.saying import Saying
from tests.model.scene import Deed
from tests.model.story import Story
from tests.model.zalo_phone import ZaloPhone
from tests.model.zalo_reading import Standing, busy, next_ms, note_rows, quiet_ms
from tests.model.zalo_stage import ZaloStage
from tests.world import World

# People read before they answer; what comes sooner was said to what they saw before.
READING_SECONDS = 4
# Whatever is put off is put off again only so often.
PUT_OFF = 12


@dataclass(slots=True)
class ZaloStory(Story):
    """`hindered`: messages of ours fail at this moment, so that some may still be to come.

    `dark` and `unclear` are the stage's counts when the sequence began.
    """

    hindered: bool = False
    dark: int = 0
    unclear: int = 0

    @property
    def on(self) -> ZaloStage:
        """The stage."""
        assert isinstance(self.stage, ZaloStage)
        return self.stage

    @property
    def people(self) -> dict[str, ZaloPhone]:
        """The phones of all people."""
        return {who: p for who, p in self.phones.items() if isinstance(p, ZaloPhone)}

    async def begin(self, people: int, line: int = 0) -> None:
        """Begin as ever, on a platform that is well."""
        self.dark, self.unclear = self.on.dark, self.on.unclear
        await Story.begin(self, people, line)

    async def arrive(self) -> str:
        """Let one more person come by the QR code; return who it is."""
        who, stage = f"p{len(self.phones) + 1}", self.on
        number = stage.used * 100 + len(self.phones)
        phone = self.phones[who] = ZaloPhone(stage, far=stage.exchange.phone(number))
        self.book.arrive(who)
        await phone.open(place=f"{self.commune}-001")
        await self._settled((), ())
        return who

    async def happen(self, *deeds: Deed | None, struck: int = 0) -> None:
        """Let people read first, then do all of these at once."""
        if not any(deeds):
            return
        await self._read_first()
        await Story.happen(self, *deeds, struck=struck)

    async def _read_first(self) -> None:
        """Let the seconds pass that reading takes, with the notices that are due in them."""
        soon = self.book.now + 3 * READING_SECONDS
        files = [p["file"] for p in self.book.people.values() if p["file"] and p["file"]["decided"]]
        if any(not f["decided"]["told"] and f["decided"]["due"] <= soon for f in files):
            await self.pass_time(3 * READING_SECONDS)
        self._wait(READING_SECONDS)

    def _wait(self, seconds: float) -> None:
        self.stage.clock.forward(seconds=seconds)
        self.book.now += seconds

    def press_old(self, who: str, back: int, number: int) -> Deed | None:
        """A button of an earlier message, where it has any: an old number means the present."""
        phone = self.people[who]
        past = [p for p in phone.past if self._buttons(phone, p[0]["id"])]
        if not past:
            return None
        screen, token = past[-1 - back % len(past)]
        choices = self._buttons(phone, screen["id"])
        choice = choices[number % len(choices)]
        event = self.event({"screen": screen["id"], "choice": choice})
        return self.deed(phone, event, lambda book: book.press(who, choice, token))

    @staticmethod
    def _buttons(phone: ZaloPhone, screen: str) -> list[str]:
        begins = f"#d:{screen}:"
        return sorted(p.removeprefix(begins) for p in phone.payloads() if p.startswith(begins))

    def later(self, who: str, number: int) -> bool:
        """Keep back what was sent at this moment."""
        if not Saying.later(self, who, number):
            return False
        _, event, _ = self.late[-1]
        self._wait(READING_SECONDS)
        self.stage.run(self.people[who].write(event))
        return True

    async def echo(self, who: str, number: int) -> None:
        """An old event arrives once more: nobody hears anything of it."""
        phone = self.people.get(who)
        before = len(phone.received()) if phone else 0
        await Story.echo(self, who, number)
        if phone is not None and len(phone.received()) > before:
            raise Divergence(f"{who} is answered twice: {phone.received()[-1].text}")

    async def failing(self, failure: str, times: int, deed: Deed | None) -> None:
        """Do something while our messages fail, then wait until what may arrive has arrived."""
        if deed is None:
            return
        await self._read_first()
        self.on.fail(failure, times)
        self.hindered = True
        await Story.happen(self, deed)
        for _ in range(PUT_OFF):
            due_ms = await self.on.database.read(next_ms)
            if due_ms is None:
                break
            seconds = max(0.0, (due_ms - to_ms(self.stage.clock.at)) / 1000) + 1
            await self.pass_time(seconds)
        self.on.heal()
        self.hindered = False
        await self._settled((), ())

    async def leave(self, who: str) -> None:
        """Let somebody follow no longer, or block the bot."""
        self.steps += 1
        phone = self.people[who]
        fake, user = self.on.fake, phone.user
        phone.gone = True
        if self.on.channel == "zalo_oa":
            fake.refuses[user] = -213
            await fake.unfollows(user)
        else:
            fake.blocks(user)
        await self._settled((), ())

    async def come_back(self, who: str) -> None:
        """Let somebody who left write again: first a word that means the same everywhere."""
        phone = self.people[who]
        if not phone.gone:
            return
        if self.on.channel == "zalo_oa":
            del self.on.fake.refuses[phone.user]
        phone.gone = False
        await self.happen(self.say(who, "continue"))

    async def _settled(self, deeds: Sequence[Deed], outcomes: Sequence[object]) -> None:
        forgotten = self.book.forgotten
        await Story._settled(self, deeds, outcomes)
        await self.on.database.read(lambda c: note_rows(c, self.people))
        for who, phone in self.people.items():
            self._check_phone(who, phone, forgot=self.book.forgotten > forgotten)
        doubled, dark = sum(p.doubled for p in self.people.values()), self.on.dark - self.dark
        if doubled > dark:
            raise Divergence(f"{doubled} messages came twice, {dark} were taken and not confirmed")

    def _check_phone(self, who: str, phone: ZaloPhone, *, forgot: bool) -> None:
        if self.hindered or phone.gone:
            return
        phone.check(who, forgot=forgot)
        if left := phone.left_over(unclear=self.on.unclear - self.unclear):
            raise Divergence(f"{who} never got {left}")

    async def _quiet(self) -> Seen:
        """Wait until nothing is under way, albums in pieces included; see who stands where."""
        until = time.monotonic() + self.stage.patience
        await self._idle(until)
        while (whole_ms := await self.stage.database.read(quiet_ms)) is not None:
            left = (whole_ms - to_ms(self.stage.clock.at)) / 1000
            self._wait(max(left, 0.0))
            self.on.program.parts.wake.media.ring()
            await asyncio.sleep(0.002)
            await self._idle(until)
        now_ms = to_ms(self.stage.clock.at)
        senders = {who: phone.sender for who, phone in self.phones.items()}
        officers = {o.hired.id: name for name, o in self.officers.items()}
        while True:
            seen = await reading.look(self.stage.database, senders, officers, now_ms)
            if not seen.waiting or time.monotonic() > until:
                break
            await self._idle(until)
        if seen.waiting:
            raise Divergence(f"{seen.waiting} messages are dead, or notices wait")
        world = World(self.on.program, self.stage.clock, self.stage.chance)
        for who, phone in self.people.items():
            phone.stand(*await Standing(world, phone.zalo).look())
            if who in seen.people:
                seen.people[who]["at"] = kind(phone.screen)
        return seen

    async def _idle(self, until: float) -> None:
        wake = self.on.program.parts.wake
        for n in range(10**6):
            if n % 20 == 0:
                for bell in (wake.jobs, wake.media, wake.deliveries):
                    bell.ring()
            now_ms = to_ms(self.stage.clock.at)
            under_way = partial(busy, now_ms=now_ms)
            if not self.on.spooled() and not await self.stage.database.read(under_way):
                return
            if time.monotonic() > until:
                break
            await asyncio.sleep(0.002)
        raise Divergence("something waits: nobody takes or sends it")
