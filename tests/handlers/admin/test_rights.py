"""Who sees and decides what: every call, every role, inside and outside its place."""

from pathlib import Path

import pytest

from dialogs.model import Role
from tests.databases import Template
from tests.handlers.admin.desk import (
    COMMUNE,
    FAR,
    NEIGHBOUR,
    PROVINCE,
    VILLAGE,
    Desk,
    certificate,
    open_desk,
)

FILE = "/api/v1/declarations/{file}"
READS = (FILE, FILE + "/evidence/{photo}", FILE + "/evidence/{photo}?size=thumb")
BODIES: dict[str, dict[str, object]] = {
    "approve": {"version": 2},
    "return": {"version": 2, "items": [{"criterion": "A2", "reason": "blurry_photo"}]},
    "reject": {"version": 2, "reason": "Chưa đủ"},
    "undo": {},
    "score": {"version": 2, "criterion": "A2", "points": 10, "reason": "Đủ 2 lớp"},
    "correct": {"version": 2, "name": "Nguyễn Thị Hoà"},
}
# role, place, how reading a file of tổ 12 answers, how deciding on it answers
OFFICERS: list[tuple[Role, str, int, int]] = [
    ("commune_officer", COMMUNE, 200, 200),
    ("commune_leader", COMMUNE, 200, 200),
    ("commune_officer", NEIGHBOUR, 404, 404),
    ("commune_leader", FAR, 404, 404),
    ("village_reviewer", VILLAGE, 200, 403),
    ("village_reviewer", f"{COMMUNE}-013", 404, 403),
    ("village_reviewer", f"{NEIGHBOUR}-012", 404, 403),
    ("province_viewer", PROVINCE, 403, 403),
    ("province_viewer", "01", 403, 403),
    ("operator", PROVINCE, 403, 403),
]


@pytest.mark.parametrize(("role", "place", "reading", "deciding"), OFFICERS)
async def test_each_role_reads_and_decides_only_where_it_may(
    desk: Desk, role: Role, place: str, reading: int, deciding: int
) -> None:
    file = await desk.add_file(photos={"clear": certificate()})
    async with desk.client(await desk.add_officer()) as owner:
        photo = (await owner.get(FILE.format(file=file))).json()["evidence"][0]["id"]
    async with desk.client(await desk.add_officer(role, place)) as client:
        read = [(await client.get(url.format(file=file, photo=photo))).status_code for url in READS]
        assert read == [reading] * len(READS)
        listed = await client.get("/api/v1/declarations")
        assert listed.status_code == (403 if reading == 403 else 200)
        if listed.status_code == 200:
            assert [one["id"] for one in listed.json()["items"]] == [file] * (reading == 200)
        for action, body in BODIES.items():
            answer = await client.post(f"/api/v1/declarations/{file}/{action}", json=body)
            wanted = 409 if deciding == 200 and action not in ("approve", "undo") else deciding
            assert (action, answer.status_code) == (action, wanted)


@pytest.mark.parametrize(("role", "place"), [(role, place) for role, place, *_ in OFFICERS])
async def test_every_role_may_ask_who_it_is(desk: Desk, role: Role, place: str) -> None:
    async with desk.client(await desk.add_officer(role, place)) as client:
        answer = await client.get("/api/v1/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["role"], me["place"], me["may_decide"]) == (
        role,
        place,
        role in ("commune_officer", "commune_leader"),
    )
    assert answer.headers["cache-control"] == "no-store"


CALLS = [
    ("GET", "/api/v1/me"),
    ("GET", "/api/v1/declarations"),
    *(("GET", url.format(file="x", photo="y")) for url in READS),
    *(("POST", f"/api/v1/declarations/x/{action}") for action in BODIES),
]


@pytest.mark.parametrize(("method", "url"), CALLS)
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer ", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Bearer é", "x" * 9000],
)
async def test_without_a_valid_token_every_call_is_401(
    desk: Desk, method: str, url: str, authorization: str | None
) -> None:
    body = BODIES[url.rpartition("/")[2]] if method == "POST" else None
    async with desk.client() as client:
        headers = [(b"authorization", (authorization or "").encode("latin-1"))]
        answer = await client.request(
            method, url, json=body, headers=headers if authorization is not None else None
        )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="khaihoc"')
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "unauthorized"


async def test_a_revoked_officer_is_out_at_the_next_request(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    async with desk.client(officer) as client:
        before = await client.get(FILE.format(file=file))
        await desk.revoke(officer)
        after = [
            await client.get(FILE.format(file=file)),
            await client.post(FILE.format(file=file) + "/approve", json={"version": 2}),
        ]
    assert before.status_code == 200
    assert [one.status_code for one in after] == [401, 401]


async def test_a_foreign_and_a_missing_file_answer_the_same(desk: Desk) -> None:
    file = await desk.add_file()
    draft = await desk.add_draft()
    ids = [file, draft, "0" * 22, "x", "%2e%2e", "a" * 500, "%00", "é", "' OR 1=1 --"]
    async with desk.client(await desk.add_officer(place=NEIGHBOUR)) as client:
        answers = [await client.get(f"/api/v1/declarations/{number}") for number in ids]
        answers += [
            await client.post(f"/api/v1/declarations/{number}/approve", json={"version": 1})
            for number in ids
        ]
        answers += [await client.get(f"/api/v1/declarations/{n}/evidence/x") for n in ids]
    assert {one.status_code for one in answers} == {404}
    assert {one.text for one in answers} == {answers[0].text}


async def test_a_draft_and_a_file_taken_back_belong_to_no_officer(desk: Desk) -> None:
    draft, back = await desk.add_draft(), await desk.add_file("Trần Văn Tư")
    taken_back = (
        "UPDATE declaration SET status = 'draft', version = version + 1 WHERE public_id = ?"
    )
    async with desk.client(await desk.add_officer()) as client:
        assert (await client.get(FILE.format(file=back))).status_code == 200
        desk.plain.spoil(taken_back, back)
        for file in (draft, back):
            assert (await client.get(FILE.format(file=file))).status_code == 404
        assert (await client.get("/api/v1/declarations")).json() == {"items": [], "next": None}


async def test_a_photo_opens_only_under_its_own_file(desk: Desk) -> None:
    file = await desk.add_file(photos={"clear": certificate()})
    other = await desk.add_file("Trần Văn Tư")
    async with desk.client(await desk.add_officer()) as client:
        photo = (await client.get(FILE.format(file=file))).json()["evidence"][0]["id"]
        answers = [
            await client.get(f"/api/v1/declarations/{other}/evidence/{photo}"),
            await client.get(f"/api/v1/declarations/{file}/evidence/{'0' * 22}"),
        ]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(404, "not_found")}


async def test_asking_too_fast_is_429_with_the_time_to_wait(
    tmp_path: Path, template: Template
) -> None:
    async with open_desk(tmp_path / "slow", template, limit_api=3) as desk:
        first, second = await desk.add_officer(), await desk.add_officer()
        async with desk.client(first) as client, desk.client(second) as other:
            answers = [await client.get("/api/v1/me") for _ in range(4)]
            assert [one.status_code for one in answers] == [200, 200, 200, 429]
            assert answers[3].json()["code"] == "too_many_requests"
            assert answers[3].headers["retry-after"] == "20"
            assert (await other.get("/api/v1/me")).status_code == 200
            desk.clock.forward(seconds=20)
            assert (await client.get("/api/v1/me")).status_code == 200


async def test_guessing_tokens_is_slowed_down_by_address(
    tmp_path: Path, template: Template
) -> None:
    async with open_desk(tmp_path / "slow", template, limit_api=3) as desk, desk.client() as client:
        tried = [
            await client.get("/api/v1/me", headers={"Authorization": f"Bearer guess-{n}"})
            for n in range(4)
        ]
    assert [one.status_code for one in tried] == [401, 401, 401, 429]
