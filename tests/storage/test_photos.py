"""Photos as files: nothing acknowledged is lost, nothing erased stays."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from storage.photos import (
    BadPhotoKey,
    Incoming,
    IncomingFile,
    PhotoGone,
    PhotoStore,
    PhotoStoreError,
    TooLarge,
    photo_key,
)

TOMORROW = datetime.now(UTC) + timedelta(days=1)
YESTERDAY = datetime.now(UTC) - timedelta(days=1)
BAD_KEYS = (
    "",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "ab/cd/../../x.jpg",
    "ab/cd/" + "0" * 64 + ".jpg",
    "00/00/" + "0" * 64 + ".jpg\n",
    "00/00/" + "0" * 64 + ".jpg#1",
    "00/00/" + "0" * 63 + "G.jpg",
    "file:///etc/passwd",
)


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    return PhotoStore.open(str(tmp_path / "var" / "photos"))


@pytest.fixture
def incoming(tmp_path: Path) -> Incoming:
    numbers = count()
    return Incoming(tmp_path / "incoming", lambda: f"upload-{next(numbers):016}")


async def pieces(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def all_keys(store: PhotoStore, before: datetime | None = None) -> list[str]:
    return sorted([key async for key in store.keys(before)])


async def all_names(incoming: Incoming, before: datetime | None = None) -> list[str]:
    return sorted([name async for name in incoming.names(before)])


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_the_same_bytes_are_one_file_under_one_key(store: PhotoStore, tmp_path: Path) -> None:
    keys = [await store.keep(b"a photo") for _ in range(3)]
    assert keys == [photo_key(b"a photo")] * 3
    assert files(tmp_path / "var" / "photos") == [keys[0]]
    assert await store.read(keys[0]) == b"a photo"


async def test_the_key_is_the_digest_spread_over_two_folders() -> None:
    digest = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of "foo"
    assert photo_key(b"foo") == f"2c/26/{digest}.jpg"


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that were forced to the disk, in order."""
    found: list[str] = []

    def fsync(handle: int, real: Callable[[int], None] = os.fsync) -> None:
        found.append(os.readlink(f"/proc/self/fd/{handle}"))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


async def test_a_kept_photo_and_every_folder_that_names_it_is_on_the_disk(
    store: PhotoStore, tmp_path: Path, synced: list[str]
) -> None:
    folder = tmp_path / "var" / "photos"
    for _ in range(2):
        key = await store.keep(b"foo")
        file = folder / key
        assert synced == [str(file), str(file.parent), str(file.parent.parent), str(folder)]
        synced.clear()
    await store.erase(key)
    assert synced == [str((folder / key).parent)]


async def test_a_received_upload_and_its_folder_is_on_the_disk(
    incoming: Incoming, tmp_path: Path, synced: list[str]
) -> None:
    received = await incoming.receive(pieces([b"x"]), limit=5)
    path = incoming.path(received.name)
    assert synced == [f"{path}.part", str(tmp_path / "incoming")]


async def test_a_disk_that_refuses_is_an_error_of_the_store(
    store: PhotoStore, tmp_path: Path
) -> None:
    (tmp_path / "var" / "photos" / "2c").write_text("in the way")
    with pytest.raises(PhotoStoreError):
        await store.keep(b"foo")


async def test_keeping_the_same_photo_many_times_at_once_is_keeping_it_once(
    store: PhotoStore, tmp_path: Path
) -> None:
    keys = await asyncio.gather(*(store.keep(b"x" * 300_000) for _ in range(20)))
    assert files(tmp_path / "var" / "photos") == [keys[0]]
    assert len(set(keys)) == 1


async def test_an_erased_photo_is_gone_and_may_be_erased_again(
    store: PhotoStore, tmp_path: Path
) -> None:
    key = await store.keep(b"mine")
    await store.erase(key)
    await store.erase(key)
    with pytest.raises(PhotoGone):
        await store.read(key)
    assert files(tmp_path / "var" / "photos") == []
    assert await store.keep(b"mine") == key
    assert await store.read(key) == b"mine"


async def test_erasing_takes_half_written_copies_too(store: PhotoStore, tmp_path: Path) -> None:
    key = await store.keep(b"mine")
    staged = tmp_path / "var" / "photos" / f"{key}#1"
    staged.write_bytes(b"min")
    await store.erase(key)
    assert not staged.exists()


async def test_a_photo_torn_by_a_power_cut_is_gone_until_it_is_kept_again(
    store: PhotoStore, tmp_path: Path
) -> None:
    key = await store.keep(b"whole photo")
    (tmp_path / "var" / "photos" / key).write_bytes(b"whole")
    with pytest.raises(PhotoGone):
        await store.read(key)
    assert await store.keep(b"whole photo") == key
    assert await store.read(key) == b"whole photo"


@pytest.mark.parametrize("key", BAD_KEYS)
async def test_a_key_that_is_none_touches_no_file(store: PhotoStore, key: str) -> None:
    with pytest.raises(BadPhotoKey):
        await store.read(key)
    with pytest.raises(BadPhotoKey):
        await store.erase(key)


async def test_a_sweep_sees_every_key_but_may_leave_the_young_ones(
    store: PhotoStore, tmp_path: Path
) -> None:
    kept = sorted([await store.keep(str(n).encode()) for n in range(120)])
    (tmp_path / "var" / "photos" / "README").write_text("not a photo")
    assert await all_keys(store) == kept
    assert await all_keys(store, before=TOMORROW) == kept
    assert await all_keys(store, before=YESTERDAY) == []


async def test_keeping_again_makes_a_photo_young(store: PhotoStore, tmp_path: Path) -> None:
    key = await store.keep(b"old")
    file = tmp_path / "var" / "photos" / key
    os.utime(file, (0, 0))
    assert await all_keys(store, before=YESTERDAY) == [key]
    await store.keep(b"old")
    assert await all_keys(store, before=YESTERDAY) == []


async def test_what_a_crash_left_half_written_is_removed_when_old(
    store: PhotoStore, tmp_path: Path
) -> None:
    key = await store.keep(b"whole")
    staged = tmp_path / "var" / "photos" / f"{key}#7"
    staged.write_bytes(b"who")
    assert await store.remove_unfinished(before=YESTERDAY) == 0
    assert await store.remove_unfinished(before=TOMORROW) == 1
    assert files(tmp_path / "var" / "photos") == [key]


async def test_the_folders_are_for_this_user_alone(
    store: PhotoStore, incoming: Incoming, tmp_path: Path
) -> None:
    for folder in (tmp_path / "var" / "photos", tmp_path / "incoming"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("location", ["gs://bucket", "file:///tmp/x"])
def test_an_address_of_another_kind_says_so(location: str) -> None:
    with pytest.raises(PhotoStoreError, match="not served, give a folder or s3://"):
        PhotoStore.open(location)


@pytest.mark.parametrize("location", ["s3://", "s3:///x", "s3://UPPER/x", "s3://ab?x=1", "s3://a"])
def test_a_bucket_that_can_be_none_says_so(location: str) -> None:
    with pytest.raises(PhotoStoreError, match="must be like s3://bucket/prefix"):
        PhotoStore.open(location)


def test_a_file_in_the_folders_place_says_so(tmp_path: Path) -> None:
    (tmp_path / "photos").write_text("")
    with pytest.raises(PhotoStoreError, match="PHOTO_STORE"):
        PhotoStore.open(str(tmp_path / "photos"))


async def test_an_upload_is_stored_under_our_name_only(incoming: Incoming, tmp_path: Path) -> None:
    received = await incoming.receive(pieces([b"ab", b"", b"cde"]), limit=5)
    assert received == IncomingFile("upload-0000000000000000", 5)
    assert incoming.path(received.name).read_bytes() == b"abcde"
    assert stat.S_IMODE(incoming.path(received.name).stat().st_mode) == 0o600
    assert await all_names(incoming) == files(tmp_path / "incoming") == [received.name]


async def test_an_empty_upload_is_received_as_empty(incoming: Incoming) -> None:
    assert (await incoming.receive(pieces([]), limit=5)).size == 0


async def test_an_upload_past_the_limit_stops_at_once_and_leaves_nothing(
    incoming: Incoming, tmp_path: Path
) -> None:
    asked = []

    async def endless() -> AsyncIterator[bytes]:
        for n in count():
            asked.append(n)
            yield b"x" * 1000

    with pytest.raises(TooLarge):
        await incoming.receive(endless(), limit=10_000)
    assert asked == list(range(11))
    assert files(tmp_path / "incoming") == []


async def test_a_broken_off_upload_leaves_nothing(incoming: Incoming, tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await incoming.receive(broken(), limit=10_000)
    assert files(tmp_path / "incoming") == []


async def test_a_cancelled_upload_leaves_nothing(incoming: Incoming, tmp_path: Path) -> None:
    arrived = asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 1000
        arrived.set()
        await asyncio.Event().wait()

    work = asyncio.create_task(incoming.receive(slow(), limit=10_000))
    await arrived.wait()
    assert files(tmp_path / "incoming") == ["upload-0000000000000000.part"]
    assert await all_names(incoming) == []
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert files(tmp_path / "incoming") == []


async def test_an_upload_is_removed_once_and_again(incoming: Incoming, tmp_path: Path) -> None:
    received = await incoming.receive(pieces([b"x"]), limit=5)
    await incoming.remove(received.name)
    await incoming.remove(received.name)
    assert files(tmp_path / "incoming") == []


async def test_a_sweep_of_uploads_can_leave_the_young_and_the_unfinished(
    incoming: Incoming, tmp_path: Path
) -> None:
    received = await incoming.receive(pieces([b"x"]), limit=5)
    (tmp_path / "incoming" / "upload-0000000000000009.part").write_bytes(b"cut off")
    assert await all_names(incoming, before=YESTERDAY) == []
    assert await all_names(incoming, before=TOMORROW) == [received.name]
    assert await incoming.remove_unfinished(before=YESTERDAY) == 0
    assert await incoming.remove_unfinished(before=TOMORROW) == 1
    assert files(tmp_path / "incoming") == [received.name]


@pytest.mark.parametrize(
    "name", ["", "..", "../photos/x", "/etc/passwd", "short", "a" * 65, "a.b" * 9]
)
async def test_a_name_that_is_none_touches_no_file(incoming: Incoming, name: str) -> None:
    with pytest.raises(BadPhotoKey):
        incoming.path(name)
    with pytest.raises(BadPhotoKey):
        await incoming.remove(name)
