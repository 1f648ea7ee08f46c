"""Zalo's raw events as small structs: only the facts we use, whatever else stands beside them.

Every number is read as the text it is: ids go beyond 2^53 and come as numbers or strings, so none
may ever become a float. Sources: Zalo Bot Platform, webhook; Zalo OA, webhook events.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from dialogs.changes import Record

# What this program itself keeps beside a picture: the words under it, as a message of their own.
CAPTION = "khaihoc.caption"
_ID = re.compile(r"[0-9A-Za-z_.-]{1,60}")
_NAME = re.compile(r"[0-9A-Za-z_.]{1,80}")
_MOMENT = re.compile(r"[0-9]{9,16}")
# Seconds since 1970 have ten digits until the year 2286.
_SECONDS = 10**11
# No platform lets people write more.
TEXT_MAX = 10_000
FILES_MAX = 99
_ADDRESS_MAX = 2_000
# Literal control characters inside strings are wrong, and still no reason to lose a message.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
_Object = Mapping[str, Any]
_NOTHING: _Object = {}


class Unparsable(Exception):
    """The body is no event: not JSON, no object, or without a name."""


class BotEvent(Record, frozen=True):
    """An event of the Bot Platform. `text` is what was written, be it a picture's caption.

    `sender` is "" for an id nobody could have; `at_ms` when it was sent, None if it does not say.
    """

    name: str
    message: str
    sender: str
    private: bool
    at_ms: int | None
    stamp: str
    text: str
    photo: str


class Attached(Record, frozen=True):
    """Something sent along: its kind ("image", "file" ...), address, file name and type."""

    kind: str
    address: str
    name: str = ""
    type: str = ""


class OaEvent(Record, frozen=True):
    """An event of an Official Account. `person` is the citizen's id, `account` the OA's.

    `stamp` is the timestamp as it stands in the body, which the signature is made of.
    """

    name: str
    message: str
    person: str
    account: str
    at_ms: int | None
    stamp: str
    text: str
    attached: tuple[Attached, ...]


def readable(body: bytes) -> str:
    """Return a body as text that any database keeps: what is no UTF-8, and NUL, is replaced."""
    return body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


def parse_bot(raw: str) -> BotEvent:
    """Return an update of the Bot Platform, flat or wrapped in `result`; raises Unparsable."""
    body = _load(raw)
    if body.get("ok") is True and isinstance(body.get("result"), dict):
        body = body["result"]
    message = _object(body, "message")
    sender, chat = _object(message, "from"), _object(message, "chat")
    stamp = _words(message.get("date"))
    return BotEvent(
        name=_name(body),
        message=_id(message.get("message_id")),
        sender="" if sender.get("is_bot") is True else _id(sender.get("id")),
        private=_is_private(_id(sender.get("id")), chat),
        at_ms=_moment(stamp),
        stamp=stamp,
        text=_text(message.get("text")) or _text(message.get("caption")),
        photo=_address(message.get("photo_url")) or _address(message.get("photo")),
    )


def parse_oa(raw: str) -> OaEvent:
    """Return a webhook event of an Official Account; raises Unparsable."""
    body = _load(raw)
    message = _object(body, "message")
    stamp = _words(body.get("timestamp"))
    person = (_object(body, "follower").get("id"), _object(body, "sender").get("id"))
    account = (body.get("oa_id"), _object(body, "recipient").get("id"))
    return OaEvent(
        name=_name(body),
        message=_id(message.get("msg_id")),
        person=_first_id(*person, body.get("user_id")),
        account=_first_id(*account),
        at_ms=_moment(stamp),
        stamp=stamp,
        text=_text(message.get("text")),
        attached=_attached(message.get("attachments")),
    )


def stamp_of(raw: str) -> str:
    """Return the timestamp of an OA's body as it stands there, "" for what has none."""
    try:
        return _words(_load(raw).get("timestamp"))
    except Unparsable:
        return ""


def caption_raw(event: BotEvent | OaEvent) -> str:
    """Return the words under a picture as the raw form of a message of their own."""
    head = {"event_name": CAPTION}
    if isinstance(event, BotEvent):
        message = {"from": {"id": event.sender}, "date": event.stamp, "text": event.text}
        return json.dumps({**head, "message": message}, ensure_ascii=False)
    sender, said = {"id": event.person}, {"text": event.text}
    whole = {**head, "sender": sender, "timestamp": event.stamp, "message": said}
    return json.dumps(whole, ensure_ascii=False)


def _load(raw: str) -> _Object:
    try:
        body = _JSON.decode(raw)
    except (ValueError, RecursionError) as error:
        raise Unparsable(type(error).__name__) from None
    if not isinstance(body, dict):
        raise Unparsable("no object")
    return body


def _name(body: _Object) -> str:
    name = body.get("event_name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Unparsable("no event name")
    return name


def _object(body: _Object, key: str) -> _Object:
    found = body.get(key)
    return found if isinstance(found, dict) else _NOTHING


def _words(value: object) -> str:
    """Return a string that UTF-8 can write, "" for anything else: half surrogates are replaced."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value.replace("\0", "")
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "")


def _text(value: object) -> str:
    return unicodedata.normalize("NFC", _words(value))[:TEXT_MAX]


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _first_id(*values: object) -> str:
    return next((found for value in values if (found := _id(value))), "")


def _moment(stamp: str) -> int | None:
    """Return a moment in ms, given in s or ms."""
    if not _MOMENT.fullmatch(stamp):
        return None
    number = int(stamp)
    return number * 1000 if number < _SECONDS else number


def _is_private(sender: str, chat: _Object) -> bool:
    kind = chat.get("chat_type")
    return kind == "PRIVATE" if kind else _id(chat.get("id")) in ("", sender)


def _address(value: object) -> str:
    """Return a web address as it stands: whoever fetches tries https first, whatever it says."""
    address = _words(value).strip()
    if len(address) > _ADDRESS_MAX or not address.isprintable():
        return ""
    scheme, mark, rest = address.partition("://")
    return address if mark and rest and scheme.lower() in ("http", "https") else ""


def _attached(value: object) -> tuple[Attached, ...]:
    found = value if isinstance(value, list) else []
    return tuple(_one_attached(each) for each in found[:FILES_MAX] if isinstance(each, dict))


def _one_attached(each: _Object) -> Attached:
    payload = _object(each, "payload")
    return Attached(
        kind=_words(each.get("type")).lower(),
        address=_address(payload.get("url")),
        name=_words(payload.get("name"))[:200],
        type=_words(payload.get("type"))[:80].lower(),
    )
