"""Declarations with answers, reviews and photos, and the criteria they were made against."""

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

from storage.models.base import STATUSES, Id, metadata, partial

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
    partial("ix_declaration_code", "code", where="code IS NOT NULL", unique=True),
    partial(
        "ix_declaration_live",
        "person_id",
        "title",
        "period",
        where="person_id IS NOT NULL AND status <> 'withdrawn'",
        unique=True,
    ),
    partial("ix_declaration_province", "province", "period", "status", where="code IS NOT NULL"),
    partial("ix_declaration_files", "commune", "status", "id", where="code IS NOT NULL"),
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
    # Where the bytes still lie, until they are fetched.
    Column("source", Text),
    # Which conversation sent it; like `album` it may name one that is gone.
    Column("conversation_id", Id),
    # Until when more of its album may come; empty once that was answered, or came whole.
    Column("quiet_ms", BigInteger),
    Column("photo_key", String(80)),
    Column("thumb_key", String(80)),
    Column("width", Integer),
    Column("height", Integer),
    Column("original_sha256", String(64)),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_evidence_declaration", "declaration_id", "album", "n"),
    partial("ix_evidence_pending", "at_ms", where="verdict = 'pending'"),
    partial("ix_evidence_quiet", "declaration_id", "album", where="quiet_ms IS NOT NULL"),
    partial("ix_evidence_photo", "photo_key", where="photo_key IS NOT NULL"),
    partial("ix_evidence_thumb", "thumb_key", where="thumb_key IS NOT NULL"),
)
