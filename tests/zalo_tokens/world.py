"""Where the race is run: its clock, its Zalo over a socket, and what everybody writes down.

Every party is a process forked off a mother without threads. What they say goes as lines of JSON
to one file; what Zalo saw is asked of Zalo at the end.
"""

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from handlers.zalo.tokens import Times
from tests.fakes.faulty import NONE, Asked, Fault, Reply, serving
from tests.fakes.zalo_oauth import PATH, ZaloOAuth

START = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SEND, CONSENT, LEDGER = "/v3.0/oa/message/cs", "/consent", "/ledger"
KEY = b"k" * 32
# Seconds of the machine: the leases of real life would make an hour of kills a day long.
TIMES = Times(answer=0.8, lease=1.6, wait=1.0, look=0.02)
DELAY = Fault("delay", seconds=0.04)
FAULTS = (
    (Fault("accept_then_drop"), 0.02),
    (Fault("drop"), 0.03),
    (Fault("status", 503), 0.02),
    (Fault("half_json"), 0.01),
)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time that runs `speed` times as fast as the machine's, the same in every process."""

    began: float
    speed: float

    def now(self) -> datetime:
        """Return the moment it shows."""
        return START + timedelta(seconds=(time.monotonic() - self.began) * self.speed)

    def passed(self) -> float:
        """Return the simulated seconds since the beginning."""
        return (time.monotonic() - self.began) * self.speed


@dataclass(frozen=True, slots=True)
class Place:
    """One race: `life` is how long an access token lives, in simulated seconds."""

    folder: Path
    url: str
    clock: Clock
    seed: int
    life: int
    zalo: str = ""

    @property
    def over(self) -> Path:
        """The file that is there when everybody is to end."""
        return self.folder / "over"

    @property
    def log(self) -> Path:
        """The lines of everybody."""
        return self.folder / "said.log"


def fork(work: Callable[[], Coroutine[Any, Any, None]], log: Path) -> int:
    """Run `work` in a process of its own and return its id; what it writes goes to `log`."""
    child = os.fork()
    if child:
        return child
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    status = 1
    try:
        asyncio.run(work())
        status = 0
    except Exception as error:
        say("failed", error=repr(error))
    os._exit(status)


def say(event: str, **values: object) -> None:
    """Write a line down, whole, whatever happens next."""
    line = {"event": event, "pid": os.getpid(), "at": time.time(), **values}
    os.write(2, json.dumps(line).encode() + b"\n")


@dataclass(slots=True)
class Zalo:
    """Zalo with its OAuth, an API that takes living access tokens, and a browser to consent in."""

    oauth: ZaloOAuth
    chance: random.Random
    used: dict[int, int] = field(default_factory=dict)
    refused: int = 0

    def respond(self, asked: Asked) -> Reply:
        """Answer one request."""
        if asked.target == SEND:
            return self._send(asked)
        if asked.target == CONSENT:
            return _json(self.oauth.consent())
        if asked.target == LEDGER:
            return _json(self._ledger())
        return self.oauth(asked)

    def plan(self, asked: Asked) -> Fault:
        """Let refreshing be slow, and now and then go wrong."""
        if asked.target != PATH:
            return NONE
        luck = self.chance.random()
        for fault, share in FAULTS:
            if luck < share:
                return fault
            luck -= share
        return DELAY

    def spoil(self, asked: Asked, reply: Reply) -> Reply:
        """Answer 500 now and then, after the work was done."""
        return Reply(500, b'{"error":-200}') if self.chance.random() < 0.02 else reply

    def _send(self, asked: Asked) -> Reply:
        access = asked.headers.get("access_token", "")
        if not self.oauth.is_alive(access):
            self.refused += 1
            return _json({"error": -216, "message": "Access token is invalid"})
        number = int(access.removeprefix("access-"))
        self.used[number] = self.used.get(number, 0) + 1
        # Now and then a token dies before its time, and everybody hears it at once.
        if self.chance.random() < 0.01:
            self.oauth.kill_access()
        return _json({"error": 0, "data": {"message_id": "m"}})

    def _ledger(self) -> dict[str, object]:
        shown = [[s.token, s.who, s.at, s.error] for s in self.oauth.ledger]
        return {
            "shown": shown,
            "given": self.oauth.given,
            "consents": self.oauth.consents,
            "leaks": self.oauth.leaks,
            "used": sorted(self.used),
            "sent": sum(self.used.values()),
            "refused": self.refused,
        }


def _json(content: object) -> Reply:
    return Reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


def fork_zalo(place: Place) -> tuple[int, str]:
    """Start Zalo; return its process id and address."""
    hearing, telling = os.pipe()

    async def life() -> None:
        oauth = ZaloOAuth(life=place.life, now=place.clock.passed)
        zalo = Zalo(oauth, random.Random(place.seed))
        oauth.then = zalo.spoil
        async with serving(zalo.respond, zalo.plan) as server:
            os.write(telling, f"{server.address}\n".encode())
            await asyncio.Event().wait()

    child = fork(life, place.log)
    os.close(telling)
    with os.fdopen(hearing) as line:
        return child, line.readline().strip()
