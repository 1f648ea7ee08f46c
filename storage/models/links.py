"""How one person joins several channels: words handed out, and words tried in vain."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, String, Table

from storage.models.base import Id, metadata

# A six-digit code or the long word of a link, for one use. Only a keyed hash of it is kept.
link = Table(
    "link",
    metadata,
    Column("kept", String(32), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("person_id", Id, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("conversation_id", Id, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
    Column("used_ms", BigInteger),
    CheckConstraint("kind IN ('code', 'long')", name="kind"),
    Index("ix_link_person", "person_id"),
)

# One row for each word of somebody that led nowhere; what was typed is not kept.
link_try = Table(
    "link_try",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("conversation_id", Id, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("ix_link_try_conversation", "conversation_id", "at_ms"),
    Index("ix_link_try_at_ms", "at_ms"),
)
