"""write: one effect, one way to write it. The ways are registered by the modules beside this."""

from dataclasses import dataclass, field
from functools import singledispatch

from storage.audit import Line
from storage.database import Connection


class Conflict(Exception):
    """Somebody else changed a row between reading and writing: read again and decide again."""


@dataclass(frozen=True, slots=True)
class At:
    """Where an effect is written: in a conversation's turn, or by an officer's request.

    Lines for the journal are put into `journal`; it is written at the end of the transaction.
    """

    at_ms: int
    inbox_id: int
    conversation_id: int | None
    journal: list[Line] = field(default_factory=list)


@singledispatch
async def write(effect: object, connection: Connection, at: At) -> None:
    """Write one effect; Conflict when what it builds on is no longer so."""
    raise TypeError(f"no way to write {type(effect).__name__}")
