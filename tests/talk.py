"""A person at the web chat, over the real routes, writing down what was said."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from tests.world import World

Screen = dict[str, Any]


class Talk:
    """Speaks through HTTP as the page does; `lines` is the transcript."""

    def __init__(self, world: World, base: str = "/chat") -> None:
        transport = httpx.ASGITransport(world.program.app)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test")
        self.world, self.base = world, base
        self.lines: list[str] = []
        self.screen: Screen = {}
        self.cursor = "0.0"
        self.replies = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.client.aclose()

    async def open(self, **asked: str) -> None:
        """Open the page."""
        answer = await self.client.post(f"{self.base}/sessions", json=asked)
        answer.raise_for_status()
        self._hear(answer.json())

    async def enter(self, link: str) -> None:
        """Use a one-time officer link and open the officer's chat."""
        entered = await self.client.post(link)
        assert entered.status_code == 303, entered.text
        await self.open()

    async def say(self, text: str) -> Screen:
        """Type something and return the last screen."""
        self._mine(text)
        return await self._event({"screen": self.screen.get("id"), "text": text})

    async def press(self, choice: str | int) -> Screen:
        """Press the choice with this id or number."""
        choices = self.screen["choices"]
        found = (
            choices[choice - 1]
            if isinstance(choice, int)
            else next(c for c in choices if c["id"] == choice)
        )
        self._mine(f"[{found['label']}]")
        return await self._event({"screen": self.screen["id"], "choice": found["id"]})

    async def send(self, *photos: bytes) -> Screen:
        """Send photos as one answer."""
        self._mine(f"[{len(photos)} ảnh]")
        files = [("photo", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos)]
        data = {"event_id": str(uuid4()), "screen": self.screen["id"]}
        answer = await self.client.post(f"{self.base}/photos", data=data, files=files)
        return self._took(answer)

    async def hear(self) -> Sequence[Screen]:
        """Return what came meanwhile, waiting for it a little."""
        async with asyncio.timeout(20):
            answer = await self.client.get(f"{self.base}/screens", params={"after": self.cursor})
        self._hear(answer.json())
        screens: Sequence[Screen] = answer.json()["screens"]
        return screens

    async def _event(self, event: dict[str, Any]) -> Screen:
        body = {"event_id": str(uuid4()), **event}
        answer = await self.client.post(f"{self.base}/events", json=body)
        return self._took(answer)

    def _took(self, answer: httpx.Response) -> Screen:
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        self.replies += 1
        self._hear(answer.json())
        return self.screen

    def _mine(self, text: str) -> None:
        self.lines.append(f"> {text}")

    def _hear(self, answer: dict[str, Any]) -> None:
        self.cursor = answer.get("cursor", self.cursor)
        for screen in answer["screens"]:
            self.lines += written(screen)
            if screen["choices"] or screen["id"].isdigit():
                self.screen = screen

    def transcript(self) -> str:
        """Return everything said, as prose."""
        return "\n".join(self.lines) + "\n"


def written(screen: Screen) -> list[str]:
    """Return a screen as it reads: progress, text, numbered choices, hint."""
    progress = screen["progress"]
    head = f"Câu {progress['step']}/{progress['of']}. " if progress else ""
    lines = screen["text"].split("\n")
    lines[-1 if progress else 0] = head + lines[-1 if progress else 0]
    photos = screen.get("photos", [])
    if photos:
        lines.insert(0, f"[{len(photos)} ảnh]")
    numbered = [f"{n}. {c['label']}" for n, c in enumerate(screen["choices"], 1)]
    if numbered:
        short = "   ".join(numbered)
        lines += [short] if len(short) <= 110 else numbered
    return lines + ([f"({screen['note']})"] if screen.get("note") else [])
