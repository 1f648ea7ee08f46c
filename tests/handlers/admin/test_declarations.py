"""Lists, files and photos as an officer gets them."""

import io
from typing import Any

import httpx
import pytest
from PIL import Image

from handlers.admin.cursor import LENGTH
from storage import places
from storage.database import Connection
from tests.handlers.admin.desk import (
    COMMUNE,
    FAR,
    NEIGHBOUR,
    VILLAGE,
    Desk,
    certificate,
)
from tests.world import ANSWER_BY

LIST = "/api/v1/declarations"


async def listed(client: httpx.AsyncClient, **asked: object) -> list[str]:
    """Return the names of the files a list holds."""
    answer = await client.get(LIST, params=asked)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    return [one["declarant"]["name"] for one in answer.json()["items"]]


async def test_a_line_of_the_list_says_what_decides_the_order_of_work(desk: Desk) -> None:
    file = await desk.add_file(photos={"clear": certificate(), "blurry": certificate()})
    async with desk.client(await desk.add_officer()) as client:
        answer = await client.get(LIST)
    line = answer.json()["items"][0]
    assert answer.headers["cache-control"] == "no-store"
    assert line == {
        "id": file,
        "code": line["code"],
        "status": "submitted",
        "version": 2,
        "title": "citizen",
        "period": 2026,
        "place": {
            "commune": COMMUNE,
            "commune_name": {
                "vi": "phường Hải Châu, TP. Đà Nẵng",
                "en": "Hải Châu ward, Đà Nẵng city",
            },
            "village": VILLAGE,
            "village_name": "tổ 12",
            "typed": None,
        },
        "declarant": {"name": "Nguyễn Thị Hòa", "birth_year": 1965, "settled": True},
        "submitted_at": "2026-11-02T02:00:00Z",
        "total": 80,
        "pass_mark": 80,
        "passes": True,
        "photos": 2,
        "unclear_photos": 1,
        "warnings": [],
    }
    assert line["code"].startswith("KH26-")


async def test_pages_follow_each_other_without_a_gap_while_files_come_and_change(
    desk: Desk,
) -> None:
    names = [f"Người {n}" for n in range(7)]
    files = [await desk.add_file(name) for name in names]
    async with desk.client(await desk.add_officer()) as client:
        seen: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = (await client.get(LIST, params={"limit": "3"} | after)).json()
            seen += [one["declarant"]["name"] for one in page["items"]]
            if page["next"] is None:
                break
            assert len(page["next"]) == LENGTH
            after = {"after": page["next"]}
            await client.post(f"{LIST}/{files[0]}/approve", json={"version": 2})
            if len(names) < 9:
                names.append(f"Người {len(names)}")
                await desk.add_file(names[-1])
    assert seen == names


async def test_a_full_last_page_has_no_next(desk: Desk) -> None:
    for n in range(2):
        await desk.add_file(f"Người {n}")
    async with desk.client(await desk.add_officer()) as client:
        assert (await client.get(LIST, params={"limit": 2})).json()["next"] is None


async def test_a_cursor_of_another_place_opens_nothing(desk: Desk) -> None:
    for n in range(2):
        await desk.add_file(f"Người {n}")
    async with (
        desk.client(await desk.add_officer()) as client,
        desk.client(await desk.add_officer(place=NEIGHBOUR)) as other,
    ):
        cursor = (await client.get(LIST, params={"limit": 1})).json()["next"]
        assert await listed(other, after=cursor) == []


async def test_filters_narrow_and_never_widen(desk: Desk) -> None:
    await desk.add_file("Nguyễn Thị Hòa")
    second = await desk.add_file("Trần Văn Tư", village=f"{COMMUNE}-013")
    await desk.add_file("Lê Xa", commune=FAR, village=None)
    async with desk.client(await desk.add_officer()) as client:
        await client.post(f"{LIST}/{second}/approve", json={"version": 2})
        assert await listed(client, status="approved") == ["Trần Văn Tư"]
        assert await listed(client, status="rejected") == []
        assert await listed(client, place=VILLAGE) == ["Nguyễn Thị Hòa"]
        assert await listed(client, place=COMMUNE) == ["Nguyễn Thị Hòa", "Trần Văn Tư"]
        assert await listed(client, title="citizen", period=2026) == [
            "Nguyễn Thị Hòa",
            "Trần Văn Tư",
        ]
        assert await listed(client, title="family") == []
        assert await listed(client, period=2025) == []


@pytest.mark.parametrize(
    ("role", "place", "asked"),
    [
        ("commune_officer", COMMUNE, NEIGHBOUR),
        ("commune_officer", COMMUNE, FAR),
        ("commune_officer", COMMUNE, "48"),
        ("commune_officer", COMMUNE, f"{NEIGHBOUR}-012"),
        ("commune_officer", COMMUNE, "99999"),
        ("commune_officer", COMMUNE, "20242-12"),
        ("commune_officer", COMMUNE, "٢٠٢٤٢"),
        ("commune_officer", COMMUNE, ""),
        ("commune_officer", COMMUNE, "x" * 1000),
        ("village_reviewer", VILLAGE, COMMUNE),
        ("village_reviewer", VILLAGE, f"{COMMUNE}-013"),
        ("village_reviewer", VILLAGE, "48"),
    ],
)
async def test_a_place_outside_ones_own_is_404(
    desk: Desk, role: Any, place: str, asked: str
) -> None:
    async with desk.client(await desk.add_officer(role, place)) as client:
        answer = await client.get(LIST, params={"place": asked})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("hoa", ["Nguyễn Thị Hòa", "Phạm Hoa 100%"]),
        ("NGUYỄN  thị", ["Nguyễn Thị Hòa"]),
        ("%", ["Phạm Hoa 100%"]),
        ("_", []),
        ("0%", ["Phạm Hoa 100%"]),
        ("'", ["D'Arc"]),
        ('"', []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("\x00", ["Nguyễn Thị Hòa", "Phạm Hoa 100%", "D'Arc"]),
        ("  ", ["Nguyễn Thị Hòa", "Phạm Hoa 100%", "D'Arc"]),
        ("kh26-", ["Nguyễn Thị Hòa", "Phạm Hoa 100%", "D'Arc"]),
        ("\u202e\U0001f600", []),
        ("h" * 80, []),
    ],
)
async def test_a_search_takes_what_is_typed_as_it_stands(
    desk: Desk, q: str, found: list[str]
) -> None:
    for name in ("Nguyễn Thị Hòa", "Phạm Hoa 100%", "D'Arc"):
        await desk.add_file(name)
    async with desk.client(await desk.add_officer()) as client:
        assert await listed(client, q=q) == found


async def test_a_receipt_code_is_found_by_its_ending(desk: Desk) -> None:
    file = await desk.add_file("Nguyễn Thị Hòa")
    await desk.add_file("Trần Văn Tư")
    async with desk.client(await desk.add_officer()) as client:
        code = (await client.get(f"{LIST}/{file}")).json()["code"]
        assert await listed(client, q=code[-7:].lower()) == ["Nguyễn Thị Hòa"]


async def test_an_open_file_shows_answers_points_photos_and_history(desk: Desk) -> None:
    file = await desk.add_file(photos={"blurry": certificate()}, options=(2,) * 9 + (-1,))
    async with desk.client(await desk.add_officer()) as client:
        seen = (await client.get(f"{LIST}/{file}")).json()
    assert seen["criteria"] == {
        "version": "citizen-2026-sample-1",
        "name": {"vi": "Công dân học tập", "en": "Learning Citizen"},
        "status": "sample",
    }
    assert [one["option"] for one in seen["answers"]] == [3] * 9 + [None]
    assert seen["answers"][2]["answer"] == {"vi": "Hằng tuần", "en": "Every week"}
    assert seen["answers"][9]["answer"] is None
    score = seen["score"]
    assert (score["total"], score["self_total"], score["max"], score["passes"]) == (
        72,
        72,
        100,
        False,
    )
    assert [line["points"] for line in score["lines"]] == [8] * 9 + [0]
    assert [line["unsettled"] for line in score["lines"]] == [False] * 9 + [True]
    assert [(group["id"], group["points"], group["max"]) for group in score["groups"]] == [
        ("A", 32, 40),
        ("B", 24, 30),
        ("C", 16, 30),
    ]
    photo = seen["evidence"][0]
    assert photo == {
        "id": photo["id"],
        "criterion": None,
        "verdict": "blurry",
        "reason": None,
        "url": f"{LIST}/{file}/evidence/{photo['id']}",
        "thumb_url": f"{LIST}/{file}/evidence/{photo['id']}?size=thumb",
    }
    assert [(one["action"], one["officer"], one["via"]) for one in seen["history"]] == [
        ("submit", None, "chat")
    ]


async def test_what_was_asked_for_is_shown_in_words(desk: Desk) -> None:
    file = await desk.add_file()
    items = [
        {"criterion": "A2", "reason": "blurry_photo"},
        {"criterion": "B1", "reason": "Kể rõ hơn"},
    ]
    async with desk.client(await desk.add_officer()) as client:
        await client.post(f"{LIST}/{file}/return", json={"version": 2, "items": items})
        asked = (await client.get(f"{LIST}/{file}")).json()["asked"]
    assert [
        (a["criterion"], a["number"], a["reason"], a["needs"], a["settled"]) for a in asked
    ] == [
        ("A2", 2, "blurry_photo", "photo", False),
        ("B1", 5, "words", "either", False),
    ]
    assert asked[1]["words"] == {"vi": "Kể rõ hơn", "en": "Kể rõ hơn"}
    assert asked[0]["words"]["vi"] != asked[0]["words"]["en"]


async def test_a_second_file_of_perhaps_the_same_person_is_pointed_out(desk: Desk) -> None:
    file = await desk.add_file("Nguyễn Thị Hòa")
    await desk.add_file("nguyen thi hoa")
    await desk.add_file("Nguyễn Thị Hòa", birth_year=1980)
    async with desk.client(await desk.add_officer()) as client:
        seen = (await client.get(f"{LIST}/{file}")).json()
    assert (seen["twins"], seen["warnings"]) == (1, ["twins"])


async def test_a_village_that_nobody_knows_is_told_from_a_typed_one(desk: Desk) -> None:
    unknown = await desk.add_file(village=None, village_text="?")
    typed = await desk.add_file(village=None, village_text="xóm Mới")
    async with desk.client(await desk.add_officer()) as client:
        one = (await client.get(f"{LIST}/{unknown}")).json()
        other = (await client.get(f"{LIST}/{typed}")).json()
    assert ("village_missing" in one["warnings"], one["place"]["typed"]) == (True, None)
    assert ("village_typed" in other["warnings"], other["place"]["typed"]) == (True, "xóm Mới")


async def test_a_difficult_area_lowers_the_mark(desk: Desk) -> None:
    file = await desk.add_file(options=(2,) * 8 + (1, 1))

    async def work(connection: Connection) -> None:
        info = await places.get_info(connection, COMMUNE)
        assert info.answer_by == ANSWER_BY
        changed = {**{n: getattr(info, n) for n in info.__slots__}, "difficult": True}
        await places.set_info(connection, type(info)(**changed))

    async with desk.client(await desk.add_officer()) as client:
        before = (await client.get(LIST)).json()["items"][0]
        await desk.parts.database.write(work)
        after = (await client.get(LIST)).json()["items"][0]
        assert (before["total"], before["pass_mark"], before["passes"]) == (76, 80, False)
        assert (after["total"], after["pass_mark"], after["passes"]) == (76, 70, True)
        approved = await client.post(f"{LIST}/{file}/approve", json={"version": 2})
    assert approved.json()["status"] == "approved"


async def test_a_photo_is_the_kept_jpeg_for_this_officer_only(desk: Desk) -> None:
    file = await desk.add_file(photos={"clear": certificate()})
    async with desk.client(await desk.add_officer()) as client:
        photo = (await client.get(f"{LIST}/{file}")).json()["evidence"][0]
        whole = await client.get(photo["url"])
        thumb = await client.get(photo["thumb_url"])
        known = {"If-None-Match": whole.headers["etag"]}
        again = await client.get(photo["url"], headers=known)
        other = await client.get(photo["thumb_url"], headers=known)
        wrong = await client.get(photo["url"], params={"size": "huge"})
    neighbours = (
        await desk.add_officer(place=NEIGHBOUR),
        await desk.add_officer("village_reviewer", "20242-003"),
    )
    for neighbour in neighbours:
        async with desk.client(neighbour) as elsewhere:
            for headers in ({}, known):
                foreign = await elsewhere.get(photo["url"], headers=headers)
                assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")
    assert Image.open(io.BytesIO(whole.content)).size == (600, 800)
    assert Image.open(io.BytesIO(thumb.content)).size == (240, 320)
    wanted = {
        "content-type": "image/jpeg",
        "cache-control": "private, no-cache",
        "content-disposition": "inline",
        "x-content-type-options": "nosniff",
    }
    assert {name: whole.headers[name] for name in wanted} == wanted
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "size")


async def test_a_photo_whose_bytes_are_gone_is_404(desk: Desk) -> None:
    file = await desk.add_file(photos={"clear": certificate()})
    async for key in desk.parts.photos.keys():
        await desk.parts.photos.erase(key)
    async with desk.client(await desk.add_officer()) as client:
        photo = (await client.get(f"{LIST}/{file}")).json()["evidence"][0]
        assert (await client.get(photo["url"])).status_code == 404


async def test_head_answers_where_get_does(desk: Desk) -> None:
    file = await desk.add_file()
    async with desk.client(await desk.add_officer()) as client:
        for url in ("/api/v1/me", LIST, f"{LIST}/{file}", "/api/docs", "/api/openapi.json"):
            assert (url, (await client.head(url)).status_code) == (url, 200)
        options = await client.options("/api/v1/me")
        wrong = await client.get(f"{LIST}/{file}/approve")
    assert (options.status_code, options.headers["allow"]) == (405, "GET")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert wrong.json()["code"] == "method_not_allowed"
