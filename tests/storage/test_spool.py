"""What is spooled is on disk, comes out in order, once the database is back, and only then goes."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

import pytest

from storage.database import DatabaseGone
from storage.inbox import Arrival
from storage.seams import Seams
from storage.spool import Drained, Item, Spool, Stop
from tests.guards.tree import ROOT


def arrival(number: int, raw: str = '{"event_name":"x"}') -> Arrival:
    """Return an arrival with a number."""
    return Arrival("zalo_oa", "zo:1", f"e{number}", raw, 1_793_584_800_000 + number, "2", True)


class Inbox:
    """Takes what is drained, unless told to fail."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.fails: Callable[[Sequence[Item]], Exception | None] = lambda items: None

    async def keep(self, items: Sequence[Item]) -> None:
        """Keep items, or fail as told."""
        error = self.fails(items)
        if error is not None:
            raise error
        self.items += items


def spool_in(folder: Path, crashpoint: Callable[[str], None] = lambda name: None) -> Spool:
    """Return a spool whose process has just started."""
    return Spool(folder / "spool", Seams(crashpoint=crashpoint))


def files(folder: Path, ending: str = "spool") -> list[Path]:
    """Return the files of a spool."""
    return sorted((folder / "spool").glob(f"*.{ending}"))


async def test_everything_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    dead = Arrival("zalo_bot", "zb:a", "d", "\ufffd{", 5, "3", dead="unknown_event")
    items: list[Item] = [arrival(1, "a\nb ấ"), Stop("zo:1", "unfollowed", 7), dead]
    await spool.add(items[:2])
    await spool.add(items[2:])
    assert (spool.diverts, spool.waits) == (True, True)
    assert await spool.drain(inbox.keep) == Drained(kept=3)
    assert inbox.items == items
    assert (spool.diverts, spool.waits, files(tmp_path)) == (False, False, [])
    assert await spool.drain(inbox.keep) == Drained()


async def test_only_this_user_may_look(tmp_path: Path) -> None:
    spool = spool_in(tmp_path)
    await spool.add([arrival(1)])
    assert (tmp_path / "spool").stat().st_mode & 0o777 == 0o700
    assert [file.stat().st_mode & 0o777 for file in files(tmp_path)] == [0o600]


async def test_many_at_once_share_syncs_and_keep_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    sync = os.fsync

    def counted(file: int) -> None:
        synced.append(file)
        sync(file)

    monkeypatch.setattr(os, "fsync", counted)
    spool, inbox = spool_in(tmp_path), Inbox()
    await asyncio.gather(*(spool.add([arrival(n)]) for n in range(500)))
    assert len(synced) < 10
    await spool.drain(inbox.keep)
    assert inbox.items == [arrival(n) for n in range(500)]


async def test_nothing_is_lost_or_moved_while_the_database_stays_away(tmp_path: Path) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    await spool.add([arrival(n) for n in range(200)])
    inbox.fails = lambda items: DatabaseGone("away") if len(inbox.items) >= 128 else None
    with pytest.raises(DatabaseGone):
        await spool.drain(inbox.keep)
    await spool.add([arrival(200)])
    assert spool.diverts
    inbox.fails = lambda items: None
    inbox.items.clear()
    await spool.drain(inbox.keep)
    assert inbox.items == [arrival(n) for n in range(201)]
    assert not spool.waits


async def test_a_new_process_brings_in_what_the_one_before_left(tmp_path: Path) -> None:
    before, inbox = spool_in(tmp_path), Inbox()
    await before.add([arrival(1)])
    after = spool_in(tmp_path)
    assert after.diverts
    await after.add([arrival(2)])
    await after.drain(inbox.keep)
    # The first file is still held by its living process.
    assert inbox.items == [arrival(2)]
    assert (after.diverts, after.waits) == (False, True)
    await before.drain(inbox.keep)
    assert inbox.items == [arrival(2), arrival(1)]


async def test_a_torn_last_line_was_never_taken(tmp_path: Path) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    await spool.add([arrival(1)])
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    with file.open("ab") as torn:
        torn.write(whole[: len(whole) // 2])
    assert await spool.drain(inbox.keep) == Drained(kept=1)
    assert inbox.items == [arrival(1)]
    assert files(tmp_path) == files(tmp_path, "aside") == []


@pytest.mark.parametrize("line", [b"{}\n", b"\n", b"\xff\x00\n", b'{"arrival":{"channel":1}}\n'])
async def test_a_damaged_line_is_set_aside_and_stops_nobody(tmp_path: Path, line: bytes) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    await spool.add([arrival(1)])
    with files(tmp_path)[0].open("ab") as damaged:
        damaged.write(line)
    await spool.add([arrival(2)])
    assert await spool.drain(inbox.keep) == Drained(kept=2, aside=1)
    assert inbox.items == [arrival(1), arrival(2)]
    (aside,) = files(tmp_path, "aside")
    assert aside.read_bytes() == line
    assert aside.stat().st_mode & 0o777 == 0o600


async def test_what_the_database_refuses_is_set_aside_alone(tmp_path: Path) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    await spool.add([arrival(n) for n in range(5)])
    inbox.fails = lambda items: ValueError("poison") if arrival(3) in items else None
    assert await spool.drain(inbox.keep) == Drained(kept=4, aside=1)
    assert inbox.items == [arrival(n) for n in (0, 1, 2, 4)]
    (aside,) = files(tmp_path, "aside")
    assert b'"e3"' in aside.read_bytes()
    assert not spool.waits


async def test_a_full_disk_is_said_and_leaves_no_half_line_before_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool, inbox = spool_in(tmp_path), Inbox()
    await spool.add([arrival(1)])
    write = os.write

    def full(file: int, data: memoryview) -> int:
        monkeypatch.setattr(os, "write", refuse)
        return write(file, data[:9])

    def refuse(file: int, data: memoryview) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        await spool.add([arrival(2)])
    monkeypatch.setattr(os, "write", write)
    await spool.add([arrival(3)])
    assert await spool.drain(inbox.keep) == Drained(kept=2)
    assert inbox.items == [arrival(1), arrival(3)]


LIFE = """
    import asyncio, os, signal, sys
    from itertools import count
    from pathlib import Path
    from storage.inbox import Arrival
    from storage.seams import Seams
    from storage.spool import Spool

    folder, point, passes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    left = [passes]

    def crashpoint(name):
        if name == point:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    async def keep(items):
        with open(folder / "kept", "a") as kept:
            kept.writelines(f"{item.external_id}\\n" for item in items)

    async def say(spool, number):
        await spool.add([Arrival("zalo_oa", "zo:1", f"e{number}", "{}" * 200, number)])
        os.write(1, f"{number}\\n".encode())

    async def main():
        spool = Spool(folder / "spool", Seams(crashpoint=crashpoint))
        for number in count(0, 4):
            await asyncio.gather(*(say(spool, number + n) for n in range(4)))
            if number % 40 == 36:
                await spool.drain(keep)

    asyncio.run(main())
"""


def live(folder: Path, point: str, passes: int = 0, most: int | None = None) -> list[str]:
    """Live a life that is killed at a crash point, or when it has acknowledged `most` items.

    Returns all that was acknowledged.
    """
    order = [sys.executable, "-c", textwrap.dedent(LIFE), str(folder), point, str(passes)]
    with subprocess.Popen(order, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        said = list(islice(child.stdout, most))
        if most is not None:
            child.kill()
        said += child.stdout
    assert child.returncode == -signal.SIGKILL
    return [f"e{line.strip()}" for line in said]


async def found_after(folder: Path) -> list[str]:
    """Return the event ids that were kept before the kill and are kept by the next process."""
    inbox = Inbox()
    await spool_in(folder).drain(inbox.keep)
    kept = (folder / "kept").read_text().split() if (folder / "kept").exists() else []
    return [*kept, *(item.external_id for item in inbox.items if isinstance(item, Arrival))]


@pytest.mark.parametrize("point", ["spool.written", "spool.synced", "spool.kept", "spool.removed"])
async def test_whoever_is_killed_at_a_point_loses_nothing(tmp_path: Path, point: str) -> None:
    acknowledged = live(tmp_path, point, 2)
    found = list(dict.fromkeys(await found_after(tmp_path)))
    assert set(acknowledged) <= set(found)
    assert found == sorted(found, key=lambda id: int(id[1:])), "in the order they came"
    assert files(tmp_path) == []


@pytest.mark.parametrize("most", [1, 40, 277, 1001])
async def test_whoever_is_killed_at_any_moment_loses_nothing(tmp_path: Path, most: int) -> None:
    acknowledged = live(tmp_path, "nowhere", most=most)
    assert len(acknowledged) >= most
    found = list(dict.fromkeys(await found_after(tmp_path)))
    assert set(acknowledged) <= set(found)
    assert found == sorted(found, key=lambda id: int(id[1:]))
