"""What both fakes of Zalo have: messages that were taken, pictures, and posting of webhooks."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from tests.fakes.faulty import Reply

Now = Callable[[], datetime]
# Zalo's posts come from a Java program.
AGENT = {"user-agent": "Java/21.0.2", "content-type": "application/json"}
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# The documented pauses after a failed post; after the last one the app hears nothing any more.
LADDER = tuple(timedelta(seconds=s) for s in (30, 300, 900, 1800, 3600))


def real_time() -> datetime:
    """Return the moment it is."""
    return datetime.now(UTC)


def to_ms(moment: datetime) -> int:
    """Return a moment in ms since 1970."""
    return int(moment.timestamp() * 1000)


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units, as Zalo counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass(frozen=True, slots=True)
class Said:
    """A message that Zalo took from us.

    `photo` is its address (Bot) or attachment id (OA), `picture` its bytes where Zalo had them;
    `template` the id of a template whose values are `values`; `cost` in đồng.
    """

    id: str
    user: str
    text: str
    at: datetime
    buttons: tuple[tuple[str, str], ...] = ()
    photo: str | None = None
    picture: bytes = b""
    template: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    cost: int = 0


class Refusal(Exception):
    """An error code with which a fake answers."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(code, why)
        self.code, self.why = code, why


@dataclass(slots=True)
class Pictures:
    """Pictures with public addresses `<base>/<name>.jpg`, which die after `life`."""

    now: Now
    base: str = ""
    life: timedelta = timedelta(days=30)
    _kept: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(self, picture: bytes) -> str:
        """Return the address of a picture."""
        name = f"{len(self._kept) + 1:08x}.jpg"
        self._kept[name] = (picture, self.now())
        return f"{self.base}/{name}"

    def lose(self) -> None:
        """Forget all pictures: their addresses are dead."""
        self._kept = {name: (b"", datetime.min.replace(tzinfo=UTC)) for name in self._kept}

    def get(self, name: str) -> Reply:
        """Answer a request for a picture."""
        self.asked.append(name)
        picture, since = self._kept.get(name, (b"", None))
        if since is None or self.now() - since > self.life:
            return Reply(404, b"Not Found", {"content-type": "text/plain"})
        return Reply(200, picture, {"content-type": "image/jpeg"})


@dataclass(slots=True)
class Posted:
    """A webhook and what came of it: a status a try, None where nobody answered in time."""

    body: bytes
    headers: dict[str, str]
    statuses: list[int | None] = field(default_factory=list)
    again_at: datetime | None = None

    @property
    def taken(self) -> bool:
        """Whether a try was answered with 200."""
        return 200 in self.statuses

    @property
    def failures(self) -> int:
        """How many tries met nobody."""
        return self.statuses.count(None)


def _client() -> httpx.AsyncClient:
    # Plain HTTP on this machine: no certificates to load.
    return httpx.AsyncClient(trust_env=False, verify=False)


@dataclass(slots=True)
class Mail:
    """Posts events to `url`, in order, `copies` of each; while `losing` none arrives.

    `patience` is how many seconds an answer may take. With `ladder` a post that met nobody is due
    again after those pauses, and after the last of them the app is `unsubscribed`.
    """

    now: Now
    url: str = ""
    copies: int = 1
    losing: bool = False
    patience: float = 2.0
    ladder: tuple[timedelta, ...] = ()
    unsubscribed: bool = False
    posted: list[Posted] = field(default_factory=list)
    http: httpx.AsyncClient = field(default_factory=_client)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Post an event; a failure is in what is returned."""
        posted = Posted(body, {**AGENT, **headers})
        self.posted.append(posted)
        if self.url and not self.losing and not self.unsubscribed:
            for _ in range(self.copies):
                await self.again(posted)
        return posted

    async def again(self, posted: Posted) -> Posted:
        """Post the same event once more."""
        retry = {"num_retry": str(posted.failures)} if posted.failures else {}
        status: int | None = None
        with suppress(httpx.TransportError, TimeoutError):
            async with asyncio.timeout(self.patience):
                answer = await self.http.post(
                    self.url, content=posted.body, headers=posted.headers | retry, timeout=None
                )
            status = answer.status_code
        posted.statuses.append(status)
        self._plan(posted)
        return posted

    async def redeliver(self) -> list[Posted]:
        """Post again whatever was never taken, at once; return what still is not."""
        for posted in self.posted:
            if not posted.taken:
                await self.again(posted)
        return [posted for posted in self.posted if not posted.taken]

    async def retry_due(self) -> None:
        """Post again what is due by now."""
        for posted in self.posted:
            due = posted.again_at is not None and posted.again_at <= self.now()
            if due and not self.unsubscribed:
                await self.again(posted)

    def _plan(self, posted: Posted) -> None:
        posted.again_at = None
        if not self.ladder or posted.taken or posted.statuses[-1] is not None:
            return
        if posted.failures > len(self.ladder):
            self.unsubscribed = True
        else:
            posted.again_at = self.now() + self.ladder[posted.failures - 1]
