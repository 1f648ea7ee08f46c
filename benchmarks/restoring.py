"""How long backup and restore take: 100,000 files with ten answers each, journal and photos.

Rows are made in bulk, photos are small: what a photo costs is its file, not its bytes. Backup and
restore run as an operator runs them, each in a process of its own, whose largest memory is printed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, table
from storage.audit import Line, add_all
from storage.backup.schema import unguarded
from storage.migrate import migrate
from storage.models import metadata
from storage.photos import PhotoStore
from storage.snapshots import alone

FILES = int(os.environ.get("FILES", "100000"))
AT_ONCE = 2000
# One file in so many has a photo with its thumbnail.
PHOTO_EVERY = 10
AT = 1_790_000_000_000
KEY = "a secret for benchmarks only, long enough"
CRITERIA = "bench"
COMMUNES = [f"{number:05}" for number in range(20_000, 20_020)]


async def measure() -> list[Figure]:
    """Back up and restore, print the table, return seconds, bytes and memory."""
    with tempfile.TemporaryDirectory(prefix="khaihoc-restore-") as folder:
        old, new, cut = Path(folder, "old"), Path(folder, "new"), Path(folder, "cut")
        await _fill(old)
        backup_s, backup_mb = _run(old, "backup", str(cut))
        restore_s, restore_mb = _run(new, "restore", str(cut))
        verify_s, verify_mb = _run(new, "audit", "verify")
        size_mb = os.stat(cut).st_size / 1e6
    print(
        table(
            f"Backup of {FILES} files, {2 * FILES // PHOTO_EVERY} photos: {size_mb:.0f} MB",
            ("command", "seconds", "MB of memory at most"),
            [
                ("backup", backup_s, backup_mb),
                ("restore", restore_s, restore_mb),
                ("audit verify", verify_s, verify_mb),
            ],
        )
    )
    return [
        Figure("backup_s", backup_s, f"s for {FILES} files"),
        Figure("backup_size", size_mb, "MB"),
        Figure("backup_rss", backup_mb, "MB"),
        Figure("restore_s", restore_s, f"s for {FILES} files, from nothing to serving"),
        Figure("restore_rss", restore_mb, "MB"),
        Figure("audit_verify_s", verify_s, f"s for {2 * FILES} lines"),
    ]


def _run(folder: Path, *arguments: str) -> tuple[float, float]:
    """Run a command of the program in `folder`; return its seconds and its largest memory in MB."""
    settings = {"KHAIHOC_VAR_DIR": str(folder), "KHAIHOC_SECRET_KEY": KEY}
    folder.mkdir(exist_ok=True)
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments[:2])} ended with {process.returncode}")
    return time.perf_counter() - began, usage.ru_maxrss / 1024


async def _fill(folder: Path) -> None:
    os.mkdir(folder)
    url = f"sqlite+aiosqlite:///{folder}/khaihoc.db"
    await migrate(url)
    photos = PhotoStore.open(str(folder / "photos"))
    async with alone(url) as connection:
        await connection.run_sync(_write_shared)
        for first in range(1, FILES + 1, AT_ONCE):
            numbers = range(first, min(first + AT_ONCE, FILES + 1))
            keys = {
                number: [await photos.keep(b"%d %d" % (number, size)) for size in (0, 1)]
                for number in numbers
                if number % PHOTO_EVERY == 0
            }
            await connection.run_sync(_write, numbers, keys)
            await add_all(connection, [line for number in numbers for line in _lines(number)])


def _write_shared(connection: Any) -> None:
    officer = {"id": 1, "name": "x", "role": "commune_officer", "place": "20000", "at_ms": AT}
    version = {"version": CRITERIA, "digest": "d", "content": "{}"}
    connection.execute(metadata.tables["officer"].insert(), officer)
    connection.execute(metadata.tables["criteria_version"].insert(), version)


def _write(connection: Any, numbers: range, keys: dict[int, list[str]]) -> None:
    rows = {
        "person": [
            {"id": n, "name": f"Người {n}", "name_folded": f"nguoi {n}", "birth_year": 1970,
             "settled": True, "at_ms": AT}
            for n in numbers
        ],
        "declaration": [_file(n) for n in numbers],
        "answer": [
            {"declaration_id": n, "criterion": f"A{k}", "option": k % 4, "inbox_id": n}
            for n in numbers
            for k in range(10)
        ],
        "evidence": [
            {"id": f"{n:022}", "declaration_id": n, "album": n, "n": 0, "criterion": "A1",
             "verdict": "clear", "photo_key": full, "thumb_key": thumb, "at_ms": AT}
            for n, (full, thumb) in keys.items()
        ],
    }  # fmt: skip
    with unguarded(connection):
        for name, values in rows.items():
            connection.execute(metadata.tables[name].insert(), values)


def _file(number: int) -> dict[str, Any]:
    return {
        "id": number, "public_id": f"{number:022}", "person_id": number, "title": "citizen",
        "period": 2026, "criteria": CRITERIA, "status": "approved", "version": 3, "province": "48",
        "commune": COMMUNES[number % len(COMMUNES)], "code": f"KH26-{number:08}", "total": 80,
        "submitted_ms": AT, "decision_action": "approve", "decision_ms": AT, "decision_officer": 1,
        "at_ms": AT,
    }  # fmt: skip


def _lines(number: int) -> Iterator[Line]:
    moves = (("submit", "draft", "submitted", None), ("approve", "submitted", "approved", 1))
    for version, (action, source, target, officer) in enumerate(moves, 1):
        details = {"version": version, "items": []}
        yield Line(
            action, AT, COMMUNES[number % len(COMMUNES)], number, officer, "chat", source, target,
            details,
        )  # fmt: skip
