"""Who is talking: a signed cookie, or the resume link a person kept.

Both carry only the random name of a conversation, signed; nothing is looked up to check them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal

from itsdangerous import BadSignature, Signer, TimestampSigner
from starlette.requests import Request
from starlette.responses import Response

from handlers.parts import Parts

Face = Literal["citizen", "officer"]
SENDER_LENGTH = 22
# As many cookies as are remembered as proved.
VERIFIED = 8192
CITIZEN_SECONDS = 400 * 24 * 3600
# ASVS 7.3: an officer's session ends with the working day.
OFFICER_SECONDS = 8 * 3600


@dataclass(frozen=True, slots=True)
class Cookie:
    """Name and path keep citizen and officer apart in one browser."""

    name: str
    path: str
    seconds: int


COOKIES: dict[Face, Cookie] = {
    "citizen": Cookie("khaihoc", "/chat", CITIZEN_SECONDS),
    "officer": Cookie("khaihoc_officer", "/officer", OFFICER_SECONDS),
}


class _Signer(TimestampSigner):
    """Signs with the program's own clock."""

    now: Callable[[], datetime]

    def get_timestamp(self) -> int:
        """Return the whole seconds since 1970."""
        return int(self.now().timestamp())


class Sessions:
    """Makes and checks cookies and resume links."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        key = parts.secret("web-session")
        self._cookies = {
            face: _Signer(key, salt=f"cookie.{face}", digest_method=sha256) for face in COOKIES
        }
        for signer in self._cookies.values():
            signer.now = parts.now
        # A signature once found true stays so: the next messages save the 20 us of proving it.
        self._unsigned = lru_cache(VERIFIED)(self._unsign)
        self._links = Signer(key, salt="resume", digest_method=sha256)

    def new_sender(self) -> str:
        """Return a fresh unguessable name for a conversation."""
        return self._parts.seams.token()[:SENDER_LENGTH]

    def read(self, request: Request, face: Face) -> str | None:
        """Return the conversation of the request's cookie, None without a valid one."""
        cookie = COOKIES[face]
        signed = request.cookies.get(cookie.name)
        if signed is None:
            return None
        try:
            sender, signed_at = self._unsigned(face, signed)
            # A clock that was set back meanwhile makes a cookie of the future: it is as good.
            age = (self._parts.now() - signed_at).total_seconds()
            return sender if age <= cookie.seconds else None
        except (BadSignature, UnicodeError):
            return None

    def _unsign(self, face: Face, signed: str) -> tuple[str, datetime]:
        """Return the conversation of a cookie and when it was signed, or raise BadSignature."""
        sender, signed_at = self._cookies[face].unsign(signed, return_timestamp=True)
        return sender.decode(), signed_at

    def write(self, response: Response, face: Face, sender: str) -> None:
        """Give the browser the cookie of a conversation."""
        cookie = COOKIES[face]
        response.set_cookie(
            cookie.name,
            self._cookies[face].sign(sender).decode(),
            max_age=cookie.seconds,
            path=cookie.path,
            httponly=True,
            samesite="strict",
            secure=self._parts.secure_cookies,
        )

    def resume_token(self, sender: str) -> str:
        """Return the token of the link with which a person continues anywhere."""
        return self._links.sign(sender).decode()

    def read_resume(self, token: str) -> str | None:
        """Return the conversation of a resume token, None when it was not made by us."""
        try:
            return self._links.unsign(token).decode()
        except (BadSignature, UnicodeError):
            return None
