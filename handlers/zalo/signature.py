"""The signature of an Official Account's webhook, and what a captured event says about it.

`X-ZEvent-Signature: mac=<hex>`, hex = SHA-256 over id + raw body + timestamp + secret (Zalo OA,
webhook; plain SHA-256, no HMAC). Papers differ on whose id and which secret is meant, so both are
settings; a wrong one is found by `python -m bot check --zalo-event FILE`, never passed over.
"""

import hmac
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

from handlers.zalo.parse import Unparsable, parse_oa, readable, stamp_of

SIGNATURE = "x-zevent-signature"
TIMESTAMP = "x-zevent-timestamp"
SignedId = Literal["app", "oa"]


@dataclass(frozen=True, slots=True)
class Signature:
    """How the events of one account are signed. `signed_id`: whose id comes first."""

    app: str
    oa: str
    signed_id: SignedId
    secret: str = field(repr=False)

    def holds(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Tell whether `body` was signed by who knows the secret; takes the same time always.

        The timestamp is the one that stands in the body, as it stands there; else the header's.
        """
        first = self.app if self.signed_id == "app" else self.oa
        stamp = stamp_of(readable(body)) or headers.get(TIMESTAMP, "")
        made = _mac(first, body, stamp, self.secret)
        return hmac.compare_digest(made.encode(), _sent(headers))


def _mac(first: str, body: bytes, stamp: str, secret: str) -> str:
    digest = sha256(first.encode())
    for part in (body, stamp.encode(), secret.encode()):
        digest.update(part)
    return digest.hexdigest()


def _sent(headers: Mapping[str, str]) -> bytes:
    """Return the digest of the header; some senders leave `mac=` away."""
    sent = headers.get(SIGNATURE, "").strip().lower()
    return sent.removeprefix("mac=").encode("latin-1", "replace")


@dataclass(frozen=True, slots=True)
class Explained:
    """Whether a captured event passes as the settings are, and in words why, or what to set."""

    ok: bool
    words: str


def explain_event(captured: bytes, known: Signature, app_secret: str) -> Explained:
    """Say why a captured event passes or does not; no secret and nothing of a person is said.

    `captured` is the request as a proxy writes it down: lines of headers, an empty line, the body
    byte for byte. `app_secret` is only tried, to tell that it was set in the other one's place.
    """
    head, *rest = re.split(rb"\r?\n\r?\n", captured, maxsplit=1)
    headers = _headers(head)
    if not rest or SIGNATURE not in headers:
        return Explained(
            False, "no signature: give the header lines, an empty line and the body as it was sent"
        )
    # An editor puts a line break at the end of a file that the platform never sent.
    for sent in dict.fromkeys((rest[0], rest[0].rstrip(b"\r\n"))):
        if known.holds(sent, headers):
            return Explained(True, f"the signature is right, over the {known.signed_id} id first")
        for words in _others(sent, headers, known, app_secret):
            return Explained(False, words)
    return Explained(
        False,
        "no id and no secret of the settings makes this signature: copy the OA secret key of the "
        "webhook page into ZALO_OA_WEBHOOK_SECRET, and capture the body byte for byte",
    )


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("latin-1").splitlines())
    return {name.strip().lower(): value.strip() for name, mark, value in lines if mark}


def _others(
    body: bytes, headers: Mapping[str, str], known: Signature, app_secret: str
) -> Iterator[str]:
    """Yield what else the signature may have been made of, as what to change."""
    stamps = {"in the body": stamp_of(readable(body)), "of the header": headers.get(TIMESTAMP, "")}
    secrets = {"ZALO_OA_WEBHOOK_SECRET": known.secret, "ZALO_OA_APP_SECRET": app_secret}
    for named, first in _ids(body, known).items():
        for setting, secret in secrets.items():
            for where, stamp in stamps.items():
                made = _mac(first, body, stamp, secret).encode()
                if secret and hmac.compare_digest(made, _sent(headers)):
                    made_of = f"{named} first, the timestamp {where} and {setting}"
                    yield f"signed with {made_of}{_do(named, setting)}"


def _ids(body: bytes, known: Signature) -> dict[str, str]:
    ids = {"ZALO_OA_APP_ID": known.app, "ZALO_OA_ID": known.oa}
    try:
        ids["the account that the body names"] = parse_oa(readable(body)).account
    except Unparsable:
        return ids
    return ids


def _do(named: str, setting: str) -> str:
    if setting == "ZALO_OA_APP_SECRET":
        return ": put that secret into ZALO_OA_WEBHOOK_SECRET too"
    signed = {"ZALO_OA_APP_ID": "app", "ZALO_OA_ID": "oa"}.get(named)
    return f": set ZALO_OA_SIGNED_ID={signed}" if signed else ": ZALO_OA_ID is another account's"
