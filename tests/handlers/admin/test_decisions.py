"""Decisions over HTTP: on the version seen, once, undone until the notice, refused by rule."""

import asyncio
from typing import Any

import httpx
import pytest

from storage import due
from tests.handlers.admin.desk import COMMUNE, EIGHTS, Caller, Desk

# The first option everywhere: 3 of 10, and 5 where the village confirms.
LOWEST = (0,) * 10
# Ten points everywhere but the last, which is below the floor.
FLOOR = (3,) * 9 + (0,)
# Everything well, but the village still has to confirm the eighth.
PROVISIONAL = (3,) * 7 + (0,) + (3,) * 2


async def post(desk: Desk, who: Caller, file: str, action: str, **body: object) -> httpx.Response:
    async with desk.client(who) as client:
        return await client.post(f"/api/v1/declarations/{file}/{action}", json=body)


async def opened(desk: Desk, who: Caller, file: str) -> dict[str, Any]:
    async with desk.client(who) as client:
        answer: dict[str, Any] = (await client.get(f"/api/v1/declarations/{file}")).json()
    return answer


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def open_notices(desk: Desk) -> int:
    async with desk.parts.database.reading() as connection:
        rows = await due.list_due(connection, now_ms=2**50)
    return sum(row.kind == due.NOTICE for row in rows)


async def test_approving_answers_the_new_state_and_writes_the_journal(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer(name="Lê Thị Mẫu")
    answer = await post(desk, officer, file, "approve", version=2, note="Tốt")
    seen = await opened(desk, officer, file)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": file,
        "code": seen["code"],
        "status": "approved",
        "version": 3,
        "total": 80,
        "return_by": None,
        "decision": {
            "action": "approve",
            "reason": "Tốt",
            "at": "2026-11-02T02:00:01Z",
            "told": False,
            "undo_until": "2026-11-02T02:01:01Z",
        },
    }
    assert seen["history"][-1] == {
        "at": "2026-11-02T02:00:01Z",
        "action": "approve",
        "officer": "Lê Thị Mẫu",
        "via": "api",
        "source": "submitted",
        "target": "approved",
        "details": {"version": 2, "items": []},
    }
    assert await open_notices(desk) == 1


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("approve", {"version": 2}),
        (
            "approve",
            {"version": 2, "scores": [{"criterion": "A2", "points": 9, "reason": "1 lớp"}]},
        ),
        ("return", {"version": 2, "items": [{"criterion": "A2", "reason": "blurry_photo"}]}),
        ("return", {"version": 2, "items": [{"criterion": "A2", "reason": "Thiếu  dấu"}]}),
        ("reject", {"version": 2, "reason": "Chưa dự lớp nào"}),
    ],
)
async def test_the_same_decision_again_is_200_and_changes_nothing(
    desk: Desk, action: str, body: dict[str, object]
) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    first = await post(desk, officer, file, action, **body)
    before = await opened(desk, officer, file)
    again = await post(desk, officer, file, action, **body)
    assert (again.status_code, again.json()) == (200, first.json())
    assert await opened(desk, officer, file) == before
    assert await open_notices(desk) == 1


async def test_of_two_officers_at_once_one_decides_and_the_other_is_told(desk: Desk) -> None:
    for _ in range(5):
        file = await desk.add_file()
        one, other = await desk.add_officer(), await desk.add_officer("commune_leader")
        answers = await asyncio.gather(
            post(desk, one, file, "approve", version=2),
            post(desk, other, file, "reject", version=2, reason="Chưa đủ"),
        )
        assert sorted(a.status_code for a in answers) == [200, 409]
        loser = next(a for a in answers if a.status_code == 409)
        winner = next(a for a in answers if a.status_code == 200)
        assert code(loser) == (409, "stale_version")
        assert (await opened(desk, one, file))["status"] == winner.json()["status"]
    assert await open_notices(desk) == 5


async def test_another_officers_same_decision_is_no_repetition(desk: Desk) -> None:
    file, one, other = await desk.add_file(), await desk.add_officer(), await desk.add_officer()
    await post(desk, one, file, "approve", version=2)
    assert code(await post(desk, other, file, "approve", version=2)) == (409, "stale_version")
    assert code(await post(desk, other, file, "approve", version=3)) == (409, "wrong_state")


async def test_a_decision_on_an_old_version_decides_nothing(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    points = {"criterion": "A2", "points": 10, "reason": "Hai lớp"}
    scored = await post(desk, officer, file, "score", version=2, **points)
    assert (scored.status_code, scored.json()["version"], scored.json()["total"]) == (200, 3, 82)
    for action, body in (
        ("approve", {}),
        ("reject", {"reason": "Chưa đủ"}),
        ("return", {"items": [{"criterion": "A2", "reason": "wrong_photo"}]}),
        ("score", {"criterion": "A1", "points": 10, "reason": "Đủ"}),
        ("correct", {"name": "Nguyễn Thị Hoà"}),
    ):
        answer = await post(desk, officer, file, action, version=2, **body)
        assert (action, *code(answer)) == (action, 409, "stale_version")
    assert (await opened(desk, officer, file))["version"] == 3


async def test_undo_before_the_notice_takes_the_decision_back(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    before = await opened(desk, officer, file)
    items = [{"criterion": "A2", "reason": "blurry_photo"}]
    returned = await post(desk, officer, file, "return", version=2, items=items)
    assert (returned.json()["status"], returned.json()["return_by"]) == ("returned", "2026-11-12")
    undone = await post(desk, officer, file, "undo")
    assert undone.status_code == 200
    after = await opened(desk, officer, file)
    assert after | {"version": 2, "history": before["history"]} == before
    assert [one["action"] for one in after["history"]] == ["submit", "return", "undo"]
    assert await open_notices(desk) == 0
    assert code(await post(desk, officer, file, "undo")) == (409, "wrong_state")


async def test_undo_after_the_notice_is_409(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    await post(desk, officer, file, "approve", version=2)
    await desk.send_notice(file)
    assert code(await post(desk, officer, file, "undo")) == (409, "notice_left")
    assert (await opened(desk, officer, file))["decision"]["undo_until"] is None


async def test_only_who_decided_or_a_leader_undoes(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    await post(desk, officer, file, "approve", version=2)
    colleague, leader = await desk.add_officer(), await desk.add_officer("commune_leader")
    assert code(await post(desk, colleague, file, "undo")) == (403, "not_allowed")
    assert (await post(desk, leader, file, "undo")).status_code == 200


@pytest.mark.parametrize(
    ("options", "refused"),
    [
        (LOWEST, "unsettled_indicator"),
        (FLOOR, "below_floor"),
        ((2,) * 9 + (1,), "below_mark"),
        (PROVISIONAL, "unsettled_indicator"),
        ((*EIGHTS[:9], -1), "unsettled_indicator"),
    ],
)
async def test_a_file_that_does_not_reach_the_mark_is_never_approved(
    desk: Desk, options: tuple[int, ...], refused: str
) -> None:
    file, officer = await desk.add_file(options=options), await desk.add_officer()
    assert code(await post(desk, officer, file, "approve", version=2)) == (422, refused)
    seen = await opened(desk, officer, file)
    assert (seen["status"], seen["version"]) == ("submitted", 2)
    assert await open_notices(desk) == 0


async def test_points_given_with_the_approval_settle_the_file_in_one_step(desk: Desk) -> None:
    file, officer = await desk.add_file(options=PROVISIONAL), await desk.add_officer()
    scores = [{"criterion": "C1", "points": 9, "reason": "Tổ xác nhận"}]
    answer = await post(desk, officer, file, "approve", version=2, scores=scores)
    assert (answer.status_code, answer.json()["status"], answer.json()["version"]) == (
        200,
        "approved",
        4,
    )
    line = (await opened(desk, officer, file))["score"]["lines"][7]
    assert (line["self_points"], line["reviewed_points"], line["points"], line["reason"]) == (
        5,
        9,
        9,
        "Tổ xác nhận",
    )


async def test_a_refused_approval_keeps_none_of_its_points(desk: Desk) -> None:
    file, officer = await desk.add_file(options=LOWEST), await desk.add_officer()
    before = await opened(desk, officer, file)
    scores = [{"criterion": "C1", "points": 9, "reason": "Tổ xác nhận"}]
    answer = await post(desk, officer, file, "approve", version=2, scores=scores)
    assert code(answer) == (422, "below_floor")
    assert await opened(desk, officer, file) == before


@pytest.mark.parametrize(
    ("action", "body", "refused", "field"),
    [
        ("return", {"items": []}, "no_items", "items"),
        (
            "return",
            {"items": [{"criterion": "Z9", "reason": "x"}]},
            "unknown_indicator",
            "criterion",
        ),
        (
            "return",
            {"items": [{"criterion": "A1", "reason": "x"}, {"criterion": "A1", "reason": "y"}]},
            "repeated_indicator",
            "criterion",
        ),
        ("return", {"items": [{"criterion": "A1", "reason": " \u200b "}]}, "no_reason", "reason"),
        ("reject", {"reason": " \n "}, "no_reason", "reason"),
        (
            "score",
            {"criterion": "A2", "points": 11, "reason": "x"},
            "points_out_of_range",
            "points",
        ),
        ("correct", {}, "nothing_to_correct", "name"),
        ("correct", {"village": f"{COMMUNE}-999"}, "unknown_village", "village"),
        ("correct", {"village": "20194-001"}, "unknown_village", "village"),
    ],
)
async def test_a_refusal_by_rule_names_the_field(
    desk: Desk, action: str, body: dict[str, object], refused: str, field: str
) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    answer = await post(desk, officer, file, action, version=2, **body)
    assert code(answer) == (422, refused)
    problem = answer.json()
    assert problem["errors"] == [{"in": "body", "field": field, "detail": problem["detail"]}]


async def test_a_correction_settles_name_and_village_on_record(desk: Desk) -> None:
    file = await desk.add_file("nguyen thi hoa", village=None, village_text="to 5", settled=False)
    officer = await desk.add_officer()
    before = await opened(desk, officer, file)
    assert before["warnings"] == ["name_unsettled", "village_typed"]
    answer = await post(
        desk, officer, file, "correct", version=2, name="Nguyễn Thị Hòa", village=f"{COMMUNE}-005"
    )
    assert (answer.status_code, answer.json()["version"]) == (200, 3)
    after = await opened(desk, officer, file)
    assert after["declarant"] == {"name": "Nguyễn Thị Hòa", "birth_year": 1965, "settled": True}
    assert after["place"]["village"] == f"{COMMUNE}-005"
    assert after["warnings"] == []
    corrected = {"version": 2, "name": True, "village": f"{COMMUNE}-005"}
    assert after["history"][-1]["details"] == corrected


async def test_a_decision_wakes_the_loop_that_sends_notices(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    waiting = asyncio.create_task(desk.parts.wake.jobs.wait(60))
    await post(desk, officer, file, "approve", version=2)
    async with asyncio.timeout(5):
        await waiting
