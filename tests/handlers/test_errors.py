"""Everything that goes wrong in a request becomes one kind of answer, in the caller's language."""

from collections.abc import AsyncIterator, Iterator
from itertools import combinations
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI, Query
from sqlalchemy.exc import OperationalError
from starlette.requests import Request
from starlette.responses import StreamingResponse
from structlog.testing import capture_logs
from structlog.typing import EventDict

from dialogs import errors
from dialogs.screen import Msg
from handlers.error_codes import REFUSALS, STATUSES, list_codes
from handlers.errors import MEDIA_TYPE, Problem, install_errors, standard, too_many
from handlers.i18n import Words
from storage.effects import Conflict

WORDS = Words(ZoneInfo("Asia/Ho_Chi_Minh"))
RAISED: dict[str, Exception] = {
    "problem": Problem(418, "teapot", Msg("problem.detail.failed"), headers={"X-Tea": "1"}),
    "stale": errors.StaleVersion(Msg("review.stale_version")),
    "state": errors.WrongState(Msg("review.wrong_state", {"status": Msg("file.approved")})),
    "allowed": errors.NotAllowed(Msg("review.not_allowed")),
    "officer": errors.NotOfficer(Msg("review.not_allowed")),
    "mark": errors.BelowMark(Msg("review.below_mark", {"total": 68, "mark": 80})),
    "reason": errors.NoReason(Msg("review.no_reason")),
    "conflict": Conflict("declaration"),
    "notice": Conflict("notice"),
    "slow": too_many(7.2),
    "locked": OperationalError("SELECT secret", {}, OSError("x")),
    "bug": KeyError("Nguyễn Thị Canary"),
}


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[EventDict]]:
    with capture_logs() as events:
        yield events


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()

    @app.get("/raise/{name}")
    async def fail(name: str) -> None:
        raise RAISED[name]

    @app.get("/number")
    async def number(n: int = Query(ge=1)) -> int:
        return n

    @app.get("/chosen/{name}")
    async def chosen(name: str, request: Request) -> None:
        request.state.locale = "en"
        raise RAISED[name]

    @app.get("/half")
    async def half() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"half"
            raise KeyError("the other half")

        return StreamingResponse(parts())

    install_errors(app, WORDS)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("problem", 418, "teapot"),
        ("stale", 409, "stale_version"),
        ("state", 409, "wrong_state"),
        ("allowed", 403, "not_allowed"),
        ("officer", 401, "not_officer"),
        ("mark", 422, "below_mark"),
        ("reason", 422, "no_reason"),
        ("conflict", 409, "stale_version"),
        ("notice", 409, "notice_left"),
        ("slow", 429, "too_many_requests"),
        ("locked", 503, "unavailable"),
        ("bug", 500, "failed"),
    ],
)
async def test_each_failure_has_its_status_and_code(
    client: httpx.AsyncClient, name: str, status: int, code: str
) -> None:
    answer = await client.get(f"/raise/{name}")
    body = answer.json()
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    assert body["type"] == f"/api/docs#{code}"
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.headers["cache-control"] == "no-store"
    assert all(isinstance(body[key], str) and body[key] for key in ("title", "detail"))


async def test_a_failure_of_ours_tells_nothing_of_itself(
    client: httpx.AsyncClient, logged: list[EventDict]
) -> None:
    answer = await client.get("/raise/bug")
    assert answer.json() == {
        "type": "/api/docs#failed",
        "title": WORDS.text(Msg("problem.title.failed"), "vi"),
        "status": 500,
        "detail": WORDS.text(Msg("problem.detail.failed"), "vi"),
        "code": "failed",
    }
    raised = RAISED["bug"]
    assert logged == [
        {"event": "request_failed", "error": "KeyError", "exc_info": raised, "log_level": "error"}
    ]


async def test_headers_of_a_problem_go_out(client: httpx.AsyncClient) -> None:
    assert (await client.get("/raise/problem")).headers["x-tea"] == "1"
    assert (await client.get("/raise/slow")).headers["retry-after"] == "8"
    assert (await client.get("/raise/locked")).headers["retry-after"] == "5"
    assert (await client.post("/number")).headers["allow"] == "GET"


async def test_a_failure_in_the_middle_of_an_answer_breaks_it_off(
    client: httpx.AsyncClient,
) -> None:
    with pytest.raises(KeyError):
        await client.get("/half")


@pytest.mark.parametrize(
    ("accepts", "locale"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("EN", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.5,vi;q=0.9", "vi"),
        ("fr,en;q=0.1", "en"),
        ("fr", "vi"),
        ("*", "vi"),
        ("en;q=0", "vi"),
        ("en;q=x", "vi"),
        (";;;,,,q=", "vi"),
        ("en;q=nan,vi", "vi"),
        ("x" * 10_000, "vi"),
    ],
)
async def test_the_language_is_the_one_preferred_of_ours(
    client: httpx.AsyncClient, accepts: str, locale: str
) -> None:
    answer = await client.get("/raise/stale", headers={"Accept-Language": accepts})
    assert answer.headers["content-language"] == locale
    assert answer.json()["detail"] == WORDS.text(Msg("review.stale_version"), locale)


async def test_a_conversations_own_language_goes_before_the_browsers(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/chosen/mark", headers={"Accept-Language": "vi"})
    assert answer.headers["content-language"] == "en"


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("", [("query", "n", "problem.field.missing")]),
        ("n=x", [("query", "n", "problem.field.wrong_type")]),
        ("n=0", [("query", "n", "problem.field.out_of_range")]),
    ],
)
async def test_a_wrong_field_is_named_in_words(
    client: httpx.AsyncClient, query: str, errors: list[tuple[str, str, str]]
) -> None:
    answer = await client.get(f"/number?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"] == [
        {"in": where, "field": field, "detail": WORDS.text(Msg(key), "vi")}
        for where, field, key in errors
    ]


async def test_an_unknown_address_is_a_problem_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [(401, 401, "unauthorized"), (416, 416, "bad_request"), (504, 504, "failed")],
)
def test_every_status_has_a_problem(asked: int, status: int, code: str) -> None:
    problem = standard(asked)
    assert (problem.status, problem.code) == (status, code)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_usual_problem_has_words(locale: str) -> None:
    keys = [f"problem.{part}.{code}" for code in STATUSES.values() for part in ("title", "detail")]
    assert [key for key in keys if WORDS.text(Msg(key), locale) == key] == []


def test_every_refusal_has_one_status_and_one_code() -> None:
    codes = [one.code for one in list_codes()]
    assert len(codes) == len(set(codes))
    assert {one.status for one in list_codes()} <= set(STATUSES)
    kinds = [kind for kind, _ in REFUSALS]
    assert [pair for pair in combinations(kinds, 2) if issubclass(pair[1], pair[0])] == []
