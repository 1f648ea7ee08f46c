"""The web as a channel of the turn loop."""

from dataclasses import dataclass, field

from dialogs.events import Event
from dialogs.screen import Screen
from dialogs.state import State
from handlers.i18n import Words
from handlers.web.read import read
from handlers.web.render import Rendering
from storage.inbox import Kept


@dataclass(frozen=True, slots=True)
class WebChannel:
    """People fetch what we say from the page, so it counts as sent once it is kept."""

    name: str = "web"
    fetched: bool = True
    _rendering: Rendering = field(default_factory=Rendering, repr=False, compare=False)

    def read(self, message: Kept, state: State) -> Event:
        """Return the event of a message of the page."""
        return read(message, state)

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return the page's JSON of a screen, always one message."""
        return (self._rendering.render(screen, id=id, words=words, state=state),)
