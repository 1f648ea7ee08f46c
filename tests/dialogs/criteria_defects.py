"""A sound criteria set, and every defect that can be planted into it."""

import copy
import re
from typing import Any

import pytest

from dialogs.criteria import CriteriaInvalid, parse_criteria_set

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
    ("version", "v" * 65, [("version", "too_long", "65 > 64")]),
    ("title", "c" * 33, [("title", "too_long", "33 > 32")]),
    ("title", "Công dân", [("title", "not_a_name", "Công dân")]),
    ("indicators[0].code", "A12345678", [("indicators[0].code", "too_long", "9 > 8")]),
    ("total", 1001, [("total", "too_large", "1001 > 1000"), ("total", "wrong_sum", "1001 ≠ 30")]),
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
