"""The turn loop: claim, load, advance, answer Needs, apply, commit.

One read and one write carry many people's turns. A turn that fails, fails alone: its message goes
to the dead letters, its person gets a kind word, and everybody else's turn is written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from dialogs.changes import changed
from dialogs.effects import (
    AttachEvidence,
    BeginDeclaration,
    DropEvidence,
    DropUploads,
    Forget,
    LeavePerson,
    RedeemLink,
    ScheduleNotice,
    SetPlace,
)
from dialogs.foresee import foresee
from dialogs.state import State
from handlers.channel import Channel
from handlers.door import Door, Load
from handlers.internal import is_internal
from handlers.needs import Needs
from handlers.parts import Parts
from handlers.plans import Looked, Plan, Planner
from handlers.wake import Answer
from storage import conversations, inbox, shards
from storage.conversations import Conversation, place_of
from storage.database import Claim, Connection, Within, is_unavailable
from storage.effects import TurnWrite, apply_turns, bury
from storage.inbox import Kept
from storage.outbox import QUEUED
from storage.seams import to_ms

BATCH = 128
TRIES = 3
POLL_SECONDS = 1.0
# After a batch of more than a few the next one waits so long for others to come.
FEW, GATHER_SECONDS = 4, 0.003
log = structlog.get_logger("turns")

_WAKES_MEDIA = frozenset((AttachEvidence,))
_WAKES_JOBS = frozenset((ScheduleNotice, DropEvidence, DropUploads, Forget))
# What another conversation of the same person is told by.
_WAKES_TURNS = frozenset((RedeemLink, LeavePerson))
_MOVES_PLACE = frozenset((BeginDeclaration, SetPlace, Forget))
_Said = tuple[Plan, TurnWrite]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a batch came to: turns written, messages buried and what is said to their people."""

    said: list[_Said]
    sorry: list[_Said]
    letters: int

    @property
    def taken(self) -> int:
        """How many messages were taken."""
        return len(self.said) + self.letters


class Turns:
    """Takes waiting messages and answers them, in order of arrival within a conversation."""

    def __init__(
        self, parts: Parts, channels: Mapping[str, Channel], needs: Needs, door: Door
    ) -> None:
        self._parts = parts
        self._door = door
        self._planner = Planner(parts, channels, needs)
        # After an unclean stop the first messages run one by one with the attempt counted first,
        # so that one which brings the process down is found out.
        self.careful = 0
        # Whether messages were left waiting when the last batch was taken, and whether some of
        # those it found belong to a newer program.
        self._more, self._newer = True, False

    async def run(self) -> None:
        """Answer messages until cancelled; then what is under way is finished first."""
        while self.careful:
            await self._turn(self.once)
        with self._door.carried():
            while True:
                await self._turn(self.together)

    async def _turn(self, once: Callable[[], Awaitable[int]]) -> None:
        taken = await once()
        if not taken or not self._more:
            await self._parts.wake.turns.wait(POLL_SECONDS)
            # Those who were answered together write again within moments of each other.
            if taken > FEW:
                await asyncio.sleep(GATHER_SECONDS)

    async def together(self) -> int:
        """Keep what came to the door and answer it with what waits, all in one transaction.

        A cancellation waits for it: somebody is to be told what came of it.
        """
        batch = asyncio.create_task(self._in_one(self._door.load()), name="batch")
        try:
            return await asyncio.shield(batch)
        except asyncio.CancelledError:
            await asyncio.wait([batch])
            raise

    async def _in_one(self, load: Load) -> int:
        began = _seconds()
        try:
            outcome = await self._parts.database.alone(partial(self._carry, load))
        except Exception as error:
            return await self._apart(load, error)
        self._parts.seams.crashpoint("door.kept")
        load.told(self._committed(outcome, began))
        if load.taken and self._more:
            # Perhaps another process works on the shard of what came.
            self._parts.wake.turns.ring()
        return outcome.taken

    async def _carry(self, load: Load, connection: Connection) -> _Outcome:
        await load.keep(connection)
        return await self._answer(Within(connection), *await self._take(connection))

    async def _apart(self, load: Load, error: Exception) -> int:
        """Keep and answer one after the other what could not be kept and answered in one.

        When the database cannot be used both would fail alike, each waiting its time.
        """
        if is_unavailable(error) and not getattr(error, "again", False):
            load.failed(error)
            raise error
        log.warning("batch_apart", error=type(error).__name__)
        load.give_back()
        await self._door.keep_waiting()
        return await self.once()

    async def once(self) -> int:
        """Answer one batch; return how many messages were taken."""
        if self.careful:
            return await self._carefully()
        began = _seconds()
        try:
            async with self._parts.database.claim() as claim:
                outcome = await self._answer(claim, *await claim.read(self._take))
        except Exception as error:
            self._more = True
            return await self._one_by_one(error)
        self._committed(outcome, began)
        return outcome.taken

    async def _take(self, connection: Connection) -> tuple[list[Kept], Looked]:
        """Take a batch of what waits, as much as is this process' share, and look at it."""
        batch = await self._waiting(connection, BATCH)
        more = await inbox.waits_more(connection, than=len(batch))
        looked = await self._planner.look(connection, batch)
        self._more = more or looked.left > 0
        # What only a newer program can answer must not keep younger messages from their turn.
        self._newer = not looked.strangers and len(looked.plans) + looked.left < len(batch)
        return batch, looked

    async def _waiting(self, connection: Connection, limit: int) -> list[Kept]:
        mine = await shards.lock(connection, workers=self._parts.peers.count("turns"))
        if not mine:
            return []
        return await inbox.list_waiting(connection, limit=limit, shards=mine, claimable=self._newer)

    async def _answer(self, claim: Claim, batch: Sequence[Kept], looked: Looked) -> _Outcome:
        """Write what was decided, and bury what could not be.

        New senders first get a conversation, and are looked at again.
        """
        if looked.strangers:
            new = looked.strangers
            await claim.write(lambda c: conversations.add_conversations(c, new))
            looked = await claim.read(lambda c: self._planner.look(c, batch, all_kept=True))
        said = self._worded(looked.plans)
        if said:
            await self._apply(claim, [write for _, write in said])
        failed = [plan for plan in looked.plans if plan.turn is None]
        sorry: list[_Said] = []
        for plan in failed:
            sorry += await self._bury(claim, plan.message, type(plan.error).__name__)
        return _Outcome(said, sorry, len(failed))

    async def _one_by_one(self, error: Exception) -> int:
        """Find the message that cannot be answered; everybody else's turn is."""
        if is_unavailable(error):
            raise error
        log.warning("batch_again", error=type(error).__name__)
        for message in (batch := await self._list(BATCH)):
            await self._alone(message)
        return len(batch)

    async def _carefully(self) -> int:
        """Answer one message, its attempt counted first, unless it was tried too often."""
        batch = await self._list(1)
        self._more = True
        self.careful = self.careful - 1 if batch else 0
        for message in batch:
            await self._parts.database.write(partial(inbox.count_attempt, ids=[message.id]))
            if message.attempts >= TRIES:
                await self._give_up(message, "attempts")
            else:
                await self._alone(message)
        return len(batch)

    async def _list(self, limit: int) -> list[Kept]:
        async with self._parts.database.claim() as claim:
            return await claim.read(lambda c: self._waiting(c, limit))

    async def _alone(self, message: Kept) -> None:
        """Answer one message by itself, reading again; after some tries it is a dead letter.

        While the database cannot be used nothing is a message's fault: it goes on waiting.
        """
        failed: Exception | None = None
        for _ in range(TRIES):
            began = _seconds()
            try:
                async with self._parts.database.claim() as claim:
                    outcome = await self._answer_alone(claim, message)
            except Exception as error:
                if is_unavailable(error):
                    raise
                failed = error
                continue
            self._committed(outcome, began)
            return
        await self._give_up(message, type(failed).__name__)

    async def _answer_alone(self, claim: Claim, message: Kept) -> _Outcome:
        if not await claim.read(lambda c: self._is_ours(c, message)):
            return _Outcome([], [], 0)
        looked = await claim.read(lambda c: self._planner.look(c, [message]))
        return await self._answer(claim, [message], looked)

    async def _is_ours(self, connection: Connection, message: Kept) -> bool:
        await shards.lock_of(connection, message.sender)
        return await inbox.is_waiting(connection, message.id)

    async def _give_up(self, message: Kept, error: str) -> None:
        async with self._parts.database.claim() as claim:
            if not await claim.read(lambda c: self._is_ours(c, message)):
                return
            sorry = await self._bury(claim, message, error)
        self._committed(_Outcome([], sorry, 1), _seconds())

    async def _apply(self, claim: Claim, writes: Sequence[TurnWrite]) -> None:
        now = self._parts.now()
        self._parts.seams.crashpoint("turns.apply")
        await claim.write(lambda c: apply_turns(c, writes, now=now))

    def _worded(self, plans: Iterable[Plan]) -> list[_Said]:
        written = ((plan, self._planner.word(plan)) for plan in plans)
        return [(plan, write) for plan, write in written if write is not None]

    def _committed(self, outcome: _Outcome, began: float) -> dict[int, Answer]:
        """Count what is on disk now, tell whoever waits for it; return answers by message."""
        arrived = [plan.message.at_ms for plan, _ in outcome.said]
        if arrived:
            now_ms = to_ms(self._parts.now())
            self._parts.measures.batch(arrived, done_ms=now_ms, spent_s=_seconds() - began)
        for _ in range(outcome.letters):
            self._parts.measures.dead()
        return self._tell([*outcome.said, *outcome.sorry])

    def _tell(self, said: Sequence[_Said]) -> dict[int, Answer]:
        """Wake whoever waits for what is committed now."""
        answers: dict[int, Answer] = {}
        self._parts.seams.crashpoint("turns.applied")
        wake, pushed = self._parts.wake, False
        for plan, write in said:
            if write.spoken and write.spoken[0].status == QUEUED:
                pushed = True
            elif write.spoken:
                answer = Answer(
                    tuple(s.payload for s in write.spoken),
                    f"{write.inbox_id}.{len(write.spoken) - 1}",
                    write.state.locale,
                    _place_after(plan, write),
                )
                reply_to = write.spoken[0].reply_to or write.inbox_id
                wake.spoke(plan.message.sender, reply_to, answer)
                answers[reply_to] = answer
            kinds = set(map(type, write.effects))
            if not kinds.isdisjoint(_WAKES_MEDIA):
                wake.media.ring()
            if not kinds.isdisjoint(_WAKES_JOBS):
                wake.jobs.ring()
            if not kinds.isdisjoint(_WAKES_TURNS):
                wake.turns.ring()
        if pushed:
            wake.deliveries.ring()
        return answers

    async def _bury(self, claim: Claim, message: Kept, error: str) -> list[_Said]:
        """Move a message to the dead letters, and tell its person kindly that it was us."""
        log.error("dead_letter", inbox=message.id, channel=message.channel, error=error)
        conversation = await claim.read(lambda c: self._whom(c, message))
        plans = [] if conversation is None else [self._planner.sorry(message, conversation)]
        said, now = self._worded(plans), self._parts.now()
        writes = [write for _, write in said]
        await claim.write(lambda c: bury(c, message.id, error, writes, now=now))
        return said

    async def _whom(self, connection: Connection, message: Kept) -> Conversation | None:
        """Return who is to hear that something went wrong, however little of them is readable."""
        nobody = is_internal(message.raw) or message.sender.endswith(":")
        if nobody or not self._planner.serves(message.channel):
            return None
        try:
            return (await conversations.load(connection, [message.sender])).get(message.sender)
        except Exception as error:
            log.error("conversation_unreadable", inbox=message.id, exc_info=error)
        number = await conversations.get_id(connection, message.sender)
        if number is None:
            return None
        return Conversation(number, message.channel, message.bot, message.sender, 0, State())


def _seconds() -> float:
    return asyncio.get_running_loop().time()


def _place_after(plan: Plan, write: TurnWrite) -> tuple[str | None, str | None]:
    """Return the place at hand once the turn is written: consent and moves change it."""
    conversation = plan.conversation
    if not _MOVES_PLACE.isdisjoint(map(type, write.effects)):
        file = foresee(plan.facts, write.effects).declaration
        conversation = changed(conversation, declaration=file)
    return place_of(write.state, conversation)
