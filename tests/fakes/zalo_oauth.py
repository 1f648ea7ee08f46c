"""A small strict Zalo OAuth v4: one use a refresh token, the old access token dies at once.

A `Respond` for `tests.fakes.faulty`: what goes wrong on the way, delays included, is said by its
plan. Errors come with HTTP 200, as Zalo's do. `ledger` is the truth: who showed which token, when.
"""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.fakes.faulty import Asked, Reply

PATH = "/v4/oa/access_token"
FIELDS = {
    "refresh_token": {"refresh_token", "app_id", "grant_type"},
    "authorization_code": {"code", "app_id", "grant_type", "code_verifier"},
}
USED, UNKNOWN, WRONG_SECRET, WRONG_APP, WRONG_FORM = -14020, -14014, -14004, -14002, -14001
WRONG_CODE, WRONG_VERIFIER = -14010, -14011


@dataclass(frozen=True, slots=True)
class Shown:
    """A refresh token shown once: its number, who (header `X-Who`), the answer: 0 or an error."""

    token: int
    who: str
    at: float
    error: int


@dataclass(slots=True)
class ZaloOAuth:
    """The OAuth side of one account. `life` seconds an access token lives, of `now`'s clock.

    Tokens are numbered: number n was given with the n-th pair. `then` may spoil the answer after
    everything was done (a 5xx that came too late).
    """

    oa_id: str = "4001"
    app_id: str = "7001"
    secret: str = "app-secret"
    life: int = 90_000
    now: Callable[[], float] = time.time
    then: Callable[[Asked, Reply], Reply] = lambda asked, reply: reply
    ledger: list[Shown] = field(default_factory=list)
    consents: int = 0
    leaks: list[str] = field(default_factory=list)
    _given: int = 0
    _spent: set[int] = field(default_factory=set)
    _dies: float = 0.0
    _codes: dict[str, str] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        """Answer as Zalo does; anything a real client must not send is an error."""
        if "secret" in asked.target.split("?")[0] or any(
            mark in asked.target for mark in ("access-", "refresh-", self.secret)
        ):
            self.leaks.append(asked.target)
        if asked.target != PATH or asked.method != "POST":
            return Reply(404, b"<html>no such page</html>", {"Content-Type": "text/html"})
        return self.then(asked, _json(self._pair_for(asked)))

    @property
    def given(self) -> int:
        """How many pairs were given; the last of them is the one that works."""
        return self._given

    def consent(self) -> dict[str, str]:
        """Give a pair as after a consent in the browser; every older one is dead."""
        self.consents += 1
        self._spent.add(self._given)
        return self._next()

    def code(self, link: str) -> str:
        """Open a consent link as an admin does, and return the address it leads back to."""
        parts = urlsplit(link)
        query = dict(parse_qsl(parts.query, strict_parsing=True))
        assert parts.path == "/v4/oa/permission", link
        assert set(query) == {"app_id", "redirect_uri", "code_challenge", "state"}, link
        assert query["app_id"] == self.app_id
        code = f"code-{len(self._codes)}"
        self._codes[code] = query["code_challenge"]
        back = f"code={code}&state={query['state']}&oa_id={self.oa_id}"
        return f"{query['redirect_uri']}?{back}"

    def is_alive(self, access: str) -> bool:
        """Tell whether an access token works at this moment."""
        return access == f"access-{self._given}" and self.now() < self._dies

    def kill_access(self) -> None:
        """Let the access token die before its time."""
        self._dies = 0.0

    def forget(self) -> None:
        """Take the consent back: no refresh token is good any more."""
        self._spent |= set(range(self._given + 1))
        self.kill_access()

    def _pair_for(self, asked: Asked) -> dict[str, object]:
        form = parse_qs(asked.body.decode(), strict_parsing=True, keep_blank_values=True)
        kind = asked.headers.get("content-type", "").partition(";")[0]
        grant = form.get("grant_type", [""])[0]
        if kind != "application/x-www-form-urlencoded" or set(form) != FIELDS.get(grant):
            return _error(WRONG_FORM, "Invalid form")
        if any(len(values) != 1 for values in form.values()):
            return _error(WRONG_FORM, "Invalid form")
        if asked.headers.get("secret_key") != self.secret:
            return _error(WRONG_SECRET, "Invalid secret key")
        if form["app_id"] != [self.app_id]:
            return _error(WRONG_APP, "Invalid app id")
        if grant == "refresh_token":
            return self._refresh(form["refresh_token"][0], asked.headers.get("x-who", ""))
        return self._exchange(form["code"][0], form["code_verifier"][0])

    def _refresh(self, token: str, who: str) -> dict[str, object]:
        number = int(token.removeprefix("refresh-")) if token.startswith("refresh-") else 0
        error = 0 if number == self._given and number not in self._spent else USED
        if not 0 < number <= self._given:
            error = UNKNOWN
        self.ledger.append(Shown(number, who, time.time(), error))
        if error:
            return _error(error, "Invalid refresh token")
        self._spent.add(number)
        return dict(self._next())

    def _exchange(self, code: str, verifier: str) -> dict[str, object]:
        challenge = self._codes.pop(code, None)
        if challenge is None:
            return _error(WRONG_CODE, "Invalid code")
        digest = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        if len(verifier) != 43 or digest != challenge:
            return _error(WRONG_VERIFIER, "Invalid code verifier")
        return dict(self.consent())

    def _next(self) -> dict[str, str]:
        self._given += 1
        self._dies = self.now() + self.life
        number = self._given
        return {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "expires_in": str(self.life),
        }


def _error(code: int, name: str) -> dict[str, object]:
    return {"error": code, "error_name": name, "error_description": name}


def _json(content: dict[str, object]) -> Reply:
    return Reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})
