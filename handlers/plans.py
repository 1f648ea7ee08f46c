"""What a batch of messages is decided to be: read, given its facts, advanced, put into words.

Everything here reads. A message that fails, fails alone: its plan carries the error.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import structlog

from dialogs.changes import changed
from dialogs.effects import Show
from dialogs.engine import Turn, advance
from dialogs.events import Event
from dialogs.facts import Facts, Need
from dialogs.screen import Msg, Screen
from dialogs.state import State
from handlers.channel import Channel, Unreadable
from handlers.internal import is_internal, read_internal
from handlers.needs import Found, Needs
from handlers.parts import Parts
from handlers.wording import write_of
from storage import conversations, outbox
from storage.conversations import Conversation
from storage.criteria_versions import refresh
from storage.database import Connection
from storage.effects import TurnWrite
from storage.inbox import Kept
from storage.seams import from_ms, to_ms

ROUNDS = 8
# No zone's midnight falls inside a quarter of an hour.
QUARTER_MS = 15 * 60 * 1000
log = structlog.get_logger("turns")


class TooManyNeeds(RuntimeError):
    """A turn kept asking for facts: a defect of its flow."""


@dataclass(slots=True)
class Plan:
    """One message on its way to being answered; `turn` or `error` is set once it is decided."""

    message: Kept
    conversation: Conversation
    event: Event | None
    facts: Facts
    turn: Turn | None = None
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Looked:
    """What one read made of a batch: its plans, or the conversations that must be kept first.

    `left` messages wait for the next batch: their person speaks in another conversation too.
    """

    plans: list[Plan]
    strangers: list[Conversation]
    left: int = 0


class Planner:
    """Decides messages from what one moment of the data says about their people."""

    def __init__(self, parts: Parts, channels: Mapping[str, Channel], needs: Needs) -> None:
        self._parts = parts
        self._channels = channels
        self._needs = needs
        # Channels that do not say which question a person looked at.
        self._silent = {name for name, channel in channels.items() if not channel.fetched}
        self._quarter = 0, date.min
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

    async def look(
        self, connection: Connection, batch: Sequence[Kept], *, all_kept: bool = False
    ) -> Looked:
        """Read everything for `batch` and decide it, unless there are senders without a row.

        A conversation that is still not there then is one that a newer program has written.
        """
        # A file may pin a set that was published a moment ago, by another process even.
        await refresh(connection, self._parts.library)
        known = await conversations.load(connection, sorted({m.sender for m in batch}))
        strangers = [
            Conversation(0, m.channel, m.bot, m.sender, 1, State())
            for m in batch
            if m.sender not in known
        ]
        if strangers and not all_kept:
            return Looked([], strangers)
        plans: list[Plan] = []
        present, waiting = self._present(), one_a_person(batch, known)
        unseen = await self._unseen(connection, waiting, known)

        def begun() -> Iterator[Plan]:
            # One after the other through all of it: what a turn touches is still near.
            for message in waiting:
                if message.sender in known:
                    found = known[message.sender]
                    plans.append(self._plan(message, found, present, found.id in unseen))
                    if plans[-1].error is None:
                        yield plans[-1]

        await self._advance(connection, begun())
        return Looked(plans, [], len(batch) - len(waiting))

    async def _unseen(
        self, connection: Connection, batch: Iterable[Kept], known: Mapping[str, Conversation]
    ) -> frozenset[int]:
        """Return the conversations whose present question has not left yet."""
        silent = [m.sender for m in batch if m.channel in self._silent and m.sender in known]
        if not silent:
            return frozenset()
        return await outbox.list_unsent(connection, [known[sender].id for sender in silent])

    def word(self, plan: Plan) -> TurnWrite | None:
        """Return what a decided turn writes; one that cannot be put into words fails alone."""
        if plan.turn is None:
            return None
        words = self._parts.words
        try:
            channel = self._channels[plan.message.channel]
            return write_of(plan.turn, plan.message, plan.conversation, channel, words)
        except Exception as error:
            log.error("turn_unsayable", inbox=plan.message.id, exc_info=error)
            plan.turn, plan.error = None, error
            return None

    def sorry(self, message: Kept, conversation: Conversation) -> Plan:
        """Return the plan that tells a person kindly that something of ours went wrong."""
        sorry = Show(Screen((Msg("error.sorry"),), accepts=()), None)
        turn = Turn((sorry,), conversation.state, None)
        facts = self._facts(message, conversation, self._present())
        return Plan(message, conversation, None, facts, turn)

    def serves(self, channel: str) -> bool:
        """Tell whether this process speaks on a channel."""
        return channel in self._channels

    def _plan(
        self, message: Kept, conversation: Conversation, present: Facts, unseen: bool
    ) -> Plan:
        plan = Plan(message, conversation, None, self._facts(message, conversation, present))
        try:
            state = _in_the_past(conversation.state, to_ms(present.now))
            # To the channel, what nobody can have seen was asked this very moment.
            seen = changed(state, asked_ms=message.at_ms) if unseen else state
            plan.event = self._read(message, seen)
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

    def _present(self) -> Facts:
        """Return what all messages of this moment have in common."""
        parts, now = self._parts, self._parts.now()
        today = now.astimezone(parts.zone).date()
        return changed(
            self._usual,
            now=now,
            today=today,
            open_titles=parts.library.open_titles(today.year),
            calendar=parts.library.calendar,
        )

    def _facts(self, message: Kept, conversation: Conversation, present: Facts) -> Facts:
        return changed(
            present,
            token=self._parts.seams.token(),
            inbox=message.id,
            said_on=self._day_of(message.at_ms),
            arrived_ms=message.at_ms,
            channel=message.channel,
            person=conversation.person,
            consents=conversation.consents,
            declaration=conversation.declaration,
            officer=conversation.officer,
            found=Found(self._needs),
            tells_screen=message.channel not in self._silent,
        )

    def _day_of(self, at_ms: int) -> date:
        """Return the day of a moment where the people are; that of the last quarter is known."""
        quarter = at_ms // QUARTER_MS
        if self._quarter[0] != quarter:
            self._quarter = quarter, from_ms(at_ms).astimezone(self._parts.zone).date()
        return self._quarter[1]

    async def _advance(self, connection: Connection, plans: Iterable[Plan]) -> None:
        asking = plans
        for _ in range(ROUNDS):
            needed: list[tuple[Plan, Need[object]]] = []
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

    def _try(self, plan: Plan) -> Need[object] | None:
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


def _in_the_past(state: State, now_ms: int) -> State:
    """Return `state` without moments yet to come: the clock was set back since they were noted.

    Until it reached them again every answer would count as sent before its question was asked.
    """
    if state.asked_ms > now_ms:
        state = changed(state, asked_ms=0)
    if state.spoken is not None and state.spoken.at_ms > now_ms:
        state = changed(state, spoken=None)
    return state


def _found(plan: Plan) -> Found:
    found = plan.facts.found
    assert isinstance(found, Found), "facts of a turn are found by its Needs"
    return found


def one_a_person(batch: Sequence[Kept], known: Mapping[str, Conversation]) -> list[Kept]:
    """Return `batch` without later messages of a person who has several conversations.

    The next batch decides them on what the first one leaves.
    """
    seen: set[int] = set()
    kept = []
    for message in batch:
        whose = known[message.sender].counted if message.sender in known else None
        if whose is None:
            kept.append(message)
        elif whose[0] not in seen:
            seen.add(whose[0])
            kept.append(message)
    return kept
