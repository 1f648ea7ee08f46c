"""One sequence: people and officers of a commune, each deed done for real and in the reference."""

import asyncio
import itertools
import time
from collections.abc import Sequence
from copy import deepcopy

from storage.seams import to_ms
from tests.model import reading
from tests.model.deciding import Deciding
from tests.model.phone import Divergence, Phone
from tests.model.reading import Seen, expected
from tests.model.reference import Book, visible
from tests.model.saying import Saying
from tests.model.scene import Deed, Officer
from tests.model.script import CODES
from tests.model.wording import difference, is_told


class Story(Saying, Deciding):
    """Lets deeds happen, and holds what is seen after against what the book says."""

    __slots__ = ()

    async def begin(self, people: int, line: int = 0) -> None:
        """Hire two officers of a fresh commune and let people arrive by its QR code."""
        self.stage.begin(line)
        self.commune = self.stage.next_commune()
        for name, hired in zip(("o1", "o2"), await self.stage.hire(self.commune), strict=True):
            phone = Phone(self.stage, "/officer/chat")
            await phone.enter(hired.link)
            self.officers[name] = Officer(hired, phone)
            self.book.officers[name] = {"leader": name == "o2", "chat": {}, "api": {}}
        for _ in range(people):
            await self.arrive()

    async def arrive(self) -> str:
        """Let one more person open the page; return who it is."""
        who = f"p{len(self.phones) + 1}"
        phone = self.phones[who] = Phone(self.stage)
        await phone.open(place=f"{self.commune}-001")
        self.book.arrive(who)
        await self._settled((), ())
        return who

    async def happen(self, *deeds: Deed | None, struck: int = 0) -> None:
        """Do all of these at once; some order of them must explain what is seen after.

        `struck`: after so many ticks a process dies meanwhile, where there are several.
        """
        done = [deed for deed in deeds if deed is not None]
        if not done:
            return
        self.steps += len(done)
        acts = [deed.act() for deed in done]
        strikes = [self.stage.strike(struck)] if struck else []
        everything = await asyncio.gather(*acts, *strikes, return_exceptions=True)
        outcomes = everything[: len(done)]
        for outcome in everything:
            if isinstance(outcome, BaseException):
                raise outcome
        await self._settled(done, outcomes)

    async def pass_time(self, seconds: float) -> None:
        """Let the clock go on (or back), and notices leave."""
        self.steps += 1
        self.stage.clock.forward(seconds=seconds)
        await self.stage.passed()

        async def nothing() -> None:
            return None

        await self._settled([Deed(nothing, lambda book: book.pass_time(seconds))], [None])

    async def restart(self) -> None:
        """Stop the program and start it again on the same rows."""
        self.steps += 1
        await self.stage.restart()
        await self._settled((), ())

    async def echo(self, who: str, number: int) -> None:
        """Let an old message of somebody arrive once more: the same answer, and no effect."""
        phone = self.phones.get(who) or self.officers[who].phone
        if phone.sent:
            self.steps += 1
            await phone.echo(phone.sent[-1 - number % len(phone.sent)])
            await self._settled((), ())

    async def _settled(self, deeds: Sequence[Deed], outcomes: Sequence[object]) -> None:
        before = {who: is_told(self.book, who) for who in self.phones}
        self.seen = await self._quiet()
        forgotten = self.book.forgotten
        self.book = self._explained(deeds, outcomes)
        if self.book.forgotten > forgotten:
            self._forget_answers()
        for who, phone in self.phones.items():
            if is_told(self.book, who) and not before[who]:
                async with asyncio.timeout(self.stage.patience):
                    await phone.catch_up()
            self._remember(who, phone)

    def _forget_answers(self) -> None:
        """What was said is erased too: whoever asks for it again gets the present question."""
        for phone in (*self.phones.values(), *(o.phone for o in self.officers.values())):
            for event in phone.sent:
                event.answer = None

    def _explained(self, deeds: Sequence[Deed], outcomes: Sequence[object]) -> Book:
        """Return the book after the deeds in an order that explains what is seen.

        Of several orders one is taken that explains what people read too, should there be one.
        """
        differences: list[str] = []
        found: Book | None = None
        for order in itertools.permutations(range(len(deeds))):
            book = deepcopy(self.book)
            said = {n: deeds[n].rule(book) for n in order}
            should = expected(book)
            answers = [said[n] for n in range(len(deeds))]
            if should == self.seen.people and answers == list(outcomes):
                if self._is_read(book):
                    return book
                found = found or book
            differences.append(f"{difference(should, self.seen.people)} {answers} {outcomes}")
        if found is None:
            raise Divergence("; or ".join(differences))
        return found

    def _is_read(self, book: Book) -> bool:
        read = {who: (phone.at, phone.locale) for who, phone in self.phones.items()}
        return read == {who: (p["at"], p["locale"]) for who, p in book.people.items()}

    async def _quiet(self) -> Seen:
        senders = {who: phone.sender for who, phone in self.phones.items()}
        officers = {o.hired.id: name for name, o in self.officers.items()}
        until = time.monotonic() + self.stage.patience
        while time.monotonic() < until:
            now_ms = to_ms(self.stage.clock.at)
            seen = await reading.look(self.stage.database, senders, officers, now_ms)
            if not seen.waiting:
                return seen
            await asyncio.sleep(0.002)
        raise Divergence(f"{seen.waiting} messages or notices wait: nobody takes them")

    def _remember(self, who: str, phone: Phone) -> None:
        token = self.book.people[who]["token"]
        if not phone.past or phone.past[-1][0]["id"] != phone.screen["id"]:
            phone.past.append((phone.screen, token))
        at, locale = self.book.people[who]["at"], self.book.people[who]["locale"]
        if (phone.at, phone.locale) != (at, locale):
            raise Divergence(f"{who} reads {phone.at} ({phone.locale}), not {at} ({locale})")

    async def walk_to_end(
        self, who: str, level: int = 3, odd: int = -1, low: int = 0, *, news: bool = False
    ) -> None:
        """From wherever somebody stands, going on leads to a file handed in.

        Each answer is `level`, but that of question number `odd` (from 0) is `low`; `news`: they
        want to hear of campaigns.
        """
        for _ in range(40):
            at = self.book.people[who]["at"]
            deed = self.onward(who, low if at == _code(odd) else level)
            if news and at == "receipt":
                deed = self.press(who, "yes")
            if deed is None:
                return
            await self.happen(deed)
        raise Divergence(f"{who} never gets from {self.book.people[who]['at']} to the end")

    async def check_figures(self) -> None:
        """The officers' lists hold each file they may see once, and no other."""
        answer = await self.api("o1", "GET", "?limit=100")
        listed = {i["id"]: (i["status"], i["total"]) for i in answer.json()["items"]}
        if len(answer.json()["items"]) != len(listed):
            raise Divergence("a file is listed twice")
        should = {}
        for who, person in self.book.people.items():
            if visible(person["file"]):
                should[self.seen.ids[who]] = person["file"]["status"]
        if {number: status for number, (status, _) in listed.items()} != should:
            raise Divergence(f"the API lists {listed}, not {should}")


def _code(number: int) -> str:
    return CODES[number] if number >= 0 else ""
