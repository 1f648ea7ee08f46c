"""Codes by which one person joins several channels, and what keeps their turns apart."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables of codes; count the turns of a person who has several conversations."""
    op.create_table(
        "link",
        sa.Column("kept", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("expires_ms", sa.BigInteger, nullable=False),
        sa.Column("used_ms", sa.BigInteger),
        sa.CheckConstraint("kind IN ('code', 'long')", name="kind"),
    )
    op.create_index("ix_link_person", "link", ["person_id"])
    op.create_table(
        "link_try",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_link_try_conversation", "link_try", ["conversation_id", "at_ms"])
    op.create_index("ix_link_try_at_ms", "link_try", ["at_ms"])
    op.add_column("person", sa.Column("version", sa.Integer))
    op.add_column("conversation", sa.Column("linked_ms", sa.BigInteger))


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_column("conversation", "linked_ms")
    op.drop_column("person", "version")
    op.drop_table("link_try")
    op.drop_table("link")
