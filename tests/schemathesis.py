"""Schemathesis against the real program, role by role, from the program's own description.

`python -m tests.schemathesis --examples 200 [--seed N] [--role ROLE ...]` runs longer than the
suite does. Every case goes through the whole application in this process, its database and loops on
a thread of their own; half of the cases name things that exist. What is checked of each answer:
never 5xx, a documented status, the described body, the described content type and headers.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

import httpx
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dialogs.model import Role
from handlers.admin import openapi_schema
from handlers.admin.ids import officer_id
from tests.databases import (
    FILE,
    PostgresqlTemplate,
    SqliteTemplate,
    Template,
    server,
    url_in,
)
from tests.handlers.admin.desk import COMMUNE, VILLAGE, Desk, certificate
from tests.world import make_template, running

T = TypeVar("T")
ROLES: tuple[Role, ...] = get_args(Role)
PLACES: Mapping[Role, str] = {
    "village_reviewer": VILLAGE,
    "commune_officer": COMMUNE,
    "commune_leader": COMMUNE,
    "province_viewer": "48",
    "operator": "48",
}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# The version a fresh file has, and those around it.
VERSIONS = (1, 2, 3)
PATIENCE = 60.0


@dataclass(slots=True)
class Tally:
    """What was sent and found: statuses by count, and each failure with how to send it again."""

    role: str
    seed: int
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    undocumented: int = 0

    @property
    def cases(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    @property
    def broken(self) -> int:
        """How many of the answers were 5xx."""
        return sum(count for status, count in self.statuses.items() if status >= 500)

    def __str__(self) -> str:
        """Return the line that docs/proof.md names."""
        return (
            f"schemathesis: {self.role} seed {self.seed}: {self.cases} cases, "
            f"{self.broken} responses 5xx, {self.undocumented} undocumented, "
            f"{len(self.failures)} failures"
        )


class Loop:
    """An event loop on a thread of its own, for a program that is called from plain functions."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="program")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(PATIENCE)

    def stop(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()


@dataclass(frozen=True, slots=True)
class Target:
    """A running program, a client with each role's token, and ids of things that exist."""

    loop: Loop
    desk: Desk
    clients: Mapping[Role, httpx.AsyncClient]
    known: Mapping[str, Sequence[str]]

    def send(self, case: schemathesis.Case[Any], role: Role) -> httpx.Response:
        """Send a case with the token of a role, as a program's bytes would come in."""
        made = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
        headers = [
            (name.encode(), value.encode("utf-8") if isinstance(value, str) else value)
            for name, value in made.headers.items()
            if name.lower() not in ("authorization", "content-length")
        ]
        assert made.body is None or isinstance(made.body, str | bytes)
        body = made.body.encode() if isinstance(made.body, str) else made.body
        client = self.clients[role]
        request = client.build_request(
            str(made.method), str(made.url), headers=headers, content=body
        )
        return self.loop.run(client.send(request))


@contextmanager
def target(folder: Path, template: Template, roles: Sequence[Role]) -> Iterator[Target]:
    """Run a program with some files and officers, and sign in as each of `roles`."""
    loop = Loop()
    try:
        program = running(folder, template, limit_api=10**9)
        world = loop.run(program.__aenter__())
        try:
            desk = Desk(world.program.parts, world.program.app, world.clock, world.chance)
            clients, known = loop.run(_furnish(desk, roles))
            yield Target(loop, desk, clients, known)
            for client in clients.values():
                loop.run(client.aclose())
        finally:
            loop.run(_leave(program))
    finally:
        loop.stop()


async def _leave(program: Any) -> None:
    await program.__aexit__(None, None, None)


async def _furnish(
    desk: Desk, roles: Sequence[Role]
) -> tuple[dict[Role, httpx.AsyncClient], dict[str, list[str]]]:
    """Put in what calls can be about; return a client for each role and the ids by parameter."""
    callers = {role: await desk.add_officer(role, PLACES[role]) for role in roles}
    files = [await desk.add_file(photos={"clear": certificate()}) for _ in range(8)]
    others = [await desk.add_officer("village_reviewer", VILLAGE) for _ in range(8)]
    async with desk.client(await desk.add_officer()) as client:
        whole = (await client.get(f"/api/v1/declarations/{files[0]}")).json()
    sealed = [officer_id(desk.parts, one.id) for one in others]
    known = {
        "declarations": files,
        "evidence_id": [whole["evidence"][0]["id"]],
        "officers": sealed,
        "code": [COMMUNE, VILLAGE, "48"],
    }
    return {role: desk.client(caller) for role, caller in callers.items()}, known


def fuzz(aim: Target, *, examples: int, seed_of: int) -> list[Tally]:
    """Send `examples` cases of each kind to every call as every role; return what was found."""
    tallies = {role: Tally(role, seed_of) for role in aim.clients}
    schema = schemathesis.openapi.from_dict(openapi_schema(aim.desk.app))
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        for mode in MODES:
            _fuzz_call(aim, operation, mode, tallies, examples, seed_of)
    return list(tallies.values())


def _fuzz_call(
    aim: Target,
    operation: Any,
    mode: GenerationMode,
    tallies: Mapping[Role, Tally],
    examples: int,
    seed_of: int,
) -> None:
    @seed(seed_of)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), draw=st.data())
    def once(case: schemathesis.Case[Any], draw: st.DataObject) -> None:
        if draw.draw(st.booleans()):
            _make_real(case, aim.known, draw)
        for role, tally in tallies.items():
            _judge(case, aim.send(case, role), tally)

    # A call without anything that could be wrong has no wrong cases.
    with suppress(Unsatisfiable):
        once()


def _make_real(
    case: schemathesis.Case[Any], known: Mapping[str, Sequence[str]], draw: st.DataObject
) -> None:
    """Let a case be about things that exist, at a version near theirs."""
    room = case.operation.path.split("/")[3]
    for name in case.path_parameters or {}:
        ids = known.get(room if name == "id" else name)
        if ids:
            case.path_parameters[name] = draw.draw(st.sampled_from(list(ids)))
    if isinstance(case.body, dict) and "version" in case.body:
        case.body["version"] = draw.draw(st.sampled_from(VERSIONS))


def _judge(case: schemathesis.Case[Any], answer: httpx.Response, tally: Tally) -> None:
    tally.statuses[answer.status_code] += 1
    described = case.operation.definition.raw["responses"]
    tally.undocumented += str(answer.status_code) not in described
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as found:
        sent = f"{answer.request.method} {answer.request.url!r} {answer.request.content[:500]!r}"
        why = "; ".join(str(one).partition("\n")[0] for one in found.exceptions)
        tally.failures.append(f"{sent} -> {answer.status_code} {answer.text[:300]}: {why}")


def _template(folder: Path, kind: str) -> Template:
    """Make a migrated database with one commune, to be copied for each role."""
    if kind == "postgresql":
        asyncio.run(make_template(server().create("template")))
        return PostgresqlTemplate("template")
    folder.mkdir()
    asyncio.run(make_template(url_in(folder)))
    return SqliteTemplate(folder / FILE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every role, print a line for each and a sum; 1 when anything was found."""
    read = argparse.ArgumentParser(prog="python -m tests.schemathesis", description=__doc__)
    read.add_argument("--examples", type=int, default=200, help="cases of each kind and call")
    read.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    read.add_argument("--role", choices=ROLES, nargs="+", default=ROLES)
    read.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    asked = read.parse_args(arguments)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        template = _template(Path(folder) / "template", asked.database)
        with target(Path(folder) / "var", template, asked.role) as aim:
            tallies = fuzz(aim, examples=asked.examples, seed_of=asked.seed)
    for tally in tallies:
        print(tally, *tally.failures, sep="\n  ")
    cases, broken = sum(t.cases for t in tallies), sum(t.broken for t in tallies)
    undocumented = sum(t.undocumented for t in tallies)
    failures = sum(len(t.failures) for t in tallies)
    print(
        f"schemathesis: {cases} cases, {broken} responses 5xx, {undocumented} undocumented, "
        f"{failures} failures, {time.monotonic() - began:.0f} s"
    )
    return 1 if broken or undocumented or failures else 0


if __name__ == "__main__":
    sys.exit(main())
