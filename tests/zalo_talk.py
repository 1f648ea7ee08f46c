"""A person at Zalo, over the fakes' sockets, writing down what was sent and received."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import TextClause, text

from dialogs.changes import changed
from dialogs.engine import present
from dialogs.facts import Facts, Need
from dialogs.screen import Screen
from storage import conversations
from storage.conversations import Conversation
from storage.seams import to_ms
from storage.spool import Spool
from tests.fakes.zalo import Said
from tests.world import World

PHOTOS = {"vi": "ảnh", "en": "photo(s)"}
BEGINS = {"zalo_bot": 'nhắn "alo"', "zalo_oa": "bấm Quan tâm"}
CODE = {"vi": "tham gia MÃ", "en": "join CODE"}
# Until what was sent is answered; and until an album in pieces counts as whole.
PATIENCE, QUIET_SECONDS = 30, 3
_UNREAD = text("SELECT count(*) FROM inbox WHERE status = 0 AND at_ms <= :now")
# Whatever may still lead to a message: not answered, not sent, not looked at, due by now.
_OPEN = text(
    "SELECT (SELECT count(*) FROM inbox WHERE status = 0)"
    " + (SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending')"
    "    AND (due_ms IS NULL OR due_ms <= :now))"
    " + (SELECT count(*) FROM evidence WHERE verdict = 'pending' OR quiet_ms IS NOT NULL)"
    " + (SELECT count(*) FROM due WHERE done_ms IS NULL AND due_ms <= :now"
    "    AND kind IN ('notice', 'files'))"
)


class Phone(Protocol):
    """One person's phone with Zalo on it. `sender` names their conversation with us."""

    surface: str

    @property
    def sender(self) -> str:
        """The conversation's name with us."""

    async def begin(self) -> None:
        """Do what people do first, without a code."""

    async def write(self, words: str) -> None:
        """Send words."""

    async def show(self, photos: Sequence[bytes]) -> None:
        """Send photos as one album."""

    def received(self) -> list[Said]:
        """Return all that came to this phone."""


@dataclass
class ZaloTalk:
    """Speaks as people do on Zalo; `lines` is the transcript.

    What Zalo does not know (which choice has which id) is looked up where the person stands.
    """

    world: World
    phone: Phone
    lines: list[str] = field(default_factory=list)
    base: str = "/chat"
    screen: Mapping[str, Any] = field(default_factory=dict)
    heard: Sequence[Said] = ()
    question: Said | None = None
    locale: str = "vi"
    replies: int = 0
    _read: int = 0

    async def end(self) -> None:
        """Put the phone away."""

    @property
    def sender(self) -> str:
        """The name of this conversation."""
        return self.phone.sender

    async def move_to(self, world: World) -> None:
        """Go on with a program that was started again."""
        self.world = world

    async def open(self, place: str | None = None, locale: str | None = None) -> None:
        """Come for the first time, by a QR code or without, or come back."""
        if place is not None:
            await self._send(f"bắt đầu {place}")
        elif self.screen:
            await self._send("tiếp")
        else:
            self.lines.append(f"   ({BEGINS[self.phone.surface]})")
            await self.phone.begin()
            await self._settle()
        if locale not in (None, self.locale):
            await self.press("language")
        self.replies = 0

    async def enter(self, link: str) -> None:
        """Accept an officer's invitation by its code."""
        await self._send(f"tham gia {link.rpartition('/')[2]}", shown=CODE[self.locale])

    async def say(self, words: str) -> Mapping[str, Any]:
        """Type something and return the present question."""
        return await self._send(words)

    async def press(self, choice: str | int) -> Mapping[str, Any]:
        """Press the button of the choice with this id or number; without one type the number."""
        number, label = self._find(self.screen, choice)
        assert self.question is not None, self.transcript()[-2000:]
        assert f"{number}. {label}" in self.question.text, (number, label, self.question.text)
        return await self._press(self.question, number)

    async def press_old(self, screen: Mapping[str, Any], choice: int) -> Mapping[str, Any]:
        """Press a button of a question shown earlier."""
        number, label = self._find(screen, choice)
        shown = [said for said in self.phone.received() if f"{number}. {label}" in said.text]
        return await self._press(next(said for said in shown if said.buttons), number)

    async def _press(self, said: Said, number: int) -> Mapping[str, Any]:
        for title, payload in said.buttons:
            if title.startswith(f"{number}. "):
                return await self._send(payload, shown=f"[{title}]")
        return await self._send(str(number))

    @staticmethod
    def _find(screen: Mapping[str, Any], choice: str | int) -> tuple[int, str]:
        for n, found in enumerate(screen["choices"], 1):
            if choice in (n, found["id"], found["id"].partition(":")[0]):
                return n, found["label"]
        raise AssertionError(f"no choice {choice} among {screen['choices']}")

    async def send(self, *photos: bytes) -> Mapping[str, Any]:
        """Send photos as one answer, and wait until no more of them can come."""
        self.lines.append(f"> [{len(photos)} {PHOTOS[self.locale]}]")
        self.replies += 1
        await self.phone.show(photos)
        await self._wait(_UNREAD)
        self.world.clock.forward(seconds=QUIET_SECONDS)
        await self._settle()
        return self.screen

    async def hear(self) -> Sequence[Said]:
        """Return what came meanwhile."""
        await self._settle()
        return self.heard

    async def _send(self, words: str, *, shown: str | None = None) -> Mapping[str, Any]:
        self.lines.append(f"> {words if shown is None else shown}")
        self.replies += 1
        await self.phone.write(words)
        await self._settle()
        return self.screen

    async def _settle(self) -> None:
        """Wait until all that was to be said was said, and write it down."""
        await self._wait(_OPEN)
        received = self.phone.received()
        self.heard, self._read = received[self._read :], len(received)
        self.lines += self.again()
        await self._look()

    def again(self) -> list[str]:
        """Return the lines of what was heard last."""
        return [line for said in self.heard for line in written(said, self.locale)]

    async def _wait(self, open_still: TextClause) -> None:
        """Wait until a count of what is still open says 0, waking the loops now and then."""
        wake = self.world.program.parts.wake
        for n in range(PATIENCE * 200):
            if n % 20 == 0:
                for bell in (wake.jobs, wake.media, wake.deliveries):
                    bell.ring()
            if not await self._count(open_still):
                return
            await asyncio.sleep(0.005)
        raise AssertionError(f"still busy after {PATIENCE} s:\n{self.transcript()[-2000:]}")

    async def _count(self, open_still: TextClause) -> int:
        parts = self.world.program.parts
        # What a slow machine could not keep within a second waits beside the database.
        spool = Spool(Path(self.world.program.settings.var_dir) / "spool", parts.seams)
        if spool.waits:
            return 1
        async with parts.database.reading() as connection:
            now = {"now": to_ms(parts.now())}
            return int((await connection.execute(open_still, now)).scalar_one())

    async def _look(self) -> None:
        """Look up where the person stands."""
        parts = self.world.program.parts
        async with parts.database.reading() as connection:
            found = (await conversations.load(connection, [self.sender])).get(self.sender)
            if found is None:
                return
            facts, known = self._facts(found), dict[Need[Any], Any]()
            screen = present(found.state, facts)
            while isinstance(screen, Need):
                known |= await self.world.program.needs.answer(connection, [screen])
                screen = present(found.state, changed(facts, found=known))
        self.locale = found.state.locale
        self.screen = self._shown(screen, found)
        asked = [said for said in self.heard if said.template is None and said.photo is None]
        self.question = asked[-1] if asked else self.question

    def _shown(self, screen: Screen, found: Conversation) -> Mapping[str, Any]:
        words, locale = self.world.program.parts.words, found.state.locale
        labels = [{"id": c.id, "label": words.text(c.label, locale)} for c in screen.choices]
        return {"id": str(found.state.screen), "choices": labels, "progress": screen.progress}

    def _facts(self, found: Conversation) -> Facts:
        parts = self.world.program.parts
        today = parts.today()
        return Facts(
            now=parts.now(),
            today=today,
            token="0" * 64,
            inbox=0,
            rules=parts.rules,
            sets=parts.sets,
            open_titles=parts.library.open_titles(today.year),
            calendar=parts.library.calendar,
            wordings=parts.words.every,
            channel=self.phone.surface,
            person=found.person,
            consents=found.consents,
            declaration=found.declaration,
            officer=found.officer,
            tells_screen=False,
        )

    def transcript(self) -> str:
        """Return everything said, as prose."""
        return "\n".join(self.lines) + "\n"


def written(said: Said, locale: str = "vi") -> list[str]:
    """Return a message as it reads on the phone: a picture by its words, buttons by number."""
    if said.photo is not None:
        return [f"[{PHOTOS[locale]}: {said.text}]"]
    buttons = " ".join(f"[{title.partition('.')[0]}]" for title, _ in said.buttons)
    return [*said.text.split("\n"), *([f"   {buttons}"] if buttons else [])]
