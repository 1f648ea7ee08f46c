"""Zalo beside the browser: a running demo that serves a surface of it, and phones to write with.

Over there is a fake of `tests.fakes` in a thread of its own, since a browser test has no event
loop; the program is a process, so time is the real one.
"""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from tests.browser.site import Site
from tests.fakes.listening import Threaded, in_thread
from tests.fakes.zalo import Said
from tests.fakes.zalo_bot import FakeZaloBot
from tests.phones import BotExchange, BotPhone, OaExchange, OaPhone
from tests.world import Clock

Surface = Literal["zalo_bot", "zalo_oa"]
Exchanged = Threaded[BotExchange] | Threaded[OaExchange]
PATIENCE_SECONDS = 30
# What is typed sooner after a question counts as sent before it was read.
READING_SECONDS = 1.1


class _RealTime(Clock):
    """The time it is, for a fake that talks to another process."""

    def now(self) -> datetime:
        """Return the moment it is."""
        return datetime.now(UTC)


@dataclass(slots=True)
class ZaloChat:
    """A person's conversation with us on Zalo; `hear` goes through it from its beginning."""

    threaded: Exchanged
    phone: BotPhone | OaPhone
    _heard: int = 0

    def say(self, words: str, *, hears: str) -> str:
        """Write, once the last message could be read, and return the answer with `hears` in it."""
        if self._heard:
            left = self._last.at + timedelta(seconds=READING_SECONDS) - datetime.now(UTC)
            time.sleep(max(0.0, left.total_seconds()))
        self.threaded.run(self.phone.write(words))
        return self.hear(hears)

    def answer(self, number: int, *, hears: str) -> str:
        """Press the button with this number, else type it; see `say`."""
        for title, payload in self._last.buttons:
            if title.startswith(f"{number}. "):
                # A button knows its question: there is nothing to be read first.
                self.threaded.run(self.phone.write(payload))
                return self.hear(hears)
        return self.say(str(number), hears=hears)

    def send_unreadable(self, *, hears: str) -> str:
        """Send what we are not given: a file, or as a person whom Zalo protects; see `say`."""
        fake, user = self.phone.fake, self.phone.user
        if isinstance(fake, FakeZaloBot):
            posted = self.threaded.run(fake.sends_unsupported(user))
        else:
            posted = self.threaded.run(fake.sends_file(user, "giay-khen.pdf", b"%PDF-1.7"))
        assert posted.taken, posted.statuses
        return self.hear(hears)

    def hear(self, words: str) -> str:
        """Wait for a message with `words` in it, after all those heard before; return its text."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            new = self.phone.received()[self._heard :]
            for n, said in enumerate(new, 1):
                if words in said.text:
                    self._heard += n
                    return said.text
            texts = "\n".join(said.text for said in new)
            assert time.monotonic() < until, f"nothing with {words!r} came, but:\n{texts}"
            time.sleep(0.05)

    @property
    def _last(self) -> Said:
        return self.phone.received()[self._heard - 1]


@dataclass(slots=True)
class Joined:
    """A running site that serves a surface of Zalo, faked."""

    site: Site
    threaded: Exchanged
    _people: int = 0

    @property
    def account(self) -> str:
        """Return the number of our bot or account, as in its address at Zalo."""
        exchange = self.threaded.fake
        if isinstance(exchange, BotExchange):
            return exchange.fake.token.partition(":")[0]
        return exchange.fake.oa_id

    def meet(self) -> ZaloChat:
        """Return the phone of somebody new."""
        self._people += 1
        phone = self.threaded.fake.phone(self._people)
        assert isinstance(phone, BotPhone | OaPhone)
        return ZaloChat(self.threaded, phone)


@contextmanager
def joined(surface: Surface, seeded: Path, folder: Path) -> Iterator[Joined]:
    """Serve a copy of the installation `seeded` in `folder`, with this surface of Zalo on.

    In the end nothing may have been sent that Zalo refuses or charges for.
    """
    with _exchange(surface) as threaded:
        exchange = threaded.fake
        more = {f"KHAIHOC_{name.upper()}": str(value) for name, value in exchange.settings.items()}
        site = Site.copy(seeded, folder, **more)
        exchange.fake.webhook = f"{site.url}/webhooks/{surface.replace('_', '-')}"
        # How soon an event is taken is measured elsewhere, on a machine that does nothing else.
        exchange.fake.mail.patience = float(PATIENCE_SECONDS)
        site.start()
        try:
            yield Joined(site, threaded)
            exchange.check()
        finally:
            site.stop()


def _exchange(surface: Surface) -> AbstractContextManager[Exchanged]:
    if surface == "zalo_bot":
        return in_thread(BotExchange.serving(_RealTime()))
    return in_thread(OaExchange.serving(_RealTime()))
