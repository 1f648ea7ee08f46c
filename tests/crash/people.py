"""Whoever speaks to the program in a scenario, and what stays with them when it dies.

A page keeps its cookie, the present question and the request that flies; that is written down
before the request is sent and after its answer came, so that a kill in between is what a kill of
the server is to a phone: the same request goes again.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx

RECEIPT = re.compile(r"KH\d\d(?:-[0-9A-Z]+){2,}")
Json = dict[str, Any]


class Unanswered(AssertionError):
    """The program answered what a page cannot go on with."""


@dataclass(slots=True)
class Page:
    """One browser tab; everything in it is JSON."""

    name: str
    base: str = "/chat"
    cookies: dict[str, str] = field(default_factory=dict)
    present: Json = field(default_factory=dict)
    cursor: str = "0.0"
    code: str = ""
    # The request that flies, and the last one that was answered together with its answer.
    flying: Json | None = None
    settled: Json | None = None
    # The last moment of the scenario at which this page had its answer.
    done: str = ""


@dataclass(slots=True)
class People:
    """All pages of a scenario, kept in a file; `at_seconds` is the time since its beginning."""

    file: Path
    pages: dict[str, Page] = field(default_factory=dict)
    at_seconds: int = 0
    lives: int = 0

    @classmethod
    def load(cls, file: Path) -> "People":
        """Return what is kept, or nobody."""
        if not file.exists():
            return cls(file)
        kept = json.loads(file.read_bytes())
        pages = {name: Page(**page) for name, page in kept.pop("pages").items()}
        return cls(file, pages, **kept)

    def keep(self) -> None:
        """Write everything down; a kill leaves the old file or the new one."""
        whole = {
            "pages": {name: asdict(page) for name, page in self.pages.items()},
            "at_seconds": self.at_seconds,
            "lives": self.lives,
        }
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
        os.replace(fresh, self.file)

    def page(self, name: str) -> Page:
        """Return a page by name; an officer's name begins with "officer"."""
        base = "/officer/chat" if name.startswith("officer") else "/chat"
        return self.pages.setdefault(name, Page(name, base))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks for a page; `photos` are the pictures by name, `tokens` secrets given out before."""

    page: Page
    people: People
    client: httpx.AsyncClient
    photos: Mapping[str, bytes]
    tokens: Mapping[str, str]

    async def act(self, moment: str, act: tuple[str, ...]) -> None:
        """Do `act` at `moment` of the scenario, once: what flies already is sent as it was."""
        if self.page.done == moment:
            return
        if self.page.flying is None:
            self.page.flying = self._request(moment, act)
            self.people.keep()
        flying = self.page.flying
        answer = await self._answered(flying)
        self._hear(answer)
        self.page.flying, self.page.settled = None, {**flying, "answer": _spoken(answer)}
        self.page.done = moment
        self.people.keep()

    async def repeat(self) -> str:
        """Send what was answered before the kill once more; say what is different now."""
        settled = self.page.settled
        if settled is None or settled["kind"] not in ("event", "photos"):
            return ""
        again = _spoken(await self._answered(settled))
        return "" if again == settled["answer"] else f"{settled['answer']} is now {again}"

    def _request(self, moment: str, act: tuple[str, ...]) -> Json:
        """Return a request as JSON, with everything a page knows put in."""
        verb, *rest = act
        given = [self._filled(word) for word in rest]
        number = str(uuid5(NAMESPACE_OID, f"{moment}/{self.page.name}"))
        if verb == "open":
            return {"kind": "open", "body": {"place": given[0]} if given else {}}
        if verb == "enter":
            return {"kind": "enter", "link": 0}
        if verb == "send":
            return {"kind": "photos", "number": number, "screen": self._screen(), "photos": given}
        if verb == "api":
            return {"kind": "api", "verb": given[0], "words": given[1:]}
        said = {"choice": self._choice(given[0])} if verb == "press" else {"text": given[0]}
        body = {"event_id": number, "screen": self._screen(), **said}
        return {"kind": "event", "body": body}

    def _filled(self, word: str) -> str:
        """Put in a receipt code: "{an}" is the code that `an` was given."""
        return re.sub(r"\{(\w+)\}", lambda found: self.people.pages[found[1]].code, word)

    def _screen(self) -> str | None:
        return self.page.present.get("id")

    def _choice(self, wanted: str) -> str:
        ids = [choice["id"] for choice in self.page.present["choices"]]
        for n, found in enumerate(ids, 1):
            if wanted in (found, found.partition(":")[0], str(n)):
                return str(found)
        raise Unanswered(f"{self.page.name} has no choice {wanted} among {ids}")

    async def _answered(self, flying: Json) -> Json:
        """Return the answer's body; a page that is told to wait asks again."""
        for _ in range(30):
            response = await self._send(flying)
            if response.status_code in (200, 303) and not response.content[:100].count(b"pending"):
                self._take_cookies(response)
                return response.json() if response.content[:1] == b"{" else {}
            if self._undone_before(flying, response):
                return {}
            if flying["kind"] == "enter" and response.status_code == 410:
                # Spent by a request whose answer never came: an operator gives out another one.
                flying["link"] += 1
                self.people.keep()
        raise Unanswered(f"{flying['kind']}: {response.status_code} {response.text[:300]}")

    def _undone_before(self, flying: Json, response: httpx.Response) -> bool:
        """Tell whether a decision was taken back by a request whose answer never came.

        Only approvals, returns and rejections may be repeated (docs/contract.md); whoever takes one
        back once more is told that nothing is there to be taken back. Whether it was done, and
        once, the rows say.
        """
        again = flying.get("verb") == "undo" and flying["life"] < self.people.lives
        return again and response.status_code == 409 and b'"wrong_state"' in response.content

    async def _send(self, flying: Json) -> httpx.Response:
        if flying["kind"] == "api":
            return await self._call(flying)
        base = self.page.base
        token = self.tokens.get(f"{self.page.name}.{flying.get('link')}")
        path = {
            "open": f"{base}/sessions",
            "enter": f"/officer/{token}",
            "event": f"{base}/events",
            "photos": f"{base}/photos",
        }[flying["kind"]]
        given: Json = {"json": flying.get("body")}
        if "photos" in flying:
            given = self._form(flying)
        self.client.cookies = httpx.Cookies(self.page.cookies)
        return await self.client.post(path, **given)

    def _form(self, flying: Json) -> Json:
        files = [("photo", (f"{n}.jpg", self.photos[n], "image/jpeg")) for n in flying["photos"]]
        return {"data": {"event_id": flying["number"], "screen": flying["screen"]}, "files": files}

    async def _call(self, flying: Json) -> httpx.Response:
        """Call the officers' API as a program does: look, remember what was seen, decide."""
        headers = {"Authorization": f"Bearer {self.tokens[self.page.name]}"}
        root = "/api/v1/declarations"
        if "sent" not in flying:
            listed = (await self.client.get(root, headers=headers)).json()["items"]
            words = flying["words"]
            items = [{"id": i["id"], "version": i["version"]} for i in listed if i["code"] in words]
            flying["sent"] = _decision(flying["verb"], items)
            flying["life"] = self.people.lives
            self.people.keep()
        path, body = flying["sent"]
        return await self.client.post(root + path, json=body, headers=headers)

    def _take_cookies(self, response: httpx.Response) -> None:
        for cookie in response.cookies.jar:
            self.page.cookies[cookie.name] = str(cookie.value)

    def _hear(self, answer: Json) -> None:
        self.page.cursor = answer.get("cursor", self.page.cursor)
        for screen in answer.get("screens", ()):
            found = RECEIPT.search(screen["text"])
            self.page.code = found.group() if found and not self.page.code else self.page.code
            if screen["choices"] or screen["id"].isdigit():
                self.page.present = screen


def _decision(verb: str, items: list[Json]) -> tuple[str, Json]:
    """Return path and body of a decision on these files."""
    if verb == "bulk":
        return "/bulk", {"action": "approve", "items": items}
    (item,) = items
    more: dict[str, Json] = {
        "return": {"items": [{"criterion": "A2", "reason": "blurry_photo"}]},
        "reject": {"reason": "Mới có 56 điểm, cần 80"},
    }
    version = {} if verb == "undo" else {"version": item["version"]}
    return f"/{item['id']}/{verb}", {**version, **more.get(verb, {})}


def _spoken(answer: Json) -> Json:
    return {"screens": answer.get("screens"), "cursor": answer.get("cursor")}
