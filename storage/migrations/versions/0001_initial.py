"""The first schema: all tables, and what SQL itself forbids (`guards.py` beside says how).

Kept equal to storage/models.py by tests/storage/test_migrations.py until the first release; from
then on a change of the models is a new version.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.migrations.guards import SCHEMA_0001, add_guards, drop_guards

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table, then the guards."""
    _create_people()
    _create_messages()
    _create_declarations()
    _create_reviews()
    _create_places()
    _create_records()
    add_guards(SCHEMA_0001)


def downgrade() -> None:
    """Remove everything; for tests, never for data anybody needs."""
    drop_guards(SCHEMA_0001)
    for table in (
        "note", "audit", "due", "commune_info", "village", "evidence", "return_item", "reviewed",
        "answer", "declaration", "conversation", "outbox", "inbox", "credential", "consent",
        "criteria_version", "consent_text", "officer", "person",
    ):  # fmt: skip
        op.drop_table(table)


def _key(name: str = "id") -> "sa.Column[int]":
    """A row id that the database counts up."""
    return sa.Column(name, ID, primary_key=True, autoincrement=True)


def _part_of(name: str, target: str) -> "sa.Column[int]":
    """A foreign key that is part of the primary key."""
    return sa.Column(name, ID, sa.ForeignKey(target), primary_key=True, autoincrement=False)


def _moment(name: str = "at_ms", *, nullable: bool = False) -> "sa.Column[int]":
    """A moment in milliseconds since 1970."""
    return sa.Column(name, sa.BigInteger, nullable=nullable)


def _flag(name: str) -> "sa.Column[bool]":
    """A flag that is down at first."""
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _index(name: str, table: str, *columns: str, where: str = "", unique: bool = False) -> None:
    """Create an index, over the rows `where` is about if it is given."""
    clause = sa.text(where) if where else None
    partial: dict[str, Any] = {"sqlite_where": clause, "postgresql_where": clause} if where else {}
    op.create_index(name, table, list(columns), unique=unique, **partial)


def _create_people() -> None:
    op.create_table(
        "person",
        _key(),
        sa.Column("name", sa.String(80)),
        sa.Column("name_folded", sa.String(80)),
        sa.Column("birth_year", sa.SmallInteger),
        sa.Column("settled", sa.Boolean, nullable=False),
        _moment(),
    )
    _index("ix_person_name", "person", "name_folded", where="name_folded IS NOT NULL")
    op.create_table(
        "officer",
        _key(),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("place", sa.String(9), nullable=False),
        sa.Column("locale", sa.String(8), nullable=False, server_default="vi"),
        _moment("told_ms", nullable=True),
        _moment("revoked_ms", nullable=True),
        _flag("demo"),
        _moment(),
    )
    _index("ix_officer_place", "officer", "place")
    op.create_table(
        "credential",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        _moment("expires_ms", nullable=True),
        _moment("used_ms", nullable=True),
        _moment(),
        sa.CheckConstraint("kind IN ('link', 'api')", name="kind"),
    )
    op.create_table(
        "consent_text",
        sa.Column("version", sa.String(16), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "consent",
        _part_of("person_id", "person.id"),
        sa.Column("purpose", sa.String(16), primary_key=True),
        sa.Column("given_ms", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "text_version", sa.String(16), sa.ForeignKey("consent_text.version"), nullable=False
        ),
        sa.Column("locale", sa.String(8), nullable=False),
        sa.Column("inbox_id", ID, nullable=False),
        _moment("withdrawn_ms", nullable=True),
        sqlite_with_rowid=False,
    )


def _create_messages() -> None:
    op.create_table(
        "inbox",
        _key(),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("bot", sa.String(64), nullable=False, server_default=""),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=False),
        sa.Column("raw", sa.Text),
        sa.Column("said", sa.Text),
        sa.Column("status", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("error", sa.String(200)),
        _moment(),
        sa.UniqueConstraint("external_id", "channel", "bot"),
    )
    _index("ix_inbox_sender", "inbox", "sender", "id")
    _index("ix_inbox_waiting", "inbox", "sender", "id", where="status = 0")
    op.create_table(
        "outbox",
        sa.Column("inbox_id", ID, primary_key=True, autoincrement=False),
        sa.Column("n", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("reply_to", ID),
        sa.Column("number", sa.Integer),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        _moment(),
        sqlite_with_rowid=False,
    )
    _index("ix_outbox_conversation", "outbox", "conversation_id", "inbox_id")
    _index("ix_outbox_queued", "outbox", "at_ms", where="status = 'queued'")
    op.create_table(
        "conversation",
        _key(),
        sa.Column("sender", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("bot", sa.String(64), nullable=False, server_default=""),
        sa.Column("shard", sa.SmallInteger, nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("person.id")),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id")),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_version", sa.SmallInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _moment("seen_ms"),
        sa.UniqueConstraint("sender", "channel", "bot"),
    )
    _index("ix_conversation_person", "conversation", "person_id", where="person_id IS NOT NULL")
    _index("ix_conversation_officer", "conversation", "officer_id", where="officer_id IS NOT NULL")


def _create_declarations() -> None:
    op.create_table(
        "criteria_version",
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
    )
    op.create_table(
        "declaration",
        _key(),
        sa.Column("public_id", sa.String(22), nullable=False, unique=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id")),
        sa.Column("title", sa.String(32), nullable=False),
        sa.Column("period", sa.SmallInteger, nullable=False),
        sa.Column(
            "criteria", sa.String(64), sa.ForeignKey("criteria_version.version"), nullable=False
        ),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("province", sa.String(2), nullable=False),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("village", sa.String(9)),
        sa.Column("village_text", sa.String(80)),
        sa.Column("code", sa.String(24)),
        sa.Column("total", sa.SmallInteger),
        sa.Column("photos", sa.SmallInteger, nullable=False, server_default="0"),
        _moment("submitted_ms", nullable=True),
        sa.Column("return_by", sa.String(10)),
        sa.Column("decision_action", sa.String(12)),
        sa.Column("decision_reason", sa.Text),
        _moment("decision_ms", nullable=True),
        sa.Column("decision_officer", ID, sa.ForeignKey("officer.id")),
        _flag("decision_told"),
        _flag("demo"),
        _moment(),
        sa.CheckConstraint(
            "status IN ('draft', 'submitted', 'approved', 'returned', 'rejected', 'withdrawn')",
            name="status",
        ),
        sa.CheckConstraint("status = 'draft' OR code IS NOT NULL", name="code"),
        sa.CheckConstraint("status = 'draft' OR total IS NOT NULL", name="total"),
        sa.CheckConstraint("status <> 'approved' OR decision_officer IS NOT NULL", name="decided"),
    )
    given = "code IS NOT NULL"
    live = "person_id IS NOT NULL AND status <> 'withdrawn'"
    file = "declaration"
    _index("ix_declaration_code", file, "code", where=given, unique=True)
    _index("ix_declaration_live", file, "person_id", "title", "period", where=live, unique=True)
    _index("ix_declaration_province", file, "province", "period", "status", where=given)
    _index("ix_declaration_files", file, "commune", "status", "id", where=given)


def _create_reviews() -> None:
    op.create_table(
        "answer",
        _part_of("declaration_id", "declaration.id"),
        sa.Column("criterion", sa.String(8), primary_key=True),
        sa.Column("option", sa.SmallInteger, nullable=False),
        sa.Column("inbox_id", ID, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reviewed",
        _part_of("declaration_id", "declaration.id"),
        sa.Column("criterion", sa.String(8), primary_key=True),
        sa.Column("points", sa.SmallInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id"), nullable=False),
        _moment(),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "return_item",
        _part_of("declaration_id", "declaration.id"),
        sa.Column("criterion", sa.String(8), primary_key=True),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("needs", sa.String(8), nullable=False),
        _flag("settled"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.String(22), primary_key=True),
        sa.Column("declaration_id", ID, sa.ForeignKey("declaration.id"), nullable=False),
        sa.Column("album", ID, nullable=False),
        sa.Column("n", sa.SmallInteger, nullable=False),
        sa.Column("criterion", sa.String(8)),
        sa.Column("verdict", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(24)),
        sa.Column("incoming", sa.String(64)),
        sa.Column("photo_key", sa.String(80)),
        sa.Column("thumb_key", sa.String(80)),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("original_sha256", sa.String(64)),
        _moment(),
    )
    _index("ix_evidence_declaration", "evidence", "declaration_id", "album", "n")
    _index("ix_evidence_pending", "evidence", "at_ms", where="verdict = 'pending'")
    _index("ix_evidence_photo", "evidence", "photo_key", where="photo_key IS NOT NULL")
    _index("ix_evidence_thumb", "evidence", "thumb_key", where="thumb_key IS NOT NULL")


def _create_places() -> None:
    op.create_table(
        "village",
        sa.Column("code", sa.String(9), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("old_commune", sa.String(80)),
        sa.Column("valid_from", sa.String(10)),
        sa.Column("valid_to", sa.String(10)),
    )
    _index("ix_village_commune", "village", "commune")
    op.create_table(
        "commune_info",
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("controller", sa.String(120)),
        sa.Column("reviewers", sa.String(120)),
        sa.Column("contact_name", sa.String(80)),
        sa.Column("contact_phone", sa.String(32)),
        sa.Column("paper_place", sa.String(120)),
        sa.Column("submit_by", sa.String(10)),
        sa.Column("answer_by", sa.String(10)),
        _flag("difficult"),
        sa.Column("difficult_source", sa.String(200)),
        _flag("demo"),
    )


def _create_records() -> None:
    op.create_table(
        "due",
        _key(),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("declaration_id", ID),
        sa.Column("arg", sa.String(120), nullable=False, server_default=""),
        _moment("due_ms"),
        _moment("done_ms", nullable=True),
        sa.Column("outcome", sa.String(12)),
    )
    _index("ix_due_open", "due", "due_ms", where="done_ms IS NULL")
    _index("ix_due_declaration", "due", "declaration_id", where="declaration_id IS NOT NULL")
    op.create_table(
        "audit",
        _key(),
        _moment(),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("declaration_id", ID),
        sa.Column("officer_id", ID),
        sa.Column("via", sa.String(8), nullable=False),
        sa.Column("source", sa.String(12)),
        sa.Column("target", sa.String(12)),
        sa.Column("details", sa.Text, nullable=False, server_default="{}"),
    )
    _index("ix_audit_declaration", "audit", "declaration_id", where="declaration_id IS NOT NULL")
    op.create_table(
        "note",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
