"""Periods that open and close, published criteria sets, what a commune sets for itself.

Opened and closed by officers, on record. Settings of communes and villages get a version, so that
two people do not overwrite each other; SQLite cannot compare a table that grew a column with one
made at once, so both are made anew and filled.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
VILLAGE = "code, commune, name, kind, old_commune, valid_from, valid_to"
COMMUNE = (
    "code, controller, reviewers, contact_name, contact_phone, paper_place, submit_by, answer_by, "
    "difficult, difficult_source, demo"
)


def upgrade() -> None:
    """Make the tables of periods and publications, and version what communes set."""
    op.create_table(
        "period",
        sa.Column("title", sa.String(32), primary_key=True),
        sa.Column("year", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("province", sa.String(2), primary_key=True),
        sa.Column("opens_on", sa.String(10), nullable=False),
        sa.Column("closes_on", sa.String(10), nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id")),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.CheckConstraint("opens_on <= closes_on", name="days"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "criteria_publication",
        sa.Column(
            "version", sa.String(64), sa.ForeignKey("criteria_version.version"), primary_key=True
        ),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("officer_id", ID, sa.ForeignKey("officer.id")),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.CheckConstraint("state IN ('draft', 'published')", name="state"),
    )
    _remake("village", VILLAGE, *_village(), _version())
    _remake("commune_info", COMMUNE, *_commune(), _version())


def downgrade() -> None:
    """Take it back; for tests, never for data anybody needs."""
    _remake("commune_info", COMMUNE, *_commune())
    _remake("village", VILLAGE, *_village())
    op.drop_table("criteria_publication")
    op.drop_table("period")


def _remake(name: str, kept: str, *columns: "sa.Column[Any]") -> None:
    """Make the table anew with `columns` and the rows it had."""
    op.execute(f"CREATE TABLE {name}_before AS SELECT {kept} FROM {name}")
    op.drop_table(name)
    op.create_table(name, *columns)
    if name == "village":
        op.create_index("ix_village_commune", "village", ["commune"])
    op.execute(f"INSERT INTO {name} ({kept}) SELECT {kept} FROM {name}_before")
    op.drop_table(f"{name}_before")


def _version() -> "sa.Column[int]":
    return sa.Column("version", sa.Integer, nullable=False, server_default="1")


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _village() -> "list[sa.Column[Any]]":
    return [
        sa.Column("code", sa.String(9), primary_key=True),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("old_commune", sa.String(80)),
        sa.Column("valid_from", sa.String(10)),
        sa.Column("valid_to", sa.String(10)),
    ]


def _commune() -> "list[sa.Column[Any]]":
    return [
        sa.Column("code", sa.String(5), primary_key=True),
        sa.Column("controller", sa.String(120)),
        sa.Column("reviewers", sa.String(120)),
        sa.Column("contact_name", sa.String(80)),
        sa.Column("contact_phone", sa.String(32)),
        sa.Column("paper_place", sa.String(120)),
        sa.Column("submit_by", sa.String(10)),
        sa.Column("answer_by", sa.String(10)),
        _flag("difficult"),
        sa.Column("difficult_source", sa.String(200)),
        _flag("demo"),
    ]
