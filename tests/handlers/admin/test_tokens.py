"""API tokens: shown once, ended at once, never longer than the one they are made with."""

from typing import Any

import httpx
import pytest

from handlers.admin.tokens import TOKENS_MAX
from storage.audit_query import Wanted, list_lines
from tests.handlers.admin.desk import PROVINCE, Caller, Desk
from tests.handlers.admin.matrix import add_credential

TOKENS = "/api/v1/tokens"


async def call(desk: Desk, who: Caller, method: str, url: str, body: Any = None) -> httpx.Response:
    async with desk.client(who) as client:
        return await client.request(method, url, json=body)


async def test_a_token_is_shown_once_works_and_ends_at_once(desk: Desk) -> None:
    officer = await desk.add_officer()
    made = (await call(desk, officer, "POST", TOKENS, {"days": 90})).json()
    mine = (await call(desk, officer, "GET", "/api/v1/me")).json()["id"]
    assert (made["officer"], made["expires_at"], made["current"]) == (
        mine, "2027-01-31T02:00:00Z", False,
    )  # fmt: skip
    second = Caller(officer.id, made["token"])
    shown = await call(desk, second, "GET", TOKENS)
    assert [one["current"] for one in shown.json()["items"]].count(True) == 1
    assert made["token"] not in shown.text
    assert officer.token not in shown.text
    ended = await call(desk, officer, "DELETE", f"{TOKENS}/{made['id']}")
    assert (ended.status_code, ended.content) == (204, b"")
    assert (await call(desk, second, "GET", TOKENS)).status_code == 401
    assert (await call(desk, officer, "DELETE", f"{TOKENS}/{made['id']}")).status_code == 404
    async with desk.parts.database.reading() as connection:
        lines = await list_lines(connection, scope=None, wanted=Wanted())
    assert [(line.action, line.officer, dict(line.details)) for line in lines] == [
        ("token_add", officer.id, {"officer": officer.id}),
        ("token_revoke", officer.id, {"officer": officer.id}),
    ]


async def test_a_token_may_end_itself(desk: Desk) -> None:
    officer = await desk.add_officer()
    (own,) = (await call(desk, officer, "GET", TOKENS)).json()["items"]
    assert own["current"]
    assert (await call(desk, officer, "DELETE", f"{TOKENS}/{own['id']}")).status_code == 204
    assert (await call(desk, officer, "GET", TOKENS)).status_code == 401


@pytest.mark.parametrize(
    ("days", "status", "ends"),
    [(None, 201, "2026-11-12T02:00:00Z"), (3, 201, "2026-11-05T02:00:00Z"), (11, 422, None)],
)
async def test_a_token_ends_no_later_than_the_one_it_is_made_with(
    desk: Desk, days: int | None, status: int, ends: str | None
) -> None:
    officer = await desk.add_officer()
    short = Caller(officer.id, await add_credential(desk, officer.id, "api", 10 * 86_400))
    answer = await call(desk, short, "POST", TOKENS, {"days": days})
    made = answer.json()
    assert (answer.status_code, made.get("expires_at")) == (status, ends)
    assert made.get("code") == ("outlives_maker" if status == 422 else None)


async def test_nobody_holds_more_tokens_than_anybody_may(desk: Desk) -> None:
    officer = await desk.add_officer()
    answers = [await call(desk, officer, "POST", TOKENS, {"days": 1}) for _ in range(TOKENS_MAX)]
    assert [one.status_code for one in answers] == [201] * (TOKENS_MAX - 1) + [422]
    assert answers[-1].json()["code"] == "too_many_tokens"
    desk.clock.forward(days=1)
    assert (await call(desk, officer, "POST", TOKENS, {"days": 1})).status_code == 201


async def test_an_operator_keeps_the_tokens_of_those_below_and_of_no_other_operator(
    desk: Desk,
) -> None:
    operator, other = [await desk.add_officer("operator", PROVINCE) for _ in range(2)]
    leader = await desk.add_officer("commune_leader")
    below = (await call(desk, leader, "GET", "/api/v1/me")).json()["id"]
    equal = (await call(desk, other, "GET", "/api/v1/me")).json()["id"]
    made = await call(desk, operator, "POST", TOKENS, {"officer": below, "days": 7})
    assert (made.status_code, made.json()["officer"]) == (201, below)
    given = Caller(leader.id, made.json()["token"])
    assert (await call(desk, given, "GET", "/api/v1/me")).json()["role"] == "commune_leader"
    seen = (await call(desk, operator, "GET", f"{TOKENS}?officer={below}")).json()["items"]
    assert [one["current"] for one in seen] == [False, False]
    for token in seen:
        await call(desk, operator, "DELETE", f"{TOKENS}/{token['id']}")
    assert (await call(desk, leader, "GET", "/api/v1/me")).status_code == 401
    assert (await call(desk, operator, "GET", f"{TOKENS}?officer={equal}")).status_code == 404
    assert (await call(desk, leader, "GET", f"{TOKENS}?officer={equal}")).status_code == 401
