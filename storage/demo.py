"""What marks the demo's rows, so that nobody takes invented people for real ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update

from storage.database import Connection
from storage.models import declaration


@dataclass(frozen=True, slots=True)
class Numbers:
    """The row ids of a declaration and of its person."""

    declaration: int
    person: int


async def count_demo(connection: Connection) -> int:
    """Return how many declarations of the demo there are."""
    query = select(func.count()).select_from(declaration).where(declaration.c.demo)
    return (await connection.execute(query)).scalar_one()


async def get_numbers(connection: Connection, public_id: str) -> Numbers:
    """Return the row ids behind a declaration that was just begun."""
    query = select(declaration.c.id, declaration.c.person_id)
    row = (await connection.execute(query.where(declaration.c.public_id == public_id))).one()
    return Numbers(*row)


async def mark_demo(connection: Connection, ids: Sequence[int]) -> None:
    """Mark declarations as invented."""
    await connection.execute(update(declaration).where(declaration.c.id.in_(ids)).values(demo=True))
