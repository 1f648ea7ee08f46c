"""Opaque cursors of lists: a row id that only this installation can read."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

SIZE = 8
LENGTH = 22


class BadCursor(ValueError):
    """Not a cursor that `write_cursor` made with this key."""


def write_cursor(key: bytes, number: int) -> str:
    """Return `number` as a cursor of LENGTH characters; equal numbers give equal cursors.

    A tag over the number, then the number hidden by a stream drawn from the tag.
    """
    plain = number.to_bytes(SIZE, "big")
    tag = _digest(key, b"tag", plain)
    return urlsafe_b64encode(tag + _hidden(key, tag, plain)).decode().rstrip("=")


def read_cursor(key: bytes, cursor: str) -> int:
    """Return the number in `cursor`; raises BadCursor."""
    if len(cursor) != LENGTH or not cursor.isascii():
        raise BadCursor
    try:
        raw = urlsafe_b64decode(cursor + "==")
    except ValueError as error:
        raise BadCursor from error
    if len(raw) != 2 * SIZE:
        raise BadCursor
    plain = _hidden(key, raw[:SIZE], raw[SIZE:])
    if write_cursor(key, int.from_bytes(plain, "big")) != cursor:
        raise BadCursor
    return int.from_bytes(plain, "big")


def _digest(key: bytes, purpose: bytes, data: bytes) -> bytes:
    return hmac.digest(key, purpose + data, sha256)[:SIZE]


def _hidden(key: bytes, tag: bytes, data: bytes) -> bytes:
    stream = _digest(key, b"stream", tag)
    return bytes(a ^ b for a, b in zip(data, stream, strict=True))
