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
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from handlers.callers import may_call
from handlers.parts import Parts
from storage.database import UNAVAILABLE, Connection
from storage.health import Load, Queue, get_load
from storage.migrate import get_head, get_revision
from storage.photos import PhotoStoreError
from storage.seams import to_ms

# Free room below which uploads and commits are about to fail.
LEAST_FREE_BYTES = 100 * 1024 * 1024
# A turn takes milliseconds, a photo seconds, a job fires within seconds of its time.
OLDEST_TURN_SECONDS = 60
# A conversation whose message waits so long is stuck, whatever else goes well.
STUCK_SECONDS = 300
OLDEST_PHOTO_SECONDS = 600
OLDEST_JOB_SECONDS = 300
ANSWER_SECONDS = 5.0
# The photo store is tried by keeping a file for real, at most this often.
TRY_AGAIN = timedelta(seconds=10)
QUEUES = ("turns", "media", "jobs")
TRIED = b"is the photo store writable?"
NO_ANSWER: tuple[type[Exception], ...] = (*UNAVAILABLE, TimeoutError)
NOT_KNOWN = "not known"
log = structlog.get_logger("health")


@dataclass(frozen=True, slots=True)
class State:
    """One part: whether it works, and a few words or figures for the operator."""

    ok: bool
    detail: str


def health_router() -> APIRouter:
    """Return the routes `/health/live` and `/health/ready`; what they say holds nobody's data."""
    router = APIRouter(prefix="/health", include_in_schema=False)
    health = Health()
    router.add_api_route("/live", health.live, methods=["GET"])
    router.add_api_route("/ready", health.ready, methods=["GET"])
    return router


class Health:
    """The two pages, for the parts that the application carries in `state.parts`."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._tried: tuple[datetime, State] | None = None

    @may_call("anyone")
    async def live(self) -> Response:
        """Say that the process answers: restart it when this fails."""
        return _page(200, {"live": True})

    @may_call("anyone")
    async def ready(self, request: Request) -> Response:
        """Say part by part whether work can be done: 200, or 503 when any part cannot."""
        states = await self.look(request.app.state.parts)
        failing = [name for name, state in states.items() if not state.ok]
        if failing:
            log.warning("not_ready", parts=failing)
        shown = {name: asdict(state) for name, state in states.items()}
        return _page(503 if failing else 200, {"ready": not failing, "parts": shown})

    async def look(self, parts: Parts) -> Mapping[str, State]:
        """Return the state of every part by name, always the same names."""
        stored = await _database(parts)
        return stored | {"photos": await self._photos(parts), "disk": _disk(parts)}

    async def _photos(self, parts: Parts) -> State:
        async with self._one:
            if self._tried is None or abs(parts.now() - self._tried[0]) >= TRY_AGAIN:
                self._tried = (parts.now(), await _try_photos(parts))
            return self._tried[1]


async def _database(parts: Parts) -> dict[str, State]:
    try:
        async with asyncio.timeout(ANSWER_SECONDS), parts.database.reading() as reading:
            return {"database": State(True, "answers"), **await _stored(parts, reading)}
    except NO_ANSWER as error:
        lost = State(False, type(error).__name__)
        return {"database": lost} | _unknown("schema", *QUEUES)


async def _stored(parts: Parts, connection: Connection) -> dict[str, State]:
    revision, head = await get_revision(connection), get_head()
    if revision != head:
        wrong = State(False, f"{revision or 'none'}, this program needs {head}")
        return {"schema": wrong} | _unknown(*QUEUES)
    load = await look_at_load(parts, connection)
    return {
        "schema": State(True, head),
        "turns": _age(parts, load.turns, OLDEST_TURN_SECONDS),
        "media": _age(parts, load.photos, OLDEST_PHOTO_SECONDS),
        "jobs": _age(parts, load.jobs, OLDEST_JOB_SECONDS),
    }


async def look_at_load(parts: Parts, connection: Connection) -> Load:
    """Return what waits now; a message that waits for STUCK_SECONDS makes a conversation stuck."""
    now_ms = to_ms(parts.now())
    return await get_load(connection, now_ms=now_ms, stuck_before_ms=now_ms - STUCK_SECONDS * 1000)


def waits_seconds(parts: Parts, queue: Queue) -> int:
    """Return for how many seconds the oldest of a queue waits, 0 when nothing does."""
    if queue.since_ms is None:
        return 0
    return max(to_ms(parts.now()) - queue.since_ms, 0) // 1000


def free_bytes(parts: Parts) -> int:
    """Return the free room on the disk of the uploads; OSError when it cannot be asked."""
    return shutil.disk_usage(_uploads(parts)).free


def _unknown(*names: str) -> dict[str, State]:
    return dict.fromkeys(names, State(False, NOT_KNOWN))


def _age(parts: Parts, queue: Queue, most: int) -> State:
    late = waits_seconds(parts, queue)
    return State(late <= most, f"oldest waits {late} s, {most} s allowed")


async def _try_photos(parts: Parts) -> State:
    if not os.access(_uploads(parts), os.R_OK | os.W_OK | os.X_OK):
        return State(False, "the folder of uploads cannot be written")
    try:
        # Equal bytes are one file: nobody else's try may take ours away.
        async with parts.photos.naming:
            await parts.photos.erase(await parts.photos.keep(TRIED + str(os.getpid()).encode()))
    except (PhotoStoreError, OSError) as error:
        return State(False, f"cannot be written: {type(error).__name__}")
    return State(True, "writable")


def _disk(parts: Parts) -> State:
    try:
        free = free_bytes(parts)
    except OSError as error:
        return State(False, type(error).__name__)
    return State(free >= LEAST_FREE_BYTES, f"{free // 1024 // 1024} MB free")


def _uploads(parts: Parts) -> Path:
    return parts.incoming.path("any-name-will-do").parent


def _page(status: int, content: Mapping[str, object]) -> Response:
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "10"} if status == 503 else {})
    return JSONResponse(content, status, headers=headers)
