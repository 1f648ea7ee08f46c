"""GET /metrics: figures for the operator's machine alone, also while the database is away."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from bot.app import build_parts
from handlers.errors import install_errors
from handlers.metrics import metrics_router
from handlers.parts import Parts
from storage import due, inbox
from storage.database import Database
from storage.inbox import Arrival
from storage.seams import Seams, to_ms
from tests.databases import Template
from tests.talk import Talk
from tests.walking import NAME, WORDS, hand_in, sign
from tests.world import COMMUNE, START, VILLAGE, Clock, World, settings_in

# What a label may be called: bounded sets of names out of our own code.
LABELS = {"le", "code", "verdict", "alarm", "queue", "version", "schema"}
# The Prometheus client's own.
FOREIGN = {"generation", "implementation", "major", "minor", "patchlevel"}


class Page:
    """One page of one application."""

    def __init__(self, parts: Parts) -> None:
        self.app = FastAPI()
        self.app.state.parts = parts
        self.app.include_router(metrics_router())
        install_errors(self.app, parts.words, parts.measures)

    async def ask(self, peer: str = "127.0.0.1", **headers: str) -> httpx.Response:
        transport = httpx.ASGITransport(app=self.app, client=(peer, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.get("/metrics", headers=sent)

    async def figures(self) -> dict[str, float]:
        """Return our figures by name, labels in it."""
        answer = await self.ask()
        assert answer.status_code == 200, answer.text
        return read(answer.text)


def read(text: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            labels = ",".join(one.labels[name] for name in sorted(one.labels))
            found[f"{one.name} {labels}".strip()] = one.value
    return found


@pytest.fixture
def page(world: World) -> Page:
    """The page of a running program."""
    return Page(world.program.parts)


async def test_a_walk_is_counted_and_nothing_of_it_is_told(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        code = await hand_in(talk)
        answer = await talk.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert answer.headers["cache-control"] == "no-store"
    for secret in (NAME, WORDS, code, COMMUNE, VILLAGE, talk.sender):
        assert secret not in answer.text
    assert read(answer.text)["khaihoc_database_up"] == 1


async def test_no_label_holds_a_person_a_place_or_a_text(page: Page) -> None:
    text = (await page.ask()).text
    labels = {
        name
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        for name in sample.labels
    }
    assert labels <= LABELS | FOREIGN
    assert len(text.splitlines()) < 400


async def test_what_waits_is_told_with_its_age_and_read_anew_every_few_seconds(
    parts: Parts, clock: Clock
) -> None:
    page = Page(parts)
    at_ms = to_ms(START) - 400_000
    lost = [Arrival("web", f"sender-{n % 2}", f"e{n}", "{}", at_ms) for n in range(3)]
    await parts.database.write(lambda c: inbox.add(c, lost))
    await parts.database.write(lambda c: due.add(c, due.NOTICE, at_ms=to_ms(START) - 7_000))
    await parts.database.write(lambda c: due.add(c, due.NOTICE, at_ms=to_ms(START) + 7_000))
    found = await page.figures()
    assert {k: v for k, v in found.items() if "queue" in k} == {
        "khaihoc_queue_length inbox": 3,
        "khaihoc_queue_length outbox": 0,
        "khaihoc_queue_length jobs": 1,
        "khaihoc_queue_length media": 0,
        "khaihoc_queue_oldest_seconds inbox": 400,
        "khaihoc_queue_oldest_seconds outbox": 0,
        "khaihoc_queue_oldest_seconds jobs": 7,
        "khaihoc_queue_oldest_seconds media": 0,
    }
    assert (found["khaihoc_conversations_stuck"], found["khaihoc_dead_letters"]) == (2, 0)
    await parts.database.write(lambda c: inbox.set_dead(c, 1, "ValueError"))
    assert (await page.figures())["khaihoc_dead_letters"] == 0
    clock.forward(seconds=5)
    assert (await page.figures())["khaihoc_dead_letters"] == 1


async def test_while_the_database_is_away_the_last_figures_known_stand(
    parts: Parts, clock: Clock, tmp_path: Path
) -> None:
    page = Page(parts)
    lost = Arrival("web", "sender", "e", "{}", to_ms(START) - 10_000)
    await parts.database.write(lambda c: inbox.add(c, [lost]))
    before = await page.figures()
    gone = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", Seams())
    page.app.state.parts = replace(parts, database=gone)
    clock.forward(seconds=6)
    after = await page.figures()
    await gone.stop()
    assert (before["khaihoc_database_up"], after["khaihoc_database_up"]) == (1, 0)
    assert after["khaihoc_queue_length inbox"] == 1
    assert after["khaihoc_queue_oldest_seconds inbox"] == 16
    assert after["khaihoc_database_unavailable_total"] == 1


async def test_without_a_database_from_the_start_the_page_still_answers(
    parts: Parts, tmp_path: Path
) -> None:
    gone = Database(f"sqlite+aiosqlite:///{tmp_path}/nowhere.db", Seams())
    found = await Page(replace(parts, database=gone)).figures()
    await gone.stop()
    assert found["khaihoc_database_up"] == 0
    assert "khaihoc_dead_letters" not in found
    assert found["khaihoc_disk_free_bytes"] > 0


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("testclient", {}, 403),
        ("127.0.0.1", {"X_Forwarded_For": "192.0.2.7"}, 403),
        ("127.0.0.1", {"X_Forwarded_For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, 403),
    ],
)
async def test_without_a_token_only_the_machine_itself_may_ask(
    page: Page, peer: str, headers: dict[str, str], status: int
) -> None:
    assert (await page.ask(peer, **headers)).status_code == status


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("Bearer right", 200),
        ("Bearer wrong", 401),
        ("Bearer righté", 401),
        ("Basic cmlnaHQ=", 401),
        ("", 401),
    ],
)
async def test_with_a_token_whoever_has_it_may_ask_from_anywhere(
    world: World, sent: str, status: int
) -> None:
    page = Page(replace(world.program.parts, metrics_token="right"))
    for peer in ("127.0.0.1", "192.0.2.7"):
        transport = httpx.ASGITransport(app=page.app, client=(peer, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = [(b"authorization", sent.encode("latin-1"))]
            answer = await client.get("/metrics", headers=headers)
        assert answer.status_code == status
        assert ("www-authenticate" in answer.headers) == (status == 401)


@pytest.fixture
def clock() -> Clock:
    """A clock of the test's own."""
    return Clock()


@pytest.fixture
async def parts(tmp_path: Path, template: Template, clock: Clock) -> AsyncIterator[Parts]:
    """The parts of a program whose loops do not run."""
    template.put(tmp_path)
    parts = await build_parts(settings_in(tmp_path), Seams(now=clock.now))
    yield parts
    await parts.database.stop()
