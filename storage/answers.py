"""Answers: an upsert on declaration and criterion, so that saying it twice changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, SmallInteger, Text, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.effects import SaveAnswer
from storage.database import Connection
from storage.models import answer
from storage.prepared import Prepared, columns


def _replacing(insert: Any) -> Any:
    return insert.on_conflict_do_update(
        index_elements=["declaration_id", "criterion"],
        set_={"option": insert.excluded.option, "inbox_id": insert.excluded.inbox_id},
    )


_GIVEN = columns(
    "given", declaration_id=BigInteger, criterion=Text, option=SmallInteger, inbox_id=BigInteger
)
_UPSERT = Prepared(
    sqlite=_replacing(sqlite_insert(answer)),
    postgresql=_replacing(
        postgresql_insert(answer).from_select(list(_GIVEN.c.keys()), select(*_GIVEN.c))
    ),
)


async def save_answers(connection: Connection, answers: Sequence[tuple[SaveAnswer, int]]) -> None:
    """Keep answers, each with the inbox id of the message that gave it; the last one counts."""
    rows = {
        (effect.declaration, effect.criterion): {
            "declaration_id": effect.declaration,
            "criterion": effect.criterion,
            "option": effect.option,
            "inbox_id": inbox_id,
        }
        for effect, inbox_id in answers
    }
    await _UPSERT.write(connection, list(rows.values()))
