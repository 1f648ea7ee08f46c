"""Kept photos for a chat: an address that opens one photo for ten minutes, and for nobody by right.

A chat platform fetches the photo we send from an address, without a cookie. The address holds,
encrypted and signed (Fernet: AES-128-CBC with HMAC-SHA256), whose conversation it was made for;
whether that conversation may still see the photo is asked anew each time it is opened.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from handlers.callers import may_call
from handlers.errors import standard
from handlers.parts import Parts
from storage import evidence
from storage.database import Connection
from storage.evidence import Keys
from storage.photos import PhotoGone

GOOD_SECONDS = 600
PURPOSE = "shown-photos"
TOKEN_MAX = 1000
Size = Literal["full", "thumb"]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    # Whoever shows the photo in a chat of its own is not this site.
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Robots-Tag": "noindex",
}


class _Photo(msgspec.Struct, array_like=True):
    sender: str
    evidence: str
    size: Size


def photo_link(parts: Parts, sender: str, evidence: str, size: Size = "full") -> str:
    """Return the address at which the photo `evidence` can be fetched for ten minutes.

    `sender` names the conversation it is shown in. It cannot be read from the address.
    """
    data = msgspec.json.encode(_Photo(sender, evidence, size))
    token = _lock(parts).encrypt_at_time(data, _seconds(parts)).decode()
    return f"{parts.public_url}/shown/{token}"


def shown_router(parts: Parts) -> APIRouter:
    """Return the route behind `photo_link`."""
    router = APIRouter(include_in_schema=False)

    @router.api_route("/shown/{token}", methods=["GET", "HEAD"])
    @may_call("platform")
    async def shown(request: Request, token: str) -> Response:
        return await _show(parts, token)

    return router


@dataclass(frozen=True, slots=True)
class Shown:
    """Kept photos for a channel that sends: as an address, or as a few bytes to upload."""

    parts: Parts

    def address(self, sender: str, evidence: str) -> str:
        """Return the address of a photo for the conversation `sender` (see `photo_link`)."""
        return photo_link(self.parts, sender, evidence)

    async def small(self, sender: str, evidence: str) -> bytes | None:
        """Return the small JPEG; None when it is gone or `sender` may not see it."""
        async with self.parts.database.reading() as connection:
            keys = await _find(connection, _Photo(sender, evidence, "thumb"))
        try:
            return None if keys is None else await self.parts.photos.read(keys.thumb)
        except PhotoGone:
            return None


async def _show(parts: Parts, token: str) -> Response:
    """Return the photo; 404 for an address that is too old, not ours, or not allowed any more."""
    photo = _read(parts, token)
    if photo is None:
        raise standard(404)
    async with parts.database.reading() as connection:
        keys = await _find(connection, photo)
    if keys is None:
        raise standard(404)
    key = keys.thumb if photo.size == "thumb" else keys.photo
    try:
        data = await parts.photos.read(key)
    except PhotoGone as gone:
        raise standard(404) from gone
    return Response(data, media_type="image/jpeg", headers=HEADERS)


async def _find(connection: Connection, photo: _Photo) -> Keys | None:
    """Return the photo as an officer in office may see it, else as the person's own."""
    for face in ("officer", "citizen"):
        keys = await evidence.get_for_face(
            connection, face=face, sender=photo.sender, id=photo.evidence
        )
        if keys is not None:
            return keys
    return None


def _read(parts: Parts, token: str) -> _Photo | None:
    if len(token) > TOKEN_MAX or not token.isascii():
        return None
    try:
        data = _lock(parts).decrypt_at_time(token, GOOD_SECONDS, _seconds(parts))
        return msgspec.json.decode(data, type=_Photo)
    except (InvalidToken, msgspec.MsgspecError):
        return None


def _lock(parts: Parts) -> Fernet:
    return Fernet(urlsafe_b64encode(parts.secret(PURPOSE)[:32]))


def _seconds(parts: Parts) -> int:
    return int(parts.now().timestamp())
