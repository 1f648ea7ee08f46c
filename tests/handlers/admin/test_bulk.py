"""Many decisions in one call: each as the single call decides it, once, with its own result."""

from typing import Any

import httpx
import pytest

from dialogs.bulk import USUAL_PER_HOUR
from storage import audit
from storage.audit_query import Wanted, list_lines
from storage.seams import to_ms
from tests.handlers.admin.desk import COMMUNE, NEIGHBOUR, Caller, Desk

# The second option everywhere: below the mark.
SECOND = (1,) * 10
URL = "/api/v1/declarations/bulk"
MISSING = "0" * 22


async def post(desk: Desk, who: Caller, action: str, *items: Any, **words: Any) -> httpx.Response:
    body = {"action": action, "items": [{"id": id, "version": seen} for id, seen in items]}
    async with desk.client(who) as client:
        return await client.post(URL, json=body | words)


def said(answer: httpx.Response) -> list[tuple[str, int, str | None]]:
    assert answer.status_code == 200, answer.text
    return [(one["id"], one["status"], one["code"]) for one in answer.json()["items"]]


async def statuses(desk: Desk, who: Caller) -> dict[str, str]:
    async with desk.client(who) as client:
        found = (await client.get("/api/v1/declarations")).json()["items"]
    return {one["id"]: one["status"] for one in found}


async def notes(desk: Desk) -> list[dict[str, Any]]:
    async with desk.parts.database.reading() as connection:
        lines = await list_lines(connection, scope=None, wanted=Wanted(action="bulk"))
    return [dict(line.details) for line in lines]


async def test_each_file_has_the_result_of_its_own_in_the_order_sent(desk: Desk) -> None:
    officer = await desk.add_officer()
    good, low = await desk.add_file(), await desk.add_file("Lê Thấp", options=SECOND)
    stale, draft = await desk.add_file("Trần Cũ"), await desk.add_draft("Vũ Nháp")
    foreign = await desk.add_file("Đỗ Xa", commune=NEIGHBOUR, village=None, village_text="x")
    answer = await post(
        desk, officer, "approve", (stale, 1), (low, 2), (foreign, 2), (MISSING, 2), (draft, 1),
        ("' OR 1=1 --", 2), (good, 2), note="Tốt",
    )  # fmt: skip
    assert said(answer) == [
        (stale, 409, "stale_version"),
        (low, 422, "below_mark"),
        (foreign, 404, "not_found"),
        (MISSING, 404, "not_found"),
        (draft, 404, "not_found"),
        ("' OR 1=1 --", 404, "not_found"),
        (good, 200, None),
    ]
    assert answer.json()["items"][-1] == {
        "id": good, "status": 200, "version": 3, "code": None, "detail": None,
    }  # fmt: skip
    assert await statuses(desk, officer) == {
        good: "approved", low: "submitted", stale: "submitted",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("action", "words", "status"),
    [
        ("approve", {"note": "Tốt"}, "approved"),
        ("return", {"ask": [{"criterion": "A2", "reason": "blurry_photo"}]}, "returned"),
        ("reject", {"reason": "Chưa dự lớp nào"}, "rejected"),
    ],
)
async def test_the_same_call_again_decides_nothing_twice(
    desk: Desk, action: str, words: dict[str, Any], status: str
) -> None:
    officer = await desk.add_officer()
    files = [await desk.add_file(f"Nguyễn {letter}") for letter in "ABC"]
    seen = [(file, 2) for file in files]
    first = await post(desk, officer, action, *seen, **words)
    again = await post(desk, officer, action, *seen, *seen[:1], **words)
    assert said(first) == [(file, 200, None) for file in files]
    assert said(again) == [(file, 200, None) for file in (*files, files[0])]
    assert {one["version"] for one in again.json()["items"]} == {3}
    assert await statuses(desk, officer) == dict.fromkeys(files, status)
    assert await notes(desk) == [
        {"action": action, "asked": 3, "done": 3, "in_hour": 3, "unusual": False}
    ]
    async with desk.client(officer) as client:
        whole = (await client.get(f"/api/v1/declarations/{files[0]}")).json()
    assert [entry["action"] for entry in whole["history"]] == ["submit", action]


async def test_more_than_an_officer_can_look_at_is_noted(desk: Desk) -> None:
    officer, at_ms = await desk.add_officer(), to_ms(desk.clock.at)
    line = audit.Line("approve", at_ms, place=COMMUNE, officer_id=officer.id, via="chat")
    before = [line] * (USUAL_PER_HOUR - 2)
    await desk.parts.database.write(lambda connection: audit.add_all(connection, before))
    files = [(await desk.add_file(f"Người {n}"), 2) for n in range(4)]
    await post(desk, officer, "approve", *files[:2])
    await post(desk, officer, "approve", files[2])
    desk.clock.forward(hours=1, seconds=1)
    await post(desk, officer, "approve", files[3])
    assert [(one["done"], one["in_hour"], one["unusual"]) for one in await notes(desk)] == [
        (2, USUAL_PER_HOUR, False),
        (1, USUAL_PER_HOUR + 1, True),
        (1, 1, False),
    ]


async def test_words_that_the_action_needs_or_does_not_take_are_named(desk: Desk) -> None:
    officer, file = await desk.add_officer(), await desk.add_file()
    ask = [{"criterion": "A2", "reason": "blurry_photo"}]
    wrong: list[tuple[str, dict[str, Any], list[str]]] = [
        ("reject", {}, ["reason"]),
        ("return", {}, ["ask"]),
        ("return", {"ask": ask, "reason": "x"}, ["reason"]),
        ("approve", {"ask": ask}, ["ask"]),
        ("reject", {"reason": "x", "note": "y"}, ["note"]),
    ]
    for action, words, fields in wrong:
        answer = await post(desk, officer, action, (file, 2), **words)
        found = answer.json()
        assert (answer.status_code, found["code"]) == (422, "invalid")
        assert [one["field"] for one in found["errors"]] == fields
    assert await statuses(desk, officer) == {file: "submitted"}


@pytest.mark.parametrize("count", [0, 201])
async def test_a_call_is_about_1_to_200_files(desk: Desk, count: int) -> None:
    answer = await post(desk, await desk.add_officer(), "approve", *[(MISSING, 1)] * count)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "items")


async def test_two_hundred_are_decided_in_one_call(desk: Desk) -> None:
    items = [(f"{n:022}", 1) for n in range(200)]
    answer = await post(desk, await desk.add_officer(), "approve", *items)
    assert said(answer) == [(id, 404, "not_found") for id, _ in items]


async def test_refusals_are_told_in_the_language_of_the_caller(desk: Desk) -> None:
    officer = await desk.add_officer()
    body = {"action": "approve", "items": [{"id": MISSING, "version": 1}]}
    details = []
    for locale in ("vi", "en"):
        async with desk.client(officer, locale) as client:
            details.append((await client.post(URL, json=body)).json()["items"][0]["detail"])
    assert details == [
        "Không có gì ở địa chỉ này trong nơi phụ trách.",
        "There is nothing at this address within your place.",
    ]
