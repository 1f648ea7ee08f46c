import copy
import json
import re
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

FILE = "sample.toml"
GONE = object()


def words(text: str) -> dict[str, str]:
    return {"vi": f"{text} vi", "en": f"{text} en"}


def options(*points: int) -> list[dict[str, Any]]:
    return [{"points": p, "text": words(f"option {p}")} for p in points]


def indicator(number: int, code: str, group: str, most: int) -> dict[str, Any]:
    texts = {name: words(f"{name} {code}") for name in ("ask", "short", "explain")}
    row = {"code": code, "number": number, "group": group, "max": most}
    return {**row, **texts, "options": options(2, 5, most)}


SOUND: dict[str, Any] = {
    "title": "citizen",
    "version": "citizen-1",
    "name": words("name"),
    "audience": words("audience"),
    "status": "sample",
    "open": True,
    "valid_from_year": 2026,
    "valid_to_year": 2027,
    "scale": "points",
    "total": 30,
    "pass_mark": 24,
    "pass_mark_difficult": 20,
    "floor": 5,
    "groups": [
        {"id": "A", "name": words("A"), "full_name": words("AA"), "max": 20},
        {"id": "B", "name": words("B"), "full_name": words("BB"), "max": 10},
    ],
    "indicators": [
        indicator(1, "A1", "A", 8),
        indicator(2, "A2", "A", 12),
        indicator(3, "B1", "B", 10),
    ],
    "legal_basis": ["QĐ 1"],
}


def planted(*defects: tuple[str, object]) -> dict[str, Any]:
    """Return a copy of SOUND with the value at each dotted key replaced, or taken out."""
    data = copy.deepcopy(SOUND)
    for key, value in defects:
        *way, last = [int(p) if p.isdigit() else p for p in re.findall(r"\w+", key)]
        place: Any = data
        for step in way:
            place = place[step]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return data


def problems_of(data: dict[str, Any]) -> list[tuple[str, str, str]]:
    with pytest.raises(CriteriaInvalid) as refused:
        parse_criteria_set(FILE, data)
    assert {problem.file for problem in refused.value.problems} == {FILE}
    return [(p.key, p.reason_code, p.detail) for p in refused.value.problems]


# What is planted, and exactly what has to be said about it.
DEFECTS: list[tuple[str, object, list[tuple[str, str, str]]]] = [
    ("title", GONE, [("title", "missing", "")]),
    ("name", GONE, [("name", "missing", "")]),
    ("open", GONE, [("open", "missing", "")]),
    ("total", GONE, [("total", "missing", "")]),
    ("groups", GONE, [("groups", "missing", "")]),
    ("indicators", GONE, [("indicators", "missing", "")]),
    ("indicators[1].explain", GONE, [("indicators[1].explain", "missing", "")]),
    ("indicators[1].max", GONE, [("indicators[1].max", "missing", "")]),
    (
        "indicators[2].options[1].points",
        GONE,
        [("indicators[2].options[1].points", "missing", "")],
    ),
    (
        "indicators[2].options[1].text.en",
        GONE,
        [("indicators[2].options[1].text.en", "missing_language", "")],
    ),
    ("audience.vi", GONE, [("audience.vi", "missing_language", "")]),
    ("groups[1].name.en", GONE, [("groups[1].name.en", "missing_language", "")]),
    ("audience.fr", "pour soi", [("audience.fr", "unknown_field", "")]),
    ("colour", "green", [("colour", "unknown_field", "")]),
    ("digest", "abc", [("digest", "unknown_field", "")]),
    ("groups[0].weight", 2, [("groups[0].weight", "unknown_field", "")]),
    ("indicators[0].applies_if", "x", [("indicators[0].applies_if", "unknown_field", "")]),
    (
        "indicators[0].options[2].score",
        1,
        [("indicators[0].options[2].score", "unknown_field", "")],
    ),
    ("status", "final", [("status", "unknown_value", "final ∉ sample, verified")]),
    ("scale", "passfail", [("scale", "unknown_value", "passfail ∉ points")]),
    ("status", ["sample"], [("status", "unknown_value", "['sample'] ∉ sample, verified")]),
    ("indicators[2].group", "Z", [("indicators[2].group", "unknown_value", "Z ∉ A, B")]),
    ("total", "30", [("total", "wrong_type", "integer ≠ '30'")]),
    ("total", 30.0, [("total", "wrong_type", "integer ≠ 30.0")]),
    ("floor", True, [("floor", "wrong_type", "integer ≠ True")]),
    ("open", 1, [("open", "wrong_type", "true/false ≠ 1")]),
    ("version", 7, [("version", "wrong_type", "text ≠ 7")]),
    ("name", "Công dân", [("name", "wrong_type", "table ≠ 'Công dân'")]),
    ("groups", "A, B", [("groups", "wrong_type", "list ≠ 'A, B'")]),
    ("groups[0]", "A", [("groups[0]", "wrong_type", "table ≠ 'A'")]),
    ("indicators[0].options", 3, [("indicators[0].options", "wrong_type", "list ≠ 3")]),
    ("valid_to_year", None, [("valid_to_year", "wrong_type", "integer ≠ None")]),
    ("indicators[0].evidence", ["x"], [("indicators[0].evidence[0]", "wrong_type", "table ≠ 'x'")]),
    (
        "indicators[0].options[0].aliases",
        [1],
        [("indicators[0].options[0].aliases[0]", "wrong_type", "text ≠ 1")],
    ),
    ("title", "", [("title", "empty", "")]),
    ("indicators[0].ask.vi", " \u200b\n", [("indicators[0].ask.vi", "empty", "")]),
    ("legal_basis", [], [("legal_basis", "empty", "")]),
    ("legal_basis[0]", "", [("legal_basis[0]", "empty", "")]),
    ("indicators[0].options", [], [("indicators[0].options", "empty", "")]),
    ("minimum_age", -16, [("minimum_age", "negative", "-16")]),
    (
        "indicators[0].options[0].points",
        -1,
        [("indicators[0].options[0].points", "negative", "-1")],
    ),
    ("indicators[1].code", "A1", [("indicators[1].code", "duplicate", "A1")]),
    ("indicators[1].code", " A1 ", [("indicators[1].code", "duplicate", "A1")]),
    ("indicators[2].number", 4, [("indicators[2].number", "number_gap", "4 ≠ 3")]),
    ("indicators[2].number", 2, [("indicators[2].number", "number_gap", "2 ≠ 3")]),
    (
        "indicators[0].number",
        0,
        [
            ("indicators[0].number", "number_gap", "0 ≠ 1"),
            ("indicators[1].number", "number_gap", "2 ≠ 1"),
        ],
    ),
    ("total", 31, [("total", "wrong_sum", "31 ≠ 30")]),
    (
        "groups[1].max",
        9,
        [("total", "wrong_sum", "30 ≠ 29"), ("groups[1].max", "wrong_sum", "9 ≠ 10")],
    ),
    (
        "indicators[2].max",
        11,
        [
            ("groups[1].max", "wrong_sum", "10 ≠ 11"),
            ("indicators[2].options", "wrong_top", "10 ≠ 11"),
        ],
    ),
    (
        "indicators[1].options[2].points",
        11,
        [("indicators[1].options", "wrong_top", "11 ≠ 12")],
    ),
    ("pass_mark", 31, [("pass_mark", "above_total", "31 > 30")]),
    ("pass_mark_difficult", 25, [("pass_mark_difficult", "above_pass_mark", "25 > 24")]),
    ("floor", 9, [("floor", "above_max", "9 > 8")]),
    ("valid_to_year", 2025, [("valid_from_year", "years_reversed", "2026 > 2025")]),
    (
        "indicators[2].options",
        options(5, 10),
        [("indicators[2].options", "option_count", "2 ∉ 3–4")],
    ),
    (
        "indicators[2].options",
        options(2, 4, 6, 8, 10),
        [("indicators[2].options", "option_count", "5 ∉ 3–4")],
    ),
    (
        "indicators[2].options[1].points",
        2,
        [("indicators[2].options[1].points", "not_ascending", "2 ≤ 2")],
    ),
    (
        "indicators[2].options[2].text.vi",
        "OPTION 2 VI",
        [("indicators[2].options[2]", "ambiguous_answer", "option 2 vi")],
    ),
    (
        "indicators[2].options[2].aliases",
        ["Option 5 ví"],
        [("indicators[2].options[2]", "ambiguous_answer", "option 5 vi")],
    ),
]


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
