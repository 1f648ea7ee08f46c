"""A phone with Zalo on it, on a line of the platform's: doubled, late, broken off, out of order."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.zalo import Mail, Posted, Said
from tests.model.phone import Body, Divergence, Event, Phone, Screen
from tests.model.zalo_stage import ZaloStage
from tests.phones import BotPhone, OaPhone
from tests.zalo_talk import Phone as Far

Row = tuple[int, int]


@dataclass(slots=True)
class ZaloPhone(Phone):
    """Sends what the story says as people on Zalo would: buttons, numbers, words, albums.

    `rows` are the texts that the program meant to send here, by their place; `owed` how many
    messages of this person wait for an answer, `answered` how much had come before; `doubled` is
    what came twice; `gone`: the person left and hears nothing.
    """

    far: Far | None = None
    posts: dict[str, list[Posted]] = field(default_factory=dict)
    rows: dict[Row, tuple[str, str, str | None]] = field(default_factory=dict)
    since: int = 0
    after: Row = (0, 0)
    owed: int = 0
    answered: int = 0
    doubled: int = 0
    gone: bool = False

    @property
    def stage(self) -> ZaloStage:
        """The stage of this phone's line."""
        assert isinstance(self.line, ZaloStage)
        return self.line

    @property
    def zalo(self) -> Far:
        """The phone in Zalo's eyes."""
        assert self.far is not None
        return self.far

    @property
    def user(self) -> str:
        """The person's id on the platform."""
        assert isinstance(self.far, BotPhone | OaPhone)
        return self.far.user

    @property
    def sender(self) -> str:
        """The name of this conversation."""
        return self.zalo.sender

    @property
    def mail(self) -> Mail:
        """What posts the events of the platform."""
        found = self.stage.fake.mail
        assert isinstance(found, Mail)
        return found

    def received(self) -> list[Said]:
        """Return all that came to this phone."""
        return self.zalo.received()

    def payloads(self) -> set[str]:
        """Return what the buttons on this phone send."""
        return {payload for said in self.received() for _, payload in said.buttons}

    async def open(self, **asked: str) -> None:
        """Come by the QR code of a place."""
        await self.deliver(
            Event("events", json={"event_id": "", "text": f"bắt đầu {asked['place']}"})
        )

    async def catch_up(self) -> None:
        """What comes arrives by itself."""

    async def write(self, event: Event) -> list[Posted]:
        """Let the person write now; the platform keeps it for a while."""
        known = event.json if event.json is not None else event.data
        assert known is not None
        if known["event_id"] not in self.posts:
            before, self.mail.losing = len(self.mail.posted), True
            try:
                await self._compose(event, known)
            finally:
                self.mail.losing = False
            self.posts[known["event_id"]] = self.mail.posted[before:]
        return self.posts[known["event_id"]]

    async def _compose(self, event: Event, known: Body) -> None:
        fake, user = self.stage.fake, self.user
        if event.files is not None:
            await fake.sends_photo(user, [file[1] for _, file in event.files])
        elif "choice" in known:
            await fake.says(user, self.words_of(known["screen"], known["choice"]))
        else:
            await fake.says(user, known["text"])

    def words_of(self, number: str, choice: str) -> str:
        """Return what pressing a choice sends: its button's payload, else its number."""
        payload = f"#d:{number}:{choice}"
        if payload in self.payloads():
            return payload
        screen = next(s for s in self._screens() if s["id"] == number)
        ids = [one["id"] for one in screen["choices"]]
        return str(ids.index(choice) + 1)

    def _screens(self) -> list[Screen]:
        return [self.screen, *(screen for screen, _ in reversed(self.past))]

    async def deliver(self, event: Event, fault: str = "none", ticks: int = 0) -> Body:
        """Let the platform post an event over its bad line until it was taken."""
        posts = await self.write(event)
        if fault == "twice":
            # Pictures of an album overtake each other.
            await asyncio.gather(*map(self._post, [*reversed(posts), *posts]))
        else:
            for post in posts:
                await self._over(post, fault, ticks)
        self.sent.append(event)
        self.owed += 1
        return {}

    async def _over(self, post: Posted, fault: str, ticks: int) -> None:
        if fault in ("cut", "restart"):
            sending = asyncio.create_task(self.mail.again(post))
            await asyncio.sleep(ticks * 0.0004)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            if fault == "restart":
                await self.line.restart()
        for _ in range(1 + (fault == "again")):
            await self._post(post)

    async def echo(self, event: Event) -> None:
        """Let the platform post an old event once more, as after a lost answer of ours."""
        for post in await self.write(event):
            await self._post(post)

    async def _post(self, post: Posted) -> None:
        before = len(post.statuses)
        await self.mail.again(post)
        if set(post.statuses[before:]) != {200}:
            raise Divergence(f"an event of the platform is answered {post.statuses}")

    def hear(self, answer: Body) -> None:
        """Answers come by themselves."""

    def mean(self, place: Row, words: str, status: str, error: str | None) -> None:
        """Know of a message that the program meant for this phone."""
        if place > self.after:
            self.rows[place] = (words, status, error)

    def stand(self, screen: Screen, locale: str) -> None:
        """Look at the present question."""
        self.screen, self.locale = screen, locale

    def check(self, name: str, *, forgot: bool) -> None:
        """Hold what arrived against what was meant.

        `forgot`: rows may be gone that were there for a moment; then it begins anew.
        """
        came = Counter(said.text for said in self.received()[self.since :])
        meant = Counter(text for text, _, _ in self.rows.values())
        must = Counter(text for text, status, _ in self.rows.values() if status == "sent")
        if lost := must - came:
            raise Divergence(f"{name} never got {list(lost)}")
        if forgot:
            self.since, self.after = len(self.received()), max(self.rows, default=self.after)
            self.rows = {}
            return
        if thrice := [text for text in came if came[text] > 2 * meant[text]]:
            raise Divergence(f"{name} got {[(came[t], meant[t], t) for t in thrice]}")
        self.doubled = sum((came - meant).values())
        if self.owed and len(self.received()) == self.answered:
            raise Divergence(f"{name} has no answer to what was said last")
        self.owed, self.answered = 0, len(self.received())

    def left_over(self, unclear: int) -> list[Any]:
        """Return what was meant for this phone and neither arrived nor may be left out.

        A message that was `unclear` twice is not sent a third time.
        """
        return [
            (status, error, text[:60])
            for text, status, error in self.rows.values()
            if status != "sent"
            and error != "repeated"
            and not (status == "unknown" and unclear > 1)
        ]


__all__ = ["ZaloPhone"]
