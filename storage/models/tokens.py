"""Tokens by which a platform knows us."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, String, Table, Text

from storage.models.base import metadata

# One row an Official Account. `access` and `refresh` are sealed: without SECRET_KEY they are noise.
# Every pair has its `version`. The mark, written before Zalo is asked: who asks (`asking`), since
# when (`asking_ms`), with which token (`spent`, its digest), for the how many-th time (`asked`).
zalo_token = Table(
    "zalo_token",
    metadata,
    Column("oa_id", String(32), primary_key=True),
    Column("access", Text, nullable=False),
    Column("refresh", Text, nullable=False),
    Column("access_expires_ms", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("rotated_ms", BigInteger, nullable=False),
    Column("state", String(8), nullable=False, server_default="ok"),
    Column("code", String(32)),
    Column("alarmed_ms", BigInteger),
    Column("asking", String(32)),
    Column("asking_ms", BigInteger),
    Column("spent", String(64)),
    Column("asked", Integer, nullable=False, server_default="0"),
    Column("again_ms", BigInteger),
    CheckConstraint("state IN ('ok', 'human')", name="state"),
    CheckConstraint("(asking IS NULL) = (asking_ms IS NULL)", name="mark"),
)
