"""Officers and invitations: who appoints whom, and that a revoked right is dead at once."""

from typing import Any

import httpx
import pytest

from dialogs.model import Role
from storage.audit_query import Line, Wanted, list_lines
from tests.handlers.admin.desk import COMMUNE, FAR, NEIGHBOUR, PROVINCE, VILLAGE, Caller, Desk
from tests.handlers.admin.matrix import add_link
from tests.talk import Talk
from tests.world import World

OFFICERS = "/api/v1/officers"
INVITE = {"name": "  Trần  Văn Tư ", "place": VILLAGE, "role": "village_reviewer"}


async def call(desk: Desk, who: Caller, method: str, url: str, body: Any = None) -> httpx.Response:
    async with desk.client(who) as client:
        return await client.request(method, url, json=body)


async def listed(desk: Desk, who: Caller, query: str = "") -> list[dict[str, Any]]:
    answer = await call(desk, who, "GET", f"{OFFICERS}{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def id_of(desk: Desk, caller: Caller) -> str:
    found: str = (await call(desk, caller, "GET", "/api/v1/me")).json()["id"]
    return found


async def journal(desk: Desk) -> list[Line]:
    async with desk.parts.database.reading() as connection:
        return await list_lines(connection, scope=None, wanted=Wanted())


async def test_an_invitation_is_a_link_that_opens_the_officers_door_once(desk: Desk) -> None:
    leader = await desk.add_officer("commune_leader", name="Lê Thị Mẫu")
    answer = await call(desk, leader, "POST", f"{OFFICERS}/invitations", INVITE)
    assert answer.status_code == 201
    made = answer.json()
    invited = made["officer"]
    assert made == {
        "officer": {
            "id": invited["id"],
            "name": "Trần Văn Tư",
            "role": "village_reviewer",
            "place": VILLAGE,
            "place_name": {
                "vi": "tổ 12, phường Hải Châu, TP. Đà Nẵng",
                "en": "tổ 12, Hải Châu ward, Đà Nẵng city",
            },
            "revoked": False,
            "invited_at": "2026-11-02T02:00:00Z",
            "may_revoke": True,
        },
        "link": f"{desk.parts.public_url}/officer/{made['code']}",
        "code": made["code"],
        "expires_at": "2026-11-02T02:15:00Z",
    }
    assert (len(invited["id"]), len(made["code"])) == (22, 64)
    (line,) = await journal(desk)
    assert (line.action, line.place, line.officer, line.via) == (
        "officer_invite", COMMUNE, leader.id, "api",
    )  # fmt: skip
    assert set(line.details) == {"officer", "role", "place"}
    assert [one["id"] for one in await listed(desk, leader) if one["may_revoke"]] == [invited["id"]]


@pytest.mark.parametrize(
    ("place", "role", "status", "code"),
    [
        (f"{COMMUNE}-099", "village_reviewer", 404, "not_found"),
        (f"{NEIGHBOUR}-001", "village_reviewer", 404, "not_found"),
        (COMMUNE, "village_reviewer", 422, "wrong_level"),
        (VILLAGE, "commune_officer", 422, "wrong_level"),
        (COMMUNE, "commune_leader", 403, "not_allowed"),
        (COMMUNE, "operator", 403, "not_allowed"),
        (PROVINCE, "province_viewer", 403, "not_allowed"),
        ("Hải Châu", "village_reviewer", 422, "invalid"),
        (COMMUNE, "boss", 422, "invalid"),
    ],
)
async def test_a_leader_invites_only_below_and_at_home(
    desk: Desk, place: str, role: str, status: int, code: str
) -> None:
    leader = await desk.add_officer("commune_leader")
    body = INVITE | {"place": place, "role": role}
    answer = await call(desk, leader, "POST", f"{OFFICERS}/invitations", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert [one["may_revoke"] for one in await listed(desk, leader)] == [False]
    assert await journal(desk) == []


async def test_an_operator_invites_everywhere_but_no_operator(desk: Desk) -> None:
    operator = await desk.add_officer("operator", PROVINCE)
    asked: list[tuple[Role, str]] = [
        ("village_reviewer", VILLAGE),
        ("commune_officer", FAR),
        ("commune_leader", NEIGHBOUR),
        ("province_viewer", "01"),
        ("operator", PROVINCE),
    ]
    answers = [
        await call(
            desk, operator, "POST", f"{OFFICERS}/invitations", INVITE | {"role": r, "place": p}
        )
        for r, p in asked
    ]
    assert [one.status_code for one in answers] == [201, 201, 201, 201, 403]


async def test_revoking_twice_is_revoking_once(
    desk: Desk,
) -> None:
    leader, officer = await desk.add_officer("commune_leader"), await desk.add_officer()
    number = await id_of(desk, officer)
    first = await call(desk, leader, "POST", f"{OFFICERS}/{number}/revoke")
    again = await call(desk, leader, "POST", f"{OFFICERS}/{number}/revoke")
    dead = await call(desk, officer, "GET", "/api/v1/me")
    relinked = await call(desk, leader, "POST", f"{OFFICERS}/{number}/link")
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (first.json()["revoked"], first.json()["may_revoke"]) == (True, False)
    assert (dead.status_code, relinked.status_code) == (401, 404)
    assert [line.action for line in await journal(desk)] == ["officer_revoke"]


async def test_nobody_ends_own_rights_an_equals_or_a_superiors(desk: Desk) -> None:
    leader, equal = [await desk.add_officer("commune_leader") for _ in range(2)]
    operator, other = [await desk.add_officer("operator", PROVINCE) for _ in range(2)]
    tried = [(leader, leader), (leader, equal), (operator, operator), (operator, other)]
    answers = [
        await call(desk, by, "POST", f"{OFFICERS}/{await id_of(desk, whom)}/revoke")
        for by, whom in tried
    ]
    assert [(one.status_code, one.json()["code"]) for one in answers] == [(403, "not_allowed")] * 4
    above = await call(desk, leader, "POST", f"{OFFICERS}/{await id_of(desk, operator)}/revoke")
    assert above.status_code == 404
    assert await journal(desk) == []


async def test_officers_are_listed_by_place_in_pages(desk: Desk) -> None:
    operator = await desk.add_officer("operator", PROVINCE, "Vận hành")
    leader = await desk.add_officer("commune_leader", name="Lãnh đạo")
    for place, role in ((VILLAGE, "village_reviewer"), (NEIGHBOUR, "commune_officer"), (FAR, None)):
        await desk.add_officer(role or "commune_officer", place, place)  # type: ignore[arg-type]
    asked = {
        "": ["Vận hành", "Lãnh đạo", VILLAGE, NEIGHBOUR, FAR],
        f"?place={PROVINCE}": ["Vận hành", "Lãnh đạo", VILLAGE, NEIGHBOUR],
        f"?place={COMMUNE}": ["Lãnh đạo", VILLAGE],
        f"?place={VILLAGE}": [VILLAGE],
        "?place=01": [FAR],
    }
    assert {q: [one["name"] for one in await listed(desk, operator, q)] for q in asked} == asked
    assert [one["name"] for one in await listed(desk, leader)] == ["Lãnh đạo", VILLAGE]
    names, after = [], ""
    for _ in range(3):
        page = (await call(desk, operator, "GET", f"{OFFICERS}?limit=2{after}")).json()
        names += [one["name"] for one in page["items"]]
        after = f"&after={page['next']}"
    assert (names, page["next"]) == (asked[""], None)


async def test_a_new_link_opens_for_an_officer_who_is_there_already(desk: Desk) -> None:
    leader, officer = await desk.add_officer("commune_leader"), await desk.add_officer()
    number = await id_of(desk, officer)
    made = await call(desk, leader, "POST", f"{OFFICERS}/{number}/link")
    assert made.status_code == 201
    assert made.json()["officer"]["id"] == number
    assert len(await listed(desk, leader)) == 2


async def test_with_the_answer_to_a_revocation_everything_held_is_dead(world: World) -> None:
    desk = Desk(world.program.parts, world.program.app, world.clock, world.chance)
    leader, officer = await desk.add_officer("commune_leader"), await desk.add_officer()
    file, number = await desk.add_file("Nguyễn Thị Mật"), await id_of(desk, officer)
    used, unused = [await add_link(desk, officer.id) for _ in range(2)]
    async with Talk(world, "/officer/chat") as chat:
        await chat.enter(f"/officer/{used}")
        assert "Nguyễn Thị Mật" in (await chat.say("hồ sơ chờ"))["text"]
        await call(desk, leader, "POST", f"{OFFICERS}/{number}/revoke")
        said = await chat.client.post("/officer/chat/sessions", json={})
        looked = await chat.client.get(f"/officer/{unused}")
        entered = await chat.client.post(f"/officer/{unused}")
    token = await call(desk, officer, "GET", f"/api/v1/declarations/{file}")
    assert "Mật" not in said.text
    assert (looked.status_code, entered.status_code, token.status_code) == (404, 404, 401)
