"""Periods that open and close, published criteria sets, what a commune sets for itself.

Opened and closed by officers, on record.
"""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of periods."""


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
