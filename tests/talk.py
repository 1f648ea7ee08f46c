"""A person at the web chat, over the real routes, writing down what was said."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from handlers.numbered import number_choices
from tests.world import World

Screen = dict[str, Any]
# The words of a transcript that no screen holds, by language.
QUESTION = {"vi": "Câu", "en": "Question"}
PHOTOS = {"vi": "ảnh", "en": "photo(s)"}
WIDEST = 110


class Talk:
    """Speaks through HTTP as the page does; `lines` is the transcript."""

    def __init__(self, world: World, base: str = "/chat", lines: list[str] | None = None) -> None:
        self.world, self.base = world, base
        self.client = self._client()
        self.lines: list[str] = [] if lines is None else lines
        self.screen: Screen = {}
        self.heard: Sequence[Screen] = ()
        self.locale = "vi"
        self.resume = ""
        self.cursor = "0.0"
        self.replies = 0

    def _client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.world.program.app)
        return httpx.AsyncClient(transport=transport, base_url="http://test")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.end()

    async def end(self) -> None:
        """Close the page."""
        await self.client.aclose()

    async def move_to(self, world: World, *, cookies: bool = True) -> None:
        """Go on with a program that was started again, or (without cookies) on another phone."""
        kept = self.client.cookies
        await self.client.aclose()
        self.world = world
        self.client = self._client()
        if cookies:
            self.client.cookies = kept

    async def open(self, **asked: str) -> None:
        """Open the page."""
        answer = await self.client.post(f"{self.base}/sessions", json=asked)
        answer.raise_for_status()
        self.resume = answer.json().get("resume", "").partition("#resume=")[2]
        self._hear(answer.json())

    async def enter(self, link: str) -> None:
        """Use a one-time officer link and open the officer's chat."""
        entered = await self.client.post(link)
        assert entered.status_code == 303, entered.text
        await self.open()

    @property
    def sender(self) -> str:
        """The name of this conversation, as the cookie carries it."""
        (cookie,) = self.client.cookies.jar
        return str(cookie.value).partition(".")[0]

    async def say(self, text: str) -> Screen:
        """Type something and return the last screen."""
        self._mine(text)
        return await self._event({"screen": self.screen.get("id"), "text": text})

    async def press(self, choice: str | int) -> Screen:
        """Press the choice with this id or number."""
        choices = self.screen["choices"]
        fits = [
            c for n, c in enumerate(choices, 1) if choice in (n, c["id"], c["id"].partition(":")[0])
        ]
        assert fits, f"no choice {choice} after:\n{self.transcript()[-2000:]}"
        found = fits[0]
        self._mine(f"[{found['label']}]")
        return await self._event({"screen": self.screen["id"], "choice": found["id"]})

    async def press_old(self, screen: Mapping[str, Any], choice: int) -> Screen:
        """Press a button of a screen shown earlier."""
        found = screen["choices"][choice - 1]
        self._mine(f"[{found['label']}]")
        return await self._event({"screen": screen["id"], "choice": found["id"]})

    async def send(self, *photos: bytes) -> Screen:
        """Send photos as one answer."""
        self._mine(f"[{len(photos)} {PHOTOS[self.locale]}]")
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
        self.locale = answer.get("locale", self.locale)
        self.heard = answer["screens"]
        self.lines += self.again()
        for screen in self.heard:
            if screen["choices"] or screen["id"].isdigit():
                self.screen = screen

    def again(self) -> list[str]:
        """Return the lines of what was heard last."""
        return [line for screen in self.heard for line in written(screen, self.locale)]

    def transcript(self) -> str:
        """Return everything said, as prose."""
        return "\n".join(self.lines) + "\n"


def written(screen: Screen, locale: str = "vi") -> list[str]:
    """Return a screen as it reads: photos, text, numbered choices, hint.

    The progress stands before the question, which is the last line of a question's text.
    """
    progress = screen["progress"]
    lines: list[str] = screen["text"].split("\n")
    if progress:
        lines[-1] = f"{QUESTION[locale]} {progress['step']}/{progress['of']}. {lines[-1]}"
    photos = screen.get("photos", [])
    if photos:
        lines.insert(0, f"[{len(photos)} {PHOTOS[locale]}]")
    lines += number_choices([c["label"] for c in screen["choices"]], WIDEST)
    return lines + ([f"({screen['note']})"] if screen.get("note") else [])
