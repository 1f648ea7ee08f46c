"""GET /metrics for Prometheus: counters of this process, and what waits in the database.

No label holds a person, a place or a text. What waits is read when asked, at most every few
seconds; while the database is away the last figures known stand, and `khaihoc_database_up` is 0.
"""

import asyncio
import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from ipaddress import ip_address

from fastapi import APIRouter
from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response

from handlers.callers import may_call
from handlers.errors import standard
from handlers.health import NO_ANSWER, free_bytes, look_at_load, waits_seconds
from handlers.measures import VERSION
from handlers.parts import Parts
from storage.health import Load, Queue
from storage.migrate import get_head

FRESH = timedelta(seconds=5)
ANSWER_SECONDS = 2.0
# A proxy in front writes one of these: then the caller is not who is connected.
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
# The value of the label `queue`, and where it is read.
QUEUES: Mapping[str, Callable[[Load], Queue]] = {
    "inbox": lambda load: load.turns,
    "outbox": lambda load: load.outbox,
    "jobs": lambda load: load.jobs,
    "media": lambda load: load.photos,
}
# gauge -> what it says, how it is read
COUNTS: Mapping[str, tuple[str, Callable[[Load], int]]] = {
    "khaihoc_conversations_stuck": ("Conversations whose message waits", lambda load: load.stuck),
    "khaihoc_conversations_newer": (
        "Those of them that only a newer program can read",
        lambda load: load.newer,
    ),
    "khaihoc_dead_letters": ("Dead letters that are there now", lambda load: load.dead),
    "khaihoc_blocks": ("Blocks in force", lambda load: load.blocks),
    "khaihoc_messages_held": (
        "Messages out that wait for their person to write, or for another month",
        lambda load: load.held,
    ),
}


def metrics_router() -> APIRouter:
    """Return the route `/metrics`."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/metrics", Metrics().page, methods=["GET"])
    return router


class Metrics:
    """The page, for the parts that the application carries in `state.parts`."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._read: datetime | None = None
        self._load: Load | None = None
        self._up = False

    @may_call("operator_network")
    async def page(self, request: Request) -> Response:
        """Return the figures as text; 401 or 403 for whom they are not meant."""
        parts: Parts = request.app.state.parts
        check_caller(request, parts.metrics_token)
        load = await self._fresh(parts)
        gauges = CollectorRegistry(auto_describe=False)
        gauges.register(_Gauges(parts, load, up=self._up))
        text = generate_latest(gauges) + generate_latest(parts.measures.registry)
        headers = {"Cache-Control": "no-store"}
        return Response(text, headers=headers, media_type=CONTENT_TYPE_PLAIN_0_0_4)

    async def _fresh(self, parts: Parts) -> Load | None:
        """Return what waits, as of now or of a few seconds ago; the last known in an outage."""
        async with self._one:
            now = parts.now()
            if self._read is None or abs(now - self._read) >= FRESH:
                await self._look(parts)
                self._read = now
            return self._load

    async def _look(self, parts: Parts) -> None:
        try:
            async with asyncio.timeout(ANSWER_SECONDS), parts.database.reading() as connection:
                self._load = await look_at_load(parts, connection)
                self._up = True
        except NO_ANSWER:
            parts.measures.unavailable()
            self._up = False


def check_caller(request: Request, token: str) -> None:
    """Raise Problem unless the caller may read the figures.

    With METRICS_TOKEN set: its bearer, from anywhere (401). Without: this machine itself, and no
    proxy on it speaking for others (403).
    """
    if token:
        sent = request.headers.get("authorization", "").encode("latin-1")
        if not hmac.compare_digest(sent, b"Bearer " + token.encode()):
            raise standard(401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
        return
    if not _is_local(request) or any(name in request.headers for name in FORWARDED):
        raise standard(403)


def _is_local(request: Request) -> bool:
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


class _Gauges(Collector):
    """What is read when it is asked for."""

    def __init__(self, parts: Parts, load: Load | None, *, up: bool) -> None:
        self._parts, self._load, self._up = parts, load, up

    def collect(self) -> Iterator[Metric]:
        """Yield the gauges; those that nobody knows (no database since the start) are absent."""
        build = GaugeMetricFamily("khaihoc_build_info", "The program", labels=["version", "schema"])
        build.add_metric([VERSION, get_head()], 1)
        yield build
        yield _gauge("khaihoc_database_up", "1 when the database answered the last time", self._up)
        yield from self._disk()
        if self._load is not None:
            yield from self._waiting(self._load)

    def _disk(self) -> Iterator[Metric]:
        try:
            free = free_bytes(self._parts)
        except OSError:
            return  # readiness says so, under "disk"
        yield _gauge("khaihoc_disk_free_bytes", "Free room on the disk of the uploads", free)

    def _waiting(self, load: Load) -> Iterator[Metric]:
        length = _by_queue("khaihoc_queue_length", "How many wait")
        oldest = _by_queue("khaihoc_queue_oldest_seconds", "For how long the oldest waits")
        for name, pick in QUEUES.items():
            length.add_metric([name], pick(load).count)
            oldest.add_metric([name], waits_seconds(self._parts, pick(load)))
        yield from (length, oldest)
        for name, (about, count) in COUNTS.items():
            yield _gauge(name, about, count(load))


def _by_queue(name: str, about: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, about, labels=["queue"])


def _gauge(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=float(value))
