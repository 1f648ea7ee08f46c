"""draft_disk, messages_disk, draft_rss: what a draft that lies idle costs on disk and in memory."""

import asyncio
import gc
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, table
from benchmarks.people import Ours, bodies, our_program
from benchmarks.processes import child
from bot import logs

DISK_BUDGET, RSS_BUDGET = 2.0, 10.0
TOGETHER = 128
QUESTIONS = 10
DRAFTS = 1_024
WARM, IDLE = 4_096, 12_288
MESSAGES = ("inbox", "outbox")
# What a draft is: every other table is the same however many drafts there are.
DRAFT = ("conversation", "person", "consent", "declaration", "answer")


async def draft_all(ours: Ours, people: int, answers: int) -> None:
    """Let `people` come and answer `answers` questions, then leave."""
    for _ in range(people // TOGETHER):
        group = await ours.arrive(TOGETHER)
        await ours.answer_all([(person, bodies(person, answers)) for person in group])


def pages(file: Path, tables: Sequence[str]) -> dict[str, int]:
    """Return the bytes on disk of `tables`, each with all its indexes, free space in pages too."""
    query = (
        "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name "
        f"WHERE m.tbl_name IN ({', '.join('?' * len(tables))}) GROUP BY m.tbl_name"
    )
    with sqlite3.connect(file) as connection:
        return dict(connection.execute(query, tables).fetchall())


async def measure() -> list[Figure]:
    """Print the tables and return their figures."""
    return [*await _on_disk(), await _in_memory()]


async def _on_disk() -> list[Figure]:
    async with our_program() as ours:
        await draft_all(ours, DRAFTS, QUESTIONS)
        file = Path(ours.program.settings.var_dir) / "khaihoc.db"
        sizes = await asyncio.to_thread(pages, file, (*DRAFT, *MESSAGES))
    rows = [(name, sizes[name] / DRAFTS) for name in (*DRAFT, *MESSAGES)]
    print(table(f"Disk of a draft with {QUESTIONS} answers", ("table", "bytes a draft"), rows))
    return [
        Figure("draft_disk", sum(sizes[n] for n in DRAFT) / DRAFTS / 1024, "KB", DISK_BUDGET),
        Figure("messages_disk", sum(sizes[n] for n in MESSAGES) / DRAFTS / 1024, "KB"),
    ]


async def _in_memory() -> Figure:
    """Measure in a process of its own: nothing else may grow there."""
    async with child("benchmarks.drafts") as process:
        grown = process.port / 1000
    row = (IDLE, grown * IDLE / 100_000, grown)
    head = ("idle drafts", "memory grown, MB", "MB per 100,000")
    print(table("Memory of drafts that lie idle", head, [row]))
    return Figure("draft_rss", grown, "MB", RSS_BUDGET)


def resident() -> int:
    """Return the bytes of memory this process holds (Linux)."""
    gc.collect()
    fields = Path("/proc/self/statm").read_text("ascii").split()
    return int(fields[1]) * os.sysconf("SC_PAGESIZE")


async def _grow() -> float:
    """Return how many MB the process grows by per 100,000 drafts begun and left alone."""
    async with our_program() as ours:
        await draft_all(ours, WARM, 1)
        before = resident()
        await draft_all(ours, IDLE, 1)
        return (resident() - before) / 1_000_000 * 100_000 / IDLE


if __name__ == "__main__":
    logs.configure("error")
    sys.stdout.write(f"{round(asyncio.run(_grow()) * 1000)}\n")
    sys.stdout.flush()
