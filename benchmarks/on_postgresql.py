"""turn_postgres_24: the turn of `turns` on PostgreSQL, the CPU of the database server included."""

import time

from benchmarks.bare import bare, questions
from benchmarks.figures import Figure, table
from benchmarks.people import ANSWERS, answering, our_program
from benchmarks.rounds import Side, interleaved
from benchmarks.stub import stub
from benchmarks.turns import HEAD, ROUNDS, TURNS, bot_side
from tests.databases import Server

# 128 is for information: the busier, the cheaper each turn.
BUDGETS = {24: 0.6, 128: None}


async def measure() -> list[Figure]:
    """Print the table and return its figures."""
    server = Server(durable=True)
    try:
        return await _measure(server)
    finally:
        server.stop()


async def _measure(server: Server) -> list[Figure]:
    async def cpu() -> float:
        return time.process_time() + server.cpu()

    figures, rows = [], []
    url = server.create("turns")
    async with (
        our_program(database_url=url) as ours,
        stub() as api,
        bare(api.url, questions()) as bot,
    ):
        for people, budget in BUDGETS.items():
            groups = max(1, TURNS // (people * ANSWERS))
            side = answering(ours, people, groups)
            ours_and_server = Side(side.play, side.prepare, cpu)
            sides = (ours_and_server, bot_side(bot, api, people, groups))
            mine, theirs = await interleaved(sides, ROUNDS)
            ratio = mine.against(theirs)
            rows.append((people, mine.us, theirs.us, ratio, budget, mine.per_second))
            figures.append(Figure(f"turn_postgres_{people}", ratio, "x bare aiogram", budget))
    print(table("CPU of a web turn on PostgreSQL, the server's included", HEAD, rows))
    return figures
