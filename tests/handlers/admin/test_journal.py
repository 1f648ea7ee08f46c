"""The journal over HTTP: every line of the own place, none of another's, in pages."""

from typing import Any

import httpx

from tests.handlers.admin.desk import COMMUNE, NEIGHBOUR, PROVINCE, VILLAGE, Caller, Desk

AUDIT = "/api/v1/audit"


async def get(desk: Desk, who: Caller, **query: object) -> httpx.Response:
    async with desk.client(who) as client:
        return await client.get(AUDIT, params={k: str(v) for k, v in query.items()})


async def lines(desk: Desk, who: Caller, **query: object) -> list[dict[str, Any]]:
    answer = await get(desk, who, **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def act(desk: Desk, who: Caller, url: str, **body: object) -> None:
    async with desk.client(who) as client:
        assert (await client.post(url, json=body)).status_code in (200, 201)


async def test_a_line_says_who_did_what_to_which_file(desk: Desk) -> None:
    officer, file = await desk.add_officer(name="Lê Thị Mẫu"), await desk.add_file()
    await act(desk, officer, f"/api/v1/declarations/{file}/approve", version=2)
    async with desk.client(officer) as client:
        mine = (await client.get("/api/v1/me")).json()["id"]
    submitted, approved = await lines(desk, officer)
    assert (submitted["action"], submitted["officer"], submitted["declaration"]) == (
        "submit", None, file,
    )  # fmt: skip
    assert approved == {
        "at": "2026-11-02T02:00:01Z",
        "action": "approve",
        "place": COMMUNE,
        "declaration": file,
        "officer": mine,
        "officer_name": "Lê Thị Mẫu",
        "via": "api",
        "source": "submitted",
        "target": "approved",
        "details": {"version": 2, "items": []},
    }
    assert await lines(desk, officer, action="approve") == [approved]
    assert await lines(desk, officer, officer=mine) == [approved]
    assert await lines(desk, officer, declaration=file) == [submitted, approved]
    assert await lines(desk, officer, officer="x" * 22) == []


async def test_each_sees_the_lines_of_the_own_place_only(desk: Desk) -> None:
    here, there = await desk.add_file(), await desk.add_file("Trần Văn Năm", village="20242-013")
    far = await desk.add_file("Đỗ Xa", commune=NEIGHBOUR, village=None, village_text="x")
    leader = await desk.add_officer("commune_leader")
    invited = {"name": "A", "place": VILLAGE, "role": "village_reviewer"}
    await act(desk, leader, "/api/v1/officers/invitations", **invited)
    operator = await desk.add_officer("operator", PROVINCE)
    seen = {
        "village": await lines(desk, await desk.add_officer("village_reviewer", VILLAGE)),
        "commune": await lines(desk, await desk.add_officer()),
        "other": await lines(desk, await desk.add_officer(place=NEIGHBOUR)),
        "everything": await lines(desk, operator),
    }
    assert {name: [one["declaration"] for one in found] for name, found in seen.items()} == {
        "village": [here],
        "commune": [here, there, None],
        "other": [far],
        "everything": [here, there, far, None],
    }
    invitation = seen["commune"][-1]
    assert (invitation["action"], invitation["details"]["place"]) == ("officer_invite", VILLAGE)
    assert isinstance(invitation["details"]["officer"], str)


async def test_a_foreign_a_missing_and_an_unfinished_file_are_told_alike(desk: Desk) -> None:
    far = await desk.add_file("Đỗ Xa", commune=NEIGHBOUR, village=None, village_text="x")
    draft, officer = await desk.add_draft(), await desk.add_officer()
    answers = [await get(desk, officer, declaration=id) for id in (far, draft, "0" * 22, "' --")]
    assert {(one.status_code, one.text) for one in answers} == {(404, answers[0].text)}


async def test_pages_hold_every_line_once_while_others_are_written(desk: Desk) -> None:
    officer = await desk.add_officer()
    files = [await desk.add_file(f"Người {n}") for n in range(5)]
    found, query = [], dict[str, object](limit=2)
    for _ in range(4):
        page = (await get(desk, officer, **query)).json()
        found += [one["declaration"] for one in page["items"]]
        if page["next"] is None:
            break
        files.append(await desk.add_file(f"Người mới {len(files)}"))
        query["after"] = page["next"]
    assert found == files[: len(found)]
    assert len(found) >= 7


async def test_a_cursor_of_another_list_is_refused(desk: Desk) -> None:
    officer = await desk.add_officer()
    for n in range(2):
        await desk.add_file(f"Người {n}")
    async with desk.client(officer) as client:
        other = (await client.get("/api/v1/declarations?limit=1")).json()["next"]
    answer = await get(desk, officer, after=other)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "after")
