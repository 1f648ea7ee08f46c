"""One sequence: people and officers of a commune, each deed done for real and in the reference."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from storage.seams import to_ms
from tests.model import reading
from tests.model.phone import Body, Divergence, Event, Phone
from tests.model.reading import Seen, expected
from tests.model.reference import Book, shown, visible
from tests.model.script import CODES
from tests.model.stage import Hired, Stage
from tests.model.wording import (
    FREE,
    NAMES,
    ONWARD,
    WORDS,
    body_of,
    difference,
    is_told,
    known_of,
    sentence,
)

PATIENCE = 8.0
Rule = Callable[[Book], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done: `act` for real, `rule` in the reference; outcomes are compared if any."""

    act: Callable[[], Awaitable[object]]
    rule: Rule


@dataclass(slots=True)
class Officer:
    """An officer with a phone and an API client; `versions` as the API gave them."""

    hired: Hired
    phone: Phone
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """The people of one sequence, their officers and the reference's book."""

    stage: Stage
    book: Book = field(default_factory=Book)
    phones: dict[str, Phone] = field(default_factory=dict)
    officers: dict[str, Officer] = field(default_factory=dict)
    late: list[tuple[str, Event, Rule]] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    commune: str = ""
    steps: int = 0
    drawn: int = 0

    async def begin(self, people: int) -> None:
        """Hire two officers of a fresh commune and let people arrive by its QR code."""
        self.commune = self.stage.next_commune()
        for name, hired in zip(("o1", "o2"), await self.stage.hire(self.commune), strict=True):
            phone = Phone(self.stage.client, self.stage.restart, "/officer/chat")
            await phone.enter(hired.link)
            self.officers[name] = Officer(hired, phone)
            self.book.officers[name] = {"leader": name == "o2", "chat": {}, "api": {}}
        for n in range(people):
            await self._arrive(f"p{n + 1}")
        await self._settled((), ())

    async def _arrive(self, who: str) -> None:
        phone = self.phones[who] = Phone(self.stage.client, self.stage.restart)
        await phone.open(place=f"{self.commune}-001")
        self.book.arrive(who)

    # What people do.

    def press(self, who: str, choice: str, fault: str = "none", ticks: int = 0) -> Deed:
        """A choice of the screen this person looks at."""
        phone, token = self.phones[who], self.book.people[who]["token"]
        event = self._event({"screen": phone.screen["id"], "choice": choice})
        return self._deed(phone, event, lambda book: book.press(who, choice, token), fault, ticks)

    def press_old(self, who: str, back: int, number: int) -> Deed | None:
        """A choice of a screen shown earlier."""
        phone = self.phones[who]
        past = [p for p in phone.past if p[0]["choices"]]
        if not past:
            return None
        screen, token = past[-1 - back % len(past)]
        choice = screen["choices"][number % len(screen["choices"])]["id"]
        event = self._event({"screen": screen["id"], "choice": choice})
        return self._deed(phone, event, lambda book: book.press(who, choice, token))

    def number(self, who: str, number: int, fault: str = "none", ticks: int = 0) -> Deed | None:
        """The number of a choice, typed."""
        phone, token = self.phones[who], self.book.people[who]["token"]
        choices = phone.screen["choices"]
        if not choices or phone.at in FREE:
            return None
        place = number % len(choices)
        choice = choices[place]["id"]
        event = self._event({"screen": phone.screen["id"], "text": f"{place + 1}"})
        return self._deed(phone, event, lambda book: book.press(who, choice, token), fault, ticks)

    def say(
        self, who: str, word: str, arg: str = "", fault: str = "none", ticks: int = 0
    ) -> Deed | None:
        """A word that means the same at every question; `arg` is the code of a question."""
        phone = self.phones[who]
        if word == "erase all" and phone.at != "erase":
            return None
        text = WORDS[word] + (f" câu {CODES.index(arg) + 1}" if arg else "")
        slash = "/" if phone.at in FREE else ""
        event = self._event({"screen": phone.screen["id"], "text": slash + text})
        return self._deed(phone, event, lambda book: book.command(who, word, arg), fault, ticks)

    def name(self, who: str, number: int, fault: str = "none", ticks: int = 0) -> Deed:
        """Name and year of birth; every ninth is a child."""
        name, born = NAMES[number % len(NAMES)], 2015 if number % 9 == 8 else 1960 + number
        phone = self.phones[who]
        event = self._event({"screen": phone.screen["id"], "text": f"{name} {born}"})
        child = born > 2010
        return self._deed(
            phone, event, lambda book: book.tell(who, "name", name, child), fault, ticks
        )

    def commune_typed(self, who: str, fault: str = "none", ticks: int = 0) -> Deed:
        """Another commune than the officers'."""
        phone = self.phones[who]
        event = self._event({"screen": phone.screen["id"], "text": "phường Hải Châu, Đà Nẵng"})
        return self._deed(phone, event, lambda b: b.tell(who, "place", "far"), fault, ticks)

    def photos(self, who: str, count: int, fault: str = "none", ticks: int = 0) -> Deed:
        """Clear photos in one message."""
        phone = self.phones[who]
        files = [("photo", (f"{n}.jpg", self.stage.photo, "image/jpeg")) for n in range(count)]
        data = {"event_id": self._id(), "screen": phone.screen["id"]}
        event = Event("photos", data=data, files=files)
        return self._deed(phone, event, lambda book: book.photos(who, count), fault, ticks)

    def onward(self, who: str, option: int, fault: str = "none", ticks: int = 0) -> Deed | None:
        """What somebody does next who wants to hand in; None where there is nothing to do."""
        person = self.book.people[who]
        at = person["at"].partition(":")[0]
        if at in CODES:
            return self.press(who, str(option), fault, ticks)
        if at in ONWARD:
            return self.press(who, ONWARD[at], fault, ticks)
        if at == "name":
            return self.name(who, option, fault, ticks)
        if at == "place":
            return self.commune_typed(who, fault, ticks)
        if at == "home" and shown(person["file"]) in ("submitted", "approved", "rejected"):
            return None
        return self.say(who, "submit" if at == "submit" else "continue", "", fault, ticks)

    def later(self, who: str, number: int) -> bool:
        """Keep a press of the present screen back, to arrive whenever the adversary likes."""
        phone = self.phones[who]
        if not phone.screen["choices"]:
            return False
        token = self.book.people[who]["token"]
        choice = phone.screen["choices"][number % len(phone.screen["choices"])]["id"]
        event = self._event({"screen": phone.screen["id"], "choice": choice})
        self.late.append((who, event, lambda book: book.press(who, choice, token)))
        return True

    def arriving(self, number: int) -> Deed | None:
        """A message that was kept back arrives now."""
        if not self.late:
            return None
        who, event, rule = self.late.pop(number % len(self.late))
        return self._deed(self.phones[who], event, rule)

    def _deed(
        self, phone: Phone, event: Event, rule: Rule, fault: str = "none", ticks: int = 0
    ) -> Deed:
        async def act() -> None:
            phone.hear(await phone.deliver(event, fault, ticks))

        return Deed(act, rule)

    def _event(self, body: Body) -> Event:
        return Event("events", json={"event_id": self._id(), **body})

    def _id(self) -> str:
        self.drawn += 1
        return str(UUID(int=self.stage.used << 64 | self.drawn))

    # What officers do.

    def look(self, by: str, who: str) -> Deed | None:
        """Read a file over the API."""
        number = self.seen.ids.get(who)
        if number is None:
            return None

        async def act() -> str:
            answer = await self._api(by, "GET", f"/{number}")
            if answer.status_code == 200:
                self.officers[by].versions[who] = answer.json()["version"]
            return "done" if answer.status_code == 200 else "refused"

        def rule(book: Book) -> str:
            book.look(by, who, "api")
            return "done" if visible(book.people[who]["file"]) else "refused"

        return Deed(act, rule)

    def decide(self, by: str, who: str, action: str, arg: Any = None) -> Deed | None:
        """Decide over the API, on the version read last."""
        number = self.seen.ids.get(who)
        if number is None:
            return None
        body = {"version": self.officers[by].versions.get(who, 1)} | body_of(action, arg)
        if action == "undo":
            body = {}

        async def act() -> str:
            answer = await self._api(by, "POST", f"/{number}/{action}", json=body)
            return "done" if answer.status_code == 200 else "refused"

        def rule(book: Book) -> str:
            done = book.decide(by, who, action, "api", known_of(action, arg))
            return "refused" if done == "refused" else "done"

        return Deed(act, rule)

    def chat(
        self, by: str, who: str, action: str, arg: Any = None, fault: str = "none", ticks: int = 0
    ) -> Deed | None:
        """Open a file or decide on it in the officer's chat, naming its code."""
        code = self.seen.codes.get(who)
        if code is None:
            return None
        phone = self.officers[by].phone
        words = sentence(action, code, arg)

        async def act() -> None:
            if action == "undo":
                await self._officer_says(phone, f"mở {code}")
            await self._officer_says(phone, words, fault, ticks)
            for _, reason in arg if action == "return" else ():
                ids = [c["id"] for c in phone.screen["choices"]]
                if reason in ids:
                    body = {"screen": phone.screen["id"], "choice": reason}
                    phone.hear(await phone.deliver(self._event(body)))

        def rule(book: Book) -> None:
            if action in ("open", "undo"):
                book.look(by, who, "chat")
            if action != "open":
                book.decide(by, who, action, "chat", known_of(action, arg))

        return Deed(act, rule)

    async def _officer_says(
        self, phone: Phone, text: str, fault: str = "none", ticks: int = 0
    ) -> None:
        event = self._event({"screen": phone.screen.get("id"), "text": text})
        phone.hear(await phone.deliver(event, fault, ticks))

    async def _api(self, by: str, method: str, path: str, **content: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.officers[by].hired.token}"}
        address = f"/api/v1/declarations{path}"
        client = self.stage.client()
        client.cookies.clear()
        answer = await client.request(method, address, headers=headers, **content)
        if answer.status_code >= 500:
            raise Divergence(f"{address}: {answer.status_code} {answer.text}")
        return answer

    # What happens, and what is checked.

    async def happen(self, *deeds: Deed | None) -> None:
        """Do all of these at once; some order of them must explain what is seen after."""
        done = [deed for deed in deeds if deed is not None]
        if not done:
            return
        self.steps += len(done)
        outcomes = await asyncio.gather(*(deed.act() for deed in done), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        await self._settled(done, outcomes)

    async def pass_time(self, seconds: float) -> None:
        """Let the clock go on (or back), and notices leave."""
        self.steps += 1
        self.stage.clock.forward(seconds=seconds)
        self.stage.program.parts.wake.jobs.ring()

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
                async with asyncio.timeout(PATIENCE):
                    await phone.catch_up()
            self._remember(who, phone)

    def _forget_answers(self) -> None:
        """What was said is erased too: whoever asks for it again gets the present question."""
        for phone in (*self.phones.values(), *(o.phone for o in self.officers.values())):
            for event in phone.sent:
                event.answer = None

    def _explained(self, deeds: Sequence[Deed], outcomes: Sequence[object]) -> Book:
        """Return the book after the deeds in the first order that explains what is seen."""
        differences = []
        for order in itertools.permutations(range(len(deeds))):
            book = deepcopy(self.book)
            said = {n: deeds[n].rule(book) for n in order}
            should = expected(book)
            answers = [said[n] for n in range(len(deeds))]
            if should == self.seen.people and answers == list(outcomes):
                return book
            differences.append(f"{difference(should, self.seen.people)} {answers} {outcomes}")
        raise Divergence("; or ".join(differences))

    async def _quiet(self) -> Seen:
        senders = {who: phone.sender for who, phone in self.phones.items()}
        officers = {o.hired.id: name for name, o in self.officers.items()}
        async with asyncio.timeout(PATIENCE):
            while True:
                now_ms = to_ms(self.stage.clock.at)
                database = self.stage.program.parts.database
                seen = await reading.look(database, senders, officers, now_ms)
                if not seen.waiting:
                    return seen
                await asyncio.sleep(0.002)

    def _remember(self, who: str, phone: Phone) -> None:
        token = self.book.people[who]["token"]
        if not phone.past or phone.past[-1][0]["id"] != phone.screen["id"]:
            phone.past.append((phone.screen, token))
        at, locale = self.book.people[who]["at"], self.book.people[who]["locale"]
        if (phone.at, phone.locale) != (at, locale):
            raise Divergence(f"{who} reads {phone.at} ({phone.locale}), not {at} ({locale})")

    async def walk_to_end(self, who: str, level: int = 3, odd: int = -1, low: int = 0) -> None:
        """From wherever somebody stands, going on leads to a file handed in.

        Each answer is `level`, but that of question number `odd` (from 0) is `low`.
        """
        for _ in range(40):
            deed = self.onward(who, low if self.book.people[who]["at"] == _code(odd) else level)
            if deed is None:
                return
            await self.happen(deed)
        raise Divergence(f"{who} never gets from {self.book.people[who]['at']} to the end")

    async def check_figures(self) -> None:
        """The officers' lists hold each file they may see once, and no other."""
        answer = await self._api("o1", "GET", "?limit=100")
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
