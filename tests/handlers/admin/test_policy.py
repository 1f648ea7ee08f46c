"""The policy of tests/handlers/admin/policy.py, cell by cell against the running program."""

import re
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from handlers.callers import list_routes
from tests.databases import Template
from tests.handlers.admin.matrix import ACTORS, Matrix, open_matrix, statuses
from tests.handlers.admin.policy import LINES, Actor, Line, Position
from tests.world import World

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
async def matrix(tmp_path: Path, template: Template) -> AsyncIterator[Matrix]:
    """A program with every actor in it."""
    async with open_matrix(tmp_path / "var", template) as found:
        yield found


def served(world_app: object) -> dict[tuple[str, str], frozenset[str]]:
    """Return who may call each method of each route, as the program says; HEAD goes with GET."""
    return {
        (method, route.path): route.may_call
        for route in list_routes(world_app.routes)  # type: ignore[attr-defined]
        for method in (route.methods or {"GET"}) - {"HEAD"}
    }


async def test_every_route_has_a_line_and_every_line_a_route(world: World) -> None:
    routes = served(world.program.app)
    assert {(line.method, line.path) for line in LINES} == set(routes)


def test_every_line_knows_every_actor_and_every_place() -> None:
    assert [line.path for line in LINES if set(line.answers) != set(ACTORS)] == []
    assert all(statuses(line, actor) for line in LINES for actor in ACTORS)


async def test_the_program_names_the_same_callers_as_the_policy(world: World) -> None:
    routes = served(world.program.app)
    allowed: dict[tuple[str, str], set[Actor]] = defaultdict(set)
    for line in LINES:
        if line.path.startswith("/api/v1/"):
            allowed[line.method, line.path] |= {
                actor for actor in ACTORS if set(statuses(line, actor).values()) - {"401", "403"}
            }
    assert {key: routes[key] for key in allowed} == allowed


async def test_every_cell_answers_as_the_policy_says(matrix: Matrix) -> None:
    wrong: list[str] = []
    absent: dict[tuple[str, Actor], set[bytes]] = defaultdict(set)
    cells = 0
    for line in LINES:
        for actor in ACTORS:
            for position, status in statuses(line, actor).items():
                answer = await matrix.send(line, actor, position, line.method)
                cells += 1
                wrong += _judge(line, actor, position, status, answer)
                if status == "404":
                    absent[f"{line.method} {line.path}", actor].add(_shown(line, answer))
    wrong += [f"{key} tells what is missing from what is foreign" for key, said in absent.items()
              if len(said) > 1]  # fmt: skip
    unclassified = set(served(matrix.desk.app)) - {(line.method, line.path) for line in LINES}
    print(f"\npolicy: {cells} cells, {len(wrong)} wrong, {len(unclassified)} unclassified")
    assert "\n".join(wrong) == ""
    assert unclassified == set()


def _judge(
    line: Line, actor: Actor, position: Position, status: str, answer: httpx.Response
) -> list[str]:
    found = answer.status_code
    if line.per_item and found == 200:
        found = answer.json()["items"][0]["status"]
    if str(found) == status:
        return []
    cell = f"{line.method} {line.path} {dict(line.query)} {actor} {position}"
    return [f"{cell}: {found}, not {status}: {answer.text[:200]}"]


def _shown(line: Line, answer: httpx.Response) -> bytes:
    """Return all that could tell one absence from another; items repeat the ids that were sent."""
    headers = sorted((n, v) for n, v in answer.headers.items() if n != "date")
    content = re.sub(rb'"id":"[^"]*"', b"", answer.content) if line.per_item else answer.content
    return repr(headers).encode() + content


async def test_a_get_that_heads_answers_heads_as_it_answers_gets(matrix: Matrix) -> None:
    heads = {route.path for route in list_routes(matrix.desk.app.routes) if "HEAD" in route.methods}
    wrong: list[str] = []
    for line in LINES:
        if line.method == "GET" and line.path in heads:
            for actor in ACTORS:
                for position, status in statuses(line, actor).items():
                    if position in ("own", "missing"):
                        answer = await matrix.send(line, actor, position, "HEAD")
                        wrong += _judge(line, actor, position, status, answer)
    assert wrong == []


async def test_a_method_that_no_line_names_is_405_for_everybody(matrix: Matrix) -> None:
    named = {(line.method, line.path) for line in LINES}
    paths = {line.path: line for line in LINES}
    answers = {
        (method, path): (await matrix.send(line, actor, "missing", method)).status_code
        for path, line in paths.items()
        for method in METHODS
        if not any(method == other and _meets(path, known) for other, known in named)
        for actor in ("anonymous", "operator")
    }
    assert {key: status for key, status in answers.items() if status != 405} == {}


def _meets(path: str, known: str) -> bool:
    """Tell whether addresses of `path` may be addresses of the route `known` too."""
    return re.fullmatch(re.sub(r"\\?\{[^}]*\}", "[^/]+", known), path) is not None
