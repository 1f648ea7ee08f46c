"""A small Zalo Bot Platform: one bot, strict about what it is sent, over real sockets.

Source: Zalo Bot Platform, Bot API, and what was measured on live bots. What our client should never
do stands in `complaints`, besides being refused. Failures come with HTTP 200, as they often do.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from tests.fakes.faulty import Asked, Fault, Reply
from tests.fakes.listening import Faults, json_reply, listening
from tests.fakes.zalo import Refusal, Said, to_ms, units
from tests.fakes.zalo_bot_people import BotPeople

TOKEN = "4242424242:TheSecretPartOfTheBotToken"
MOST_TEXT = 2000
TESTS_A_DAY = 5
Json = Mapping[str, Any]
# What each method takes: (needed, allowed besides).
FIELDS: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    "getMe": (frozenset(), frozenset()),
    "getUpdates": (frozenset(), frozenset({"timeout"})),
    "setWebhook": (frozenset({"url", "secret_token"}), frozenset()),
    "testWebhook": (frozenset(), frozenset()),
    "deleteWebhook": (frozenset(), frozenset()),
    "getWebhookInfo": (frozenset(), frozenset()),
    "sendMessage": (frozenset({"chat_id", "text"}), frozenset({"parse_mode", "text_styles"})),
    "sendPhoto": (frozenset({"chat_id", "photo"}), frozenset({"caption"})),
    "sendChatAction": (frozenset({"chat_id", "action"}), frozenset()),
}


@dataclass(slots=True)
class FakeZaloBot(BotPeople):
    """One bot and the people who write to it; see `serving`.

    `updates`: getUpdates gives one object or an array; `idle`: how it says that nothing came;
    `replays`: what was given comes again with every call. `fetches`: it fetches photos it is to
    send. `public_only`: it takes https addresses only for the webhook. `http_failures`: it refuses
    with an HTTP status too.
    """

    token: str = TOKEN
    updates: Literal["object", "array"] = "object"
    idle: Literal["http", "code", "null"] = "code"
    replays: bool = False
    fetches: bool = True
    public_only: bool = False
    http_failures: bool = False
    monthly_max: int = 3000
    url: str = ""
    sent: list[Said] = field(default_factory=list)
    typing: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    _given: list[bytes] = field(default_factory=list)
    _month: Counter[str] = field(default_factory=Counter)
    _tests: int = 0
    _updated_ms: int = 0

    @classmethod
    @asynccontextmanager
    async def serving(cls, **options: Any) -> AsyncIterator["FakeZaloBot"]:
        """Serve a bot inside the block; `options` are the fields, such as `clock`."""
        fake = cls(**options)
        async with listening(fake._handle, fake.faults, fake._refuse) as url, fake.mail.http:
            fake.url, fake.pictures.base = url, f"{url}/media"
            yield fake

    def fail(self, method: str, *faults: Fault) -> None:
        """Let these happen to the next calls of `method`."""
        self.faults.add(method, *faults)

    def sent_to(self, user: str) -> list[Said]:
        """Return what a person was sent."""
        return [said for said in self.sent if said.user == user]

    async def _handle(self, asked: Asked) -> Reply:
        path = asked.target.partition("?")[0]
        if path.startswith("/media/"):
            return self.pictures.get(path.removeprefix("/media/"))
        begin, _, method = path.removeprefix("/bot").partition("/")
        try:
            if not path.startswith("/bot") or method not in FIELDS:
                raise Refusal(404, "Not Found")
            if begin != self.token:
                raise Refusal(401, "Unauthorized")
            return await self._run(method, self._body(asked, method))
        except Refusal as refused:
            return self._refuse(refused.code, refused.why, method)

    def _body(self, asked: Asked, method: str) -> dict[str, Any]:
        if asked.method != "POST" or not _is_json(asked):
            raise self._ours(f"{method}: not JSON by POST")
        body = json.loads(asked.body or b"{}")
        needed, besides = FIELDS[method]
        if not isinstance(body, dict) or not needed <= body.keys() <= needed | besides:
            raise self._ours(f"{method}: fields {sorted(body)}")
        return body

    def _ours(self, complaint: str) -> Refusal:
        """Note what no client of ours should do, and refuse it."""
        self.complaints.append(complaint)
        return Refusal(400, "Bad request")

    def _refuse(self, code: int, why: str = "failed", method: str = "") -> Reply:
        name = "errorCode" if method == "testWebhook" else "error_code"
        # A server on the way says its 5xx itself; Zalo says its own in a 200.
        status = code if self.http_failures or code >= 500 else 200
        return json_reply({"ok": False, "description": why, name: code}, status)

    async def _run(self, method: str, body: dict[str, Any]) -> Reply:
        if method == "getUpdates":
            return await self._get_updates(body)
        if method == "sendChatAction":
            self._act(body)
            return json_reply({"ok": True})
        send = {"sendMessage": self._send_message, "sendPhoto": self._send_photo}.get(method)
        if send:
            return _right(await send(body))
        if method == "setWebhook":
            return _right(await self._set_webhook(body))
        if method == "testWebhook":
            return _right(await self._test_webhook())
        return _right(getattr(self, f"_{METHODS[method]}")())

    def _get_me(self) -> Json:
        return {
            "id": self.token.partition(":")[0],
            "account_name": "bot.khaihoc",
            "account_type": "BASIC",
            "can_join_groups": False,
        }

    def _act(self, body: Json) -> None:
        self._check_chat(body["chat_id"])
        if body["action"] != "typing":
            raise self._ours("sendChatAction: action")
        self.typing.append(body["chat_id"])

    async def _send_message(self, body: Json) -> Json:
        self._check_text(body["text"], "sendMessage")
        return self._take(body["chat_id"], body["text"])

    async def _send_photo(self, body: Json) -> Json:
        if "caption" in body:
            self._check_text(body["caption"], "sendPhoto")
        address = body["photo"]
        if not isinstance(address, str) or not address.startswith(("http://", "https://")):
            raise self._ours("sendPhoto: photo is no address")
        self._check_chat(body["chat_id"])
        picture = await self._fetch(address) if self.fetches else b""
        return self._take(body["chat_id"], body.get("caption", ""), address, picture)

    async def _fetch(self, address: str) -> bytes:
        try:
            answer = await self.mail.http.get(address)
        except httpx.TransportError:
            raise Refusal(400, "Bad request: photo") from None
        if answer.status_code != 200 or not answer.headers["content-type"].startswith("image/"):
            raise Refusal(400, "Bad request: photo")
        return answer.content

    def _check_text(self, text: object, method: str) -> None:
        if not isinstance(text, str) or not 1 <= units(text) <= MOST_TEXT:
            raise self._ours(f"{method}: text")

    def _check_chat(self, chat: object) -> None:
        if not isinstance(chat, str):
            raise self._ours("chat_id is no text")
        if chat not in self.users:
            raise Refusal(410, "The chat_id is invaild")
        if chat in self.blocked:
            raise Refusal(422, "You are not permitted to send messages to this chat_id")

    def _take(self, chat: str, text: str, photo: str | None = None, picture: bytes = b"") -> Json:
        self._check_chat(chat)
        now = self.clock()
        month = f"{now:%Y-%m}"
        if self._month[month] >= self.monthly_max:
            raise Refusal(429, "Quota exceeded")
        self._month[month] += 1
        said = Said(self.new_id(), chat, text, now, photo=photo, picture=picture)
        self.sent.append(said)
        return {"message_id": said.id, "date": to_ms(now)}

    async def _get_updates(self, body: Json) -> Reply:
        if self.webhook:
            raise Refusal(400, "Bad request: a webhook is set")
        try:
            seconds = float(body.get("timeout", 0))
        except (TypeError, ValueError):
            raise self._ours("getUpdates: timeout") from None
        await self._wait(time.monotonic() + seconds)
        count = len(self.queue) if self.updates == "array" else 1
        given, self.queue = self.queue[:count], self.queue[count:]
        if self.replays:
            given, self._given = self._given + given, self._given + given
        found = [json.loads(update) for update in given]
        if self.updates == "array":
            return _right(found)
        return _right(found[-1]) if found else self._idle()

    async def _wait(self, until: float) -> None:
        while not self.queue and (left := until - time.monotonic()) > 0:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), left)
            except TimeoutError:
                return

    def _idle(self) -> Reply:
        if self.idle == "null":
            return _right(None)
        refused = {"ok": False, "description": "Request timeout", "error_code": 408}
        return json_reply(refused, 408 if self.idle == "http" else 200)

    async def _set_webhook(self, body: Json) -> Json:
        url, secret = body["url"], body["secret_token"]
        if not isinstance(secret, str) or not 8 <= len(secret) <= 256:
            raise self._ours("setWebhook: secret_token")
        begins = "https://" if self.public_only else "http"
        if not isinstance(url, str) or not url.startswith(begins):
            raise Refusal(400, "Bad request: url")
        self.webhook, self.secret, self._updated_ms = url, secret, to_ms(self.clock())
        return {**self._info(), "verification": await self._verify()}

    async def _test_webhook(self) -> Json:
        self._tests += 1
        if self._tests > TESTS_A_DAY:
            raise Refusal(426, "Too many tests")
        return await self._verify()

    async def _verify(self) -> Json:
        """Post nothing to the webhook and say what was met there."""
        statuses = (await self.says_nothing()).statuses
        self.mail.posted.pop()
        status = statuses[-1] if statuses else None
        outcome = "err.unreachable" if status is None else _outcome(status)
        return {"ok": status == 200, "url": self.webhook, "outcome": outcome, "hint": ""}

    def _delete_webhook(self) -> Json:
        self.webhook, self._updated_ms = "", to_ms(self.clock())
        return self._info()

    def _get_webhook_info(self) -> Json:
        if not self.webhook:
            raise Refusal(404, "Not Found")
        return self._info()

    def _info(self) -> Json:
        return {"url": self.webhook, "updated_at": self._updated_ms}


METHODS = {
    "getMe": "get_me",
    "deleteWebhook": "delete_webhook",
    "getWebhookInfo": "get_webhook_info",
}


def _right(result: object) -> Reply:
    return json_reply({"ok": True, "result": result, "error_code": 0})


def _is_json(asked: Asked) -> bool:
    return asked.headers.get("content-type", "").startswith("application/json")


def _outcome(status: int) -> str:
    if status == 200:
        return "webhook.ok"
    if status in (403, 404):
        return f"http.{status}"
    return "http.5xx" if status >= 500 else "http.other"
