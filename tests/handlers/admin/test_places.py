"""The figures of a place: what each role gets of which place, and how they add up."""

from typing import Any

import pytest

from dialogs.model import Role
from storage.database import Connection
from storage.demo import get_numbers, mark_demo
from tests.handlers.admin.desk import COMMUNE, FAR, NEIGHBOUR, PROVINCE, VILLAGE, Desk

URL = "/api/v1/places/{}/summary"
NOBODY = {
    "registered": 0,
    "begun": 0,
    "taken_back": 0,
    "declared": 0,
    "submitted": 0,
    "returned": 0,
    "approved": 0,
    "rejected": 0,
}


def figures(**counts: int) -> dict[str, int]:
    """Return figures as they are answered, by what is not zero."""
    declared = sum(counts.get(n, 0) for n in ("submitted", "returned", "approved", "rejected"))
    registered = declared + counts.get("begun", 0) + counts.get("taken_back", 0)
    return NOBODY | counts | {"declared": declared, "registered": registered}


async def ask(desk: Desk, code: str, role: Role, place: str, **query: str) -> Any:
    """Return the answer to an officer of a role and place, None for 404."""
    async with desk.client(await desk.add_officer(role, place)) as client:
        answer = await client.get(URL.format(code), params=query)
    assert answer.status_code in (200, 404)
    return answer.json() if answer.status_code == 200 else None


def parts(summary: Any, title: str = "citizen") -> dict[str | None, Any]:
    """Return the figures of the parts that have any files or are hidden, by code."""
    (block,) = (one for one in summary["titles"] if one["title"] == title)
    shown = {p["place"]: "hidden" if p["suppressed"] else p["figures"] for p in block["parts"]}
    return {code: known for code, known in shown.items() if known != NOBODY}


async def test_a_commune_is_its_villages_and_what_no_village_has(desk: Desk) -> None:
    await desk.add_file()
    await desk.add_draft()
    await desk.add_file(village=f"{COMMUNE}-003")
    await desk.add_file(village=None, village_text="tổ mười hai")
    await desk.add_file(commune=NEIGHBOUR, village=None)
    summary = await ask(desk, COMMUNE, "commune_officer", COMMUNE, period="2026")
    (block,) = summary.pop("titles")
    assert summary == {
        "place": COMMUNE,
        "name": {"vi": "phường Hải Châu, TP. Đà Nẵng", "en": "Hải Châu ward, Đà Nẵng city"},
        "level": "commune",
        "period": 2026,
        "demo": False,
    }
    lines = block.pop("parts")
    assert block == {
        "title": "citizen",
        "suppressed": False,
        "figures": figures(begun=1, submitted=3),
    }
    assert [line["place"] for line in lines] == [
        *(f"{COMMUNE}-{n:03}" for n in range(1, 19)),
        None,
    ]
    assert lines[11] == {
        "place": VILLAGE,
        "name": {"vi": "tổ 12", "en": "tổ 12"},
        "suppressed": False,
        "figures": figures(begun=1, submitted=1),
    }
    assert lines[-1] == {
        "place": None,
        "name": {"vi": "chưa rõ thôn, tổ", "en": "village not settled yet"},
        "suppressed": False,
        "figures": figures(submitted=1),
    }


async def test_larger_units_add_their_communes(desk: Desk) -> None:
    await desk.add_file()
    await desk.add_file(commune=NEIGHBOUR, village=None)
    await desk.add_file(commune=FAR, village=None)
    province = await ask(desk, PROVINCE, "province_viewer", PROVINCE)
    one = figures(submitted=1)
    assert (province["level"], province["titles"][0]["figures"]) == (
        "province",
        figures(submitted=2),
    )
    assert parts(province) == {COMMUNE: one, NEIGHBOUR: one}
    country = await ask(desk, "vn", "operator", PROVINCE)
    assert country["name"] == {"vi": "cả nước", "en": "the whole country"}
    assert country["titles"][0]["figures"] == figures(submitted=3)
    assert parts(country) == {"01": one, PROVINCE: figures(submitted=2)}
    assert len(country["titles"][0]["parts"]) == 34


async def test_a_province_sees_no_small_village(desk: Desk) -> None:
    small, typed = f"{COMMUNE}-003", None
    for _ in range(6):
        await desk.add_file()
        await desk.add_file(village=f"{COMMUNE}-004")
    await desk.add_file(village=small)
    exact = {VILLAGE: figures(submitted=6), f"{COMMUNE}-004": figures(submitted=6)}
    own = await ask(desk, COMMUNE, "commune_leader", COMMUNE)
    assert parts(own) == {**exact, small: figures(submitted=1)}
    seen = await ask(desk, COMMUNE, "province_viewer", PROVINCE)
    # The smallest other is hidden with it, or subtracting would tell.
    assert parts(seen) == {f"{COMMUNE}-004": "hidden", VILLAGE: exact[VILLAGE], small: "hidden"}
    assert seen["titles"][0]["figures"] == figures(submitted=13)
    assert typed not in parts(seen)
    for code, known in ((small, None), (f"{COMMUNE}-004", None), (VILLAGE, exact[VILLAGE])):
        village = await ask(desk, code, "province_viewer", PROVINCE)
        assert village["titles"] == [
            {"title": "citizen", "suppressed": known is None, "figures": known, "parts": []}
        ]


async def test_a_village_reviewer_sees_the_own_village_exactly(desk: Desk) -> None:
    await desk.add_file()
    summary = await ask(desk, VILLAGE, "village_reviewer", VILLAGE)
    assert (summary["place"], summary["level"], summary["name"]["vi"]) == (
        VILLAGE,
        "village",
        "tổ 12",
    )
    assert summary["titles"] == [
        {"title": "citizen", "suppressed": False, "figures": figures(submitted=1), "parts": []}
    ]


@pytest.mark.parametrize(
    ("role", "place", "codes"),
    [
        ("village_reviewer", VILLAGE, {VILLAGE}),
        ("commune_officer", COMMUNE, {COMMUNE, VILLAGE, f"{COMMUNE}-013"}),
        ("commune_leader", NEIGHBOUR, {NEIGHBOUR}),
        ("province_viewer", PROVINCE, {PROVINCE, COMMUNE, NEIGHBOUR, VILLAGE, f"{COMMUNE}-013"}),
        ("province_viewer", "01", {"01", FAR}),
        ("operator", PROVINCE, {"vn"}),
    ],
)
async def test_each_role_sees_its_place_and_what_lies_in_it(
    desk: Desk, role: Role, place: str, codes: set[str]
) -> None:
    asked = {"vn", PROVINCE, "01", "99", COMMUNE, NEIGHBOUR, FAR, "99999", VILLAGE}
    asked |= {f"{COMMUNE}-013", f"{COMMUNE}-999", f"{FAR}-001", "x", "VN", "４８", "48-1"}
    seen = set()
    async with desk.client(await desk.add_officer(role, place)) as client:
        for code in sorted(asked):
            answer = await client.get(URL.format(code))
            assert answer.status_code in (200, 404), code
            seen |= {code} if answer.status_code == 200 else set()
    assert seen == codes


async def test_title_and_period_narrow_and_nothing_is_zero(desk: Desk) -> None:
    await desk.add_file()
    officer: tuple[Role, str] = ("commune_officer", COMMUNE)
    assert (await ask(desk, COMMUNE, *officer, period="2025"))["titles"] == []
    (block,) = (await ask(desk, COMMUNE, *officer, title="family"))["titles"]
    assert (block["title"], block["figures"]) == ("family", NOBODY)
    assert {str(part["figures"]) for part in block["parts"]} == {str(NOBODY)}
    (block,) = (await ask(desk, COMMUNE, *officer, title="citizen"))["titles"]
    assert block["figures"] == figures(submitted=1)


async def test_invented_files_are_never_among_real_ones(desk: Desk) -> None:
    file = await desk.add_file()
    await desk.add_file()

    async def invent(connection: Connection) -> None:
        await mark_demo(connection, [(await get_numbers(connection, file)).declaration])

    await desk.parts.database.write(invent)
    real = await ask(desk, COMMUNE, "commune_officer", COMMUNE)
    demo = await ask(desk, COMMUNE, "commune_officer", COMMUNE, demo="true")
    assert (real["demo"], demo["demo"]) == (False, True)
    assert parts(real) == parts(demo) == {VILLAGE: figures(submitted=1)}


async def test_a_village_that_is_no_more_keeps_its_figures(desk: Desk) -> None:
    await desk.add_file(village=f"{COMMUNE}-777")
    summary = await ask(desk, COMMUNE, "commune_officer", COMMUNE)
    assert parts(summary) == {f"{COMMUNE}-777": figures(submitted=1)}


@pytest.mark.parametrize(
    "query", ["period=0", "period=x", "title=A-B", "title=" + "a" * 33, "demo=maybe"]
)
async def test_a_wrong_question_is_422(desk: Desk, query: str) -> None:
    async with desk.client(await desk.add_officer()) as client:
        answer = await client.get(URL.format(COMMUNE) + "?" + query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
