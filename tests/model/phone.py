"""A phone with a bad line: the same message may go out twice, late, or break off on its way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.model.reading import kind

Screen = dict[str, Any]
Body = dict[str, Any]
Ask = Callable[[], Awaitable[httpx.Response]]
# What the adversary between person and program does with a message.
FAULTS = ("none", "twice", "again", "cut", "restart")


class Divergence(AssertionError):
    """The program and the reference do not agree, or the program did what nobody may."""


@dataclass(slots=True)
class Event:
    """One message of a person: where it goes, under which id, and its answer once there is one."""

    path: str
    json: Body | None = None
    data: Body | None = None
    files: Any = None
    answer: Body | None = None

    @property
    def content(self) -> dict[str, Any]:
        """The arguments of the request."""
        if self.json is not None:
            return {"json": self.json}
        return {"data": self.data, "files": self.files}


class Line(Protocol):
    """What is between people and the programs, and what it may do to them."""

    def client(self) -> httpx.AsyncClient:
        """Return a client of a program that runs now."""

    async def asking(self, ask: Ask) -> httpx.Response:
        """Ask as a page does."""

    async def restart(self) -> None:
        """Let a program end and begin again."""

    async def cut(self, ticks: int) -> None:
        """A request was cut off after `ticks`; perhaps because a program died."""


@dataclass(slots=True)
class Phone:
    """A page of the chat."""

    line: Line
    base: str = "/chat"
    cookies: dict[str, str] = field(default_factory=dict)
    screen: Screen = field(default_factory=dict)
    past: list[tuple[Screen, int]] = field(default_factory=list)
    sent: list[Event] = field(default_factory=list)
    cursor: str = "0.0"
    locale: str = "vi"
    heard: set[str] = field(default_factory=set)

    @property
    def sender(self) -> str:
        """The name of this conversation, as the cookie carries it."""
        (value,) = self.cookies.values()
        return value.partition(".")[0]

    async def enter(self, link: str) -> None:
        """Use a one-time officer link and open the officer's chat."""
        answer = await self._request("POST", link)
        assert answer.status_code == 303, answer.text
        await self.open()

    async def open(self, **asked: str) -> None:
        """Open the page."""
        answer = await self._request("POST", f"{self.base}/sessions", json=asked)
        self._checked(answer)
        self.hear(answer.json())

    async def deliver(self, event: Event, fault: str = "none", ticks: int = 0) -> Body:
        """Send an event over the bad line until it is answered; the same answer each time."""
        if fault == "twice":
            answers = list(await asyncio.gather(self._send(event), self._send(event)))
        elif fault in ("cut", "restart"):
            await self._break_off(event, ticks)
            if fault == "restart":
                await self.line.restart()
            answers = [await self._send(event)]
        else:
            answers = [await self._send(event) for _ in range(1 + (fault == "again"))]
        if any(said(answer) != said(answers[0]) for answer in answers):
            raise Divergence(f"one event, two answers: {answers}")
        event.answer = answers[0]
        self.sent.append(event)
        return answers[0]

    async def echo(self, event: Event) -> None:
        """Let an event that was answered arrive once more."""
        answer = await self._send(event)
        if event.answer is not None and said(answer) != said(event.answer):
            raise Divergence(f"{said(event.answer)} is now {said(answer)}")

    async def catch_up(self) -> None:
        """Fetch what came meanwhile (there must be something)."""
        answer = await self._request("GET", f"{self.base}/screens?after={self.cursor}")
        self._checked(answer)
        self.hear(answer.json())

    def hear(self, answer: Body) -> None:
        """Take what was said, unless something younger was heard before.

        Two answers to one person may come from two processes, in any order.
        """
        if _moment(answer.get("cursor", self.cursor)) < _moment(self.cursor):
            return
        self.cursor = answer.get("cursor", self.cursor)
        self.locale = answer.get("locale", self.locale)
        for screen in answer["screens"]:
            self.heard.add(screen["id"])
            if screen["id"].isdigit():
                self.screen = screen

    @property
    def at(self) -> str:
        """The question on the screen."""
        return kind(self.screen)

    async def _break_off(self, event: Event, ticks: int) -> None:
        sending = asyncio.create_task(self._send(event))
        await asyncio.sleep(ticks * 0.0004)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await self.line.cut(ticks)

    async def _send(self, event: Event) -> Body:
        answer = await self._request("POST", f"{self.base}/{event.path}", **event.content)
        self._checked(answer)
        body: Body = answer.json()
        if answer.status_code != 200 or not body["screens"]:
            raise Divergence(f"no answer to {event.json}: {answer.status_code} {answer.text}")
        return body

    async def _request(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            client = self.line.client()
            client.cookies = httpx.Cookies(self.cookies)
            return await client.request(method, path, **content)

        answer = await self.line.asking(ask)
        for cookie in answer.cookies.jar:
            self.cookies = {cookie.name: cookie.value or ""}
        return answer

    def _checked(self, answer: httpx.Response) -> None:
        if answer.status_code >= 400:
            raise Divergence(f"{answer.request.url}: {answer.status_code} {answer.text}")


def _moment(cursor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in cursor.split("."))


def said(answer: Body) -> tuple[Any, Any]:
    """Return what two answers to one event have in common."""
    return answer["screens"], answer.get("cursor")
