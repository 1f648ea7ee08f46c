"""A commune's settings and villages: who sets them, by version, on record."""

from typing import Any

import pytest
from sqlalchemy import select

from storage import places
from storage.models import audit as journal
from tests.handlers.admin.desk import COMMUNE, VILLAGE, Desk

URL = f"/api/v1/communes/{COMMUNE}"
FAR = "/api/v1/communes/00070"


async def lines(desk: Desk) -> list[tuple[str, str, str]]:
    """Return action, place and details of the journal."""
    query = select(journal.c.action, journal.c.place, journal.c.details).order_by(journal.c.id)
    async with desk.parts.database.reading() as connection:
        return [tuple(row) for row in await connection.execute(query)]


async def test_a_leader_sets_the_own_commune_and_the_journal_names_no_person(desk: Desk) -> None:
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        before = (await client.get(URL)).json()
        body = {"version": before["version"], "contact_name": "bà Hai", "answer_by": "2026-12-15"}
        answer = await client.patch(URL, json=body)
        again = (await client.get(URL)).json()
    assert answer.status_code == 200
    changed = {"contact_name": "bà Hai", "answer_by": "2026-12-15"}
    assert answer.json() == again == {**before, **changed, "version": before["version"] + 1}
    assert await lines(desk) == [
        ("commune_set", COMMUNE, '{"fields":["answer_by","contact_name"]}')
    ]


async def test_two_people_at_once_do_not_overwrite_each_other(desk: Desk) -> None:
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        seen = (await client.get(URL)).json()["version"]
        first = await client.patch(URL, json={"version": seen, "reviewers": "ban A"})
        late = await client.patch(URL, json={"version": seen, "reviewers": "ban B"})
        kept = (await client.get(URL)).json()
    assert (first.status_code, late.status_code, late.json()["code"]) == (200, 409, "stale_version")
    assert kept["reviewers"] == "ban A"


async def test_the_command_line_counts_as_another_hand(desk: Desk) -> None:
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        seen = (await client.get(URL)).json()["version"]

        async def by_command(connection: Any) -> None:
            await places.set_info(connection, await places.get_info(connection, COMMUNE))

        await desk.parts.database.write(by_command)
        late = await client.patch(URL, json={"version": seen, "reviewers": "ban B"})
    assert late.json()["code"] == "stale_version"


async def test_a_difficult_area_is_entered_by_operators_with_its_source(desk: Desk) -> None:
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        refused = await client.patch(URL, json={"version": 1, "difficult": True})
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        bare = await client.patch(FAR, json={"version": 0, "difficult": True})
        source = {"difficult_source": "QĐ 861/QĐ-TTg"}
        whole = await client.patch(FAR, json={"version": 0, "difficult": True, **source})
        unsourced = await client.patch(FAR, json={"version": 1, "difficult_source": None})
        taken = await client.patch(FAR, json={"version": 1, "difficult": None})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (bare.status_code, bare.json()["code"]) == (422, "no_source")
    assert (whole.json()["difficult"], whole.json()["version"]) == (True, 1)
    assert unsourced.json()["code"] == "no_source"
    assert taken.json()["difficult"] is False


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"version": 1, "submit_by": "2026-12-02"}, 422, "deadlines_reversed"),
        ({"version": 1, "submit_by": "02/12/2026"}, 422, "invalid"),
        ({"version": 1, "contact_phone": "x" * 33}, 422, "invalid"),
        ({"version": 1, "contact_name": "\u200b\u00a0"}, 422, "invalid"),
        ({"version": 1, "contact_name": "a\nb"}, 422, "invalid"),
        ({"version": 1, "contact_name": "a\x00b"}, 422, "invalid"),
        ({"version": 1, "demo": True}, 422, "invalid"),
        ({"contact_name": "bà Hai"}, 422, "invalid"),
    ],
)
async def test_what_cannot_be_set_is_refused_whole(
    desk: Desk, body: dict[str, Any], status: int, code: str
) -> None:
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        before = (await client.get(URL)).json()
        answer = await client.patch(URL, json=body)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert (await client.get(URL)).json() == before
    assert await lines(desk) == []


async def test_a_village_is_added_renamed_and_closed_but_never_lost(desk: Desk) -> None:
    await desk.add_file()
    async with desk.client(await desk.add_officer("commune_leader")) as client:
        new = (await client.post(f"{URL}/villages", json={"name": "Tổ 21"})).json()
        twin = await client.post(f"{URL}/villages", json={"name": "TO 21"})
        named = f"{URL}/villages/{VILLAGE}"
        renamed = await client.patch(named, json={"version": 1, "name": "Tổ 12 mới"})
        stale = await client.patch(named, json={"version": 1, "name": "Tổ 12 cũ"})
        later = await client.patch(named, json={"version": 2, "valid_to": "2026-11-03"})
        closed = await client.patch(named, json={"version": 2, "valid_to": "2026-11-02"})
        offered = (await client.get(f"{URL}/villages")).json()["items"]
        every = (await client.get(f"{URL}/villages?closed=true")).json()["items"]
        # Its number is taken for good.
        next_one = (await client.post(f"{URL}/villages", json={"name": "Tổ 12"})).json()
        files = (await client.get("/api/v1/declarations")).json()["items"]
    assert (new["code"], new["kind"], new["valid_from"]) == (
        f"{COMMUNE}-021", "residential_group", "2026-11-02",
    )  # fmt: skip
    assert (twin.status_code, twin.json()["code"]) == (409, "village_exists")
    assert (renamed.json()["name"], stale.json()["code"]) == ("Tổ 12 mới", "stale_version")
    assert later.json()["code"] == "not_yet"
    assert closed.json()["valid_to"] == "2026-11-02"
    assert VILLAGE not in [one["code"] for one in offered]
    assert VILLAGE in [one["code"] for one in every]
    assert next_one["code"] == f"{COMMUNE}-019"
    assert files[0]["place"]["village_name"] == "Tổ 12 mới"
    async with desk.parts.database.reading() as connection:
        found = await places.get_place(connection, desk.parts.index, VILLAGE)
    assert found is not None
    assert found.village is not None
    assert found.village not in found.villages


async def test_another_communes_village_is_not_found(desk: Desk) -> None:
    async with desk.client(await desk.add_officer("operator", "48")) as client:
        answer = await client.patch(f"{FAR}/villages/{VILLAGE}", json={"version": 1})
        odd = await client.patch(f"{URL}/villages/%00", json={"version": 1})
    assert (answer.status_code, odd.status_code) == (404, 404)
