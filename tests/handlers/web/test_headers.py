"""Headers of every kind of answer: pages, JSON, static files, refusals, failures."""

import gzip
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from handlers.web.headers import POLICY
from tests.databases import Template
from tests.talk import Talk
from tests.world import World, running

PATHS = (
    "/",
    "/go/unknown",
    "/officer",
    "/officer/unknown",
    "/static/chat.js",
    "/static/none.js",
    "/none",
    "/chat/screens",
    "/chat/evidence/none",
    "/api/v1/me",
    "/api/openapi.json",
    "/api/docs",
    "/health/live",
    "/metrics",
)


def client_of(world: World) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(world.program.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_every_answer_has_the_policy_and_no_banner(world: World) -> None:
    async with client_of(world) as client:
        for path in PATHS:
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                answer = await client.request(method, path)
                assert answer.status_code < 500, (method, path)
                policy = answer.headers["content-security-policy"]
                assert policy == POLICY or path == "/api/docs", (method, path)
                assert "unsafe" not in policy
                assert answer.headers["x-content-type-options"] == "nosniff"
                assert answer.headers["referrer-policy"] == "no-referrer"
                assert "server" not in answer.headers
                assert "strict-transport-security" not in answer.headers


async def test_a_failure_has_them_too_and_tells_nothing(world: World) -> None:
    async with client_of(world) as client:
        await client.post("/chat/sessions", json={})
        database = world.program.parts.database
        await database.write(lambda c: c.execute(text("UPDATE conversation SET state = '{'")))
        answer = await client.post("/chat/sessions", json={})
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(answer.json()) == {"type", "title", "status", "detail", "code"}


async def test_only_public_things_are_cached_or_compressed(world: World) -> None:
    async with client_of(world) as client:
        page = await client.get("/")
        script = await client.get("/static/chat.js")
        assert page.headers["cache-control"] == script.headers["cache-control"] == "no-cache"
        assert page.headers["content-encoding"] == script.headers["content-encoding"] == "gzip"
        known = {"If-None-Match": script.headers["etag"]}
        assert (await client.get("/static/chat.js", headers=known)).status_code == 304
        spoken = await client.post("/chat/sessions", json={})
        for private in (spoken, await client.get("/officer/unknown"), await client.get("/none")):
            assert private.headers["cache-control"] == "no-store"
            assert "content-encoding" not in private.headers


async def test_the_chat_loads_within_its_budget(world: World) -> None:
    async with client_of(world) as client:
        page = (await client.get("/")).text
        names = {
            part.partition('"')[0].partition("#")[0] for part in page.split('"/static/')[1:]
        } | {"chat.js"}
        sizes = [len(gzip.compress(page.encode(), 6))]
        for name in sorted(names):
            answer = await client.get(f"/static/{name}")
            assert answer.status_code == 200, name
            sizes.append(int(answer.headers["content-length"]))
    assert sum(sizes) <= 60 * 1024, sum(sizes)


@pytest.mark.parametrize(("url", "secure"), [("", False), ("https://khaihoc.example.vn", True)])
async def test_cookies_are_for_the_server_and_this_site_alone(
    tmp_path: Path, template: Template, url: str, secure: bool
) -> None:
    async with running(tmp_path / "own", template, public_url=url) as world:
        async with client_of(world) as client:
            opened = await client.post("/chat/sessions", json={})
            entered = await client.post(await world.officer_link())
        citizen, officer = (a.headers["set-cookie"].split("; ") for a in (opened, entered))
        assert {"HttpOnly", "SameSite=strict", "Path=/chat"} <= set(citizen)
        assert {"HttpOnly", "SameSite=strict", "Path=/officer", "Max-Age=28800"} <= set(officer)
        assert ("Secure" in citizen, "Secure" in officer) == (secure, secure)
        assert ("strict-transport-security" in opened.headers) == secure


async def test_the_resume_secret_stands_behind_the_hash(world: World) -> None:
    async with Talk(world) as talk:
        answer = await talk.client.post("/chat/sessions", json={})
        assert "/#resume=" in answer.json()["resume"]
