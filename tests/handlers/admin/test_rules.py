"""Criteria sets are published and periods opened and closed without a restart, in every process."""

from storage.criteria import CRITERIA_FOLDER
from storage.criteria_versions import refresh
from tests.handlers.admin.desk import COMMUNE, Desk

SHIPPED = (CRITERIA_FOLDER / "citizen_2026.toml").read_text("utf-8")
SETS, PERIODS = "/api/v1/criteria-sets", "/api/v1/periods"


def version(name: str, *changes: tuple[str, str]) -> str:
    """Return the shipped set under another version, with lines replaced."""
    text = SHIPPED
    for old, new in (("citizen-2026-sample-1", name), *changes):
        assert old in text
        text = text.replace(old, new)
    return text


async def test_a_published_set_is_taken_by_new_files_and_old_ones_keep_theirs(desk: Desk) -> None:
    before = desk.parts.library.current("citizen", 2026).version
    old = await desk.add_file()
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        text = version("citizen-2026-1", ('status = "sample"', 'status = "verified"'))
        answer = await client.post(SETS, json={"toml": text})
        listed = (await client.get(SETS)).json()["items"]
    assert answer.status_code == 200, answer.text
    new = await desk.add_file("Trần Văn Tư")
    async with desk.client(await desk.add_officer()) as client:
        pinned = [
            (await client.get(f"/api/v1/declarations/{file}")).json()["criteria"]["version"]
            for file in (old, new)
        ]
    assert pinned == [before, "citizen-2026-1"]
    assert [(s["version"], s["status"], s["in_force"], s["origin"]) for s in listed] == [
        ("citizen-2026-1", "published", True, "api"),
        (before, "sample", False, "program"),
    ]


async def test_another_process_learns_of_it_by_one_look(desk: Desk) -> None:
    other = desk.parts.library.__class__(desk.parts.library.sets)
    async with desk.parts.database.reading() as connection:
        await refresh(connection, other)
    one = other.current("citizen", 2026)
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        await client.post(SETS, json={"toml": version("citizen-2026-1")})
    async with desk.parts.database.reading() as connection:
        assert await refresh(connection, other)
        assert not await refresh(connection, other)
    assert other.current("citizen", 2026).version == "citizen-2026-1"
    # What is remembered about a set goes by the very object.
    assert other.get(one.version) is one
    assert set(other.known) == {one.version, "citizen-2026-1"}


async def test_every_problem_of_a_text_is_told_with_its_key(desk: Desk) -> None:
    text = version("citizen-2026-1", ("total = 100", "total = 99"), ('group = "C"', 'group = "Z"'))
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        answer = await client.post(SETS, json={"toml": text})
        rubbish = await client.post(SETS, json={"toml": "a = ["})
        listed = (await client.get(SETS)).json()["items"]
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "criteria_invalid")
    assert {(e["in"], e["field"]) for e in problem["errors"]} >= {
        ("toml", "total"),
        *(("toml", f"indicators[{n}].group") for n in (7, 8, 9)),
    }
    assert [e["field"] for e in rubbish.json()["errors"]] == [""]
    assert len(listed) == 1


async def test_a_published_version_never_changes_what_it_says(desk: Desk) -> None:
    text = version("citizen-2026-1")
    harder = version("citizen-2026-1", ("pass_mark = 80", "pass_mark = 85"))
    shut = version("citizen-2026-1", ("open = true", "open = false"))
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        drafted = (await client.post(SETS, json={"toml": harder, "draft": True})).json()
        assert desk.parts.library.current("citizen", 2026).version != "citizen-2026-1"
        first = (await client.post(SETS, json={"toml": text})).json()
        desk.clock.forward(hours=1)
        again = (await client.post(SETS, json={"toml": text})).json()
        changed = await client.post(SETS, json={"toml": harder})
        back = await client.post(SETS, json={"toml": text, "draft": True})
        shipped = await client.post(SETS, json={"toml": SHIPPED})
        closed = (await client.post(SETS, json={"toml": shut})).json()
    assert (drafted["status"], drafted["pass_mark"]) == ("draft", 85)
    assert (first["pass_mark"], first) == (80, again)
    for refused in (changed, back, shipped):
        assert (refused.status_code, refused.json()["code"]) == (409, "criteria_changed")
    # Closing says nothing new about anybody; the program's sample does not come back.
    assert (closed["open"], closed["digest"]) == (False, first["digest"])
    assert desk.parts.library.open_titles(2026) == ()


async def test_a_period_is_closed_and_opened_by_version_on_record(desk: Desk) -> None:
    url = f"{PERIODS}/citizen/2026"
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        usual = (await client.get(f"{PERIODS}?year=2026")).json()["items"]
        closed = await client.post(f"{url}/close", json={"version": 0})
        late = await client.post(f"{url}/open", json={"version": 0})
        own = await client.post(f"{url}/open", json={"version": 0, "province": "48"})
        listed = (await client.get(f"{PERIODS}?year=2026")).json()["items"]
        unknown = await client.post(f"{url}/close", json={"version": 0, "province": "99"})
        past = await client.post(f"{PERIODS}/citizen/2025/open", json={"version": 0})
    assert [(p["standing"], p["version"], p["province"]) for p in usual] == [("open", 0, None)]
    assert (closed.status_code, closed.json()["standing"]) == (200, "closed")
    assert (late.status_code, late.json()["code"]) == (409, "stale_version")
    assert own.json()["standing"] == "open"
    assert [(p["province"], p["standing"]) for p in listed] == [(None, "closed"), ("48", "open")]
    assert unknown.status_code == 404
    assert (past.status_code, past.json()["code"]) == (422, "period_over")
    today = desk.parts.today()
    calendar = desk.parts.library.calendar
    assert [calendar.takes("citizen", 2026, p, today) for p in ("48", "01")] == [True, False]


async def test_what_was_handed_in_is_still_decided_after_the_close(desk: Desk) -> None:
    file = await desk.add_file()
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        await client.post(f"{PERIODS}/citizen/2026/close", json={"version": 0})
    async with desk.client(await desk.add_officer(place=COMMUNE)) as client:
        url = f"/api/v1/declarations/{file}/approve"
        answer = await client.post(url, json={"version": 2})
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")
