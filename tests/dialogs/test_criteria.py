import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.criteria import (
    CriteriaInvalid,
    CriteriaSet,
    UnknownIndicator,
    parse_criteria_set,
    to_plain,
)
from dialogs.criteria_problems import REASONS, CriteriaProblem
from dialogs.screen import Localised, Msg
from tests.dialogs.criteria_defects import (
    DEFECTS,
    FILE,
    GONE,
    SOUND,
    options,
    planted,
    problems_of,
    words,
)


@pytest.mark.parametrize(("key", "value", "expected"), DEFECTS)
def test_a_planted_defect_is_named_by_exactly_its_own_problem(
    key: str, value: object, expected: list[tuple[str, str, str]]
) -> None:
    assert problems_of(planted((key, value))) == expected


def test_limits_may_be_reached_exactly() -> None:
    reached = {"pass_mark": 30, "pass_mark_difficult": 30, "floor": 8, "valid_to_year": 2026}
    assert outcome_of(planted(*reached.items()))[1] == ()


def test_two_groups_of_one_id_are_refused_once_for_the_id_and_for_each_broken_sum() -> None:
    data = planted(("groups[1].id", "A"), ("indicators[2].group", "A"))
    assert problems_of(data) == [
        ("groups[1].id", "duplicate", "A"),
        ("groups[0].max", "wrong_sum", "20 ≠ 30"),
        ("groups[1].max", "wrong_sum", "10 ≠ 30"),
    ]


def test_questions_of_a_group_must_stand_together() -> None:
    data = planted(("indicators[1].group", "B"), ("indicators[2].group", "A"))
    data["groups"][0]["max"], data["groups"][1]["max"] = 18, 12
    assert problems_of(data) == [("indicators[2].group", "group_order", "B, A")]


def test_all_defects_are_reported_together_even_when_some_values_cannot_be_read() -> None:
    data = planted(
        ("name.en", GONE),
        ("pass_mark", "many"),
        ("pass_mark_difficult", 40),
        ("total", 31),
        ("groups[0].colour", "red"),
        ("indicators[0].options[1].text.vi", ""),
        ("indicators[1].number", 7),
        ("indicators[1].options[0].points", 6),
        ("indicators[2].options", options(5, 10)),
    )
    assert problems_of(data) == [
        ("name.en", "missing_language", ""),
        ("pass_mark", "wrong_type", "integer ≠ 'many'"),
        ("groups[0].colour", "unknown_field", ""),
        ("indicators[0].options[1].text.vi", "empty", ""),
        ("total", "wrong_sum", "31 ≠ 30"),
        ("indicators[1].number", "number_gap", "7 ≠ 2"),
        ("indicators[2].number", "number_gap", "3 ≠ 8"),
        ("indicators[1].options[1].points", "not_ascending", "5 ≤ 6"),
        ("indicators[2].options", "option_count", "2 ∉ 3–4"),
    ]


def test_every_reason_about_one_file_has_a_planted_defect() -> None:
    planted_reasons = {reason for _, _, expected in DEFECTS for _, reason, _ in expected}
    between_files = {"not_toml", "no_files", "duplicate_version", "two_open_sets"}
    assert planted_reasons | between_files | {"group_order"} == set(REASONS)


def places(value: object, key: str = "") -> list[str]:
    """Return the dotted key of each value below `value`."""
    if isinstance(value, dict):
        below = [(f"{key}.{name}" if key else name, item) for name, item in value.items()]
    elif isinstance(value, list):
        below = [(f"{key}[{i}]", item) for i, item in enumerate(value)]
    else:
        return []
    return [name for name, item in below for name in (name, *places(item, name))]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda item: st.lists(item) | st.dictionaries(st.text(), item),
    max_leaves=5,
)


@given(st.sampled_from(places(SOUND)), JSON | st.just(GONE))
def test_whatever_stands_anywhere_is_read_or_refused_by_name(key: str, value: object) -> None:
    parsed, problems = outcome_of(planted((key, value)))
    assert len({(p.key, p.reason_code) for p in problems}) == len(problems)
    assert parsed is None or parse_criteria_set(FILE, to_plain(parsed)) == parsed


def outcome_of(data: dict[str, Any]) -> tuple[CriteriaSet | None, tuple[CriteriaProblem, ...]]:
    try:
        return parse_criteria_set(FILE, data), ()
    except CriteriaInvalid as refused:
        return None, refused.problems


def test_empty_data_names_every_required_field() -> None:
    required = [name for name in SOUND if name != "valid_to_year"]
    assert sorted(problems_of({})) == sorted((name, "missing", "") for name in required)


def test_a_refusal_carries_its_problems_as_texts_for_people_and_lines_for_logs() -> None:
    with pytest.raises(CriteriaInvalid) as refused:
        parse_criteria_set(FILE, planted(("floor", 9), ("name.en", GONE)))
    values = {"file": FILE, "key": "name.en", "detail": ""}
    assert refused.value.problems[0].message == Msg("criteria.problem.missing_language", values)
    assert refused.value.message.values["problems"] == tuple(
        problem.message for problem in refused.value.problems
    )
    assert str(refused.value) == (
        "sample.toml: name.en: missing_language\nsample.toml: floor: above_max 9 > 8"
    )


def test_a_problem_of_the_whole_file_has_an_empty_key() -> None:
    assert str(CriteriaProblem(FILE, "", "no_files")) == "sample.toml: : no_files"


def test_a_sound_file_becomes_a_set_with_its_lookups() -> None:
    parsed = parse_criteria_set(FILE, SOUND)
    assert parsed.codes == ("A1", "A2", "B1")
    assert parsed.indicator("A2") is parsed.by_number(2) is parsed.indicators[1]
    assert parsed.group("B").full_name == Localised((("vi", "BB vi"), ("en", "BB en")))
    assert [parsed.valid_in(year) for year in (2025, 2026, 2027, 2028)] == [0, 1, 1, 0]
    assert [parsed.mark(difficult_area=difficult) for difficult in (False, True)] == [24, 20]


def test_a_set_without_a_last_year_goes_on() -> None:
    parsed = parse_criteria_set(FILE, planted(("valid_to_year", GONE)))
    assert [parsed.valid_in(year) for year in (2025, 2026, 2099)] == [False, True, True]


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_question_number_outside_the_set_is_refused(number: int) -> None:
    with pytest.raises(UnknownIndicator) as refused:
        parse_criteria_set(FILE, SOUND).by_number(number)
    assert refused.value.message == Msg("criteria.unknown_indicator", {"wanted": str(number)})


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(UnknownIndicator):
        parse_criteria_set(FILE, SOUND).indicator("Z9")


def test_texts_are_composed_while_they_are_read() -> None:
    parsed = parse_criteria_set(FILE, planted(("name.vi", " Ho\u0300a\n  thuận ")))
    assert parsed.name.get("vi") == "H\u00f2a thuận"


@pytest.fixture
def full() -> CriteriaSet:
    return parse_criteria_set(
        FILE,
        planted(
            ("minimum_age", 16),
            ("indicators[0].exposed", True),
            ("indicators[0].evidence", [words("photo")]),
            ("indicators[0].options[0].provisional", True),
            ("indicators[0].options[0].aliases", ["một", "one"]),
        ),
    )


def test_a_set_kept_as_json_reads_back_equal_with_the_same_digest(full: CriteriaSet) -> None:
    again = parse_criteria_set("kept", json.loads(json.dumps(to_plain(full))))
    assert (again, again.digest) == (full, full.digest)


def test_plain_data_gives_every_field_but_the_absent_ones(full: CriteriaSet) -> None:
    assert to_plain(parse_criteria_set(FILE, planted(("valid_to_year", GONE)))).keys() == (
        SOUND.keys() - {"valid_to_year"}
    )
    assert to_plain(full).keys() == SOUND.keys() | {"minimum_age"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", "citizen-2"),
        ("status", "verified"),
        ("pass_mark", 23),
        ("indicators[2].ask.en", "other words"),
        ("indicators[2].options[0].points", 1),
        ("indicators[0].exposed", True),
    ],
)
def test_the_digest_changes_with_what_a_person_is_judged_by(key: str, value: object) -> None:
    changed = parse_criteria_set(FILE, planted((key, value)))
    assert changed.digest != parse_criteria_set(FILE, SOUND).digest


@pytest.mark.parametrize(("key", "value"), [("open", False), ("valid_to_year", 2030)])
def test_closing_a_title_keeps_the_digest(key: str, value: object) -> None:
    changed = parse_criteria_set(FILE, planted((key, value)))
    assert changed.digest == parse_criteria_set(FILE, SOUND).digest


def test_a_replaced_set_gets_its_own_digest_and_a_set_itself_stays(full: CriteriaSet) -> None:
    assert replace(full, floor=4).digest != full.digest
    with pytest.raises(FrozenInstanceError):
        full.floor = 4  # type: ignore[misc]
