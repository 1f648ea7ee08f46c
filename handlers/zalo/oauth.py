"""Zalo OAuth v4: the link on which an account consents, and pairs of tokens for codes or refreshes.

Source: "Xác thực và ủy quyền cho OA", POST https://oauth.zaloapp.com/v4/oa/access_token. Errors
come with HTTP 200. Nothing here logs, and no exception holds a token, a code or an address.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal
from urllib.parse import urlencode

import aiohttp
import msgspec

from handlers.outside import Answered, OutsideFailed, ask
from handlers.zalo.sealing import Pair

# What `Parts.secret` is asked for: one fixed pair of PKCE an installation, as Zalo's console wants.
PKCE_PURPOSE = "zalo-pkce"
PERMISSION, TOKENS = "/v4/oa/permission", "/v4/oa/access_token"
# Of an access token whose length of life cannot be read, or was not said (Zalo's own is 25 hours).
LIFE_SECONDS = 90_000
LONGEST_SECONDS = 366 * 86_400
# -32: too many requests. The grant is untouched, the same token may be shown again.
BUSY = -32
LONGEST_TOKEN = 4096


@dataclass(frozen=True, slots=True)
class App:
    """The app an account agreed to, and where its tokens come from."""

    oa_id: str
    app_id: str
    secret: str = field(repr=False)
    url: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Zalo says no for good: only a human who consents again helps. `code` is its number."""

    code: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """No answer that says anything. `spent`: the token may be used up all the same."""

    reason: str
    spent: bool


Outcome = Pair | Refused | Unclear
Grant = Literal["authorization_code", "refresh_token"]


@dataclass(frozen=True, slots=True)
class OAuth:
    """Asks Zalo for pairs. Each question ends within `seconds`."""

    app: App
    http: aiohttp.ClientSession = field(repr=False)
    seconds: float = 15.0

    async def refresh(self, token: str) -> Outcome:
        """Spend a refresh token; it is good for one use."""
        return await self._ask("refresh_token", refresh_token=token)

    async def exchange(self, code: str, verifier: str) -> Outcome:
        """Spend the code with which consent came back; it lives for ten minutes."""
        return await self._ask("authorization_code", code=code, code_verifier=verifier)

    async def _ask(self, grant: Grant, **fields: str) -> Outcome:
        form = {**fields, "app_id": self.app.app_id, "grant_type": grant}
        head, url = {"secret_key": self.app.secret}, self.app.url + TOKENS
        try:
            answered = await ask(
                self.http, "POST", url, data=form, headers=head, seconds=self.seconds
            )
        except OutsideFailed as failed:
            return Unclear(failed.reason, failed.sent)
        return read_answer(answered)


class _Answer(msgspec.Struct):
    """What Zalo says. Numbers come as text too, so that they are read by hand."""

    access_token: str = ""
    refresh_token: str = ""
    expires_in: object = None
    error: object = 0


def read_answer(answered: Answered) -> Outcome:
    """Return what an answer means. Half a pair, or a page of some proxy, is unclear."""
    try:
        said = msgspec.json.decode(answered.body, type=_Answer)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Unclear(f"http_{answered.status}", spent=answered.status < 400 or _fell(answered))
    code = read_number(said.error)
    if answered.status >= 500 or code == BUSY or answered.status == 429:
        return Unclear(f"http_{answered.status}" if code is None else str(code), _fell(answered))
    if code != 0:
        return Refused("unreadable" if code is None else str(code))
    if not (is_token(said.access_token) and is_token(said.refresh_token)):
        return Unclear("no_pair", spent=True)
    life = read_number(said.expires_in)
    seconds = life if life is not None and 0 < life <= LONGEST_SECONDS else LIFE_SECONDS
    return Pair(said.access_token, said.refresh_token, seconds)


def _fell(answered: Answered) -> bool:
    return answered.status >= 500


def read_number(value: object) -> int | None:
    """Return a whole number that came as a number or as text; None for what is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) < 20 and value.removeprefix("-").isdecimal():
        return int(value)
    return None


def is_token(text: str) -> bool:
    """Tell whether a text can be a token: printable ASCII without spaces, of bounded length."""
    plain = text.isascii() and text.isprintable() and " " not in text
    return plain and 0 < len(text) <= LONGEST_TOKEN


def verifier_of(key: bytes) -> str:
    """Return the PKCE verifier (RFC 7636) of a 32 byte key: 43 characters, without padding."""
    return _unpadded(key)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier."""
    return _unpadded(sha256(verifier.encode()).digest())


def state_of(key: bytes, oa_id: str) -> str:
    """Return what comes back with the code, so that a code of somebody else is known."""
    return hmac.digest(key, f"state/{oa_id}".encode(), sha256).hex()[:32]


def consent_link(app: App, key: bytes, redirect: str) -> str:
    """Return the address on which an admin of the account consents, in a browser."""
    query = {
        "app_id": app.app_id,
        "redirect_uri": redirect,
        "code_challenge": challenge_of(verifier_of(key)),
        "state": state_of(key, app.oa_id),
    }
    return f"{app.url}{PERMISSION}?{urlencode(query)}"


def _unpadded(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")
