"""The tokens of an Official Account, renewed by one process at a time, committed before use.

Zalo's rules (OAuth v4): an access token lives 25 hours; a refresh token is good for one use and
gives its successor once; the old access token dies when the new one is issued. So, in this order:
a mark in the row says who asks (committed), Zalo is asked (no transaction is open), the new pair is
committed, and only then is it used, as it is read back from the row. Everybody else waits for the
row to change.

A mark whose process is gone is taken over after a lease that each process times by itself, so that
no two clocks are compared. A request ends well before the lease does: never are two asking. The
taker shows Zalo the same refresh token once more: either Zalo never saw it, or it was used up, the
answer is lost with the process, and Zalo's refusal calls a human.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import aiohttp
import structlog

from handlers.channel import HumanNeeded, Later
from handlers.measures import Measures
from handlers.parts import Parts
from handlers.zalo.oauth import App, OAuth, Outcome, Refused, Unclear
from handlers.zalo.sealing import PURPOSE, Pair, Seal, Unsealable, digest_of
from storage import zalo_tokens
from storage.database import UNAVAILABLE, Connection, Database, is_unavailable
from storage.seams import Seams, to_ms
from storage.zalo_tokens import KeptTokens, Sealed

T = TypeVar("T")
ALARM = "zalo_consent_needed"
ALARM_AGAIN_MS = 3_600_000
# Of an access token's life, after which it is renewed: 20 of 25 hours.
DUE = 0.8
LONGEST_PAUSE_MS = 300_000
log = structlog.get_logger("zalo_tokens")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of the process's own clock, which nobody sets.

    `answer`: Zalo has so long to answer. `lease`: after it a mark is nobody's. `wait`: for one mark
    of another process. `look`: between two looks at the row, or two tries to write it.
    """

    answer: float = 15.0
    lease: float = 40.0
    wait: float = 10.0
    look: float = 0.1


@dataclass(frozen=True, slots=True)
class _Held:
    access: str
    until_ms: int


class OaTokens:
    """The access token of one account, for everybody in this process who sends."""

    def __init__(
        self,
        oauth: OAuth,
        seal: Seal,
        *,
        database: Database,
        seams: Seams,
        measures: Measures,
        first: Pair | None = None,
        times: Times | None = None,
    ) -> None:
        self._oauth, self._seal, self._first = oauth, seal, first
        self._database, self._seams, self._measures = database, seams, measures
        self._times = times or Times(answer=oauth.seconds)
        self._oa = seal.oa_id
        self._one = asyncio.Lock()
        self._held: _Held | None = None
        # The mark of somebody else that is in the way, and since when by our own clock.
        self._seen: tuple[str, float] = ("", 0.0)
        self._told_ms: int | None = None
        self._human = False

    @classmethod
    def of(
        cls, parts: Parts, app: App, http: aiohttp.ClientSession, first: Pair | None = None
    ) -> "OaTokens":
        """Return the tokens of `app.oa_id`; `first` is kept if no pair is."""
        seal = Seal(app.oa_id, parts.secret(PURPOSE), parts.seams.token)
        return cls(
            OAuth(app, http),
            seal,
            database=parts.database,
            seams=parts.seams,
            measures=parts.measures,
            first=first,
        )

    async def get(self) -> str:
        """Return an access token that should work; raises Later or HumanNeeded.

        While a human is needed every call looks whether somebody has consented meanwhile.
        """
        return await self._get(None)

    async def renew(self, stale: str) -> str:
        """Return another access token than `stale`, which Zalo no longer takes (-216).

        Mostly another process has renewed it already, and the row is read again. Raises Later or
        HumanNeeded.
        """
        return await self._get(stale)

    async def _get(self, stale: str | None) -> str:
        if (access := self._at_hand(stale)) is not None:
            return access
        async with self._one:
            if (access := self._at_hand(stale)) is not None:
                return access
            self._held = None
            try:
                return await self._obtain(stale)
            except Unsealable:
                raise self._without("other_key") from None
            except UNAVAILABLE as error:
                if not is_unavailable(error):
                    raise
                raise Later("database", 5.0) from None

    def _at_hand(self, stale: str | None) -> str | None:
        held = self._held
        if held is None or held.access == stale or self._now_ms() >= held.until_ms:
            return None
        return held.access

    async def _obtain(self, stale: str | None) -> str:
        """Look at the row until it holds what is wanted; what happens to it happens in there."""
        while True:
            kept = await self._read()
            await self._check_consent(kept)
            access, now_ms = self._seal.open_access(kept.pair), self._now_ms()
            self._tell_over()
            pause_ms = _pause_ms(kept, now_ms)
            alive = access != stale and now_ms < kept.pair.access_expires_ms
            if alive and (now_ms < _due_ms(kept) or pause_ms):
                self._held = _Held(access, _due_ms(kept) if not pause_ms else now_ms + pause_ms)
                return access
            if pause_ms:
                raise Later("zalo_token", pause_ms / 1000)
            if not self._is_anothers(kept):
                await self._unhurt(self._renew(kept))
            elif _monotonic() - self._seen[1] < self._times.wait:
                await asyncio.sleep(self._times.look)
            elif alive:
                return access
            else:
                raise Later("zalo_token", self._times.wait)

    async def _read(self) -> KeptTokens:
        """Return the row; the first time it is made of the settings. Raises HumanNeeded."""
        kept = await self._database.read(lambda c: zalo_tokens.get(c, self._oa))
        if kept is None and self._first is not None:
            at_ms = self._now_ms()
            pair = self._seal.close(self._first, now_ms=at_ms)
            await self._database.write(lambda c: zalo_tokens.add(c, self._oa, pair, at_ms=at_ms))
            kept = await self._database.read(lambda c: zalo_tokens.get(c, self._oa))
        if kept is None:
            raise self._without("no_token")
        return kept

    def _is_anothers(self, kept: KeptTokens) -> bool:
        """Tell whether somebody else may be asking Zalo at this moment."""
        if kept.asking is None:
            return False
        if self._seen[0] != kept.asking:
            self._seen = (kept.asking, _monotonic())
        return _monotonic() - self._seen[1] < self._times.lease

    async def _unhurt(self, work: Awaitable[None]) -> None:
        """Do what must not be left in the middle, also when whoever waits for it is stopped."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task}, timeout=self._times.lease)
            raise

    async def _renew(self, kept: KeptTokens) -> None:
        """Spend the refresh token of `kept`, unless somebody else is about to; keep what comes."""
        refresh, asking = self._seal.open_refresh(kept.pair), self._seams.token()[:32]
        spent, at_ms, began = digest_of(refresh), self._now_ms(), _monotonic()
        self._seams.crashpoint("zalo_token.mark")
        if not await self._database.write(
            lambda c: zalo_tokens.set_mark(c, kept, asking=asking, spent=spent, at_ms=at_ms)
        ):
            return
        if kept.asking is not None:
            self._measures.token("lost")
            log.warning("zalo_token_answer_lost", version=kept.version, asked=kept.asked)
        self._seams.crashpoint("zalo_token.asked")
        if _monotonic() - began + self._times.answer >= self._times.lease:
            outcome: Outcome = Unclear("too_late", spent=False)
        else:
            outcome = await self._oauth.refresh(refresh)
        self._seams.crashpoint("zalo_token.answered")
        await self._settle(kept, outcome, asking)
        self._seams.crashpoint("zalo_token.committed")

    async def _settle(self, kept: KeptTokens, outcome: Outcome, asking: str) -> None:
        """Commit what Zalo said, and tell of it."""
        at_ms = self._now_ms()
        if isinstance(outcome, Pair):
            await self._settle_pair(kept, self._seal.close(outcome, now_ms=at_ms), at_ms)
        elif isinstance(outcome, Refused):
            await self._settle_refused(kept, outcome.code, asking)
        else:
            await self._settle_unclear(kept, outcome, asking, at_ms)

    async def _settle_pair(self, kept: KeptTokens, pair: Sealed, at_ms: int) -> None:
        if await self._write_surely(lambda c: zalo_tokens.set_next(c, kept, pair, at_ms=at_ms)):
            self._measures.token("renewed")
            log.info("zalo_token_renewed", version=kept.version + 1)
        else:
            self._measures.token("dropped")
            log.warning("zalo_token_dropped", version=kept.version)

    async def _settle_refused(self, kept: KeptTokens, code: str, asking: str) -> None:
        """Commit first: from then on nobody asks. Then the alarm, and last that it was raised."""
        if not await self._write_surely(
            lambda c: zalo_tokens.set_refused(c, kept, asking=asking, code=code)
        ):
            return
        self._measures.token("refused")
        self._seams.crashpoint("zalo_token.refused")
        self._alarm(code, kept.version)
        at_ms = self._now_ms()
        await self._write_surely(lambda c: zalo_tokens.set_alarmed(c, kept, at_ms=at_ms))

    async def _settle_unclear(
        self, kept: KeptTokens, outcome: Unclear, asking: str, at_ms: int
    ) -> None:
        again_ms = at_ms + min(1000 * 2 ** min(kept.asked, 16), LONGEST_PAUSE_MS)
        await self._write_surely(
            lambda c: zalo_tokens.set_unclear(
                c, kept, asking=asking, again_ms=again_ms, sent=outcome.spent
            )
        )
        self._measures.token("unclear")
        log.warning("zalo_token_unclear", why=outcome.reason, sent=outcome.spent)

    async def _write_surely(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Write once the database is there: the answer is nowhere but in this process."""
        while True:
            try:
                return await self._database.write(work)
            except UNAVAILABLE as error:
                if not is_unavailable(error):
                    raise
                log.warning("zalo_token_waits", error=type(error).__name__)
            await asyncio.sleep(self._times.look)

    async def _check_consent(self, kept: KeptTokens) -> None:
        """Raise HumanNeeded while nobody consented again; the alarm, once an hour, by one of us."""
        if kept.state == "ok":
            return
        self._human = True
        at_ms, code = self._now_ms(), kept.code or ""
        if self._is_untold(kept, at_ms) and await self._database.write(
            lambda c: zalo_tokens.set_alarmed(c, kept, at_ms=at_ms)
        ):
            self._alarm(code, kept.version)
        raise HumanNeeded(code)

    def _is_untold(self, kept: KeptTokens, at_ms: int) -> bool:
        """Tell whether the alarm is an hour old, or whoever should raise it died before."""
        if kept.alarmed_ms is None:
            return not self._is_anothers(kept)
        return _is_long_ago(kept.alarmed_ms, at_ms)

    def _tell_over(self) -> None:
        if self._human:
            self._human, self._told_ms = False, None
            log.info("alarm_over", of=ALARM, part="zalo_oa")

    def _without(self, code: str) -> HumanNeeded:
        """Return what is raised where no row can tell, after this process's own hourly alarm."""
        at_ms = self._now_ms()
        self._human = True
        if _is_long_ago(self._told_ms, at_ms):
            self._told_ms = at_ms
            self._alarm(code, 0)
        return HumanNeeded(code)

    def _alarm(self, code: str, version: int) -> None:
        self._human = True
        self._measures.alarmed(ALARM)
        log.error("zalo_consent_needed", part="zalo_oa", code=code, version=version)

    def _now_ms(self) -> int:
        return to_ms(self._seams.now())


def _due_ms(kept: KeptTokens) -> int:
    """Return when the access token is renewed though it still works."""
    return kept.rotated_ms + int((kept.pair.access_expires_ms - kept.rotated_ms) * DUE)


def _pause_ms(kept: KeptTokens, now_ms: int) -> int:
    """Return for how long nobody asks again; a clock that was set back makes no long pause."""
    pause_ms = (kept.again_ms or 0) - now_ms
    return pause_ms if 0 < pause_ms <= LONGEST_PAUSE_MS else 0


def _is_long_ago(told_ms: int | None, now_ms: int) -> bool:
    return told_ms is None or abs(now_ms - told_ms) >= ALARM_AGAIN_MS


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
