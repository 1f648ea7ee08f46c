"""turn_web_*, turn_vs_usual: CPU of a durable turn on the web, against bots built on aiogram.

From the raw message at the door, kept and committed, to the answer's bytes; theirs from the raw
update to the moment the Bot API has the reply. One process, rounds in turn, all threads counted.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.bare import AiogramBot, bare, questions, raw_updates
from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, Ours, answering, our_program
from benchmarks.rounds import Side, interleaved
from benchmarks.stub import Stub, stub
from benchmarks.usual import usual

# The bare handler needs no database: one person alone is for information.
BUDGETS = {1: None, 24: 0.25, 128: 0.15}
USUAL_BUDGET = 0.1
TURNS = 1024
ROUNDS = 7
HEAD = ("people", "ours, us", "theirs, us", "ratio", "budget", "ours, turns/s")


def bot_side(bot: AiogramBot, stub: Stub, people: int, groups: int) -> Side:
    """Return the side on which a bot answers as many people; no message may be missing."""

    expected = stub.taken()
    updates = raw_updates(people, ANSWERS)

    async def prepare() -> None:
        assert stub.taken() == expected, "a reply got lost"

    async def play() -> int:
        nonlocal expected
        turns = sum([await bot.answer_all(updates) for _ in range(groups)])
        expected += turns
        return turns

    return Side(play, prepare)


async def measure() -> list[Figure]:
    """Print both tables and return their figures."""
    async with our_program() as ours, stub() as api:
        return [*await _against_bare(ours, api), await _against_usual(ours, api)]


async def _against_bare(ours: Ours, api: Stub) -> list[Figure]:
    figures, rows = [], []
    async with bare(api.url, questions()) as bot:
        for people, budget in BUDGETS.items():
            groups = max(1, (TURNS if people > 1 else TURNS // 8) // (people * ANSWERS))
            sides = (answering(ours, people, groups), bot_side(bot, api, people, groups))
            mine, theirs = await interleaved(sides, ROUNDS)
            ratio = mine.against(theirs)
            rows.append((people, mine.us, theirs.us, ratio, budget, mine.per_second))
            figures.append(Figure(f"turn_web_{people}", ratio, "x bare aiogram", budget))
    print(table("CPU of a web turn against a stateless bare aiogram handler", HEAD, rows))
    return figures


async def _against_usual(ours: Ours, api: Stub) -> Figure:
    people, groups = 24, 2
    with TemporaryDirectory(prefix="khaihoc-bench-") as folder:
        async with usual(api.url, Path(folder), questions()) as bot:
            await bot.answer_all(raw_updates(people, 1))
            sides = (answering(ours, people, groups), bot_side(bot, api, people, groups))
            mine, theirs = await interleaved(sides, ROUNDS)
    ratio = mine.against(theirs)
    row = (people, mine.us, theirs.us, ratio, USUAL_BUDGET, mine.per_second)
    print(table("The same form as aiogram FSM and SQLAlchemy ORM", HEAD, [row]))
    return Figure("turn_vs_usual", ratio, "x usual bot", USUAL_BUDGET)
