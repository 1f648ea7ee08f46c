"""Tokens at rest: AES-256-GCM under a key of this purpose alone, bound to account and column.

Whoever has the database, or a backup of it, without SECRET_KEY has noise; a value that is put into
another row or column does not open.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.zalo_tokens import Sealed

# What `Parts.secret` (or `Settings.derive_key`) is asked for.
PURPOSE = "zalo-token"
NONCE_BYTES = 12


class Unsealable(Exception):
    """What is kept was sealed with another SECRET_KEY, or is damaged."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tokens as Zalo gives them, and how long (seconds) the access token lives from now."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Seal:
    """Seals the tokens of one account. `key` has 32 bytes; `draw` gives 64 fresh hex characters."""

    oa_id: str
    key: bytes = field(repr=False)
    draw: Callable[[], str] = field(repr=False)

    def close(self, pair: Pair, *, now_ms: int) -> Sealed:
        """Return a pair as it may be kept."""
        expires_ms = now_ms + pair.seconds * 1000
        access, refresh = self._close("access", pair.access), self._close("refresh", pair.refresh)
        return Sealed(access, refresh, expires_ms)

    def open_access(self, kept: Sealed) -> str:
        """Return the access token; raises Unsealable."""
        return self._open("access", kept.access)

    def open_refresh(self, kept: Sealed) -> str:
        """Return the refresh token; raises Unsealable."""
        return self._open("refresh", kept.refresh)

    def _close(self, column: str, token: str) -> str:
        nonce = bytes.fromhex(self.draw())[:NONCE_BYTES]
        sealed = AESGCM(self.key).encrypt(nonce, token.encode(), self._place(column))
        return urlsafe_b64encode(nonce + sealed).decode("ascii")

    def _open(self, column: str, kept: str) -> str:
        try:
            whole = urlsafe_b64decode(kept.encode("ascii"))
            nonce, sealed = whole[:NONCE_BYTES], whole[NONCE_BYTES:]
            return AESGCM(self.key).decrypt(nonce, sealed, self._place(column)).decode()
        except (InvalidTag, ValueError):
            raise Unsealable from None

    def _place(self, column: str) -> bytes:
        return f"{self.oa_id}/{column}".encode()


def digest_of(token: str) -> str:
    """Return what tells a token from others and tells nothing of it: SHA-256, in hex."""
    return sha256(token.encode()).hexdigest()
