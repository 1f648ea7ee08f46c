"""Blocking over HTTP: a leader in the own commune, an operator anywhere, all of it on record."""

import pytest

from storage import conversations, retention
from storage.database import Connection
from tests.handlers.admin.desk import COMMUNE, NEIGHBOUR, PROVINCE, Desk

FILE = "/api/v1/declarations/{}/block"


async def journal(desk: Desk, file: str) -> list[tuple[str, dict[str, object]]]:
    async with desk.client(await desk.add_officer()) as client:
        whole = (await client.get(f"/api/v1/declarations/{file}")).json()
    return [(one["action"], one["details"]) for one in whole["history"] if "block" in one["action"]]


async def test_a_leader_blocks_a_declarant_sees_it_and_ends_it(desk: Desk) -> None:
    file = await desk.add_file()
    sender = f"person-{desk.people}"
    async with desk.client(await desk.add_officer("commune_leader")) as leader:
        set_now = await leader.post(FILE.format(file), json={"hours": 24, "reason": "abuse"})
        until = "2026-11-03T02:00:01Z"
        assert set_now.json() == {"blocked": True, "until": until, "reason": "abuse"}
        assert await desk.parts.blocks.left(sender, desk.clock.at) == 24 * 3600
        listed = (await leader.get("/api/v1/blocks")).json()
        assert listed == {
            "items": [
                {
                    "declaration": file,
                    "reason": "abuse",
                    "since": "2026-11-02T02:00:01Z",
                    "until": until,
                }
            ],
            "next": None,
        }
        for _ in range(2):
            ended = await leader.delete(FILE.format(file))
            assert ended.json() == {"blocked": False, "until": None, "reason": None}
        assert await desk.parts.blocks.left(sender, desk.clock.at) == 0.0
        assert (await leader.get("/api/v1/blocks")).json()["items"] == []
    actions = await journal(desk, file)
    assert [action for action, _ in actions] == ["block", "unblock"]
    assert actions[0][1] | {"block": 0} == {"block": 0, "hours": 24, "reason": "abuse"}


async def test_blocks_of_another_commune_are_not_told(desk: Desk) -> None:
    file = await desk.add_file(commune=NEIGHBOUR, village=None, village_text="thôn lạ")
    async with desk.client(await desk.add_officer("operator", PROVINCE)) as operator:
        answer = await operator.post(FILE.format(file), json={"hours": 1, "reason": "fraud"})
        assert answer.status_code == 200
        assert len((await operator.get("/api/v1/blocks")).json()["items"]) == 1
    async with desk.client(await desk.add_officer("commune_leader")) as leader:
        assert (await leader.get("/api/v1/blocks")).json() == {"items": [], "next": None}
        assert (await leader.delete(FILE.format(file))).status_code == 404


async def test_a_list_of_blocks_is_read_page_by_page(desk: Desk) -> None:
    files = [await desk.add_file() for _ in range(3)]
    async with desk.client(await desk.add_officer("commune_leader")) as leader:
        for file in files:
            await leader.post(FILE.format(file), json={"hours": 1, "reason": "flood"})
        found: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = (await leader.get("/api/v1/blocks", params={"limit": "2"} | after)).json()
            found += [one["declaration"] for one in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert found == files
        wrong = await leader.get("/api/v1/blocks", params={"after": "x"})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "after")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "hours"),
        ({"hours": 0, "reason": "flood"}, "hours"),
        ({"hours": 721, "reason": "flood"}, "hours"),
        ({"hours": 1.5, "reason": "flood"}, "hours"),
        ({"hours": 1, "reason": "because"}, "reason"),
        ({"hours": 1, "reason": "flood", "name": "x"}, "name"),
    ],
)
async def test_what_is_no_block_is_refused_by_the_field(
    desk: Desk, body: dict[str, object], field: str
) -> None:
    file = await desk.add_file()
    async with desk.client(await desk.add_officer("commune_leader")) as leader:
        answer = await leader.post(FILE.format(file), json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
        assert (await leader.get("/api/v1/blocks")).json()["items"] == []


async def test_a_person_who_was_forgotten_is_nobody_to_block(desk: Desk) -> None:
    file = await desk.add_file()
    sender = f"person-{desk.people}"

    async def forget(connection: Connection) -> None:
        known = (await conversations.load(connection, [sender]))[sender]
        assert known.person is not None
        later = 10**15
        await retention.forget_idle(connection, known.person.id, before_ms=later, at_ms=later)

    await desk.parts.database.write(forget)
    async with desk.client(await desk.add_officer("commune_leader", COMMUNE)) as leader:
        answer = await leader.post(FILE.format(file), json={"hours": 1, "reason": "flood"})
    assert answer.status_code == 404
