"""A small Zalo Official Account: its Open API with OAuth, strict, over real sockets.

Source: Zalo Official Account Open API v2 and v3, with what was measured. Every failure comes with
HTTP 200 and an `error`. What our client should never do stands in `complaints`, besides.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from python_multipart import parse_form

from tests.fakes.faulty import Asked, Fault, Reply
from tests.fakes.listening import Faults, json_reply, listening
from tests.fakes.zalo import JPEG, PNG, Refusal, Said, to_ms, units
from tests.fakes.zalo_oa_people import OaPeople
from tests.fakes.zalo_oauth import PATH as OAUTH
from tests.fakes.zalo_oauth import ZaloOAuth

APP_SECRET = "TheSecretOfTheApp"
Json = Mapping[str, Any]
FREE, OPEN, UPLOAD_LIFE = timedelta(hours=48), timedelta(days=7), timedelta(days=7)
PRICE = 55
MOST_TEXT, MOST_BUTTONS, MOST_TITLE, MOST_PAYLOAD = 2000, 5, 100, 1000
MOST_IMAGE, MOST_UPLOADS = 1024 * 1024, 5000
# Between the moment a refresh token is spent and the answer: what widens a race.
REFRESH_SECONDS = 0.04
INVALID, TOO_LONG, BAD_ACCESS, EXPIRED_ACCESS = -201, -210, -216, -220
TOO_MANY, NO_QUOTA, TOO_LATE, STRANGER, UNKNOWN_FILE = -32, -211, -230, -232, -100
WRONG_TEMPLATE, WRONG_VALUES = -131, -1122


@dataclass(slots=True)
class FakeZaloOa(OaPeople):
    """One account and its people; see `serving`.

    `pays` is how many messages outside the free time its package pays for. `refuses` is the code
    with which each person is refused; `refuses_buttons` that for every text with buttons.
    `templates` are the approved ones: id -> names of their values. `cost` is what was spent, in
    đồng. `rate_max` is calls a minute of the clock.
    """

    oauth: ZaloOAuth = field(init=False)
    pays: int = 500
    rate_max: int = 4000
    unauthorized: bool = False
    url: str = ""
    refuses: dict[str, int] = field(default_factory=dict)
    refuses_buttons: int = 0
    templates: dict[str, frozenset[str]] = field(default_factory=dict)
    sent: list[Said] = field(default_factory=list)
    uploads: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    first: dict[str, str] = field(default_factory=dict)
    _calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Begin with nobody, a consent just given, and its tokens in `first`."""
        OaPeople.__post_init__(self)
        self.oauth = ZaloOAuth(
            self.oa_id, self.app_id, APP_SECRET, now=lambda: self.clock().timestamp()
        )
        self.first = self.oauth.consent()

    @classmethod
    @asynccontextmanager
    async def serving(cls, **options: Any) -> AsyncIterator["FakeZaloOa"]:
        """Serve an account inside the block; `options` are the fields, such as `clock`."""
        fake = cls(**options)
        async with listening(fake._handle, fake.faults, _refuse) as url, fake.mail.http:
            fake.url, fake.pictures.base = url, f"{url}/media"
            yield fake

    @property
    def access(self) -> str:
        """The access token that works, while it does."""
        return f"access-{self.oauth.given}"

    @property
    def cost(self) -> int:
        """What all messages cost."""
        return sum(said.cost for said in self.sent)

    def fail(self, path: str, *faults: Fault) -> None:
        """Let these happen to the next calls whose path ends so, such as "message/cs"."""
        self.faults.add(path, *faults)

    def sent_to(self, user: str) -> list[Said]:
        """Return what a person was sent."""
        return [said for said in self.sent if said.user == user]

    async def _handle(self, asked: Asked) -> Reply:
        path, _, query = asked.target.partition("?")
        if path.startswith("/media/"):
            return self.pictures.get(path.removeprefix("/media/"))
        self._look_for_tokens(asked)
        if path == OAUTH:
            reply = self.oauth(asked)
            await asyncio.sleep(REFRESH_SECONDS)
            return reply
        call = self._routes().get((asked.method, path))
        if call is None:
            self.complaints.append(f"{asked.method} {path}: no such call")
            return Reply(404, b"<html>no such page</html>", {"content-type": "text/html"})
        try:
            self._admit(asked)
            return json_reply({"data": call(asked, query), "error": 0, "message": "Success"})
        except Refusal as refused:
            status = 401 if self.unauthorized and refused.code == BAD_ACCESS else 200
            return json_reply({"error": refused.code, "message": refused.why}, status)

    def _routes(self) -> Mapping[tuple[str, str], Callable[[Asked, str], Json]]:
        return {
            ("POST", "/v3.0/oa/message/cs"): self._consult,
            ("POST", "/v3.0/oa/message/template"): self._template,
            ("POST", "/v3.0/oa/quota/message"): self._quota,
            ("POST", "/v2.0/oa/upload/image"): self._upload,
            ("GET", "/v2.0/oa/getoa"): self._account,
        }

    def _look_for_tokens(self, asked: Asked) -> None:
        """Note tokens where they must not be: in an address, or as Bearer."""
        marks = ("access-", "refresh-", "access_token=", "refresh_token=", APP_SECRET)
        if any(mark in asked.target for mark in marks):
            self.complaints.append("a token in an address")
        if "authorization" in asked.headers:
            self.complaints.append("a token as Authorization")

    def _admit(self, asked: Asked) -> None:
        minute = f"{self.clock():%Y-%m-%dT%H:%M}"
        self._calls[minute] += 1
        if self._calls[minute] > self.rate_max:
            raise Refusal(TOO_MANY, "Request limit reached")
        token = asked.headers.get("access_token", "")
        if not self.oauth.is_alive(token):
            code = EXPIRED_ACCESS if token == self.access else BAD_ACCESS
            raise Refusal(code, "Access token is invalid")

    def _ours(self, complaint: str, code: int = INVALID) -> Refusal:
        """Note what no client of ours should do, and refuse it."""
        self.complaints.append(complaint)
        return Refusal(code, "Params is invalid")

    def _json(self, asked: Asked, *names: str) -> dict[str, Any]:
        if not asked.headers.get("content-type", "").startswith("application/json"):
            raise self._ours("not JSON")
        body = json.loads(asked.body)
        return self._fields(body, "body", set(names))

    def _fields(
        self, found: Any, name: str, needed: set[str], besides: frozenset[str] = frozenset()
    ) -> dict[str, Any]:
        if not isinstance(found, dict) or not needed <= found.keys() <= needed | besides:
            raise self._ours(f"{name}: fields {sorted(found) if found else found}")
        return found

    def _consult(self, asked: Asked, _: str) -> Json:
        body = self._json(asked, "recipient", "message")
        user = self._fields(body["recipient"], "recipient", {"user_id"})["user_id"]
        message = self._fields(body["message"], "message", set(), frozenset({"text", "attachment"}))
        text = self._text(message)
        buttons, photo = self._attachment(message.get("attachment"))
        if not text and photo is None:
            raise self._ours("message: nothing in it")
        if buttons and self.refuses_buttons:
            raise Refusal(self.refuses_buttons, "Params is invalid")
        picture = self._uploaded(photo) if photo is not None else b""
        cost = self._cost(user)
        said = Said(self.new_id(), user, text, self.clock(), buttons, photo, picture, cost=cost)
        return self._take(said)

    def _text(self, message: Json) -> str:
        text = message.get("text", "")
        if not isinstance(text, str) or ("text" in message and not text):
            raise self._ours("message: text")
        if units(text) > MOST_TEXT:
            raise self._ours("message: text is too long", TOO_LONG)
        return text

    def _attachment(self, found: Any) -> tuple[tuple[tuple[str, str], ...], str | None]:
        """Return the buttons and the attachment id of a message."""
        if found is None:
            return (), None
        attachment = self._fields(found, "attachment", {"type", "payload"})
        payload = attachment["payload"]
        if attachment["type"] != "template" or not isinstance(payload, dict):
            raise self._ours("attachment: type")
        if "buttons" in payload:
            shown = self._fields(payload, "payload", {"buttons"})["buttons"]
            return tuple(self._button(button) for button in self._few(shown, MOST_BUTTONS)), None
        media = self._fields(payload, "payload", {"template_type", "elements"})
        (element,) = self._few(media["elements"], 1)
        element = self._fields(element, "element", {"media_type", "attachment_id"})
        if (media["template_type"], element["media_type"]) != ("media", "image"):
            raise self._ours("payload: template_type")
        return (), str(element["attachment_id"])

    def _few(self, found: Any, most: int) -> list[Any]:
        if not isinstance(found, list) or not 1 <= len(found) <= most:
            raise self._ours("too many or none")
        return found

    def _button(self, found: Any) -> tuple[str, str]:
        button = self._fields(found, "button", {"title", "type", "payload"})
        title, payload = button["title"], button["payload"]
        fits = isinstance(title, str) and 1 <= units(title) <= MOST_TITLE
        if not fits or not isinstance(payload, str) or not 1 <= len(payload) <= MOST_PAYLOAD:
            raise self._ours("button: title or payload")
        if button["type"] not in ("oa.query.hide", "oa.query.show"):
            raise self._ours("button: type")
        return title, payload

    def _uploaded(self, id: str) -> bytes:
        picture, since = self.uploads.get(id, (b"", None))
        if since is None or self.clock() - since > UPLOAD_LIFE:
            raise Refusal(UNKNOWN_FILE, "Attachment id is invalid")
        return picture

    def _cost(self, user: Any) -> int:
        """Return what a message to a person costs now; refuse one that cannot go."""
        if not isinstance(user, str):
            raise self._ours("user_id is no text")
        if user in self.refuses:
            raise Refusal(self.refuses[user], "refused")
        if user not in self.acted:
            raise Refusal(STRANGER, "User has not interacted with the OA")
        silent = self.clock() - self.acted[user]
        if silent <= FREE:
            return 0
        if silent > OPEN:
            raise Refusal(TOO_LATE, "User has not interacted with the OA in the past 7 days")
        if sum(said.cost == PRICE for said in self.sent) >= self.pays:
            raise Refusal(NO_QUOTA, "Out of quota")
        return PRICE

    def _take(self, said: Said) -> Json:
        self.sent.append(said)
        quota = {"quota_type": "reply" if not said.cost else "paid"}
        return {
            "message_id": said.id,
            "user_id": said.user,
            "sent_time": str(to_ms(said.at)),
            "quota": quota | ({"remain": "0", "total": str(self.pays)} if said.cost else {}),
        }

    def _template(self, asked: Asked, _: str) -> Json:
        body = self._json(asked, "user_id", "template_id", "template_data")
        user, template, values = body["user_id"], body["template_id"], body["template_data"]
        if user in self.refuses:
            raise Refusal(self.refuses[user], "refused")
        if user not in self.acted:
            raise Refusal(STRANGER, "User has not interacted with the OA")
        if template not in self.templates:
            raise Refusal(WRONG_TEMPLATE, "Template is invalid")
        if not isinstance(values, dict) or values.keys() != self.templates[template]:
            raise Refusal(WRONG_VALUES, "Template data is invalid")
        price = 10 * PRICE
        said = Said(
            self.new_id(), user, "", self.clock(), template=template, values=values, cost=price
        )
        return self._take(said)

    def _quota(self, asked: Asked, _: str) -> Json:
        user = self._json(asked, "user_id")["user_id"]
        if user not in self.acted:
            raise Refusal(STRANGER, "User has not interacted with the OA")
        last = str(to_ms(self.acted[user]))
        return {"last_interaction": last, "promotion": {"daily_remain": 1, "monthly_remain": 4}}

    def _upload(self, asked: Asked, _: str) -> Json:
        picture = self._file(asked)
        if not picture.startswith((JPEG, PNG)) or len(picture) > MOST_IMAGE:
            raise self._ours("upload: no picture, or too large")
        if len(self.uploads) >= MOST_UPLOADS:
            raise Refusal(NO_QUOTA, "Out of quota")
        id = f"upload-{self.new_id()}"
        self.uploads[id] = (picture, self.clock())
        return {"attachment_id": id}

    def _file(self, asked: Asked) -> bytes:
        if not asked.headers.get("content-type", "").startswith("multipart/form-data"):
            raise self._ours("upload: no multipart")
        found: dict[bytes, bytes] = {}

        def take(file: Any) -> None:
            file.file_object.seek(0)
            found[file.field_name] = file.file_object.read()
            file.close()

        def odd(field: Any) -> None:
            found[field.field_name] = b""

        headers = {"Content-Type": asked.headers["content-type"].encode()}
        parse_form(headers, BytesIO(asked.body), odd, take)
        if found.keys() != {b"file"}:
            raise self._ours("upload: parts")
        return found[b"file"]

    def _account(self, _: Asked, query: str) -> Json:
        if not parse_qs(query).keys() <= {"data"}:
            raise self._ours("getoa: only `data`")
        return {
            "oa_id": self.oa_id,
            "name": "UBND phường Mẫu",
            "is_verified": True,
            "package_name": "Comprehensive",
            "oa_type": 4,
        }


def _refuse(status: int) -> Reply:
    return json_reply({"error": -200, "message": "failed"}, status)
