"""People with what they agreed to, officers with their credentials, and who is not listened to."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    false,
)

from storage.models.base import Id, metadata, partial

person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(80)),
    Column("name_folded", String(80)),
    Column("birth_year", SmallInteger),
    Column("settled", Boolean, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    # Counts the turns of a person with several conversations; empty while there is one.
    Column("version", Integer),
    partial("ix_person_name", "name_folded", where="name_folded IS NOT NULL"),
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

# Who is not listened to for a while: a person on every channel, or one sender nobody knows yet.
block = Table(
    "block",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("sender", String(64), unique=True),
    Column("person_id", Id, ForeignKey("person.id", ondelete="CASCADE"), unique=True),
    Column("declaration_id", Id),
    Column("reason", String(16), nullable=False),
    Column("officer_id", Id, ForeignKey("officer.id")),
    Column("until_ms", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("(sender IS NULL) <> (person_id IS NULL)", name="whom"),
    Index("ix_block_until_ms", "until_ms"),
)
