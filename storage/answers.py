"""Answers: an upsert on declaration and criterion, so that saying it twice changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dialogs.effects import SaveAnswer
from storage.database import Connection
from storage.models import answer
from storage.prepared import Prepared


def _upserting(insert: Any) -> Any:
    statement = insert(answer)
    return statement.on_conflict_do_update(
        index_elements=["declaration_id", "criterion"],
        set_={"option": statement.excluded.option, "inbox_id": statement.excluded.inbox_id},
    )


_UPSERT = Prepared(sqlite=_upserting(sqlite_insert), postgresql=_upserting(postgresql_insert))


async def save_answers(connection: Connection, answers: Sequence[tuple[SaveAnswer, int]]) -> None:
    """Keep answers, each with the inbox id of the message that gave it; the last one counts."""
    rows = [
        {
            "declaration_id": effect.declaration,
            "criterion": effect.criterion,
            "option": effect.option,
            "inbox_id": inbox_id,
        }
        for effect, inbox_id in answers
    ]
    await _UPSERT.write(connection, rows)
