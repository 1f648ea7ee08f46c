"""The digest that chains the journal: SHA-256 over the digest before and the line's own fields.

It is not keyed. A key would lie on the same machine as the rows and so would stop only those who
have no access to that machine; nor could anybody outside check the journal without it. What stops
a rewriting of a whole chain is the anchor: heads kept where the machine cannot reach them
(`python -m bot audit heads`).

What was written stays verifiable: the fields, their order and their form never change.
"""

import hashlib
from typing import Any

import msgspec

FIRST = "0" * 64
# The fields of a row that are chained, in the order in which `digest_of` takes them.
CHAINED = (
    "place", "seq", "at_ms", "action", "declaration_id", "officer_id", "via", "source", "target",
    "details",
)  # fmt: skip
_JSON = msgspec.json.Encoder()


def digest_of(before: str, fields: tuple[Any, ...]) -> str:
    """Return the digest (64 hex digits) of the line with these `CHAINED` fields.

    `before` is the digest of the line before it in its chain, `FIRST` for the first one.
    """
    return hashlib.sha256(bytes.fromhex(before) + _JSON.encode(fields)).hexdigest()
