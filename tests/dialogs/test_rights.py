"""Who reads, counts and decides where."""

from contextlib import nullcontext
from dataclasses import replace
from typing import get_args

import pytest

from dialogs.model import (
    Role,
)
from dialogs.rights import (
    WrongLevel,
    check_level,
    may_appoint,
    may_count,
    may_decide,
    may_keep_tokens_of,
    may_read,
    oversees,
)
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


@pytest.mark.parametrize("of", get_args(Role))
@pytest.mark.parametrize("by", get_args(Role))
def test_only_who_stands_below_is_appointed_and_nobody_by_an_equal(by: Role, of: Role) -> None:
    below: dict[Role, set[Role]] = {
        "commune_leader": {"village_reviewer", "commune_officer"},
        "operator": {"village_reviewer", "commune_officer", "commune_leader", "province_viewer"},
    }
    appointer = officer(role=by, place=COMMUNE)
    assert may_appoint(appointer, of, COMMUNE) == (of in below.get(by, set()))


@pytest.mark.parametrize(
    ("by", "place", "sees"),
    [
        ("commune_leader", COMMUNE, True),
        ("commune_leader", VILLAGE, True),
        ("commune_leader", "20194", False),
        ("commune_leader", "20194-012", False),
        ("commune_leader", "48", False),
        ("operator", "00070", True),
        ("operator", "01", True),
        ("commune_officer", COMMUNE, False),
        ("village_reviewer", VILLAGE, False),
        ("province_viewer", "48", False),
    ],
)
def test_a_leader_oversees_the_own_commune_and_an_operator_every_place(
    by: Role, place: str, sees: bool
) -> None:
    assert oversees(officer(role=by, place=COMMUNE), place) == sees


@pytest.mark.parametrize("of", get_args(Role))
@pytest.mark.parametrize("by", get_args(Role))
def test_tokens_are_ones_own_or_an_operators_business(by: Role, of: Role) -> None:
    keeper, holder = officer(role=by), replace(officer(role=of), id=99)
    assert may_keep_tokens_of(keeper, keeper)
    assert may_keep_tokens_of(keeper, holder) == (by == "operator" and of != "operator")


@pytest.mark.parametrize(
    ("role", "place", "fits"),
    [
        ("village_reviewer", VILLAGE, True),
        ("village_reviewer", COMMUNE, False),
        ("commune_leader", COMMUNE, True),
        ("commune_officer", "48", False),
        ("province_viewer", "48", True),
        ("province_viewer", VILLAGE, False),
        ("operator", VILLAGE, True),
    ],
)
def test_a_role_is_given_over_one_kind_of_place(role: Role, place: str, fits: bool) -> None:
    with nullcontext() if fits else pytest.raises(WrongLevel):
        check_level(role, place)
