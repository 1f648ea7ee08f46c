"""rollup_upkeep_us: what keeping the sums adds to a submission.

Files are handed in by `apply_turns`, as a worker does it, one batch with sums and one without them
in turn. What else the machine does only ever adds time, so the quicker quarter of the batches is
compared. Everybody lives in another commune, so
that no two add to the same row: the dearest case.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from statistics import quantiles
from unittest.mock import patch

from benchmarks.figures import Figure, table
from benchmarks.people import Ours, our_program
from benchmarks.rounds import Side, interleaved
from dialogs import effects as e
from dialogs import review
from dialogs.changes import changed
from dialogs.places import Commune
from dialogs.state import State
from storage import conversations, inbox, sums
from storage.conversations import Conversation
from storage.database import Connection
from storage.effects import TurnWrite, apply_turns
from storage.inbox import Arrival
from storage.seams import to_ms

BUDGET = 20.0
PEOPLE, BATCHES = 24, 240
HEAD = ("people", "with sums, us", "without, us", "difference, us", "budget")
CONSENT = e.ConsentText("1", "Đồng ý", "vi")


async def measure_upkeep() -> Figure:
    """Print the table and return its figure."""
    async with our_program() as ours:
        kept, bare = Submissions(ours), Submissions(ours, without=True)
        both = await interleaved((kept.side(), bare.side()), BATCHES)
    mine, theirs = (quantiles(side.cpu, n=4)[0] for side in both)
    more = mine - theirs
    print(table("CPU of writing a submission", HEAD, [(PEOPLE, mine, theirs, more, BUDGET)]))
    return Figure("rollup_upkeep_us", more, "us a submission", BUDGET)


@dataclass(slots=True)
class Submissions:
    """People who hand their files in together, batch after batch."""

    ours: Ours
    without: bool = False
    turns: list[TurnWrite] = field(default_factory=list)

    def side(self) -> Side:
        """Return the side on which they do."""
        return Side(self._play, self._prepare)

    async def _prepare(self) -> None:
        self.turns = await self._fill_in()

    async def _play(self) -> int:
        parts = self.ours.program.parts
        with _without_sums() if self.without else _as_it_is():
            work = partial(apply_turns, turns=self.turns, now=parts.now())
            await parts.database.write(work)
        return PEOPLE

    async def _fill_in(self) -> list[TurnWrite]:
        """Let people begin; return the turns by which they hand in."""
        parts = self.ours.program.parts
        version, now = parts.library.current("citizen", 2026).version, parts.now()
        communes = [c for p in parts.index.provinces() for c in parts.index.communes(p.code)]
        events = {secrets.token_urlsafe(16): secrets.token_hex(16) for _ in range(PEOPLE)}

        async def begin(connection: Connection) -> list[TurnWrite]:
            new = [Conversation(0, "web", "", sender, 1, State()) for sender in events]
            await conversations.add_conversations(connection, new)
            arrivals = [Arrival("web", s, event, "{}", to_ms(now)) for s, event in events.items()]
            kept = await inbox.add(connection, arrivals)
            known = await conversations.load(connection, list(events))
            begun = [
                _turn(kept[event][0], known[sender], (_begin(version, commune),))
                for (sender, event), commune in zip(events.items(), communes, strict=False)
            ]
            await apply_turns(connection, begun, now=now)
            known = await conversations.load(connection, list(events))
            return [
                _turn(kept[event][0], known[sender], self._submit(known[sender]))
                for sender, event in events.items()
            ]

        return await parts.database.write(begin)

    def _submit(self, own: Conversation) -> tuple[e.Effect, ...]:
        parts, file = self.ours.program.parts, own.declaration
        assert file is not None, "begun a moment ago"
        criteria = parts.sets[file.criteria]
        # With a code of its own: codes drawn by chance may meet, which would spoil the round.
        answers, code = dict.fromkeys(criteria.codes, 2), f"KH26-{file.id:08}"
        whole = changed(file, answers=answers, code=code)
        return review.submit(whole, criteria, difficult=False, now=parts.now(), token="")


def _turn(message: int, own: Conversation, effects: tuple[e.Effect, ...]) -> TurnWrite:
    return TurnWrite(message, own.id, own.version, State(), effects, (), None)


def _begin(version: str, commune: Commune) -> e.BeginDeclaration:
    return e.BeginDeclaration(
        "citizen", 2026, version, commune.province.code, commune.code, f"{commune.code}-001", None,
        secrets.token_urlsafe(16)[:22], CONSENT,
    )  # fmt: skip


@contextmanager
def _without_sums() -> Iterator[None]:
    """No effect touches a sum: what `apply_turns` was before there were any."""
    with patch.object(sums, "list_touched", lambda _effects: None):
        yield


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield
