"""A backup is one cut of database and photos, proven; a restore gives all of it, or nothing."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text

from storage.audit_chain import verify
from storage.backup.archive import BackupDamaged
from storage.backup.checking import check
from storage.backup.restoring import RestoreRefused, Target, read_backup
from storage.backup.schema import FILLED, get_revision, list_filled, list_revisions, reflect
from storage.backup.writing import BackupRefused, Source, write_backup
from storage.migrate import get_head, migrate
from storage.photos import Incoming, PhotoStore
from storage.recount import list_differences
from storage.seams import Seams
from storage.snapshots import alone, snapshot
from tests.databases import server
from tests.photos_made import page, saved
from tests.storage.old_data import Rows, fill, read_all
from tests.talk import Talk
from tests.walking import hand_in, sign
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123"
UPLOAD = "upload" * 8
CHILD = """
import asyncio, os, sys
from pathlib import Path
from storage.backup.restoring import Target, read_backup
from storage.backup.writing import Source, write_backup
from storage.recount import list_differences
from storage.photos import Incoming, PhotoStore
from storage.seams import Seams

verb, url, folder, file, point, left = sys.argv[1:]
left = int(left)

def crash(name):
    global left
    if name == point:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), 9)

seams = Seams(crashpoint=crash)
folder = Path(folder)
photos = PhotoStore.open(str(folder / "photos"))
if verb == "backup":
    source = Source(url, photos, Incoming(folder / "incoming", seams.token), "0123")
    asyncio.run(write_backup(source, Path(file), seams))
else:
    target = Target(url, photos, folder / "incoming", "0123")
    asyncio.run(read_backup(target, Path(file), seams))
"""


@dataclass(frozen=True, slots=True)
class House:
    """An installation: its database and the folder of its photos and uploads."""

    url: str
    folder: Path

    @property
    def photos(self) -> PhotoStore:
        return PhotoStore.open(str(self.folder / "photos"))

    def source(self) -> Source:
        uploads = Incoming(self.folder / "incoming", Seams().token)
        return Source(self.url, self.photos, uploads, KEY)

    def target(self, key: str | None = KEY) -> Target:
        return Target(self.url, self.photos, self.folder / "incoming", key)

    async def rows(self) -> Rows:
        async with snapshot(self.url) as connection:
            return await connection.run_sync(read_all)

    async def is_untouched(self) -> bool:
        async with snapshot(self.url) as connection:
            revision = await connection.run_sync(get_revision)
            return revision is None and not await connection.run_sync(reflect)

    def files(self) -> dict[str, bytes]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in found
            if path.relative_to(self.folder).parts[0] in ("photos", "incoming")
        }


@pytest.fixture
async def lived_in(url: str, tmp_path: Path) -> House:
    """An installation of today with rows in every table, two photos and an upload that waits."""
    house = House(url, tmp_path / "lived")
    await migrate(url)
    async with alone(url) as connection:
        await connection.run_sync(fill, get_head())
        keys = [await house.photos.keep(data) for data in (b"full", b"thumb")]
        named = text("UPDATE evidence SET photo_key = :full, thumb_key = :thumb")
        await connection.execute(named, {"full": keys[0], "thumb": keys[1]})
    (house.folder / "incoming").mkdir()
    (house.folder / "incoming" / UPLOAD).write_bytes(b"upload")
    return house


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """Another installation, of either kind, in which nothing is."""
    if request.param == "sqlite":
        yield House(f"sqlite+aiosqlite:///{tmp_path}/other.db", tmp_path / "other")
        return
    yield House(server().create("other"), tmp_path / "other")
    server().run("DROP DATABASE other WITH (FORCE)")


async def test_what_is_restored_is_what_was_backed_up_row_by_row_and_photo_by_photo(
    lived_in: House, empty: House, tmp_path: Path
) -> None:
    file = tmp_path / "cut"
    manifest = await write_backup(lived_in.source(), file, Seams())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert await read_backup(empty.target(), file, Seams()) == manifest
    assert await empty.rows() == await lived_in.rows()
    assert empty.files() == lived_in.files()
    assert len(empty.files()) == 3
    async with snapshot(empty.url) as connection:
        assert (await verify(connection)).findings == []
    with pytest.raises(Exception, match="this status cannot follow that one"):
        async with alone(empty.url) as connection:
            await connection.execute(text("UPDATE declaration SET status = 'draft' WHERE id = 3"))


@pytest.mark.parametrize("migrated", [False, True])
@pytest.mark.parametrize("revision", list_revisions())
async def test_a_backup_of_an_older_schema_is_brought_up(
    revision: str, migrated: bool, tmp_path: Path
) -> None:
    old = House(f"sqlite+aiosqlite:///{tmp_path}/old.db", tmp_path / "old")
    new = House(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path / "new")
    async with alone(old.url) as connection:
        await connection.run_sync(fill, revision)
        await connection.execute(text("UPDATE evidence SET photo_key = NULL, thumb_key = NULL"))
    await write_backup(old.source(), tmp_path / "cut", Seams())
    if migrated:
        await migrate(new.url)
    await read_backup(new.target(), tmp_path / "cut", Seams())
    await migrate(old.url)
    assert await new.rows() == await old.rows()
    async with snapshot(new.url) as connection:
        assert await connection.run_sync(get_revision) == get_head()


async def test_only_an_empty_database_is_filled(lived_in: House, tmp_path: Path) -> None:
    await write_backup(lived_in.source(), tmp_path / "cut", Seams())
    before = await lived_in.rows()
    with pytest.raises(RestoreRefused, match=r"^the database is not empty \([a-z_, ]+\): "):
        await read_backup(lived_in.target(), tmp_path / "cut", Seams())
    assert await lived_in.rows() == before


async def test_a_database_fresh_from_the_migrations_is_empty(url: str) -> None:
    await migrate(url)
    async with snapshot(url) as connection:
        assert await connection.run_sync(list_filled) == []
        tables = await connection.run_sync(read_all)
    assert {name for name, rows in tables.items() if rows} == FILLED - {"alembic_version"}


async def test_another_key_is_refused_unless_it_is_meant(
    lived_in: House, empty: House, tmp_path: Path
) -> None:
    await write_backup(lived_in.source(), tmp_path / "cut", Seams())
    with pytest.raises(RestoreRefused, match="another SECRET_KEY"):
        await read_backup(empty.target("4567"), tmp_path / "cut", Seams())
    assert await empty.is_untouched()
    await read_backup(empty.target(None), tmp_path / "cut", Seams())
    before = await lived_in.rows()
    # What the other key sealed cannot be opened: somebody has to consent again.
    assert len(before["zalo_token"]) == 1
    assert await empty.rows() == before | {"zalo_token": []}


async def test_no_file_is_ever_overwritten(lived_in: House, tmp_path: Path) -> None:
    (tmp_path / "cut").write_text("mine")
    with pytest.raises(BackupRefused, match="is there already"):
        await write_backup(lived_in.source(), tmp_path / "cut", Seams())
    assert (tmp_path / "cut").read_text() == "mine"


def spoilt(whole: bytes) -> Iterator[bytes]:
    """Yield what is left after a cut at any block, and a wrong bit anywhere."""
    for length in range(0, len(whole), 512):
        yield whole[:length]
    for place in range(0, len(whole), 97):
        yield whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :]
    yield whole + b"\0"
    yield b"x" * len(whole)


async def test_a_file_cut_short_or_with_a_wrong_bit_is_refused_in_one_line(
    tmp_path: Path,
) -> None:
    old = House(f"sqlite+aiosqlite:///{tmp_path}/old.db", tmp_path / "old")
    async with alone(old.url) as connection:
        await connection.run_sync(fill, get_head())
        await connection.execute(text("UPDATE evidence SET photo_key = NULL, thumb_key = NULL"))
    await write_backup(old.source(), tmp_path / "cut", Seams())
    whole = (tmp_path / "cut").read_bytes()
    bad = tmp_path / "bad"
    for content in spoilt(whole):
        bad.write_bytes(content)
        with pytest.raises(BackupDamaged, match=r"^[^\n]+$"):
            check(bad)
    new = House(f"sqlite+aiosqlite:///{tmp_path}/new.db", tmp_path / "new")
    with pytest.raises(BackupDamaged):
        await read_backup(new.target(), bad, Seams())
    assert await new.is_untouched()


async def test_a_photo_that_is_lost_while_a_file_names_it_is_no_backup(
    lived_in: House, tmp_path: Path
) -> None:
    (key, _) = sorted(name for name in lived_in.files() if name.startswith("photos/"))
    (lived_in.folder / key).unlink()
    with pytest.raises(BackupRefused, match=f"{key[7:]} is lost or damaged"):
        await write_backup(lived_in.source(), tmp_path / "cut", Seams())
    assert [name for name in os.listdir(tmp_path) if name.startswith("cut")] == []


async def test_what_cannot_be_read_back_is_no_backup(lived_in: House, tmp_path: Path) -> None:
    def crashpoint(name: str) -> None:
        if name == "backup.written":
            with (tmp_path / "cut.new").open("r+b") as file:
                file.seek(700)
                file.write(b"\x00rubbish")

    with pytest.raises(BackupRefused, match="cannot be read back"):
        await write_backup(lived_in.source(), tmp_path / "cut", Seams(crashpoint=crashpoint))
    assert [name for name in os.listdir(tmp_path) if name.startswith("cut")] == []


async def test_a_photo_erased_meanwhile_is_reported(lived_in: House, tmp_path: Path) -> None:
    keys = sorted(name[7:] for name in lived_in.files() if name.startswith("photos/"))
    points: list[str] = []

    def crashpoint(name: str) -> None:
        points.append(name)
        if points.count("backup.part") == 1 and name == "backup.part":
            forgetting = Thread(target=lambda: asyncio.run(_forget(lived_in)))
            forgetting.start()
            forgetting.join()

    before = (await lived_in.rows())["evidence"]
    manifest = await write_backup(lived_in.source(), tmp_path / "cut", Seams(crashpoint=crashpoint))
    assert (manifest.erased, manifest.photos.count) == (keys, 0)
    # The rows are those of the moment in which the backup began.
    assert manifest.tables["evidence"].count == len(before) == 2


async def _forget(house: House) -> None:
    async with alone(house.url) as connection:
        await connection.execute(text("DELETE FROM evidence"))
    for key in [name for name in house.files() if name.startswith("photos/")]:
        (house.folder / key).unlink()


def child(verb: str, house: House, file: Path, point: str, times: int = 1) -> int:
    """Run a backup or restore that dies at a crash point; return its exit status."""
    arguments = [verb, house.url, str(house.folder), str(file), point, str(times)]
    return subprocess.run(
        [sys.executable, "-c", CHILD, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
    ).returncode


@pytest.mark.parametrize("point", ["backup.part", "backup.photo", "backup.written"])
async def test_a_backup_killed_in_the_middle_is_none_and_the_next_one_is_whole(
    lived_in: House, tmp_path: Path, point: str
) -> None:
    file = tmp_path / "cut"
    assert child("backup", lived_in, file, point) == -signal.SIGKILL
    assert not file.exists()
    assert child("backup", lived_in, file, "") == 0
    assert not (tmp_path / "cut.new").exists()
    assert check(file).photos.count == 2


async def test_a_restore_killed_in_the_middle_leaves_the_database_empty(
    lived_in: House, empty: House, tmp_path: Path
) -> None:
    file = tmp_path / "cut"
    await write_backup(lived_in.source(), file, Seams())
    for point, times in (("restore.photos", 1), ("restore.part", 9), ("restore.commit.before", 1)):
        assert child("restore", empty, file, point, times) == -signal.SIGKILL
        assert await empty.is_untouched()
    assert child("restore", empty, file, "restore.commit.after") == -signal.SIGKILL
    assert await empty.rows() == await lived_in.rows()
    assert empty.files() == lived_in.files()


async def walk(world: World, number: int) -> None:
    """Answer everything, hand in with a photo, erase one's data the second time."""
    async with Talk(world) as talk:
        await sign(talk)
        await hand_in(talk, saved(page(600 + number, 800), "JPEG"))
        if number % 2:
            for word in ("xoa", "xoa"):
                await talk.say(word)


async def test_a_backup_under_load_is_one_moment_of_the_program(
    world: World, empty: House, tmp_path: Path
) -> None:
    """While people answer, hand in and send photos: everything in the cut fits together."""
    settings = world.program.settings
    uploads = Incoming(settings.var_dir / "incoming", world.chance.token)
    photos = PhotoStore.open(settings.photo_store)
    source = Source(settings.database_url, photos, uploads, KEY)
    walking = [asyncio.create_task(walk(world, number)) for number in range(4)]
    cuts: list[Path] = []
    while not all(task.done() for task in walking) or not cuts:
        cuts.append(tmp_path / f"cut{len(cuts)}")
        await write_backup(source, cuts[-1], Seams())
        await asyncio.sleep(0)
    await asyncio.gather(*walking)
    await write_backup(source, tmp_path / "last", Seams())
    await read_backup(empty.target(), tmp_path / "last", Seams())
    house = House(settings.database_url, settings.var_dir)
    assert await empty.rows() == await house.rows()
    for number, cut in enumerate(cuts):
        then = House(f"sqlite+aiosqlite:///{tmp_path}/{number}.db", tmp_path / str(number))
        await read_backup(then.target(), cut, Seams())
        async with snapshot(then.url) as connection:
            assert (await verify(connection)).findings == []
            assert await list_differences(connection) == []
        named = {
            f"photos/{row[kind]}"
            for row in (await then.rows())["evidence"]
            for kind in ("photo_key", "thumb_key")
            if row[kind]
        }
        assert named <= set(then.files())
