"""Photos that lie on a platform until they are fetched, and albums that come in pieces.

Each photo knows which conversation sent it: a person may have several.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEX = "ix_evidence_quiet"


def upgrade() -> None:
    """Add the columns; until now each person had one conversation, which sent the photos."""
    for column in (
        sa.Column("source", sa.Text),
        sa.Column("conversation_id", ID),
        sa.Column("quiet_ms", sa.BigInteger),
    ):
        op.add_column("evidence", column)
    growing = sa.text("quiet_ms IS NOT NULL")
    op.create_index(
        INDEX,
        "evidence",
        ["declaration_id", "album"],
        sqlite_where=growing,
        postgresql_where=growing,
    )
    op.execute(
        "UPDATE evidence SET conversation_id = (SELECT min(c.id) FROM conversation c"
        " JOIN declaration d ON d.person_id = c.person_id WHERE d.id = evidence.declaration_id)"
    )


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_index(INDEX, "evidence")
    for name in ("quiet_ms", "conversation_id", "source"):
        op.drop_column("evidence", name)
