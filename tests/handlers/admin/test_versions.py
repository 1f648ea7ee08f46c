"""What an officer decided holds for the version it was decided on, whoever was in between."""

import pytest

from dialogs import effects as e
from storage.effects import Conflict, apply_decision
from tests.handlers.admin.desk import Desk

SEEN, NOW = 1, 2  # handing in made the second version
FILE = "SELECT version, status, village, total FROM declaration"


@pytest.mark.parametrize("kind", ["points", "village", "move"])
async def test_what_was_decided_on_an_older_version_is_not_written(desk: Desk, kind: str) -> None:
    await desk.add_file()
    by, at = e.By((await desk.add_officer()).id, "api"), desk.clock.at
    decided: dict[str, e.Effect] = {
        "points": e.SetReviewed(1, SEEN, "A1", 10, "Có bằng", 82, by, at),
        "village": e.CorrectFile(1, SEEN, by, at, village="20242-003"),
        "move": e.Move(1, SEEN, "submitted", "approved", "approve", by, at),
    }
    before = desk.plain.rows(FILE)
    with pytest.raises(Conflict):
        await desk.parts.database.write(lambda c: apply_decision(c, [decided[kind]], now=at))
    assert desk.plain.rows(FILE) == before == [(NOW, "submitted", "20242-012", 80)]
    assert desk.plain.rows("SELECT count(*) FROM reviewed") == [(0,)]
    assert desk.plain.rows("SELECT action FROM audit") == [("submit",)]
