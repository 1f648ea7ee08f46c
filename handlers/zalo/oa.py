"""The Zalo Official Account API: the calls we use, answers as small structs, refusals as NotSent.

Source: Zalo Official Account Open API v2 and v3. The access token goes in the header
`access_token`, never in an address; a failure comes with HTTP 200 and `error` other than 0.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import aiohttp
import msgspec

from handlers.channel import Later, NotSent, Wrong
from handlers.outside import Answered, OutsideFailed, ask
from handlers.zalo.codes import (
    http_refusal,
    is_stale,
    line_refusal,
    oa_refusal,
    of_a_question,
)

T = TypeVar("T")
MOST_BUTTONS = 5
TITLE_UNITS = 100
MOST_PAYLOAD = 1000
MOST_IMAGE = 1024 * 1024
# How Zalo refuses buttons it does not like: bad parameters.
BUTTONS_REFUSED = frozenset(("-201", "-233"))
CONSULT = "/v3.0/oa/message/cs"


class Tokens(Protocol):
    """Where access tokens come from; both may raise HumanNeeded or Later."""

    async def get(self) -> str:
        """Return an access token that should be good."""

    async def renew(self, stale: str) -> str:
        """Return a newer one than `stale`, which Zalo refused."""


class Labelled(Protocol):
    """A button: what is written on it, and the text that comes back when it is pressed."""

    @property
    def title(self) -> str:
        """What is written on it."""

    @property
    def payload(self) -> str:
        """What comes back."""


class Quota(msgspec.Struct, frozen=True):
    """Which allowance a message was counted in, and what is left of it; Zalo says what it likes."""

    quota_type: str | None = None
    remain: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was taken; "" if its id is not said. `sent_time` in ms since 1970."""

    message_id: str = ""
    sent_time: int | None = None
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a person can be reached. `last_interaction` in ms since 1970."""

    last_interaction: int | None = None
    daily_remain: int | None = None
    monthly_remain: int | None = None


class Account(msgspec.Struct, frozen=True):
    """The Official Account. `oa_type` is 2 for a business, 4 for a government body."""

    oa_id: str | int = ""
    name: str = ""
    is_verified: bool | None = None
    package_name: str | None = None
    oa_type: int | None = None

    @property
    def id(self) -> str:
        """The account's id, which may be longer than a number can be."""
        return str(self.oa_id)


class _Envelope(msgspec.Struct, frozen=True):
    error: int
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Taken(msgspec.Struct, frozen=True):
    message_id: str | int = ""


class _Facts(msgspec.Struct, frozen=True):
    sent_time: int | None = None
    quota: Quota | None = None


class _Promotion(msgspec.Struct, frozen=True):
    daily_remain: int | None = None
    monthly_remain: int | None = None


class _Allowance(msgspec.Struct, frozen=True):
    last_interaction: int | None = None
    promotion: _Promotion | None = None


class _Uploaded(msgspec.Struct, frozen=True):
    attachment_id: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One request, made anew for each try. `delivers`: whether a lost answer leaves it unclear."""

    method: str
    path: str
    json: object = None
    form: Callable[[], aiohttp.FormData] | None = None
    delivers: bool = False


class OaApi:
    """One Official Account. Every method raises NotSent; only those that deliver raise Unclear."""

    __slots__ = ("_base", "_http", "_tokens")

    def __init__(self, http: aiohttp.ClientSession, base_url: str, tokens: Tokens) -> None:
        self._http, self._base, self._tokens = http, base_url.rstrip("/"), tokens

    async def send_text(self, user_id: str, text: str, buttons: Sequence[Labelled] = ()) -> Sent:
        """Send a consultation text of 1 to 2000 UTF-16 units, its first five buttons below it.

        The text must say everything without them: where Zalo refuses them it goes alone.
        """
        if shown := _buttons(buttons):
            attachment = {"type": "template", "payload": {"buttons": shown}}
            try:
                return await self._consult(user_id, {"text": text, "attachment": attachment})
            except Wrong as refused:
                if refused.code not in BUTTONS_REFUSED:
                    raise
        return await self._consult(user_id, {"text": text})

    async def send_photo(self, user_id: str, attachment_id: str, text: str = "") -> Sent:
        """Send an uploaded picture with `text` below it."""
        element = {"media_type": "image", "attachment_id": attachment_id}
        payload = {"template_type": "media", "elements": [element]}
        message: dict[str, object] = {"attachment": {"type": "template", "payload": payload}}
        return await self._consult(user_id, {"text": text} | message if text else message)

    async def upload_image(self, jpeg: bytes) -> str:
        """Upload a JPEG of at most 1 MB; return its attachment id, good for 7 days."""
        if len(jpeg) > MOST_IMAGE:
            raise Wrong("too_large")

        def form() -> aiohttp.FormData:
            form = aiohttp.FormData()
            form.add_field("file", jpeg, filename="photo.jpg", content_type="image/jpeg")
            return form

        found = await self._call(_Call("POST", "/v2.0/oa/upload/image", form=form))
        return _read(found, _Uploaded).attachment_id

    async def send_template(self, user_id: str, template_id: str, data: Mapping[str, str]) -> Sent:
        """Send an approved template with its values filled in: paid, and after the 7 days too."""
        body = {"user_id": user_id, "template_id": template_id, "template_data": dict(data)}
        call = _Call("POST", "/v3.0/oa/message/template", body, delivers=True)
        return _sent(await self._call(call))

    async def get_oa(self) -> Account:
        """Return what Zalo knows of the account: the check that token and account work."""
        return _read(await self._call(_Call("GET", "/v2.0/oa/getoa")), Account)

    async def get_quota(self, user_id: str) -> Reach:
        """Return when a person last did something here, and what is left of their allowances."""
        call = _Call("POST", "/v3.0/oa/quota/message", {"user_id": user_id})
        found = _read(await self._call(call), _Allowance)
        left = found.promotion or _Promotion()
        return Reach(found.last_interaction, left.daily_remain, left.monthly_remain)

    async def _consult(self, user_id: str, message: Mapping[str, object]) -> Sent:
        body = {"recipient": {"user_id": user_id}, "message": message}
        return _sent(await self._call(_Call("POST", CONSULT, body, delivers=True)))

    async def _call(self, call: _Call) -> msgspec.Raw:
        """Return the `data` of an answer; with a newer token once, if this one is refused."""
        token = await self._tokens.get()
        try:
            return await self._try(call, token)
        except NotSent as refused:
            if not is_stale(refused):
                raise
        return await self._try(call, await self._tokens.renew(token))

    async def _try(self, call: _Call, token: str) -> msgspec.Raw:
        failure: NotSent
        try:
            answered = await ask(
                self._http,
                call.method,
                self._base + call.path,
                json=call.json,
                data=call.form and call.form(),
                headers={"access_token": token},
            )
            return _open(answered)
        except OutsideFailed as failed:
            failure = line_refusal(failed)
        except NotSent as refused:
            failure = refused
        raise failure if call.delivers else of_a_question(failure)


def _buttons(buttons: Sequence[Labelled]) -> list[dict[str, str]]:
    """Return the buttons as Zalo takes them; the text says what it would refuse, so that goes."""
    fitting = [button for button in buttons if 0 < len(button.payload) <= MOST_PAYLOAD]
    return [
        {"title": _cut(button.title), "type": "oa.query.hide", "payload": button.payload}
        for button in fitting[:MOST_BUTTONS]
    ]


def _cut(title: str) -> str:
    """Return at most 100 UTF-16 units of `title`, no character broken."""
    units = title.encode("utf-16-le")[: 2 * TITLE_UNITS]
    return units.decode("utf-16-le", errors="ignore")


def _open(answered: Answered) -> msgspec.Raw:
    try:
        envelope = msgspec.json.decode(answered.body, type=_Envelope, strict=False)
    except msgspec.MsgspecError:
        raise http_refusal(answered.status) from None
    if envelope.error:
        raise oa_refusal(envelope.error, answered.status)
    if answered.status >= 400:
        raise http_refusal(answered.status)
    return envelope.data


def _sent(data: msgspec.Raw) -> Sent:
    """Return what is said of a message that was taken: nothing that is odd there untakes it."""
    taken, facts = _read_or(data, _Taken()), _read_or(data, _Facts())
    return Sent(str(taken.message_id), facts.sent_time, facts.quota)


def _read_or(data: msgspec.Raw, otherwise: T) -> T:
    try:
        return msgspec.json.decode(data, type=type(otherwise), strict=False)
    except msgspec.MsgspecError:
        return otherwise


def _read(data: msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(data, type=kind, strict=False)
    except msgspec.MsgspecError:
        raise Later("unreadable") from None
