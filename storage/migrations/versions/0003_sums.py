"""Sums of villages and communes, kept in the transaction that changes a file.

A command proves them equal to a full recount (python -m bot recount).
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COUNTS = ("begun", "taken_back", "submitted", "returned", "approved", "rejected", "withdrawn")


def upgrade() -> None:
    """Make the table of sums and count what is there."""
    op.create_table(
        "place_sum",
        sa.Column("parent", sa.String(5), primary_key=True),
        sa.Column("period", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("place", sa.String(9), primary_key=True),
        sa.Column("title", sa.String(32), primary_key=True),
        sa.Column("demo", sa.Boolean, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
        sa.CheckConstraint(" AND ".join(f"{name} >= 0" for name in COUNTS), name="counts"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_place_sum_place", "place_sum", ["place", "period"])
    op.execute(_count("commune", "province"))
    op.execute(_count("village", "commune"))


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    op.drop_table("place_sum")


def _count(place: str, parent: str) -> str:
    """Return the statement that counts all files of one level of places."""
    held = {
        "begun": "status = 'draft' AND code IS NULL",
        "taken_back": "status = 'draft' AND code IS NOT NULL",
    }
    conditions = [held.get(name, f"status = '{name}'") for name in COUNTS]
    counted = ", ".join(f"SUM(CASE WHEN {c} THEN 1 ELSE 0 END)" for c in conditions)
    return (
        f"INSERT INTO place_sum (place, parent, period, title, demo, {', '.join(COUNTS)}) "
        f"SELECT {place}, {parent}, period, title, demo, {counted} "
        f"FROM declaration WHERE {place} IS NOT NULL "
        f"GROUP BY {place}, {parent}, period, title, demo"
    )
