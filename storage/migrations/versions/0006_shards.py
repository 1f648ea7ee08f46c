"""Shards, by which several processes divide the work, and the second wall around places.

A process locks the rows of the shards it works on for the length of one transaction. The wall is
PostgreSQL's alone: a transaction that names a place (`khaihoc.place`) sees no file of another one.
A superuser of the server is above it, so the program is not to be one.
"""

from zlib import crc32

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SHARDS = 64
_PLACE = "coalesce(current_setting('khaihoc.place', true), '')"
_FILE = f"{_PLACE} IN ('', province, commune, village)"
_OF_FILE = f"{_PLACE} = '' OR EXISTS (SELECT 1 FROM declaration d WHERE d.id = declaration_id)"
WALLS = {
    "declaration": _FILE,
    "answer": _OF_FILE,
    "evidence": _OF_FILE,
    "return_item": _OF_FILE,
    "reviewed": _OF_FILE,
}


def upgrade() -> None:
    """Make the shards, and sort into them what waits."""
    shard = op.create_table(
        "shard",
        sa.Column("number", sa.SmallInteger, primary_key=True, autoincrement=False),
    )
    op.bulk_insert(shard, [{"number": n} for n in range(SHARDS)])
    number = sa.Column("shard", sa.SmallInteger, nullable=False, server_default="0")
    op.add_column("inbox", number)
    _sort_in()
    if op.get_context().dialect.name == "postgresql":
        waiting = sa.text("status = 0")
        op.create_index("ix_inbox_shard", "inbox", ["shard", "id"], postgresql_where=waiting)
        for table, inside in WALLS.items():
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
            # What may be changed is what is seen; where it goes to is for the rules to say.
            policy = f"CREATE POLICY within_place ON {table} USING ({inside}) WITH CHECK (true)"
            op.execute(policy)


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    if op.get_context().dialect.name == "postgresql":
        op.drop_index("ix_inbox_shard", "inbox")
        for table in WALLS:
            op.execute(f"DROP POLICY within_place ON {table}")
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    op.drop_column("inbox", "shard")
    op.drop_table("shard")


def _sort_in() -> None:
    inbox = sa.table("inbox", sa.column("sender"), sa.column("shard"))
    connection = op.get_bind()
    for (sender,) in connection.execute(sa.select(inbox.c.sender).distinct()).all():
        mine = sa.update(inbox).where(inbox.c.sender == sender)
        connection.execute(mine.values(shard=crc32(sender.encode()) % SHARDS))
