"""The tables, for SQLite and PostgreSQL alike. Moments are milliseconds since 1970 (`*_ms`).

Ids in addresses are never row ids: a declaration shows `public_id`, evidence is keyed by chance.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = BigInteger().with_variant(Integer, "sqlite")
STATUSES = ("draft", "submitted", "approved", "returned", "rejected", "withdrawn")
INBOX_WAITING, INBOX_DONE, INBOX_DEAD = 0, 1, 2


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows `where` is about, on both databases."""
    clause = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=clause, postgresql_where=clause)


# What reached us, before anything is decided about it.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("channel", String(16), nullable=False),
    Column("bot", String(64), nullable=False, server_default=""),
    Column("sender", String(64), nullable=False),
    Column("external_id", String(64), nullable=False),
    Column("raw", Text),
    Column("said", Text),
    Column("status", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("error", String(200)),
    Column("at_ms", BigInteger, nullable=False),
    UniqueConstraint("external_id", "channel", "bot"),
    Index("ix_inbox_sender", "sender", "id"),
    _partial("ix_inbox_waiting", "sender", "id", where="status = 0"),
)

# What we say. One row a message; for channels that are fetched from, a row is sent when written.
outbox = Table(
    "outbox",
    metadata,
    Column("inbox_id", Id, primary_key=True, autoincrement=False),
    Column("n", SmallInteger, primary_key=True, autoincrement=False),
    Column("conversation_id", Id, nullable=False),
    Column("reply_to", Id),
    Column("number", Integer),
    Column("payload", Text, nullable=False),
    Column("status", String(12), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_outbox_conversation", "conversation_id", "inbox_id"),
    _partial("ix_outbox_queued", "at_ms", where="status = 'queued'"),
    sqlite_with_rowid=False,
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("sender", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("bot", String(64), nullable=False, server_default=""),
    Column("shard", SmallInteger, nullable=False),
    Column("person_id", Id, ForeignKey("person.id")),
    Column("officer_id", Id, ForeignKey("officer.id")),
    Column("state", Text, nullable=False),
    Column("state_version", SmallInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    UniqueConstraint("sender", "channel", "bot"),
    _partial("ix_conversation_person", "person_id", where="person_id IS NOT NULL"),
    _partial("ix_conversation_officer", "officer_id", where="officer_id IS NOT NULL"),
)

person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(80)),
    Column("name_folded", String(80)),
    Column("birth_year", SmallInteger),
    Column("settled", Boolean, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    _partial("ix_person_name", "name_folded", where="name_folded IS NOT NULL"),
)

consent_text = Table(
    "consent_text",
    metadata,
    Column("version", String(16), primary_key=True),
    Column("text", Text, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("person_id", Id, ForeignKey("person.id"), primary_key=True, autoincrement=False),
    Column("purpose", String(16), primary_key=True),
    Column("given_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("text_version", String(16), ForeignKey("consent_text.version"), nullable=False),
    Column("locale", String(8), nullable=False),
    Column("inbox_id", Id, nullable=False),
    Column("withdrawn_ms", BigInteger),
    sqlite_with_rowid=False,
)

criteria_version = Table(
    "criteria_version",
    metadata,
    Column("version", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("content", Text, nullable=False),
)

declaration = Table(
    "declaration",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("public_id", String(22), nullable=False, unique=True),
    Column("person_id", Id, ForeignKey("person.id")),
    Column("title", String(32), nullable=False),
    Column("period", SmallInteger, nullable=False),
    Column("criteria", String(64), ForeignKey("criteria_version.version"), nullable=False),
    Column("status", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("province", String(2), nullable=False),
    Column("commune", String(5), nullable=False),
    Column("village", String(9)),
    Column("village_text", String(80)),
    Column("code", String(24)),
    Column("total", SmallInteger),
    Column("photos", SmallInteger, nullable=False, server_default="0"),
    Column("submitted_ms", BigInteger),
    Column("return_by", String(10)),
    Column("decision_action", String(12)),
    Column("decision_reason", Text),
    Column("decision_ms", BigInteger),
    Column("decision_officer", Id, ForeignKey("officer.id")),
    Column("decision_told", Boolean, nullable=False, server_default=false()),
    Column("demo", Boolean, nullable=False, server_default=false()),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("status IN ('" + "', '".join(STATUSES) + "')", name="status"),
    CheckConstraint("status = 'draft' OR code IS NOT NULL", name="code"),
    CheckConstraint("status = 'draft' OR total IS NOT NULL", name="total"),
    CheckConstraint("status <> 'approved' OR decision_officer IS NOT NULL", name="decided"),
    _partial("ix_declaration_code", "code", where="code IS NOT NULL", unique=True),
    _partial(
        "ix_declaration_live",
        "person_id",
        "title",
        "period",
        where="person_id IS NOT NULL AND status <> 'withdrawn'",
        unique=True,
    ),
    _partial("ix_declaration_province", "province", "period", "status", where="code IS NOT NULL"),
    _partial("ix_declaration_files", "commune", "status", "id", where="code IS NOT NULL"),
)

answer = Table(
    "answer",
    metadata,
    Column(
        "declaration_id", Id, ForeignKey("declaration.id"), primary_key=True, autoincrement=False
    ),
    Column("criterion", String(8), primary_key=True),
    Column("option", SmallInteger, nullable=False),
    Column("inbox_id", Id, nullable=False),
    sqlite_with_rowid=False,
)

reviewed = Table(
    "reviewed",
    metadata,
    Column(
        "declaration_id", Id, ForeignKey("declaration.id"), primary_key=True, autoincrement=False
    ),
    Column("criterion", String(8), primary_key=True),
    Column("points", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("officer_id", Id, ForeignKey("officer.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

return_item = Table(
    "return_item",
    metadata,
    Column(
        "declaration_id", Id, ForeignKey("declaration.id"), primary_key=True, autoincrement=False
    ),
    Column("criterion", String(8), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("note", Text),
    Column("needs", String(8), nullable=False),
    Column("settled", Boolean, nullable=False, server_default=false()),
    sqlite_with_rowid=False,
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", String(22), primary_key=True),
    Column("declaration_id", Id, ForeignKey("declaration.id"), nullable=False),
    Column("album", Id, nullable=False),
    Column("n", SmallInteger, nullable=False),
    Column("criterion", String(8)),
    Column("verdict", String(12), nullable=False),
    Column("reason", String(24)),
    Column("incoming", String(64)),
    Column("photo_key", String(80)),
    Column("thumb_key", String(80)),
    Column("width", Integer),
    Column("height", Integer),
    Column("original_sha256", String(64)),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_evidence_declaration", "declaration_id", "album", "n"),
    _partial("ix_evidence_pending", "at_ms", where="verdict = 'pending'"),
    _partial("ix_evidence_photo", "photo_key", where="photo_key IS NOT NULL"),
    _partial("ix_evidence_thumb", "thumb_key", where="thumb_key IS NOT NULL"),
)

# What happens later: notices of decisions, files to remove. A row fires once.
due = Table(
    "due",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("declaration_id", Id),
    Column("arg", String(120), nullable=False, server_default=""),
    Column("due_ms", BigInteger, nullable=False),
    Column("done_ms", BigInteger),
    Column("outcome", String(12)),
    _partial("ix_due_open", "due_ms", where="done_ms IS NULL"),
    _partial("ix_due_declaration", "declaration_id", where="declaration_id IS NOT NULL"),
)

officer = Table(
    "officer",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(80), nullable=False),
    Column("role", String(20), nullable=False),
    Column("place", String(9), nullable=False),
    Column("locale", String(8), nullable=False, server_default="vi"),
    Column("told_ms", BigInteger),
    Column("revoked_ms", BigInteger),
    Column("demo", Boolean, nullable=False, server_default=false()),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_officer_place", "place"),
)

# One-time links and API bearer tokens; only a hash of each is kept.
credential = Table(
    "credential",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("officer_id", Id, ForeignKey("officer.id"), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("expires_ms", BigInteger),
    Column("used_ms", BigInteger),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("kind IN ('link', 'api')", name="kind"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("action", String(24), nullable=False),
    Column("declaration_id", Id),
    Column("officer_id", Id),
    Column("via", String(8), nullable=False),
    Column("source", String(12)),
    Column("target", String(12)),
    Column("details", Text, nullable=False, server_default="{}"),
    _partial("ix_audit_declaration", "declaration_id", where="declaration_id IS NOT NULL"),
)

village = Table(
    "village",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("commune", String(5), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("old_commune", String(80)),
    Column("valid_from", String(10)),
    Column("valid_to", String(10)),
    Index("ix_village_commune", "commune"),
)

commune_info = Table(
    "commune_info",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("controller", String(120)),
    Column("reviewers", String(120)),
    Column("contact_name", String(80)),
    Column("contact_phone", String(32)),
    Column("paper_place", String(120)),
    Column("submit_by", String(10)),
    Column("answer_by", String(10)),
    Column("difficult", Boolean, nullable=False, server_default=false()),
    Column("difficult_source", String(200)),
    Column("demo", Boolean, nullable=False, server_default=false()),
)

# Small facts about this installation, such as whether it was stopped cleanly.
note = Table(
    "note",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
