"""Each fault is what a client sees of it, and the ledger knows what was taken."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from tests.fakes.faulty import NONE, Asked, Chances, Fault, Faulty, Reply, Scripted, serving

RIGHT = {"ok": True, "result": "nộp"}


def right(_: Asked) -> Reply:
    return Reply(200, json.dumps(RIGHT).encode(), {"Content-Type": "application/json"})


@asynccontextmanager
async def asking(*faults: Fault) -> AsyncIterator[tuple[Faulty, httpx.AsyncClient]]:
    async with (
        serving(right, Scripted(list(faults))) as faulty,
        httpx.AsyncClient(base_url=faulty.address, timeout=0.4, trust_env=False) as client,
    ):
        yield faulty, client


async def test_without_a_fault_the_answer_comes_and_the_request_is_in_the_ledger() -> None:
    async with asking() as (faulty, client):
        for n in range(3):
            assert (await client.post("/bot1/send?x=1", json={"n": n})).json() == RIGHT
        asked = [(a.method, a.target, json.loads(a.body)["n"]) for a in faulty.ledger]
        assert asked == [("POST", "/bot1/send?x=1", n) for n in range(3)]


async def test_a_streamed_body_arrives_whole() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * 70_000

    async with asking() as (faulty, client):
        assert (await client.post("/x", content=pieces())).status_code == 200
        assert faulty.ledger[0].body == b"x" * 210_000


@pytest.mark.parametrize("status", [401, 403, 404, 409, 500, 502, 503, 504])
async def test_a_status_is_answered_and_nothing_is_taken(status: int) -> None:
    async with asking(Fault("status", status)) as (faulty, client):
        answer = await client.post("/x")
        assert (answer.status_code, answer.json()["error_code"]) == (status, status)
        assert faulty.ledger == []
        assert (await client.post("/x")).status_code == 200


@pytest.mark.parametrize("seconds", [1, 37, 86_400])
async def test_too_many_says_how_long_to_wait_in_head_and_body(seconds: int) -> None:
    async with asking(Fault("status", 429, retry_after=seconds)) as (faulty, client):
        answer = await client.post("/x")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(seconds))
        assert answer.json()["parameters"] == {"retry_after": seconds}
        assert faulty.ledger == []


@pytest.mark.parametrize("status", [200, 502])
async def test_an_error_page_is_no_json(status: int) -> None:
    async with asking(Fault("html", status)) as (faulty, client):
        answer = await client.post("/x")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert faulty.ledger == []


async def test_half_a_json_is_a_whole_answer_that_cannot_be_read() -> None:
    async with asking(Fault("half_json")) as (faulty, client):
        answer = await client.post("/x")
        assert answer.status_code == 200
        with pytest.raises(json.JSONDecodeError):
            answer.json()
        assert len(faulty.ledger) == 1


async def test_a_delay_is_a_timeout_of_a_client_that_waits_less() -> None:
    async with asking(Fault("delay", seconds=0.8), Fault("delay", seconds=0.05)) as (
        faulty,
        client,
    ):
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/x")
        assert (await client.post("/x")).json() == RIGHT
        assert len(faulty.ledger) == 2


async def test_a_slow_loris_lets_no_single_read_time_out() -> None:
    async with asking(Fault("slow_loris", seconds=0.002)) as (_, client):
        assert (await client.post("/x")).json() == RIGHT


ENDS = [
    ("drop", httpx.RemoteProtocolError, 0),
    ("accept_then_drop", httpx.RemoteProtocolError, 1),
    ("reset", httpx.ReadError, 0),
    ("accept_then_reset", httpx.ReadError, 1),
    ("long_length", httpx.RemoteProtocolError, 1),
]


@pytest.mark.parametrize(("kind", "error", "taken"), ENDS)
async def test_a_broken_connection_is_an_error_whether_the_request_was_taken_or_not(
    kind: str, error: type[Exception], taken: int
) -> None:
    async with asking(Fault(kind)) as (faulty, client):  # type: ignore[arg-type]
        with pytest.raises(error):
            await client.post("/x")
        assert len(faulty.ledger) == taken
        assert (await client.post("/x")).json() == RIGHT


async def test_a_short_length_cuts_the_answer() -> None:
    async with asking(Fault("short_length")) as (_, client):
        answer = await client.post("/x")
        with pytest.raises(json.JSONDecodeError):
            answer.json()


async def test_a_storm_is_the_same_for_the_same_seed_and_stops_on_order() -> None:
    storm = [(Fault("status", 500), 0.3), (Fault("drop"), 0.2)]
    asked = Asked("GET", "/", {}, b"")

    def kinds(chances: Chances) -> list[str]:
        return [chances(asked).kind for _ in range(1000)]

    first = kinds(Chances(7, storm))
    assert first == kinds(Chances(7, storm)) != kinds(Chances(8, storm))
    assert 250 < first.count("status") < 350
    assert 150 < first.count("drop") < 250
    still = Chances(7, storm)
    still.stop()
    assert kinds(still) == [NONE.kind] * 1000
