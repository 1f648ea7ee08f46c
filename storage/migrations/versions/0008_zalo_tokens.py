"""Tokens of Zalo Official Accounts: one row an account, sealed, with the mark of a renewal."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of tokens."""
    op.create_table(
        "zalo_token",
        sa.Column("oa_id", sa.String(32), primary_key=True),
        sa.Column("access", sa.Text, nullable=False),
        sa.Column("refresh", sa.Text, nullable=False),
        sa.Column("access_expires_ms", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("rotated_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(8), nullable=False, server_default="ok"),
        sa.Column("code", sa.String(32)),
        sa.Column("alarmed_ms", sa.BigInteger),
        sa.Column("asking", sa.String(32)),
        sa.Column("asking_ms", sa.BigInteger),
        sa.Column("spent", sa.String(64)),
        sa.Column("asked", sa.Integer, nullable=False, server_default="0"),
        sa.Column("again_ms", sa.BigInteger),
        sa.CheckConstraint("state IN ('ok', 'human')", name="state"),
        sa.CheckConstraint("(asking IS NULL) = (asking_ms IS NULL)", name="mark"),
    )


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_table("zalo_token")
