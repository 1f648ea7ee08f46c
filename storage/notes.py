"""Small facts about this installation."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.database import Connection
from storage.models import note


async def swap(connection: Connection, name: str, value: str) -> str | None:
    """Set a note and return what it said before; None when there was none."""
    kept = select(note.c.value).where(note.c.name == name)
    before = (await connection.execute(kept)).scalar_one_or_none()
    sqlite = connection.dialect.name == "sqlite"
    added = (sqlite_insert if sqlite else postgresql_insert)(note).values(name=name, value=value)
    # Two processes that start together both find none.
    said = added.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    await connection.execute(said)
    return before
