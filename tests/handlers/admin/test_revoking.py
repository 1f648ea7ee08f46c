"""A right that ends while a request runs: nothing of the request is written."""

import asyncio
from collections.abc import Awaitable, Callable
from threading import Thread
from typing import Any

import pytest

from storage import credentials, officers
from storage.audit_query import Wanted, list_lines
from storage.database import Connection, Database
from storage.officers import hash_token
from storage.seams import Seams, to_ms
from tests.handlers.admin.desk import VILLAGE, Caller, Desk
from tests.handlers.admin.matrix import add_credential

Ending = Callable[[Desk, Caller], Callable[[Connection], Awaitable[object]]]


def revoked(desk: Desk, caller: Caller) -> Callable[[Connection], Awaitable[object]]:
    at_ms = to_ms(desk.clock.at)
    return lambda connection: officers.revoke(connection, caller.id, at_ms=at_ms)


def ended(desk: Desk, caller: Caller) -> Callable[[Connection], Awaitable[object]]:
    id = credentials.id_of(hash_token(caller.token))
    return lambda connection: credentials.end_token(connection, id)


def elsewhere(url: str, work: Callable[[Connection], Awaitable[object]]) -> None:
    """Write by another program, and wait for it."""

    async def write() -> None:
        database = Database(url, Seams())
        await database.start()
        await database.write(work)
        await database.stop()

    thread = Thread(target=lambda: asyncio.run(write()))
    thread.start()
    thread.join()


CALLS: list[tuple[str, str, Any]] = [
    ("POST", "/api/v1/declarations/{file}/approve", {"version": 2}),
    ("POST", "/api/v1/declarations/{file}/undo", None),
    (
        "POST",
        "/api/v1/declarations/bulk",
        {"action": "approve", "items": [{"id": "{file}", "version": 2}]},
    ),
    (
        "POST",
        "/api/v1/officers/invitations",
        {"name": "Cán bộ mới", "place": VILLAGE, "role": "village_reviewer"},
    ),
    ("POST", "/api/v1/tokens", {}),
    ("DELETE", "/api/v1/tokens/{token}", None),
]


@pytest.mark.parametrize("ending", [revoked, ended])
@pytest.mark.parametrize(("method", "url", "body"), CALLS)
async def test_a_right_that_ends_between_reading_and_writing_writes_nothing(
    desk: Desk, ending: Ending, method: str, url: str, body: Any
) -> None:
    file, leader = await desk.add_file(), await desk.add_officer("commune_leader")
    spare = await add_credential(desk, leader.id, "api", None)
    names = {"file": file, "token": credentials.id_of(hash_token(spare))}
    if isinstance(body, dict) and "items" in body:
        body = body | {"items": [{"id": file, "version": 2}]}
    before = await everything(desk, names["token"])
    work = ending(desk, leader)
    database = desk.parts.database.url
    desk.at_point["api.signed"] = [lambda: elsewhere(database, work)]
    async with desk.client(leader) as client:
        answer = await client.request(method, url.format(**names), json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert await everything(desk, names["token"]) == before


async def everything(desk: Desk, *tokens: str) -> tuple[Any, ...]:
    """Return what these calls could have changed."""
    async with desk.parts.database.reading() as connection:
        listed = [one.officer for one in await officers.list_officers(connection)]
        lines = await list_lines(connection, scope=None, wanted=Wanted())
        held = [await credentials.get_token(connection, id) for id in tokens]
    return listed, lines, held


async def test_a_token_that_expires_while_the_request_runs_writes_nothing(desk: Desk) -> None:
    file, officer = await desk.add_file(), await desk.add_officer()
    short = Caller(officer.id, await add_credential(desk, officer.id, "api", 60))
    desk.at_point["api.signed"] = [lambda: desk.clock.forward(seconds=60)]
    url = f"/api/v1/declarations/{file}/approve"
    async with desk.client(short) as client, desk.client(officer) as witness:
        answer = await client.post(url, json={"version": 2})
        found = (await witness.get(f"/api/v1/declarations/{file}")).json()
    assert (answer.status_code, found["status"], found["version"]) == (401, "submitted", 2)
