"""The journal is chained: every line carries a digest of the line before it.

One chain for each place, so that two communes never wait for each other. SQLite cannot add such
columns to a table that has rows, so the table is made anew and filled on both databases.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.audit_digest import FIRST, digest_of
from storage.migrations.guards import (
    JOURNAL_0001,
    JOURNAL_0002,
    SAME_LINE_0001,
    SAME_LINE_0002,
    add_journal_guards,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 1000
OLD = ("id", "at_ms", "action", "declaration_id", "officer_id", "via", "source", "target",
       "details")  # fmt: skip
NEW = ("place", "seq", "digest")


def upgrade() -> None:
    """Give every line its place in a chain."""
    _set_aside()
    op.create_table("audit", *_lines(), *_chained(), sa.UniqueConstraint("place", "seq"))
    _add_index()
    op.create_table(
        "audit_head",
        sa.Column("place", sa.String(9), primary_key=True),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    _chain(op.get_bind())
    op.drop_table("audit_before")
    add_journal_guards(JOURNAL_0002, SAME_LINE_0002)


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    _set_aside()
    op.create_table("audit", *_lines())
    _add_index()
    names = ", ".join(OLD)
    op.execute(f"INSERT INTO audit ({names}) SELECT {names} FROM audit_before")
    _count_on()
    op.drop_table("audit_before")
    op.drop_table("audit_head")
    add_journal_guards(JOURNAL_0001, SAME_LINE_0001)


def _set_aside() -> None:
    """Move the lines to a bare table: none of its names stands in the way of the new one's.

    The triggers go with the old table.
    """
    op.execute("CREATE TABLE audit_before AS SELECT * FROM audit")
    op.drop_table("audit")


def _lines() -> "list[sa.Column[Any]]":
    return [
        sa.Column("id", ID, primary_key=True, autoincrement=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("declaration_id", ID),
        sa.Column("officer_id", ID),
        sa.Column("via", sa.String(8), nullable=False),
        sa.Column("source", sa.String(12)),
        sa.Column("target", sa.String(12)),
        sa.Column("details", sa.Text, nullable=False, server_default="{}"),
    ]


def _chained() -> "list[sa.Column[Any]]":
    return [
        sa.Column("place", sa.String(9), nullable=False, server_default=""),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    ]


def _add_index() -> None:
    of_files = sa.text("declaration_id IS NOT NULL")
    op.create_index(
        "ix_audit_declaration",
        "audit",
        ["declaration_id"],
        sqlite_where=of_files,
        postgresql_where=of_files,
    )


def _chain(connection: sa.Connection) -> None:
    """Chain the lines in the order in which they were written, and note each chain's head."""
    columns = ", ".join(f"a.{name}" for name in OLD)
    some = sa.text(
        f"SELECT {columns}, coalesce(d.commune, '') FROM audit_before a "
        "LEFT JOIN declaration d ON d.id = a.declaration_id "
        f"WHERE a.id > :last ORDER BY a.id LIMIT {AT_ONCE}"
    )
    names = ", ".join((*OLD, *NEW))
    values = ", ".join(f":{name}" for name in (*OLD, *NEW))
    added = sa.text(f"INSERT INTO audit ({names}) VALUES ({values})")
    heads: dict[str, tuple[int, str]] = {}
    # Keyset paging wants an index; the bare table has none.
    op.execute("CREATE INDEX ix_audit_before ON audit_before (id)")
    rows = connection.execute(some, {"last": 0}).all()
    while rows:
        connection.execute(added, [_link(heads, row) for row in rows])
        rows = connection.execute(some, {"last": rows[-1][0]}).all()
    if heads:
        head = sa.text("INSERT INTO audit_head (place, seq, digest) VALUES (:place, :seq, :digest)")
        connection.execute(
            head, [{"place": p, "seq": seq, "digest": d} for p, (seq, d) in heads.items()]
        )
    _count_on()


def _link(heads: dict[str, tuple[int, str]], row: Any) -> dict[str, Any]:
    number, *fields, place = row
    seq, before = heads.get(place, (0, FIRST))
    digest = digest_of(before, (place, seq + 1, *fields))
    heads[place] = seq + 1, digest
    kept = dict(zip(OLD, (number, *fields), strict=True))
    return {**kept, "place": place, "seq": seq + 1, "digest": digest}


def _count_on() -> None:
    """Let PostgreSQL count on behind the lines that brought their numbers with them."""
    if op.get_context().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('audit', 'id'), max(id)) FROM audit")
