"""The people who write to the fake Zalo bot, and the events that come of it."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.zalo import Mail, Now, Pictures, Posted, real_time, to_ms

SECRET_HEADER = "x-bot-api-secret-token"
Json = Mapping[str, Any]
Photo = Literal["photo_url", "photo"]


def encode(body: object) -> bytes:
    """Return `body` as JSON, Vietnamese letters as they are."""
    return json.dumps(body, ensure_ascii=False).encode()


@dataclass(slots=True)
class BotPeople:
    """People are named by their id, which has 20 hex characters with Zalo.

    `flat`: webhook bodies without envelope, as seen; else wrapped, as documented. `photo_field`:
    as seen, or as documented. The bot serves `users_max`; whoever comes later is `unserved`.
    """

    clock: Now = real_time
    flat: bool = True
    photo_field: Photo = "photo_url"
    users_max: int = 50
    secret: str = ""
    users: list[str] = field(default_factory=list)
    unserved: list[str] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    queue: list[bytes] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    mail: Mail = field(init=False)
    pictures: Pictures = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        """Begin with nobody and no webhook."""
        self.mail, self.pictures = Mail(self.clock), Pictures(self.clock)

    @property
    def webhook(self) -> str:
        """Where events are posted; empty: getUpdates gives them."""
        return self.mail.url

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.mail.url = url

    def new_id(self) -> str:
        """Return an id that no message had yet."""
        self._count += 1
        return f"{self._count:020x}"

    def blocks(self, user: str) -> None:
        """Let a person block the bot: sending to them is not permitted (422)."""
        self.blocked.add(user)

    async def says(self, user: str, text: str, **more: Any) -> Posted:
        """Let a person write; `more` are fields of the message instead of the usual ones."""
        return await self.event("message.text.received", user, {"text": text, **more})

    async def sends_photo(
        self, user: str, pictures: Sequence[bytes], caption: str = "", **more: Any
    ) -> list[Posted]:
        """Let a person send pictures: one event each, also those of an album."""
        return [
            await self.event(
                "message.image.received",
                user,
                {
                    self.photo_field: self.pictures.add(picture),
                    "caption": caption,
                    "message_type": "CHAT_PHOTO",
                    **more,
                },
            )
            for picture in pictures
        ]

    async def sends_sticker(self, user: str) -> Posted:
        """Let a person send a sticker, whose `url` is no evidence."""
        fields = {"sticker": "6fd1bd04ae44471a1e55", "message_type": "CHAT_STICKER"}
        address = self.pictures.add(b"\xff\xd8\xffsticker")
        return await self.event("message.sticker.received", user, {**fields, "url": address})

    async def sends_voice(self, user: str) -> Posted:
        """Let a person speak."""
        fields = {"voice_url": f"{self.pictures.base}/voice.aac", "message_type": "CHAT_VOICE"}
        return await self.event("message.voice.received", user, fields)

    async def sends_unsupported(self, user: str) -> Posted:
        """Let a person send a file or a place, or be one whom Zalo protects."""
        return await self.event("message.unsupported.received", user, {})

    async def event(self, name: str, user: str, fields: Json) -> Posted:
        """Let anything happen, also what is not documented; `fields` go into the message."""
        message = {
            "message_id": self.new_id(),
            "date": to_ms(self.clock()),
            "from": {"id": user, "display_name": "Nguyễn Văn Mẫu", "is_bot": False},
            "chat": {"id": user, "chat_type": "PRIVATE"},
            **fields,
        }
        update = {"event_name": name, "message": message}
        if not self._serves(user):
            return Posted(b"", {})
        return await self._give(update)

    async def says_nothing(self) -> Posted:
        """Post an empty body, as has been seen."""
        return await self.mail.post(b"", {SECRET_HEADER: self.secret})

    def _serves(self, user: str) -> bool:
        """Tell whether the bot serves a person: those after the 50th it never hears."""
        if user not in self.users:
            if len(self.users) >= self.users_max:
                self.unserved.append(user)
                return False
            self.users.append(user)
        self.blocked.discard(user)
        return True

    async def _give(self, update: Json) -> Posted:
        if self.webhook:
            body = update if self.flat else {"ok": True, "result": update}
            return await self.mail.post(encode(body), {SECRET_HEADER: self.secret})
        if not self.mail.losing:
            self.queue += [encode(update)] * self.mail.copies
            self.news.set()
        return Posted(encode(update), {})
