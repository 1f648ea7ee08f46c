"""Sending: what became of each message out, who may be written to, how fast each account sends."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_OPEN = sa.text("status IN ('queued', 'sending')")


def upgrade() -> None:
    """Add what deliveries need; what was said so far was fetched."""
    for column in _columns():
        op.add_column("outbox", column)
    open_rows = ["conversation_id", "inbox_id", "n"]
    op.create_index(
        "ix_outbox_open", "outbox", open_rows, sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "contact",
        sa.Column("sender", sa.String(64), primary_key=True),
        sa.Column("acted_ms", sa.BigInteger),
        sa.Column("stopped", sa.String(40)),
        sa.Column("stopped_ms", sa.BigInteger),
    )
    op.create_table(
        "outlet",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("bot", sa.String(64), primary_key=True),
        sa.Column("next_ms", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("paused_ms", sa.BigInteger),
        sa.Column("paused_for", sa.String(40)),
        sa.Column("month", sa.String(7), nullable=False, server_default=""),
        sa.Column("sent", sa.Integer, nullable=False, server_default="0"),
    )


def _columns() -> list["sa.Column[object]"]:
    return [
        sa.Column("kind", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("due_ms", sa.BigInteger),
        sa.Column("lease_ms", sa.BigInteger),
        sa.Column("error", sa.String(40)),
        sa.Column("ref", sa.String(80)),
    ]


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_table("outlet")
    op.drop_table("contact")
    op.drop_index("ix_outbox_open", "outbox")
    for column in reversed(_columns()):
        op.drop_column("outbox", column.name)
