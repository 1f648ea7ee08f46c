"""Whatever a client sends, the answer is a problem that names the field, and nothing is changed."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import structlog

from bot.logs import configure
from handlers.admin.bounded import BODY_MAX
from tests.handlers.admin.desk import Desk, certificate

LIST = "/api/v1/declarations"
JSON = {"Content-Type": "application/json"}
CANARY = "Nguyễn Thị Canary"


async def post_raw(
    desk: Desk, body: bytes, action: str = "approve", headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send these bytes as a decision, and check that nothing was changed by them."""
    file = await desk.add_file()
    async with desk.client(await desk.add_officer()) as client:
        before = (await client.get(f"{LIST}/{file}")).json()
        answer = await client.post(
            f"{LIST}/{file}/{action}", content=body, headers=JSON if headers is None else headers
        )
        assert (await client.get(f"{LIST}/{file}")).json() == before
    assert answer.headers["content-type"] == "application/problem+json"
    return answer


def fields(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["in"], one["field"]) for one in answer.json().get("errors", [])]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b"nothing",
        b'{"version": 2',
        b"[" * 30_000,
        b'{"version": ' + b"9" * 5000 + b"}",
        b'"text"',
        b"[]",
        b"null",
        b"2",
    ],
)
async def test_what_is_no_json_object_is_refused(desk: Desk, body: bytes) -> None:
    answer = await post_raw(desk, body)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad_request", "invalid")


@pytest.mark.parametrize(
    ("action", "body", "wrong"),
    [
        ("approve", "{}", ["version"]),
        ("approve", '{"version": "2"}', ["version"]),
        ("approve", '{"version": 2.0}', ["version"]),
        ("approve", '{"version": 2.5}', ["version"]),
        ("approve", '{"version": true}', ["version"]),
        ("approve", '{"version": null}', ["version"]),
        ("approve", '{"version": NaN}', ["version"]),
        ("approve", '{"version": Infinity}', ["version"]),
        ("approve", '{"version": 1e400}', ["version"]),
        ("approve", '{"version": 0}', ["version"]),
        ("approve", '{"version": -1}', ["version"]),
        ("approve", '{"version": 99999999999999999999999999}', ["version"]),
        ("approve", '{"version": [2]}', ["version"]),
        ("approve", '{"version": 2, "extra": 1}', ["extra"]),
        ("approve", '{"version": 2, "note": 5}', ["note"]),
        ("approve", '{"version": 2, "note": ""}', ["note"]),
        ("approve", '{"version": 2, "note": "\\ud800"}', ["note"]),
        ("approve", '{"version": 2, "scores": {}}', ["scores"]),
        (
            "approve",
            '{"version": 2, "scores": [{"criterion": "A1", "points": "8", "reason": "x"}]}',
            ["scores.0.points"],
        ),
        (
            "approve",
            '{"version": 2, "scores": [{"criterion": "A1", "points": -1, "reason": "x", "y": 1}]}',
            ["scores.0.points", "scores.0.y"],
        ),
        (
            "approve",
            '{"version": 2, "scores": [{}]}',
            ["scores.0.criterion", "scores.0.points", "scores.0.reason"],
        ),
        ("return", '{"version": 2}', ["items"]),
        ("return", '{"version": 2, "items": [1]}', ["items.0"]),
        ("return", '{"version": 2, "items": [{"criterion": "A1"}]}', ["items.0.reason"]),
        ("reject", '{"version": 2}', ["reason"]),
        ("reject", '{"version": 2, "reason": "' + "x" * 501 + '"}', ["reason"]),
        ("undo", '{"version": 2}', ["version"]),
        ("score", '{"version": 2, "criterion": "A1", "points": 8}', ["reason"]),
        ("correct", '{"version": 2, "name": "' + "x" * 81 + '"}', ["name"]),
        ("correct", '{"version": 2, "village": 12}', ["village"]),
    ],
)
async def test_a_wrong_field_is_named(desk: Desk, action: str, body: str, wrong: list[str]) -> None:
    answer = await post_raw(desk, body.encode(), action)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert fields(answer) == [("body", name) for name in wrong]


async def test_a_field_name_that_is_no_text_does_not_break_the_answer(desk: Desk) -> None:
    answer = await post_raw(desk, b'{"version": 2, "\\ud800<b>": 1}')
    assert answer.status_code == 422
    assert fields(answer) == [("body", "")]


async def test_thousands_of_wrong_fields_are_answered_in_few_lines(desk: Desk) -> None:
    many = {f"field{n}": n for n in range(3000)} | {"x" * 10_000: 1}
    answer = await post_raw(desk, json.dumps(many).encode())
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20
    assert len(answer.content) < 4000


async def test_a_missing_body_is_named(desk: Desk) -> None:
    answer = await post_raw(desk, b"", headers={})
    assert (answer.status_code, fields(answer)) == (422, [("body", "")])


@pytest.mark.parametrize("declared", [True, False])
async def test_a_large_body_is_413_however_it_comes(desk: Desk, declared: bool) -> None:
    class Endless(httpx.AsyncByteStream):
        sent = 0

        async def __aiter__(self) -> Any:
            while True:
                self.sent += 1
                assert self.sent < 100, "the rest is not read"
                yield b" " * 8192

    file, officer = await desk.add_file(), await desk.add_officer()
    async with desk.client(officer) as client:
        body = b" " * (BODY_MAX + 1) if declared else Endless()
        answer = await client.post(f"{LIST}/{file}/approve", content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ";;", "json"],
)
async def test_another_kind_of_body_is_415(desk: Desk, kind: str) -> None:
    answer = await post_raw(desk, b'{"version": 2}', headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_json_of_a_kind_is_json(desk: Desk) -> None:
    file = await desk.add_file()
    async with desk.client(await desk.add_officer()) as client:
        answer = await client.post(
            f"{LIST}/{file}/approve",
            content=b'{"version": 2}',
            headers={"Content-Type": "Application/Merge-Patch+JSON; charset=utf-8"},
        )
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("status=draft", "status"),
        ("status=", "status"),
        ("title=Công", "title"),
        ("title=" + "a" * 33, "title"),
        ("period=0", "period"),
        ("period=x", "period"),
        ("period=" + "9" * 30, "period"),
        ("period=" + "9" * 5000, "period"),
        ("q=" + "h" * 81, "q"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=NaN", "limit"),
        ("after=", "after"),
        ("after=1", "after"),
        ("after=" + "A" * 22, "after"),
        ("after=" + "_" * 22, "after"),
        ("after=" + "=" * 22, "after"),
        ("after=" + "%00" * 22, "after"),
        ("after=" + "é" * 22, "after"),
        ("after=" + "A" * 5000, "after"),
    ],
)
async def test_a_wrong_query_is_named(desk: Desk, query: str, field: str) -> None:
    async with desk.client(await desk.add_officer()) as client:
        answer = await client.get(f"{LIST}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert fields(answer) == [("query", field)]


async def test_broken_bytes_in_an_address_are_no_server_error(desk: Desk) -> None:
    async with desk.client(await desk.add_officer()) as client:
        for query in ("q=%ff%fe", "q=%ED%A0%80", "q=%00", "q=%F0%9F%98%80", "unknown=1", "q=a&q=b"):
            assert (query, (await client.get(f"{LIST}?{query}")).status_code) == (query, 200)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


async def test_no_name_token_or_text_reaches_the_log(desk: Desk, log: io.StringIO) -> None:
    file = await desk.add_file(CANARY, photos={"clear": certificate()})
    officer = await desk.add_officer(name=CANARY)
    async with desk.client(officer) as client:
        await client.get(f"{LIST}/{file}", params={"q": CANARY})
        await client.get(LIST, params={"q": CANARY})
        await client.post(f"{LIST}/{file}/reject", json={"version": 2, "reason": CANARY * 40})
        await client.post(f"{LIST}/{file}/reject", json={"version": 2, CANARY: CANARY})
        await client.post(f"{LIST}/{file}/reject", json={"version": 2, "reason": CANARY})
        await desk.parts.database.write(
            lambda connection: connection.exec_driver_sql("DROP TABLE village")
        )
        # The database's own message quotes the statement with what was searched for.
        broken = await client.get(LIST, params={"q": CANARY})
    assert (broken.status_code, broken.json()["code"]) == (500, "failed")
    said = log.getvalue()
    assert '"event": "request_failed"' in said
    assert [word for word in (CANARY, "Canary", "canary", officer.token) if word in said] == []
