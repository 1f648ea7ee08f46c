"""The journal with the heads of its chains, what happens later, notes."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text, UniqueConstraint

from storage.models.base import Id, metadata, partial

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
    partial("ix_due_open", "due_ms", where="done_ms IS NULL"),
    partial("ix_due_declaration", "declaration_id", where="declaration_id IS NOT NULL"),
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
    Column("place", String(9), nullable=False, server_default=""),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    UniqueConstraint("place", "seq"),
    partial("ix_audit_declaration", "declaration_id", where="declaration_id IS NOT NULL"),
)

# The last line of each place's chain: who writes the next one locks this row.
audit_head = Table(
    "audit_head",
    metadata,
    Column("place", String(9), primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
)

# Small facts about this installation, such as whether it was stopped cleanly.
note = Table(
    "note",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)
