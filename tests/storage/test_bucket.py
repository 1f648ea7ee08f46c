"""Photos in a bucket behind a bad line: kept means kept, away means away, nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from storage.photos import PhotoGone, PhotoStore, PhotoStoreAway, photo_key
from tests.fakes.faulty import Chances, Fault, Faulty, Kind, Plan, Scripted, serving
from tests.fakes.s3 import S3

SOON = datetime.now(UTC) + timedelta(days=1)
PAST = datetime.now(UTC) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """A store over a bucket, with the bucket as it really is."""

    store: PhotoStore
    bucket: S3
    server: Faulty


def opened(address: str) -> PhotoStore:
    config = {
        "endpoint": address,
        "access_key_id": "key",
        "secret_access_key": "secret",
        "region": "vn-1",
        "allow_http": True,
    }
    return PhotoStore.open("s3://photos/khai/hoc", config=config)


@asynccontextmanager
async def shop(plan: Plan | None = None) -> AsyncIterator[Shop]:
    bucket = S3(page=7)
    async with serving(bucket, plan or Scripted([])) as server:
        yield Shop(opened(server.address), bucket, server)


async def all_keys(store: PhotoStore, before: datetime | None = None) -> list[str]:
    return sorted([key async for key in store.keys(before)])


async def test_a_bucket_keeps_reads_lists_and_erases() -> None:
    async with shop() as s:
        kept = sorted([await s.store.keep(str(n).encode()) for n in range(20)])
        assert sorted(s.bucket.things) == [f"khai/hoc/{key}" for key in kept]
        assert await s.store.read(photo_key(b"7")) == b"7"
        s.bucket.things["khai/hoc/README"] = s.bucket.things[f"khai/hoc/{kept[0]}"]
        assert await all_keys(s.store) == await all_keys(s.store, before=SOON) == kept
        assert await all_keys(s.store, before=PAST) == []
        for _ in range(2):
            await s.store.erase(kept[3])
        with pytest.raises(PhotoGone):
            await s.store.read(kept[3])
        assert await s.store.remove_unfinished(SOON) == 0


async def test_keeping_again_is_no_error_and_makes_the_photo_young() -> None:
    async with shop() as s:
        key = await s.store.keep(b"x")
        first = s.bucket.things[f"khai/hoc/{key}"].at
        assert await s.store.keep(b"x") == key
        assert s.bucket.things[f"khai/hoc/{key}"].at > first


async def test_a_photo_that_is_another_in_the_bucket_is_gone() -> None:
    async with shop() as s:
        key, other = await s.store.keep(b"x"), await s.store.keep(b"y")
        s.bucket.things[f"khai/hoc/{key}"] = s.bucket.things[f"khai/hoc/{other}"]
        with pytest.raises(PhotoGone):
            await s.store.read(key)


PASSING: list[Fault] = [
    Fault("status", 500),
    Fault("status", 503),
    Fault("status", 429, retry_after=1),
    Fault("html", 502),
    Fault("drop"),
    Fault("accept_then_drop"),
    Fault("reset"),
    Fault("accept_then_reset"),
    Fault("delay", seconds=0.2),
    Fault("slow_loris", seconds=0.0005),
]


@pytest.mark.parametrize("fault", PASSING, ids=lambda f: f"{f.kind} {f.status}")
async def test_what_passes_is_tried_again_with_pauses(fault: Fault) -> None:
    async with shop(Scripted([fault, fault])) as s:
        key = await s.store.keep(b"x")
        assert s.bucket.things[f"khai/hoc/{key}"].data == b"x"
        s.server.plan = Scripted([fault])
        assert await s.store.read(key) == b"x"
        s.server.plan = Scripted([fault])
        assert await all_keys(s.store) == [key]
        s.server.plan = Scripted([fault])
        await s.store.erase(key)
        assert s.bucket.things == {}


@pytest.mark.parametrize("status", [400, 401, 403, 409])
async def test_a_refusal_is_the_store_away_and_never_a_photo_gone(status: int) -> None:
    async with shop() as s:
        key = await s.store.keep(b"x")
        refusing = Chances(1, [(Fault("status", status), 1.0)])
        s.server.plan = refusing
        with pytest.raises(PhotoStoreAway):
            await s.store.keep(b"y")
        with pytest.raises(PhotoStoreAway):
            await s.store.read(key)
        with pytest.raises(PhotoStoreAway):
            await s.store.erase(key)
        with pytest.raises(PhotoStoreAway):
            await all_keys(s.store)
        refusing.stop()
        assert await s.store.read(key) == b"x"


CUTTING: list[Kind] = ["long_length", "short_length"]


@pytest.mark.parametrize("kind", CUTTING)
async def test_a_cut_answer_is_never_taken_for_the_photo(kind: Kind) -> None:
    async with shop() as s:
        key = await s.store.keep(b"x" * 5000)
        s.server.plan = Chances(1, [(Fault(kind), 1.0)])
        with pytest.raises((PhotoStoreAway, PhotoGone)):
            await s.store.read(key)
        s.server.plan = Scripted([])
        assert await s.store.read(key) == b"x" * 5000


async def test_a_bucket_nobody_answers_for_is_away() -> None:
    async with shop() as s:
        pass
    with pytest.raises(PhotoStoreAway):
        await s.store.keep(b"x")


async def test_in_a_storm_everything_kept_is_there_and_everything_erased_is_gone() -> None:
    storm = Chances(20261122, [(fault, 0.05) for fault in PASSING])
    async with shop(storm) as s:
        held: set[bytes] = set()
        erased: set[bytes] = set()
        for n in range(24):
            data = f"photo {n}".encode()
            try:
                await s.store.keep(data)
                held.add(data)
                if n % 3 == 0:
                    await s.store.erase(photo_key(data))
                    held.remove(data)
                    erased.add(data)
            except PhotoStoreAway:
                held.discard(data)
        storm.stop()
        for data in held:
            assert await s.store.read(photo_key(data)) == data
        assert (len(held) >= 12, len(erased) >= 6) == (True, True)
        kept = set(await all_keys(s.store))
        assert {photo_key(data) for data in held} <= kept
        assert not kept & {photo_key(data) for data in erased}
