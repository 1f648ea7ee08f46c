"""Senders who are not listened to for a while.

Set by an officer or an operator, on record.
"""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of blocked senders."""


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
