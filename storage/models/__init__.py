"""The tables, for SQLite and PostgreSQL alike. Moments are milliseconds since 1970 (`*_ms`).

Ids in addresses are never row ids: a declaration shows `public_id`, evidence is keyed by chance.
"""

from storage.models.base import INBOX_DEAD, INBOX_DONE, INBOX_WAITING, STATUSES, Id, metadata
from storage.models.files import (
    answer,
    criteria_version,
    declaration,
    evidence,
    return_item,
    reviewed,
)
from storage.models.links import link, link_try
from storage.models.messages import contact, conversation, inbox, outbox, outlet, shard
from storage.models.people import block, consent, consent_text, credential, officer, person
from storage.models.places import (
    COUNTS,
    commune_info,
    criteria_publication,
    period,
    place_sum,
    village,
)
from storage.models.records import audit, audit_head, due, note
from storage.models.tokens import zalo_token

__all__ = [
    "COUNTS",
    "INBOX_DEAD",
    "INBOX_DONE",
    "INBOX_WAITING",
    "STATUSES",
    "Id",
    "answer",
    "audit",
    "audit_head",
    "block",
    "commune_info",
    "consent",
    "consent_text",
    "contact",
    "conversation",
    "credential",
    "criteria_publication",
    "criteria_version",
    "declaration",
    "due",
    "evidence",
    "inbox",
    "link",
    "link_try",
    "metadata",
    "note",
    "officer",
    "outbox",
    "outlet",
    "period",
    "person",
    "place_sum",
    "return_item",
    "reviewed",
    "shard",
    "village",
    "zalo_token",
]
