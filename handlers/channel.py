"""What a channel is to the loops: pure functions, a few figures, and for some a way to send."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dialogs.events import Event
from dialogs.screen import Screen
from dialogs.state import State
from handlers.i18n import Words
from storage.inbox import Kept


class Unreadable(ValueError):
    """A raw message that no parser understands: it goes to the dead letters."""


class Channel(Protocol):
    """One way people reach us. `fetched`: people fetch what we say, so it is sent once kept."""

    @property
    def name(self) -> str:
        """The name in the table of channels and in the inbox."""

    @property
    def fetched(self) -> bool:
        """Whether people fetch what we say."""

    def read(self, message: Kept, state: State) -> Event:
        """Return what the raw message means at the present question; Unreadable if nothing."""

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return what the platform takes for `screen`, as JSON texts: one a message, in order."""


@dataclass(frozen=True, slots=True)
class Window:
    """How long after a person's last action a message is free, and how long it can be sent at all.

    Milliseconds. `pays`: whether a notice may cost; an answer to what a person just wrote is
    always inside the free time.
    """

    free_ms: int
    open_ms: int
    pays: bool = False


class NotSent(Exception):
    """A platform did not take a message; `code` is its own word or number, never its text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Later(NotSent):
    """It may be taken later: after `seconds`, of the whole identity when `pauses`."""

    def __init__(self, code: str, seconds: float | None = None, *, pauses: bool = False) -> None:
        super().__init__(code)
        self.seconds, self.pauses = seconds, pauses


class Unreachable(NotSent):
    """This person cannot be reached. `stops`: until they write again; else by this message only."""

    def __init__(self, code: str, *, stops: bool = True) -> None:
        super().__init__(code)
        self.stops = stops


class Wrong(NotSent):
    """The platform refuses this very message: a defect of ours; the next one may go."""


class Unclear(NotSent):
    """Nobody knows whether it was taken: the line broke after it was sent."""


class HumanNeeded(NotSent):
    """Nothing goes on this identity until somebody mends its settings or consent."""


@runtime_checkable
class Pushed(Channel, Protocol):
    """A channel on which we send. `identity` is the bot or account, `rate` messages a second.

    `window` None: a person who wrote once may always be written to. `quota` is how many messages
    a calendar month has (0: not counted).
    """

    @property
    def identity(self) -> str:
        """The `bot` under which its conversations are kept."""

    @property
    def window(self) -> Window | None:
        """When a person may be written to."""

    @property
    def rate(self) -> float:
        """Messages a second, at most."""

    @property
    def quota(self) -> int:
        """Messages a calendar month, at most; 0: not counted."""

    async def send(self, sender: str, payload: str) -> str:
        """Send one rendered message and return the platform's id for it; raises NotSent."""
