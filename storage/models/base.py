"""What all tables share: names of constraints, ids, partial indexes."""

from sqlalchemy import (
    BigInteger,
    Index,
    Integer,
    MetaData,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = BigInteger().with_variant(Integer, "sqlite")
STATUSES = ("draft", "submitted", "approved", "returned", "rejected", "withdrawn")
INBOX_WAITING, INBOX_DONE, INBOX_DEAD = 0, 1, 2


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows `where` is about, on both databases."""
    clause = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=clause, postgresql_where=clause)
