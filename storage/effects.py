"""apply: the effects of many turns, or of one decision, written inside one transaction.

What many turns have in common is one statement with many rows; rarer effects are written one by
one. A version that is no longer the one seen raises `Conflict`: nothing of the transaction stays.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Integer, SmallInteger, Text, bindparam, insert, select

from dialogs import effects as e
from dialogs.changes import Record
from dialogs.state import State
from storage import audit, inbox, link_writes, people, person_writes, review_writes, sums
from storage.answers import save_answers
from storage.conversations import encode_state, save_states
from storage.database import Connection
from storage.models import outbox
from storage.outbox import ANSWER
from storage.prepared import Prepared, columns
from storage.seams import to_ms
from storage.writing import At, Conflict, write

# Loading these registers how each effect is written.
WRITERS = (person_writes, review_writes, link_writes)
__all__ = ["Conflict", "Spoken", "TurnWrite", "apply_decision", "apply_turns", "bury"]


_SPOKEN = columns(
    "spoken",
    inbox_id=BigInteger,
    n=SmallInteger,
    conversation_id=BigInteger,
    reply_to=BigInteger,
    number=Integer,
    payload=Text,
    status=Text,
    at_ms=BigInteger,
    kind=SmallInteger,
)
_SAID = Prepared(
    sqlite=insert(outbox).values({name: bindparam(name) for name in list(_SPOKEN.c.keys())}),
    postgresql=insert(outbox).from_select(list(_SPOKEN.c.keys()), select(*_SPOKEN.c)),
)


class Spoken(Record, frozen=True):
    """A message out in the form its channel takes; `number` is that of its question.

    `kind` is `outbox.ANSWER` or `outbox.NOTICE`.
    """

    payload: str
    number: int | None
    reply_to: int | None
    status: str
    kind: int = ANSWER


class TurnWrite(Record, frozen=True):
    """Everything one turn writes. `seen` is the conversation's version it was decided on.

    `person` is (id, version) of a person with several conversations, who may speak in another one
    at the same time.
    """

    inbox_id: int
    conversation_id: int
    seen: int
    state: State
    effects: tuple[e.Effect, ...]
    spoken: tuple[Spoken, ...]
    said: str | None
    person: tuple[int, int] | None = None


async def apply_turns(connection: Connection, turns: Sequence[TurnWrite], *, now: datetime) -> None:
    """Write all turns: effects, messages out, new states, and their messages in as done."""
    at_ms = to_ms(now)
    journal: list[audit.Line] = []
    for number, seen in sorted({turn.person for turn in turns if turn.person is not None}):
        await _alone(connection, turns, number, seen)
    touched = sums.list_touched(effect for turn in turns for effect in turn.effects)
    async with sums.kept(connection, touched):
        await _write_effects(connection, turns, at_ms, journal)
    await _speak(connection, turns, at_ms)
    await _save_states(connection, turns, at_ms)
    done = [{"done_id": t.inbox_id, "said": t.said} for t in turns]
    await inbox.set_done(connection, done)
    await audit.add_all(connection, journal)


async def _alone(
    connection: Connection, turns: Sequence[TurnWrite], number: int, seen: int
) -> None:
    """Let no other turn of this person be written that was decided on the same facts.

    The row stays locked until the transaction ends, so that another process waits and then
    finds the version gone.
    """
    same = sum(turn.person is not None and turn.person[0] == number for turn in turns)
    if same > 1 or not await people.count_turn(connection, number, seen=seen):
        raise Conflict("person")


async def _write_effects(
    connection: Connection, turns: Sequence[TurnWrite], at_ms: int, journal: list[audit.Line]
) -> None:
    answers: list[tuple[e.SaveAnswer, int]] = []
    for turn in turns:
        at = At(at_ms, turn.inbox_id, turn.conversation_id, journal)
        for effect in turn.effects:
            if isinstance(effect, e.SaveAnswer):
                answers.append((effect, turn.inbox_id))
            elif not isinstance(effect, e.Show):
                await write(effect, connection, at)
    if answers:
        await save_answers(connection, answers)


async def apply_decision(
    connection: Connection, effects: Sequence[e.Effect], *, now: datetime
) -> None:
    """Write the effects of an officer's request outside of any conversation."""
    at = At(to_ms(now), 0, None)
    async with sums.kept(connection, sums.list_touched(effects)):
        for effect in effects:
            await write(effect, connection, at)
    await audit.add_all(connection, at.journal)


async def bury(
    connection: Connection,
    message: int,
    error: str,
    turns: Sequence[TurnWrite],
    *,
    now: datetime,
) -> None:
    """Move a message to the dead letters, saying what `turns` say and nothing else."""
    await inbox.set_dead(connection, message, error)
    await _speak(connection, turns, to_ms(now))


async def _speak(connection: Connection, turns: Sequence[TurnWrite], at_ms: int) -> None:
    rows = [
        {
            "inbox_id": turn.inbox_id,
            "n": n,
            "conversation_id": turn.conversation_id,
            "reply_to": spoken.reply_to,
            "number": spoken.number,
            "payload": spoken.payload,
            "status": spoken.status,
            "at_ms": at_ms,
            "kind": spoken.kind,
        }
        for turn in turns
        for n, spoken in enumerate(turn.spoken)
    ]
    if rows:
        await _SAID.write(connection, rows)


async def _save_states(connection: Connection, turns: Sequence[TurnWrite], at_ms: int) -> None:
    rows = [
        {
            "row_id": turn.conversation_id,
            "seen": turn.seen,
            "state": encode_state(turn.state),
            "at_ms": at_ms,
        }
        for turn in turns
    ]
    if await save_states(connection, rows) != len(rows):
        raise Conflict("conversation")
