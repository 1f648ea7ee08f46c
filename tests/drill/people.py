"""The walkers of the drill: citizens from the QR code to the verdict, and one officer."""

import asyncio
import hashlib
import random
import re
from dataclasses import dataclass, field
from typing import ClassVar

from tests.drill.page import Broken, Page, Screen
from tests.drill.pictures import photo
from tests.drill.reference import CODES, Known, Reference
from tests.world import VILLAGE

RECEIPT = re.compile(r"KH\d\d(?:-[0-9A-Z]+){2,}")
NAMES = ("Nguyễn Thị Hòa", "nguyen thi hoa", "Trần Văn Tư", "le van an")
# A walk is about 35 answers; one that needs many more goes round in circles.
LONGEST_WALK = 300
# Of the third and fourth option of each question, either is enough for the mark.
OPTIONS = (2, 3)


@dataclass(slots=True)
class Desk:
    """Receipts that wait for the officer, each with what is to be done."""

    waiting: "asyncio.Queue[tuple[Known, str]]" = field(default_factory=asyncio.Queue)


@dataclass(slots=True)
class Citizen:
    """One person: declares, mends, adds, and is told. Every step follows from the screen."""

    page: Page
    known: Known
    reference: Reference
    desk: Desk
    chance: random.Random
    number: int
    edited: bool = False
    editing: str | None = None
    retaken: bool = False
    sent: int = 0
    handed_in: int = 0

    async def walk(self) -> None:
        """Go on until the verdict is known."""
        self.page.heard, self.page.differs = self._heard, self.reference.doubled.append
        await self.page.open(place=VILLAGE)
        self.known.sender = self.page.client.cookies["khaihoc"].split(".")[0]
        self.known.events += 1
        for _ in range(LONGEST_WALK):
            await asyncio.sleep(self.chance.uniform(0, 0.015))
            if self.known.done:
                return
            await self._sometimes()
            await self._step(self.page.present)
        raise Broken(f"{self.known.name} walks in circles at {self.page.present}")

    async def _sometimes(self) -> None:
        """What people and browsers do beside answering."""
        luck = self.chance.random()
        if luck < 0.05:
            await self.page.open()
        elif luck < 0.12:
            await self.page.ask_again()

    async def _step(self, screen: Screen) -> None:
        ids = [choice["id"] for choice in screen["choices"]]
        if screen["progress"] is not None:
            await self._answer(CODES[screen["progress"]["step"] - 1])
        elif not ids:
            await self._words()
        elif "edit" in ids:
            await self._summary()
        elif "A1" in ids:
            self.editing = self.chance.choice(CODES)
            await self._press(self.editing, "edit")
        elif "none" in ids:
            await self._photos()
        elif "again" in ids:
            await self._unclear()
        elif ids == ["keep"]:
            await self._supplement()
        elif "refresh" in ids:
            await self._wait()
        elif "why" in ids:
            await self._verdict()
        else:
            await self._press(self._way_on(ids), "start")

    def _way_on(self, ids: list[str]) -> str:
        """Return the choice that leads on where nothing is decided."""
        for choice in ("start", "agree", "citizen", "right", "name0", "yes", "see", "continue"):
            if choice in ids:
                return choice
        raise Broken(f"{self.known.name} does not know {ids}")

    async def _press(self, choice: str, doing: str) -> None:
        self.known.events += 1
        await self.page.press(choice, doing)

    async def _say(self, text: str, doing: str) -> None:
        self.known.events += 1
        await self.page.say(text, doing)

    async def _answer(self, criterion: str) -> None:
        """Answer a question by button or by number; from the answer on it is kept."""
        self.known.named = True
        option = self.chance.choice(OPTIONS)
        self.known.flying = (criterion, option)
        doing = "edit" if self.editing else "answer"
        if self.chance.random() < 0.5:
            await self._press(str(option), doing)
        else:
            await self._say(str(option + 1), doing)
        self.known.answers[criterion] = option
        self.known.flying, self.editing = None, None
        self.reference.acknowledged += 1

    async def _words(self) -> None:
        """The two questions without choices: the name, and the word that hands in."""
        if not self.known.named:
            await self._say(f"{self.chance.choice(NAMES)} 1965", "name")
            return
        await self._say("nộp", "submit")
        self._receipt()

    async def _summary(self) -> None:
        await self._press("submit" if self.edited else "edit", "edit")
        self.edited = True

    async def _photos(self) -> None:
        """Two photos, one of them blurry; then a sharp one instead of it."""
        if not self.retaken:
            await self._send(True, False)
        else:
            await self._send(True)

    async def _unclear(self) -> None:
        if self.retaken:
            await self._press("keep", "photos")
            return
        self.retaken = True
        self.known.replaced.add(list(self.known.photos)[-1])
        await self._press("again", "photos")

    async def _supplement(self) -> None:
        await self._send(True, doing="supplement")
        self._receipt()

    async def _send(self, *sharp: bool, doing: str = "photos") -> None:
        numbers = [self.number * 8 + self.sent + n for n in range(len(sharp))]
        pictures = [photo(n, sharp=clear) for n, clear in zip(numbers, sharp, strict=True)]
        self.sent += len(sharp)
        self.known.events += 1
        await self.page.send(*pictures, doing=doing)
        for number, picture in zip(numbers, pictures, strict=True):
            self.known.photos[hashlib.sha256(picture).hexdigest()] = number
        self.reference.acknowledged += 1

    def _receipt(self) -> None:
        """The file is with the officer now."""
        if "refresh" in str(self.page.present["choices"]) or self.known.code:
            self.known.moves.add("submit")

    async def _wait(self) -> None:
        """Nothing to do but hear what the officer says."""
        if self.handed_in < self._times_due():
            self.desk.waiting.put_nowait((self.known, ("return", "approve")[self.handed_in]))
            self.handed_in += 1
        await self.page.listen("notice")

    def _times_due(self) -> int:
        return 2 if self.sent == 4 else 1

    async def _verdict(self) -> None:
        await self._say("kết quả", "verdict")
        self.known.done = True

    def _heard(self, screen: Screen) -> None:
        """Note the receipt; find a question asked though its answer was acknowledged."""
        found = RECEIPT.search(screen["text"])
        if found and not self.known.code:
            self.known.code = found.group()
            self.reference.acknowledged += 1
        if screen["progress"] is None:
            return
        asked = CODES[screen["progress"]["step"] - 1]
        flying = self.known.flying[0] if self.known.flying else None
        if asked in self.known.answers and asked not in (self.editing, flying):
            self.reference.asked_again.append(f"{self.known.name}: {asked}")


@dataclass(slots=True)
class Officer:
    """Asks for one photo of every file, and approves it when it comes back."""

    page: Page
    desk: Desk
    reference: Reference
    MOVES: ClassVar[dict[str, str]] = {"return": "Đã yêu cầu bổ sung", "approve": "Đã duyệt"}

    async def work(self) -> None:
        """Take file after file until cancelled."""
        said: list[str] = []
        self.page.heard = lambda screen: said.append(screen["text"])
        while True:
            known, move = await self.desk.waiting.get()
            for _ in range(20):
                said.clear()
                await self._decide(known.code, move)
                if any(self.MOVES[move] in text for text in said):
                    break
            else:
                raise Broken(f"the officer cannot {move} {known.code}: {said}")
            known.moves.add(move)
            self.reference.acknowledged += 1

    async def _decide(self, code: str, move: str) -> None:
        await self.page.say(f"mở {code}", "officer opens")
        if move == "approve":
            await self.page.say(f"duyệt {code}", "officer approves")
            return
        await self.page.say(f"bổ sung {code}", "officer returns")
        await self.page.say("2", "officer returns")
        await self.page.press("blurry_photo", "officer returns")
