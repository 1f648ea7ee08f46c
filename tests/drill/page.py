"""A chat page that loses its server: what was not answered is sent again under the same id."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx

from tests.drill.server import Server

Screen = dict[str, Any]
Body = dict[str, Any]
CHUNK = 8 * 1024
OFTEN_ENOUGH = 2_000


class Broken(AssertionError):
    """The server answered what no page can go on with."""


@dataclass(slots=True)
class Counts:
    """What the pages saw, for the figures."""

    answers: int = 0
    sent_again: int = 0
    compared: int = 0
    pending: int = 0
    refused: int = 0


@dataclass(slots=True)
class Page:
    """One browser tab. `doing` names what it waits for, None between two requests."""

    server: Server
    base: str
    chance: random.Random
    counts: Counts
    heard: Callable[[Screen], None] = lambda _: None
    differs: Callable[[str], None] = lambda _: None
    doing: str | None = None
    present: Screen = field(default_factory=dict)
    cursor: str = "0.0"
    past: list[tuple[str, Any, Body]] = field(default_factory=list)
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        """Make the browser, with a cookie jar of its own."""
        address = f"http://127.0.0.1:{self.server.port}"
        self.client = httpx.AsyncClient(base_url=address, timeout=40, trust_env=False)

    async def enter(self, link: str) -> None:
        """Press the button of a one-time officer link."""
        entered = await self.client.post(link)
        if entered.status_code != 303:
            raise Broken(f"officer link: {entered.status_code}")

    async def open(self, **asked: str) -> None:
        """Open the page, or open it anew after the server was away."""
        answer = await self._until_answered("open", f"{self.base}/sessions", {"json": asked})
        self._hear(answer)

    async def press(self, choice: str, doing: str = "answer") -> Screen:
        """Press a choice of the present question."""
        return await self._event(doing, {"screen": self.present["id"], "choice": choice})

    async def say(self, text: str, doing: str = "answer") -> Screen:
        """Type something."""
        return await self._event(doing, {"screen": self.present["id"], "text": text})

    async def send(self, *photos: bytes, doing: str = "photos") -> Screen:
        """Send photos as one answer, slowly enough to be interrupted."""
        form = _Form(str(self._id()), str(self.present["id"]), photos)
        return await self._answered(doing, f"{self.base}/photos", form)

    async def listen(self, doing: str = "wait") -> None:
        """Wait for what comes by itself."""
        answer = await self._until_answered(doing, f"{self.base}/screens", None)
        self._hear(answer)

    async def ask_again(self) -> None:
        """Send an old event once more: its answer must be the same."""
        if not self.past:
            return
        path, content, answer = self.chance.choice(self.past)
        again = await self._until_answered("again", path, content)
        self.counts.compared += 1
        if _spoken(again) != _spoken(answer):
            self.differs(f"{path}: {_spoken(answer)} is now {_spoken(again)}")

    async def _event(self, doing: str, event: Body) -> Screen:
        content = {"json": {"event_id": str(self._id()), **event}}
        return await self._answered(doing, f"{self.base}/events", content)

    async def _answered(self, doing: str, path: str, content: Any) -> Screen:
        answer = await self._until_answered(doing, path, content)
        self.counts.answers += 1
        self.past = [*self.past[-4:], (path, content, answer)]
        self._hear(answer)
        return self.present

    async def _until_answered(self, doing: str, path: str, content: Any) -> Body:
        """Send until a whole answer came; the same event under the same id each time."""
        for attempt in range(OFTEN_ENOUGH):
            await self.server.up.wait()
            self.counts.sent_again += bool(attempt)
            answer = await self.once(doing, path, content)
            if answer is not None:
                return answer
            await asyncio.sleep(0.01)
        raise Broken(f"{path} is never answered")

    async def once(self, doing: str, path: str, content: Any) -> Body | None:
        """Send once; None when there was no answer yet, or nobody to give one."""
        self.doing = doing
        try:
            response = await self._request(path, content)
        except httpx.TransportError:
            return None
        finally:
            self.doing = None
        if response.status_code in (202, 503):
            self.counts.pending += response.status_code == 202
            self.counts.refused += response.status_code == 503
            return None
        if response.status_code != 200:
            raise Broken(f"{path}: {response.status_code} {response.text}")
        body: Body = response.json()
        return None if body.get("pending") else body

    async def _request(self, path: str, content: Any) -> httpx.Response:
        if content is None:
            return await self.client.get(path, params={"after": self.cursor})
        if isinstance(content, _Form):
            return await self.client.post(path, content=content.slowly(), headers=content.headers)
        return await self.client.post(path, **content)

    def _hear(self, answer: Body) -> None:
        self.cursor = answer.get("cursor", self.cursor)
        for screen in answer["screens"]:
            self.heard(screen)
            if screen["choices"] or screen["id"].isdigit():
                self.present = screen

    def _id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128))


def _spoken(answer: Body) -> tuple[Any, Any]:
    return answer["screens"], answer.get("cursor")


@dataclass(frozen=True, slots=True)
class _Form:
    """A multipart body that trickles."""

    event_id: str
    screen: str
    photos: tuple[bytes, ...]

    @property
    def headers(self) -> dict[str, str]:
        """The type with the boundary."""
        return {"Content-Type": f"multipart/form-data; boundary={self.event_id}"}

    async def slowly(self) -> AsyncIterator[bytes]:
        """Yield the body piece by piece."""
        body = self._body()
        for start in range(0, len(body), CHUNK):
            yield body[start : start + CHUNK]
            await asyncio.sleep(0.003)

    def _body(self) -> bytes:
        head = f"--{self.event_id}\r\nContent-Disposition: form-data; name="
        parts = [f'{head}"event_id"\r\n\r\n{self.event_id}\r\n'.encode()]
        parts.append(f'{head}"screen"\r\n\r\n{self.screen}\r\n'.encode())
        for photo in self.photos:
            named = f'{head}"photo"; filename="x.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
            parts.append(named.encode() + photo + b"\r\n")
        return b"".join(parts) + f"--{self.event_id}--\r\n".encode()
