"""A client that looks at every answer: whatever was sent, it must be one the page understands."""

import json
from typing import Any
from uuid import uuid4

import httpx

from tests.talk import Talk
from tests.world import World

JSON = {"Content-Type": "application/json"}
SCREEN = {"id", "text", "choices", "accepts", "progress"}


def event(**fields: object) -> dict[str, object]:
    """Return an event with a fresh id."""
    return {"event_id": str(uuid4()), **fields}


def judge(answer: httpx.Response) -> httpx.Response:
    """Return `answer` if it is Screens or a problem in words; AssertionError for anything else."""
    assert answer.status_code < 500, answer.text
    if answer.status_code < 400:
        for screen in answer.json()["screens"]:
            assert screen.keys() >= SCREEN
            assert screen["text"].strip()
        return answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem.keys() >= {"type", "title", "detail", "code"}
    assert "problem." not in problem["title"] + problem["detail"], "a key instead of words"
    assert len(answer.content) < 3000
    return answer


class Door:
    """One browser at the chat's routes, with or without a session."""

    def __init__(self, world: World, talk: Talk | None = None, base: str = "/chat") -> None:
        self.base = base
        self.client = talk.client if talk else anonymous(world)

    async def post(self, route: str, body: Any = None, **options: Any) -> httpx.Response:
        """Post JSON (or `content`) and judge the answer."""
        if body is not None:
            options["content"] = body if isinstance(body, bytes) else json.dumps(body).encode()
        options["headers"] = JSON | options.get("headers", {})
        return judge(await self.client.post(f"{self.base}/{route}", **options))

    async def upload(self, *files: tuple[str, Any], **fields: str) -> httpx.Response:
        """Post a form and judge the answer."""
        data = {"event_id": str(uuid4()), "screen": "1", **fields}
        answer = await self.client.post(f"{self.base}/photos", data=data, files=list(files))
        return judge(answer)

    async def form(self, content: bytes, kind: str) -> httpx.Response:
        """Post bytes as a form of this content type and judge the answer."""
        headers = {"Content-Type": kind}
        return judge(
            await self.client.post(f"{self.base}/photos", content=content, headers=headers)
        )


def anonymous(world: World) -> httpx.AsyncClient:
    """Return a browser nobody has seen before; a failure shows as 500, as over a network."""
    transport = httpx.ASGITransport(world.program.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")
