"""What marks the demo's rows, so that nobody takes invented people for real ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, insert, or_, select, update

from storage import sums
from storage.database import Connection
from storage.models import declaration, note, officer

SEED = "seed"


@dataclass(frozen=True, slots=True)
class Numbers:
    """The row ids of a declaration and of its person."""

    declaration: int
    person: int


async def get_seeded(connection: Connection) -> str | None:
    """Return what this database was seeded with ("demo", "empty", "places"), None if not yet."""
    query = select(note.c.value).where(note.c.name == SEED)
    return (await connection.execute(query)).scalar_one_or_none()


async def set_seeded(connection: Connection, what: str) -> None:
    """Note what the database was seeded with; what was noted first stays."""
    if await get_seeded(connection) is None:
        await connection.execute(insert(note).values(name=SEED, value=what))


async def is_lived_in(connection: Connection) -> bool:
    """Tell whether there is any officer or declaration: nothing invented goes beside real ones."""
    query = select(or_(exists(select(officer.c.id)), exists(select(declaration.c.id))))
    return bool((await connection.execute(query)).scalar_one())


async def get_numbers(connection: Connection, public_id: str) -> Numbers:
    """Return the row ids behind a declaration that was just begun."""
    query = select(declaration.c.id, declaration.c.person_id)
    row = (await connection.execute(query.where(declaration.c.public_id == public_id))).one()
    return Numbers(*row)


async def mark_demo(connection: Connection, ids: Sequence[int]) -> None:
    """Mark declarations as invented."""
    marked = update(declaration).where(declaration.c.id.in_(ids)).values(demo=True)
    async with sums.kept(connection, sums.Touched(ids=frozenset(ids))):
        await connection.execute(marked)
