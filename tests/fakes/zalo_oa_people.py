"""The people of the fake Official Account, and the signed events that come of what they do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal

from tests.fakes.zalo import LADDER, Mail, Now, Pictures, Posted, real_time, to_ms

Json = Mapping[str, Any]
# Ids beyond 2^53, as text.
OA_ID, APP_ID = "3842178456123409571", "4021893412345678901"
WEBHOOK_SECRET = "TheSecretOfTheWebhookPage"
SIGNATURE = "x-zevent-signature"


@dataclass(slots=True)
class OaPeople:
    """People are named by their id for this account.

    `signed_id` says whose id begins a signature; `stamped` how timestamps are written. `acted` is
    when each last did what counts as interaction: writing, pressing, following.
    """

    clock: Now = real_time
    oa_id: str = OA_ID
    app_id: str = APP_ID
    webhook_secret: str = WEBHOOK_SECRET
    signed_id: Literal["app", "oa"] = "app"
    stamped: Literal["ms", "s", "number"] = "ms"
    acted: dict[str, datetime] = field(default_factory=dict)
    followers: set[str] = field(default_factory=set)
    mail: Mail = field(init=False)
    pictures: Pictures = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        """Begin with nobody and no webhook."""
        self.mail = Mail(self.clock, ladder=LADDER)
        self.pictures = Pictures(self.clock)

    @property
    def webhook(self) -> str:
        """Where events are posted."""
        return self.mail.url

    @webhook.setter
    def webhook(self, url: str) -> None:
        self.mail.url = url

    def new_id(self) -> str:
        """Return an id that no message had yet."""
        self._count += 1
        return f"{self._count:016x}"

    async def saves_webhook(self, url: str) -> bool:
        """Save the address in the console, which tries it with an unsigned `{}`."""
        self.webhook = url
        posted = await self.mail.post(b"{}", {})
        self.mail.posted.remove(posted)
        return posted.taken

    async def says(self, user: str, text: str, **more: Any) -> Posted:
        """Let a person write; `more` are fields of the event instead of the usual ones."""
        return await self._writes("user_send_text", user, {"text": text}, more)

    async def presses(self, user: str, payload: str) -> Posted:
        """Let a person press a button: its payload comes as if they had written it."""
        return await self.says(user, payload)

    async def sends_photo(
        self, user: str, pictures: Sequence[bytes], text: str = "", **more: Any
    ) -> Posted:
        """Let a person send pictures: one event with as many attachments."""
        found = [self._attached("image", self.pictures.add(picture)) for picture in pictures]
        message = {"attachments": found} | ({"text": text} if text else {})
        return await self._writes("user_send_image", user, message, more)

    async def sends_file(self, user: str, name: str, data: bytes) -> Posted:
        """Let a person send a document. Numbers are text."""
        payload = {
            "size": str(len(data)),
            "name": name,
            "checksum": "0" * 32,
            "type": name.rpartition(".")[2],
            "url": self.pictures.add(data),
        }
        found = {"attachments": [{"type": "file", "payload": payload}]}
        return await self._writes("user_send_file", user, found, {})

    async def sends_sticker(self, user: str) -> Posted:
        """Let a person send a sticker, which is no evidence."""
        found = self._attached("sticker", self.pictures.add(b"\xff\xd8\xffsticker"), id="21979")
        return await self._writes("user_send_sticker", user, {"attachments": [found]}, {})

    async def sends_voice(self, user: str) -> Posted:
        """Let a person speak."""
        found = self._attached("audio", f"{self.pictures.base}/voice.amr")
        return await self._writes("user_send_audio", user, {"attachments": [found]}, {})

    async def sends_location(self, user: str, latitude: str, longitude: str) -> Posted:
        """Let a person say where they are. Numbers are text."""
        payload = {"coordinates": {"latitude": latitude, "longitude": longitude}}
        found = {"attachments": [{"type": "location", "payload": payload}]}
        return await self._writes("user_send_location", user, found, {})

    async def sends_unsupported(self, user: str) -> Posted:
        """Let a person send what no channel can use: somebody's business card."""
        found = self._attached("link", "https://zalo.me/card")
        return await self._writes("user_send_business_card", user, {"attachments": [found]}, {})

    async def follows(self, user: str) -> Posted:
        """Let a person follow the account, which counts as interaction."""
        self.followers.add(user)
        self.acted[user] = self.clock()
        return await self._follower("follow", user)

    async def unfollows(self, user: str) -> Posted:
        """Let a person follow no longer."""
        self.followers.discard(user)
        return await self._follower("unfollow", user)

    async def withdraws(self, user: str) -> Posted:
        """Let a person ask that what is known of them be erased."""
        return await self.event("user_withdraw", self._parties(user))

    async def submits_info(self, user: str, info: Mapping[str, str]) -> Posted:
        """Let a person hand in the details that were asked for."""
        self.acted[user] = self.clock()
        return await self.event("user_submit_info", {**self._parties(user), "info": dict(info)})

    async def sees(self, user: str, *messages: str) -> Posted:
        """Let a person's phone show messages of ours; no interaction."""
        fields = self._parties(user, ours=True)
        return await self.event("user_seen_message", {**fields, "message": {"msg_ids": messages}})

    async def receives(self, user: str, message: str) -> Posted:
        """Let a message of ours arrive on a person's phone; no interaction."""
        fields = self._parties(user, ours=True)
        return await self.event("user_received_message", {**fields, "message": {"msg_id": message}})

    async def echoes(self, user: str, text: str, admin: str = "") -> Posted:
        """Tell that the account wrote to a person; `admin` typed it in the manager, if given."""
        fields = self._parties(user, ours=True)
        if admin:
            fields["sender"] = {"id": self.oa_id, "admin_id": admin}
        message = {"text": text, "msg_id": self.new_id()}
        return await self.event("oa_send_text", {**fields, "message": message})

    async def event(self, name: str, fields: Json) -> Posted:
        """Post any signed event, also what is not documented; `fields` go before the usual ones."""
        ms = to_ms(self.clock())
        stamp = {"ms": str(ms), "s": str(ms // 1000), "number": ms}[self.stamped]
        body = {"event_name": name, "app_id": self.app_id, "timestamp": stamp, **fields}
        raw = json.dumps(body, ensure_ascii=False).encode()
        return await self.mail.post(raw, {SIGNATURE: self.sign(raw, str(body["timestamp"]))})

    def sign(self, raw: bytes, stamp: str) -> str:
        """Return the header value for a raw body: SHA-256, no HMAC."""
        first = self.app_id if self.signed_id == "app" else self.oa_id
        whole = first.encode() + raw + stamp.encode() + self.webhook_secret.encode()
        return f"mac={sha256(whole).hexdigest()}"

    async def _writes(self, name: str, user: str, message: Json, more: Json) -> Posted:
        self.acted[user] = self.clock()
        whole = {**message, "msg_id": self.new_id()}
        return await self.event(name, {**self._parties(user), "message": whole, **more})

    async def _follower(self, name: str, user: str) -> Posted:
        fields = {"oa_id": self.oa_id, "follower": {"id": user}, "source": "oa_profile"}
        return await self.event(name, fields)

    def _parties(self, user: str, *, ours: bool = False) -> dict[str, Any]:
        who = {"sender": {"id": user}, "recipient": {"id": self.oa_id}}
        if ours:
            who = {"sender": {"id": self.oa_id}, "recipient": {"id": user}}
        return {**who, "user_id_by_app": f"9{user}"}

    def _attached(self, kind: str, url: str, **more: str) -> Json:
        return {"type": kind, "payload": {"thumbnail": url, "url": url, **more}}
