"""One life of a program that serves Zalo: called by an exchange that outlives it, over sockets.

As in `tests.crash.life` the loops are turned by hand; what the exchange tells and takes crosses a
real connection, and so does every message that is sent.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from sqlalchemy import text

from handlers.parts import Parts
from handlers.zalo.sealing import PURPOSE, Pair, Seal
from storage import deliveries, zalo_tokens
from storage.seams import Seams, to_ms
from tests.crash.life import TOKENS_A_LIFE, Order, Stage, Told
from tests.crash.points import Passing
from tests.crash.rows import Row, read_state
from tests.crash.zalo_book import Book, hold_to_account, message_of, told_apart
from tests.crash.zalo_program import Control, ZaloHands, listening, running
from tests.world import START, Chance, Clock

# After so many seconds an account that waited for a human sends again.
PAUSED_SECONDS = 61
_SENDING = text(
    "SELECT c.sender, o.payload, o.status FROM outbox o JOIN conversation c"
    " ON c.id = o.conversation_id ORDER BY o.inbox_id, o.n"
)


async def live(order: Order, stage: Stage, control: str) -> None:
    """Live as ordered at the exchange that takes orders at `control`; see `tests.crash.life`."""
    began = time.monotonic()
    book = Book.load(order.home / "book.json")
    book.lives += 1
    book.keep()
    passing = Passing(order.death)
    clock, chance = Clock(), Chance(book.lives * TOKENS_A_LIFE)
    clock.forward(seconds=book.at_seconds)
    async with httpx.AsyncClient(base_url=control, trust_env=False, verify=False) as client:
        exchange = Control(client, book)
        seams = Seams(clock.now, chance.token, passing)
        async with running(order, seams, stage, exchange) as hands:
            await Walk(order, book, exchange, hands, clock, passing).all(began)
            passing.phase = "stop"
    with (order.home / "passed").open("w") as file:
        json.dump(passing.passed, file)


@dataclass(frozen=True, slots=True)
class Walk:
    """The steps of one life."""

    order: Order
    book: Book
    exchange: Control
    hands: ZaloHands
    clock: Clock
    passing: Passing

    @property
    def parts(self) -> Parts:
        """The parts of the program."""
        return self.hands.program.parts

    async def all(self, began: float) -> None:
        """Do every step, the one that was cut off first."""
        await self._take_back()
        async with listening(self.hands.app) as port:
            await self.exchange("listen", port=port)
            for number in range(self.order.begin, self.order.until + 1):
                again = self.order.recover and number == self.order.begin
                self.passing.phase = "again" if again else str(number)
                if again:
                    # Every other time also what was acknowledged comes once more.
                    await self._while(self.exchange("again", taken=self.book.lives % 2 * 2))
                await self._step(number)
                took = round((time.monotonic() - began) * 1000) if again else 0
                await self._tell(number, took)

    async def _take_back(self) -> None:
        """Begin as the outbox loop does; note what nobody knows to be sent."""
        rows = await self._rows()
        self.book.opened += [message_of(row) for row in rows if row["status"] == "sending"]
        self.book.keep()
        now_ms = to_ms(self.parts.now())
        await self.parts.database.write(
            lambda c: deliveries.recover(c, now_ms=now_ms, all_claims=True)
        )

    async def _step(self, number: int) -> None:
        step = self.order.steps[number]
        await self._until_still()
        if self.book.at_seconds < step.at:
            self.book.at_seconds = step.at
            self.book.keep()
        # Where a human was waited for it is later by now.
        self.clock.at = max(self.clock.at, START + timedelta(seconds=self.book.at_seconds))
        for n, (who, verb, *words) in enumerate(step.acts):
            acting = self.exchange(
                "act", moment=f"{number}.{n}", who=who, verb=verb, words=" ".join(words)
            )
            await (acting if verb == "away" else self._while(acting))
        await self._until_still()

    async def _while(self, ordered: Any) -> None:
        await self.hands.until(asyncio.ensure_future(ordered))

    async def _until_still(self) -> None:
        """Go on until nothing waits; where Zalo wants a human, one consents."""
        await self.hands.until_still()
        if await self._is_human_needed():
            await self._consent()
            self.clock.forward(seconds=PAUSED_SECONDS)
            await self.hands.until_still()

    async def _is_human_needed(self) -> bool:
        oa = self.hands.settings.zalo_oa_id
        if not oa:
            return False
        kept = await self.parts.database.read(lambda c: zalo_tokens.get(c, oa))
        return kept is not None and kept.state == "human"

    async def _consent(self) -> None:
        """Do what `bot zalo code` does."""
        given, now_ms = await self.exchange("consent"), to_ms(self.parts.now())
        oa = self.hands.settings.zalo_oa_id
        seal = Seal(oa, self.parts.secret(PURPOSE), self.parts.seams.token)
        pair = Pair(given["access_token"], given["refresh_token"], int(given["expires_in"]))
        sealed = seal.close(pair, now_ms=now_ms)
        await self.parts.database.write(lambda c: zalo_tokens.set_pair(c, oa, sealed, at_ms=now_ms))

    async def _rows(self) -> list[Row]:
        async with self.parts.database.reading() as connection:
            return [dict(row._mapping) for row in await connection.execute(_SENDING)]

    async def _tell(self, number: int, took: int) -> None:
        passed = dict(self.passing.passed.get(self.passing.phase, {}))
        senders = {sender: name for name, sender in self.hands.senders.items()}
        async with self.parts.database.reading() as connection:
            seen = await read_state(connection, senders, self.order.home / "photos")
        platform = await self.exchange("told")
        state = told_apart(seen.state, platform)
        differs = hold_to_account(self.book, await self._rows(), platform)
        self.book.keep()
        told = Told(number, state, seen.orphans, passed, differs, took)
        with (self.order.home / "told").open("a") as file:
            file.write(told.line())
