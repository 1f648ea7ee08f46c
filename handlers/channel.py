"""What a channel is to the turn loop: three pure functions and a few figures."""

from typing import Protocol

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

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> str:
        """Return what the platform takes for `screen`, as JSON text."""
