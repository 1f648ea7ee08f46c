"""The turn loop: claim, load, advance, answer Needs, apply, commit.

One read and one write carry many people's turns. A turn that fails, fails alone: its message goes
to the dead letters, its person gets a kind word, and everybody else's turn is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    ScheduleNotice,
    SetPlace,
    Show,
)
from dialogs.engine import Turn, advance
from dialogs.events import Event
from dialogs.facts import Facts, Need
from dialogs.foresee import foresee
from dialogs.screen import Msg, Screen
from dialogs.state import State
from handlers.channel import Channel, Unreadable
from handlers.internal import is_internal, read_internal
from handlers.needs import Found, Needs
from handlers.parts import Parts
from handlers.wake import Answer
from handlers.wording import write_of
from storage import conversations, inbox
from storage.conversations import Conversation, place_of
from storage.database import Connection, is_unavailable
from storage.effects import TurnWrite, apply_turns, bury
from storage.inbox import Kept

BATCH = 128
ROUNDS = 8
TRIES = 3
POLL_SECONDS = 1.0
log = structlog.get_logger("turns")

_WAKES_MEDIA = (AttachEvidence,)
_WAKES_JOBS = (ScheduleNotice, DropEvidence, DropUploads, Forget)
_MOVES_PLACE = (BeginDeclaration, SetPlace, Forget)


class TooManyNeeds(RuntimeError):
    """A turn kept asking for facts: a defect of its flow."""


@dataclass(slots=True)
class _Plan:
    """One message on its way to being answered."""

    message: Kept
    conversation: Conversation
    event: Event | None
    facts: Facts
    turn: Turn | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Looked:
    """What one read made of a batch: its plans, or the conversations that must be kept first."""

    plans: list[_Plan]
    strangers: list[Conversation]


class Turns:
    """Takes waiting messages and answers them, in order of arrival within a conversation."""

    def __init__(self, parts: Parts, channels: Mapping[str, Channel], needs: Needs) -> None:
        self._parts = parts
        self._channels = channels
        self._needs = needs
        # After an unclean stop the first messages run one by one with the attempt counted first,
        # so that one which brings the process down is found out.
        self.careful = 0
        # Whether messages were left waiting when the last batch was taken.
        self._more = True
        self._usual = Facts(
            now=parts.now(),
            today=parts.today(),
            token="",
            inbox=0,
            rules=parts.rules,
            sets=parts.sets,
            open_titles=(),
            wordings=parts.words.every,
        )

    async def run(self) -> None:
        """Answer messages until cancelled."""
        while True:
            if not await self.once() or not self._more:
                await self._parts.wake.turns.wait(POLL_SECONDS)

    async def once(self) -> int:
        """Answer one batch; return how many messages were taken."""
        if self.careful:
            return await self._carefully()

        async def look(connection: Connection) -> tuple[Sequence[Kept], _Looked]:
            batch = await inbox.list_waiting(connection, limit=BATCH)
            self._more = await inbox.count_waiting(connection) > len(batch)
            return batch, await self._look(connection, batch)

        try:
            plans = await self._decided(*await self._parts.database.read(look))
        except Exception as error:
            self._more = True
            return await self._one_by_one(error)
        await self._answer(plans)
        return len(plans)

    async def _one_by_one(self, error: Exception) -> int:
        """Find the message that cannot even be looked at; everybody else's turn is answered."""
        if is_unavailable(error):
            raise error
        log.warning("batch_again", error=type(error).__name__)
        batch = await self._parts.database.read(lambda c: inbox.list_waiting(c, limit=BATCH))
        for message in batch:
            await self._alone(message)
        return len(batch)

    async def _carefully(self) -> int:
        """Answer one message, its attempt counted first, unless it was tried too often."""
        batch = await self._parts.database.read(lambda c: inbox.list_waiting(c, limit=1))
        self._more = True
        self.careful = self.careful - 1 if batch else 0
        for message in batch:
            count = partial(inbox.count_attempt, ids=[message.id])
            await self._parts.database.write(count)
            if message.attempts >= TRIES:
                await self._bury(message, "attempts")
            else:
                await self._alone(message)
        return len(batch)

    async def _answer(self, plans: Sequence[_Plan]) -> None:
        writes = self._worded(plans)
        failed = [p for p in plans if p.turn is None]
        if writes:
            try:
                await self._apply(writes)
            except Exception as error:
                if is_unavailable(error):
                    raise
                log.warning("batch_again", count=len(writes), error=type(error).__name__)
                for plan in plans:
                    if plan.turn is not None:
                        await self._alone(plan.message)
                writes = []
        self._tell(plans, writes)
        for plan in failed:
            await self._bury(plan.message, type(plan.error).__name__)

    def _worded(self, plans: Sequence[_Plan]) -> list[TurnWrite]:
        """Return what decided turns write; one that cannot be put into words fails alone."""
        writes = []
        for plan in plans:
            try:
                if plan.turn is not None:
                    writes.append(self._write_of(plan))
            except Exception as error:
                log.error("turn_unsayable", inbox=plan.message.id, exc_info=error)
                plan.turn, plan.error = None, error
        return writes

    async def _alone(self, message: Kept) -> None:
        """Answer one message by itself, reading again; after some tries it is a dead letter.

        While the database cannot be used nothing is a message's fault: it goes on waiting.
        """
        error: Exception | None = None
        for _ in range(TRIES):
            try:
                plans = await self._decide([message])
                writes = self._worded(plans)
                if writes:
                    await self._apply(writes)
            except Exception as again:
                if is_unavailable(again):
                    raise
                error = again
                continue
            if writes or not plans:
                self._tell(plans, writes)
                return
            error = plans[0].error
            break
        await self._bury(message, type(error).__name__)

    async def _apply(self, writes: Sequence[TurnWrite]) -> None:
        now = self._parts.now()
        self._parts.seams.crashpoint("turns.apply")
        await self._parts.database.write(lambda c: apply_turns(c, writes, now=now))
        self._parts.seams.crashpoint("turns.applied")

    async def _decide(self, batch: Sequence[Kept]) -> list[_Plan]:
        looked = await self._parts.database.read(lambda c: self._look(c, batch))
        return await self._decided(batch, looked)

    async def _decided(self, batch: Sequence[Kept], looked: _Looked) -> list[_Plan]:
        """Return the plans; new senders first get a conversation, and are looked at again."""
        if looked.strangers:
            new = looked.strangers
            await self._parts.database.write(lambda c: conversations.add_conversations(c, new))
            looked = await self._parts.database.read(lambda c: self._look(c, batch, all_kept=True))
        return looked.plans

    async def _look(
        self, connection: Connection, batch: Sequence[Kept], *, all_kept: bool = False
    ) -> _Looked:
        """Read everything for `batch` and decide it, unless there are senders without a row.

        A conversation that is still not there then is one that a newer program has written.
        """
        known = await conversations.load(connection, sorted({m.sender for m in batch}))
        strangers = [
            Conversation(0, m.channel, m.bot, m.sender, 1, State())
            for m in batch
            if m.sender not in known
        ]
        if strangers and not all_kept:
            return _Looked([], strangers)
        plans: list[_Plan] = []

        def begun() -> Iterator[_Plan]:
            # One after the other through all of it: what a turn touches is still near.
            for message in batch:
                if message.sender in known:
                    plans.append(self._plan(message, known[message.sender]))
                    if plans[-1].error is None:
                        yield plans[-1]

        await self._advance(connection, begun())
        return _Looked(plans, [])

    def _plan(self, message: Kept, conversation: Conversation) -> _Plan:
        plan = _Plan(message, conversation, None, self._facts(message, conversation))
        try:
            plan.event = self._read(message, conversation.state)
        except Unreadable as error:
            plan.error = error
        except Exception as error:
            log.error("turn_unread", inbox=message.id, exc_info=error)
            plan.error = error
        return plan

    def _read(self, message: Kept, state: State) -> Event:
        if is_internal(message.raw):
            return read_internal(message.raw)
        return self._channels[message.channel].read(message, state)

    def _facts(self, message: Kept, conversation: Conversation) -> Facts:
        parts, now = self._parts, self._parts.now()
        today = now.astimezone(parts.zone).date()
        return changed(
            self._usual,
            now=now,
            today=today,
            token=parts.seams.token(),
            inbox=message.id,
            open_titles=parts.library.open_titles(today.year),
            channel=message.channel,
            person=conversation.person,
            consents=conversation.consents,
            declaration=conversation.declaration,
            officer=conversation.officer,
            found=Found(self._needs),
        )

    async def _advance(self, connection: Connection, plans: Iterable[_Plan]) -> None:
        asking = plans
        for _ in range(ROUNDS):
            needed: list[tuple[_Plan, Need[object]]] = []
            for plan in asking:
                outcome = self._try(plan)
                if isinstance(outcome, Need):
                    needed.append((plan, outcome))
            if not needed:
                return
            answers = await self._needs.answer(connection, [need for _, need in needed])
            for plan, need in needed:
                _found(plan)[need] = answers[need]
            asking = [plan for plan, _ in needed]
        for plan in asking:
            plan.error = TooManyNeeds()

    def _try(self, plan: _Plan) -> Need[object] | None:
        assert plan.event is not None, "a message that was not read has no turn"
        try:
            outcome = advance(plan.conversation.state, plan.event, plan.facts)
        except Exception as error:
            log.error("turn_failed", inbox=plan.message.id, exc_info=error)
            plan.error = error
            return None
        if isinstance(outcome, Need):
            return outcome
        plan.turn = outcome
        return None

    def _write_of(self, plan: _Plan) -> TurnWrite:
        assert plan.turn is not None, "only a decided turn is written"
        channel, words = self._channels[plan.message.channel], self._parts.words
        return write_of(plan.turn, plan.message, plan.conversation, channel, words)

    def _tell(self, plans: Sequence[_Plan], writes: Sequence[TurnWrite]) -> None:
        """Wake whoever waits for what is committed now."""
        wake = self._parts.wake
        by_message = {w.inbox_id: w for w in writes}
        for plan in plans:
            write = by_message.get(plan.message.id)
            if write is None:
                continue
            if write.spoken:
                answer = Answer(
                    tuple(s.payload for s in write.spoken),
                    f"{write.inbox_id}.{len(write.spoken) - 1}",
                    write.state.locale,
                    _place_after(plan, write),
                )
                wake.answered(write.spoken[0].reply_to or write.inbox_id, answer)
                wake.spoke(plan.message.sender)
            if any(isinstance(e, _WAKES_MEDIA) for e in write.effects):
                wake.media.ring()
            if any(isinstance(e, _WAKES_JOBS) for e in write.effects):
                wake.jobs.ring()

    async def _bury(self, message: Kept, error: str) -> None:
        """Move a message to the dead letters, and tell its person kindly that it was us."""
        log.error("dead_letter", inbox=message.id, channel=message.channel, error=error)
        plans: list[_Plan] = []
        conversation = await self._whom(message)
        if conversation is not None:
            sorry = Show(Screen((Msg("error.sorry"),), accepts=()), None)
            plan = _Plan(message, conversation, None, self._facts(message, conversation))
            plan.turn = Turn((sorry,), conversation.state, None)
            plans = [plan]
        writes, now = self._worded(plans), self._parts.now()
        await self._parts.database.write(lambda c: bury(c, message.id, error, writes, now=now))
        self._tell(plans, writes)

    async def _whom(self, message: Kept) -> Conversation | None:
        """Return who is to hear that something went wrong, however little of them is readable."""
        if is_internal(message.raw) or message.channel not in self._channels:
            return None
        async with self._parts.database.reading() as connection:
            try:
                return (await conversations.load(connection, [message.sender])).get(message.sender)
            except Exception as error:
                log.error("conversation_unreadable", inbox=message.id, exc_info=error)
            number = await conversations.get_id(connection, message.sender)
        if number is None:
            return None
        return Conversation(number, message.channel, message.bot, message.sender, 0, State())


def _place_after(plan: _Plan, write: TurnWrite) -> tuple[str | None, str | None]:
    """Return the place at hand once the turn is written: consent and moves change it."""
    conversation = plan.conversation
    if any(isinstance(effect, _MOVES_PLACE) for effect in write.effects):
        file = foresee(plan.facts, write.effects).declaration
        conversation = changed(conversation, declaration=file)
    return place_of(write.state, conversation)


def _found(plan: _Plan) -> Found:
    assert isinstance(plan.facts.found, Found)
    return plan.facts.found
