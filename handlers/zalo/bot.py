"""The Zalo Bot API: each method we use, its answers as small structs, its refusals as NotSent.

Source: Zalo Bot Platform, Bot API. Always POST with JSON; a failure often comes with HTTP 200, so
only `ok` counts. The token stands in the address: nothing here says an address to anybody.
"""

from typing import TypeVar

import aiohttp
import msgspec

from handlers.channel import Later, NotSent
from handlers.outside import Answered, OutsideFailed, ask
from handlers.zalo.codes import bot_refusal, http_refusal, line_refusal, of_a_question

T = TypeVar("T")
NULL = msgspec.Raw(b"null")
# Zalo fetches the picture itself before it answers. Less than a delivery is claimed for.
PHOTO_SECONDS = 45.0
# How much longer than asked for a poll may stay silent.
POLL_SLACK = 10.0
MOST_UPDATES = 4 * 1024 * 1024


class Me(msgspec.Struct, frozen=True):
    """The bot itself."""

    number: str | int = msgspec.field(name="id")
    account_name: str = ""
    account_type: str = ""
    can_join_groups: bool = False

    @property
    def id(self) -> str:
        """The number before the colon of its token."""
        return str(self.number)


class Verification(msgspec.Struct, frozen=True):
    """What Zalo met at our webhook: `outcome` like webhook.ok, http.404, err.tls."""

    ok: bool = False
    url: str = ""
    outcome: str = ""
    hint: str = ""


class Webhook(msgspec.Struct, frozen=True):
    """The webhook that is set; `verification` only in the answer to setting it."""

    url: str
    updated_at: int | str | None = None
    verification: Verification | None = None


class _Taken(msgspec.Struct, frozen=True):
    message_id: str | int = ""


class _Envelope(msgspec.Struct, frozen=True):
    """`errorCode` is how testWebhook says it."""

    ok: bool
    result: msgspec.Raw = NULL
    error_code: int | None = None
    errorCode: int | None = None

    @property
    def code(self) -> int | None:
        return self.errorCode if self.error_code is None else self.error_code


class BotApi:
    """One bot. Every method raises NotSent; only those that deliver something raise Unclear."""

    __slots__ = ("_base", "_http")

    def __init__(self, http: aiohttp.ClientSession, base_url: str, token: str) -> None:
        self._http = http
        self._base = f"{base_url.rstrip('/')}/bot{token}"

    async def send_message(self, chat_id: str, text: str) -> str:
        """Send plain `text` of 1 to 2000 UTF-16 units; return the message's id."""
        return await self._deliver("sendMessage", {"chat_id": chat_id, "text": text})

    async def send_photo(self, chat_id: str, address: str, caption: str = "") -> str:
        """Send the picture at a public `address`, which Zalo fetches; return the message's id."""
        body = {"chat_id": chat_id, "photo": address}
        if caption:
            body["caption"] = caption
        return await self._deliver("sendPhoto", body, PHOTO_SECONDS)

    async def send_chat_action(self, chat_id: str) -> None:
        """Show the person that something is being typed."""
        await self._call("sendChatAction", {"chat_id": chat_id, "action": "typing"})

    async def get_me(self) -> Me:
        """Return who the token belongs to."""
        return _read(await self._call("getMe"), Me)

    async def get_updates(self, seconds: int = 30) -> tuple[bytes, ...]:
        """Wait up to `seconds` for what people send; return each update as the JSON it came as.

        Nothing confirms an update, and one may come again. Refused while a webhook is set.
        """
        bounds = (seconds + POLL_SLACK, MOST_UPDATES)
        try:
            return _updates(_result(await self._ask("getUpdates", {"timeout": seconds}, *bounds)))
        except Later as idle:
            if idle.code == "408":
                return ()
            raise

    async def set_webhook(self, url: str, secret: str) -> Webhook:
        """Have updates posted to `url` with `secret` of 8 to 256 characters in a header."""
        body = {"url": url, "secret_token": secret}
        return _read(await self._call("setWebhook", body), Webhook)

    async def get_webhook_info(self) -> Webhook | None:
        """Return the webhook, None while there is none (which Zalo answers with 404)."""
        envelope = await self._ask("getWebhookInfo", {})
        if not envelope.ok and envelope.code == 404:
            return None
        found = _read(_result(envelope), Webhook)
        return found if found.url else None

    async def delete_webhook(self) -> None:
        """Take the webhook away, so that updates can be asked for."""
        await self._call("deleteWebhook")

    async def test_webhook(self) -> Verification:
        """Have Zalo try the webhook now; it does so a few times a day only."""
        return _read(await self._call("testWebhook"), Verification)

    async def _deliver(self, method: str, body: object, seconds: float | None = None) -> str:
        envelope = await self._ask(method, body, seconds, delivers=True)
        try:
            return str(msgspec.json.decode(_result(envelope), type=_Taken).message_id)
        except msgspec.MsgspecError:
            return ""  # it says "ok": the message went, only its id is unknown

    async def _call(self, method: str, body: object = None) -> msgspec.Raw:
        return _result(await self._ask(method, body or {}))

    async def _ask(
        self,
        method: str,
        body: object,
        seconds: float | None = None,
        most: int = 64 * 1024,
        *,
        delivers: bool = False,
    ) -> _Envelope:
        """Return Zalo's own answer, good or bad; raises NotSent if there is none."""
        failure: NotSent
        try:
            answered = await ask(
                self._http, "POST", f"{self._base}/{method}", json=body, seconds=seconds, most=most
            )
            return _open(answered)
        except OutsideFailed as failed:
            failure = line_refusal(failed)
        except NotSent as refused:
            failure = refused
        raise failure if delivers else of_a_question(failure)


def _open(answered: Answered) -> _Envelope:
    try:
        envelope = msgspec.json.decode(answered.body, type=_Envelope, strict=False)
    except msgspec.MsgspecError:
        raise http_refusal(answered.status) from None
    if not envelope.ok and envelope.code is None:
        return msgspec.structs.replace(envelope, error_code=answered.status)
    return envelope


def _result(envelope: _Envelope) -> msgspec.Raw:
    if not envelope.ok:
        raise bot_refusal(envelope.code or 0)
    return envelope.result


def _read(result: msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(result, type=kind, strict=False)
    except msgspec.MsgspecError:
        raise Later("unreadable") from None


def _updates(result: msgspec.Raw) -> tuple[bytes, ...]:
    """Return the updates of a result: an array, one object, or null while nothing comes."""
    text = bytes(result).strip()
    if text in (b"null", b"{}", b""):
        return ()
    if not text.startswith(b"["):
        return (text,)
    return tuple(bytes(each) for each in msgspec.json.decode(text, type=list[msgspec.Raw]))
