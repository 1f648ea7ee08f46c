"""Is this process alive, and can it do its work? For load balancers, watchdogs and operators."""

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from handlers.callers import may_call
from handlers.parts import Parts
from storage.database import UNAVAILABLE, Connection
from storage.health import get_backlog
from storage.migrate import get_head, get_revision
from storage.photos import PhotoStoreError
from storage.seams import to_ms

# Free room below which uploads and commits are about to fail.
LEAST_FREE_BYTES = 100 * 1024 * 1024
# A turn takes milliseconds, a photo seconds, a job fires within seconds of its time.
OLDEST_TURN_SECONDS = 60
OLDEST_PHOTO_SECONDS = 600
OLDEST_JOB_SECONDS = 300
ANSWER_SECONDS = 5.0
# The photo store is tried by keeping a file for real, at most this often.
TRY_AGAIN = timedelta(seconds=10)
TRIED = b"is the photo store writable?"
NO_ANSWER: tuple[type[Exception], ...] = (*UNAVAILABLE, TimeoutError)
log = structlog.get_logger("health")


@dataclass(frozen=True, slots=True)
class State:
    """One part: whether it works, and a few words or figures for the operator."""

    ok: bool
    detail: str


class Health:
    """The two pages; what they say holds no data of anybody."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._one = asyncio.Lock()
        self._tried: tuple[datetime, State] | None = None

    def router(self) -> APIRouter:
        """Return the routes `/health/live` and `/health/ready`."""
        router = APIRouter(prefix="/health", include_in_schema=False)
        router.add_api_route("/live", self.live, methods=["GET"])
        router.add_api_route("/ready", self.ready, methods=["GET"])
        return router

    @may_call("anyone")
    async def live(self) -> Response:
        """Say that the process answers: restart it when this fails."""
        return _page(200, {"live": True})

    @may_call("anyone")
    async def ready(self) -> Response:
        """Say part by part whether work can be done: 200, or 503 when any part cannot."""
        parts = await self.look()
        ready = all(state.ok for state in parts.values())
        if not ready:
            log.warning("not_ready", parts=[name for name, state in parts.items() if not state.ok])
        shown = {name: asdict(state) for name, state in parts.items()}
        return _page(200 if ready else 503, {"ready": ready, "parts": shown})

    async def look(self) -> Mapping[str, State]:
        """Return the state of every part by name, always the same names."""
        stored = await self._database()
        return stored | {"photos": await self._photos(), "disk": self._disk()}

    async def _database(self) -> dict[str, State]:
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._parts.database.reading() as connection,
            ):
                return {"database": State(True, "answers"), **await self._stored(connection)}
        except NO_ANSWER as error:
            unknown = State(False, "not known: the database does not answer")
            lost = State(False, type(error).__name__)
            others = dict.fromkeys(("schema", "turns", "media", "jobs"), unknown)
            return {"database": lost} | others

    async def _stored(self, connection: Connection) -> dict[str, State]:
        revision, head = await get_revision(connection), get_head()
        if revision != head:
            wrong = State(False, f"{revision or 'none'}, this program needs {head}")
            unknown = State(False, "not known: the schema is another")
            return {"schema": wrong} | dict.fromkeys(("turns", "media", "jobs"), unknown)
        backlog = await get_backlog(connection)
        return {
            "schema": State(True, head),
            "turns": self._age(backlog.turn_ms, OLDEST_TURN_SECONDS, backlog.turns),
            "media": self._age(backlog.photo_ms, OLDEST_PHOTO_SECONDS),
            "jobs": self._age(backlog.job_ms, OLDEST_JOB_SECONDS),
        }

    def _age(self, since_ms: int | None, most: int, count: int | None = None) -> State:
        """Return the state of a queue whose oldest entry waits since `since_ms`."""
        late = 0 if since_ms is None else max(to_ms(self._parts.now()) - since_ms, 0) // 1000
        waiting = "" if count is None else f"{count} waiting, "
        return State(late <= most, f"{waiting}oldest {late} s, {most} s allowed")

    async def _photos(self) -> State:
        async with self._one:
            now = self._parts.now()
            if self._tried is None or abs(now - self._tried[0]) >= TRY_AGAIN:
                self._tried = (now, await self._try_photos())
            return self._tried[1]

    async def _try_photos(self) -> State:
        if not os.access(self._incoming(), os.R_OK | os.W_OK | os.X_OK):
            return State(False, "the folder of uploads cannot be written")
        try:
            await self._parts.photos.erase(await self._parts.photos.keep(TRIED))
        except (PhotoStoreError, OSError) as error:
            return State(False, f"cannot be written: {type(error).__name__}")
        return State(True, "writable")

    def _incoming(self) -> Path:
        return self._parts.incoming.path("any-name-will-do").parent

    def _disk(self) -> State:
        try:
            free = shutil.disk_usage(self._incoming()).free
        except OSError as error:
            return State(False, type(error).__name__)
        return State(free >= LEAST_FREE_BYTES, f"{free // 1024 // 1024} MB free")


def _page(status: int, content: Mapping[str, object]) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "10"} if status == 503 else {})
    return JSONResponse(content, status, headers=headers)
