"""What is set for places and years: villages, communes, periods, published criteria, sums."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    false,
)

from storage.models.base import Id, metadata

village = Table(
    "village",
    metadata,
    Column("code", String(9), primary_key=True),
    Column("commune", String(5), nullable=False),
    Column("name", String(80), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("old_commune", String(80)),
    Column("valid_from", String(10)),
    Column("valid_to", String(10)),
    Column("version", Integer, nullable=False, server_default="1"),
    Index("ix_village_commune", "commune"),
)

commune_info = Table(
    "commune_info",
    metadata,
    Column("code", String(5), primary_key=True),
    Column("controller", String(120)),
    Column("reviewers", String(120)),
    Column("contact_name", String(80)),
    Column("contact_phone", String(32)),
    Column("paper_place", String(120)),
    Column("submit_by", String(10)),
    Column("answer_by", String(10)),
    Column("difficult", Boolean, nullable=False, server_default=false()),
    Column("difficult_source", String(200)),
    Column("demo", Boolean, nullable=False, server_default=false()),
    Column("version", Integer, nullable=False, server_default="1"),
)

# When declarations of a year are taken, where an operator said so; province "" is the country.
period = Table(
    "period",
    metadata,
    Column("title", String(32), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("province", String(2), primary_key=True),
    Column("opens_on", String(10), nullable=False),
    Column("closes_on", String(10), nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("officer_id", Id, ForeignKey("officer.id")),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("opens_on <= closes_on", name="days"),
    sqlite_with_rowid=False,
)

# Criteria versions that came through the API and not with the program.
criteria_publication = Table(
    "criteria_publication",
    metadata,
    Column("version", String(64), ForeignKey("criteria_version.version"), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("officer_id", Id, ForeignKey("officer.id")),
    Column("at_ms", BigInteger, nullable=False),
    CheckConstraint("state IN ('draft', 'published')", name="state"),
)

# How many files a village (parent: its commune) or a commune (parent: its province) has, kept in
# the transaction that changes them. A draft counts as `begun` until it was handed in once. What is
# read together, the parts of a place, lies together.
COUNTS = ("begun", "taken_back", "submitted", "returned", "approved", "rejected", "withdrawn")
place_sum = Table(
    "place_sum",
    metadata,
    Column("parent", String(5), primary_key=True),
    Column("period", SmallInteger, primary_key=True, autoincrement=False),
    Column("place", String(9), primary_key=True),
    Column("title", String(32), primary_key=True),
    Column("demo", Boolean, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in COUNTS),
    CheckConstraint(" AND ".join(f"{name} >= 0" for name in COUNTS), name="counts"),
    Index("ix_place_sum_place", "place", "period"),
    sqlite_with_rowid=False,
)
