"""Senders who are not listened to for a while, and an index over the dead letters.

A block is set by an officer or an operator, on record.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DEAD = sa.text("status = 2")


def upgrade() -> None:
    """Make the table of blocked senders, and let dead letters be found without a search."""
    op.create_table(
        "block",
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("sender", sa.String(64), unique=True),
        sa.Column("person_id", ID, sa.ForeignKey("person.id", ondelete="CASCADE"), unique=True),
        sa.Column("declaration_id", ID),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id")),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.CheckConstraint("(sender IS NULL) <> (person_id IS NULL)", name="whom"),
    )
    op.create_index("ix_block_until_ms", "block", ["until_ms"])
    op.create_index("ix_inbox_dead", "inbox", ["id"], sqlite_where=DEAD, postgresql_where=DEAD)


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_index("ix_inbox_dead", "inbox")
    op.drop_table("block")
