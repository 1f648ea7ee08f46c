"""Small facts about this installation."""

from sqlalchemy import insert, select, update

from storage.database import Connection
from storage.models import note


async def swap(connection: Connection, name: str, value: str) -> str | None:
    """Set a note and return what it said before; None when there was none."""
    kept = select(note.c.value).where(note.c.name == name)
    before = (await connection.execute(kept)).scalar_one_or_none()
    if before is None:
        await connection.execute(insert(note).values(name=name, value=value))
    else:
        await connection.execute(update(note).where(note.c.name == name).values(value=value))
    return before
