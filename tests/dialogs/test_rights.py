"""Who reads, counts and decides where."""

import pytest

from dialogs.model import (
    Role,
)
from dialogs.rights import may_count, may_decide, may_read
from tests.dialogs.officer_world import (
    COMMUNE,
    VILLAGE,
    declaration,
    officer,
)


@pytest.mark.parametrize(
    ("role", "place", "reads", "counts", "decides"),
    [
        ("commune_officer", COMMUNE, True, True, True),
        ("commune_leader", COMMUNE, True, True, True),
        ("commune_officer", "20245", False, False, False),
        ("village_reviewer", VILLAGE, True, True, False),
        ("village_reviewer", "20242-003", False, False, False),
        ("province_viewer", "48", False, True, False),
        ("province_viewer", "49", False, False, False),
        ("operator", COMMUNE, False, False, False),
    ],
)
def test_who_reads_counts_and_decides(
    role: Role, place: str, reads: bool, counts: bool, decides: bool
) -> None:
    by = officer(1, role, place)
    seen = (
        may_read(by, COMMUNE, VILLAGE, "48"),
        may_count(by, COMMUNE, VILLAGE, "48"),
        may_decide(by, declaration()),
    )
    assert seen == (reads, counts, decides)


def test_a_village_reviewer_sees_only_files_mapped_to_that_village() -> None:
    assert not may_read(officer(1, "village_reviewer", VILLAGE), COMMUNE, None)
