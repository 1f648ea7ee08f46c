"""The two surfaces of Zalo as channels: what is read, how it looks, how it is sent."""

from dataclasses import dataclass, field
from typing import Protocol

from dialogs.events import Event
from dialogs.screen import Screen
from dialogs.state import State
from handlers.channel import Window
from handlers.i18n import Words
from handlers.zalo.bot import BotApi
from handlers.zalo.hearing import PREFIXES
from handlers.zalo.oa import OaApi
from handlers.zalo.read import read_bot, read_oa
from handlers.zalo.render import BOT, OA, Out, Rendering, decode_out
from storage.inbox import Kept


class Pictures(Protocol):
    """Kept photos for those who may see them."""

    def address(self, sender: str, evidence: str) -> str:
        """Return a public address at which the platform fetches a picture, good for minutes."""

    async def small(self, sender: str, evidence: str) -> bytes | None:
        """Return a small JPEG of a photo; None when it is gone or not theirs to see."""


@dataclass(frozen=True, slots=True)
class ZaloBot:
    """A bot of the Zalo Bot Platform: text and pictures, no buttons, no window but a quota."""

    api: BotApi
    pictures: Pictures
    identity: str
    rate: float
    quota: int
    name: str = "zalo_bot"
    fetched: bool = False
    window: Window | None = None
    _rendering: Rendering = field(default_factory=lambda: Rendering(BOT), repr=False)

    def read(self, message: Kept, state: State) -> Event:
        """Return the event of an update."""
        return read_bot(message, state)

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return the messages of a screen."""
        return self._rendering.render(screen, id=id, words=words, state=state)

    async def send(self, sender: str, payload: str) -> str:
        """Send one message; raises NotSent."""
        chat, out = sender.removeprefix(PREFIXES[self.name]), decode_out(payload)
        if out.photo is not None:
            address = self.pictures.address(sender, out.photo)
            return await self.api.send_photo(chat, address, out.text)
        return await self.api.send_message(chat, out.text)


@dataclass(frozen=True, slots=True)
class ZaloOa:
    """An Official Account: text with a few buttons, pictures by upload, windows that cost."""

    api: OaApi
    pictures: Pictures
    identity: str
    rate: float
    window: Window
    name: str = "zalo_oa"
    fetched: bool = False
    quota: int = 0
    _rendering: Rendering = field(default_factory=lambda: Rendering(OA), repr=False)

    def read(self, message: Kept, state: State) -> Event:
        """Return the event of a webhook."""
        return read_oa(message, state)

    def render(self, screen: Screen, *, id: str, words: Words, state: State) -> tuple[str, ...]:
        """Return the messages of a screen."""
        return self._rendering.render(screen, id=id, words=words, state=state)

    async def send(self, sender: str, payload: str) -> str:
        """Send one message; raises NotSent."""
        user, out = sender.removeprefix(PREFIXES[self.name]), decode_out(payload)
        if out.photo is None:
            return (await self.api.send_text(user, out.text, out.buttons)).message_id
        return await self._send_photo(user, sender, out)

    async def _send_photo(self, user: str, sender: str, out: Out) -> str:
        """Send a picture; of one that is gone, the words that stand for it."""
        assert out.photo is not None, "a message without a picture is sent as text"
        jpeg = await self.pictures.small(sender, out.photo)
        if jpeg is None:
            return (await self.api.send_text(user, out.text)).message_id
        attachment = await self.api.upload_image(jpeg)
        return (await self.api.send_photo(user, attachment, out.text)).message_id
