"""turn_web_*: CPU of a durable turn on the web, against a stateless bare aiogram handler."""

from benchmarks.bare import AiogramBot, bare
from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, Ours, answering, our_program
from benchmarks.rounds import Side, interleaved
from benchmarks.stub import Stub, stub

BUDGETS = {1: None, 24: 0.25, 128: 0.15}
TURNS = 1024
ROUNDS = 7


def texts(ours: Ours) -> tuple[str, ...]:
    """Return the ten questions as the bots send them: text and numbered choices."""
    (criteria, *_) = ours.program.parts.library.sets
    return tuple(
        "\n".join(
            (
                indicator.ask.get("vi"),
                *(f"{n}. {o.text.get('vi')}" for n, o in enumerate(indicator.options, 1)),
            )
        )
        for indicator in criteria.indicators
    )


def bot_side(bot: AiogramBot, stub: Stub, people: int, groups: int) -> Side:
    """Return the side on which a bot answers as many people; no message may be missing."""

    expected = stub.taken()

    async def prepare() -> None:
        assert stub.taken() == expected, "a reply got lost"

    async def play() -> int:
        nonlocal expected
        turns = sum([await bot.answer_all(people, ANSWERS) for _ in range(groups)])
        expected += turns
        return turns

    return Side(play, prepare)


async def measure() -> list[Figure]:
    """Print the table and return its figures."""
    figures, rows = [], []
    async with our_program() as ours, stub() as api, bare(api.url, texts(ours)) as bot:
        for people, budget in BUDGETS.items():
            groups = max(1, (TURNS if people > 1 else TURNS // 8) // (people * ANSWERS))
            sides = (answering(ours, people, groups), bot_side(bot, api, people, groups))
            mine, theirs = await interleaved(sides, ROUNDS)
            ratio = mine.against(theirs)
            rows.append((people, mine.us, theirs.us, ratio, budget, mine.per_second))
            figures.append(Figure(f"turn_web_{people}", ratio, "x bare aiogram", budget))
    head = ("people", "ours, us", "bare aiogram, us", "ratio", "budget", "ours, turns/s")
    print(table("CPU of a durable web turn", head, rows))
    return figures
