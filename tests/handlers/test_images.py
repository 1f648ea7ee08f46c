"""What becomes of every file somebody may send as a photo."""

import asyncio
import hashlib
import io
import os
import resource
import select
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from handlers.images.inspector import (
    ImageInspector,
    Inspected,
    InspectorUnavailable,
    Limits,
    PhotoRefused,
    Verdict,
)
from tests import photos_made as made

METADATA = (b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com", b"GPS", made.SECRET)


@pytest.fixture
async def inspector() -> AsyncIterator[ImageInspector]:
    async with ImageInspector() as started:
        yield started


async def verdict_of(inspector: ImageInspector, folder: Path, image: Image.Image) -> Verdict:
    return (await inspect(inspector, folder, made.saved(image, "JPEG", quality=85))).verdict


async def inspect(inspector: ImageInspector, folder: Path, data: bytes) -> Inspected:
    path = folder / "upload"
    await asyncio.to_thread(path.write_bytes, data)
    return await inspector.inspect(path)


async def refusal_of(inspector: ImageInspector, folder: Path, data: bytes) -> str:
    with pytest.raises(PhotoRefused) as refused:
        await inspect(inspector, folder, data)
    return refused.value.reason


async def outcome(inspector: ImageInspector, folder: Path, data: bytes) -> bytes | str:
    try:
        return (await inspect(inspector, folder, data)).full
    except PhotoRefused as refusal:
        return refusal.reason


def shown(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def near(pixel: object, colour: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))


async def test_everything_that_is_no_photo_is_refused_with_its_own_reason(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    corpus = made.refused()
    found = {
        name: await refusal_of(inspector, tmp_path, data) for name, (_, data) in corpus.items()
    }
    assert found == {name: reason for name, (reason, _) in corpus.items()}


async def test_every_real_photo_becomes_two_plain_upright_jpegs(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    for name, data in made.accepted().items():
        kept = await inspect(inspector, tmp_path, data)
        full, thumb = shown(kept.full), shown(kept.thumb)
        assert (full.format, full.mode, full.size) == ("JPEG", "RGB", (kept.width, kept.height)), (
            name
        )
        assert (thumb.format, thumb.mode) == ("JPEG", "RGB"), name
        assert max(full.size) <= 2048, name
        assert max(thumb.size) <= 320, name
        assert kept.original_sha256 == hashlib.sha256(data).hexdigest(), name
        assert not [word for word in METADATA if word in kept.full + kept.thumb], name
        assert (dict(full.getexif()), dict(thumb.getexif())) == ({}, {}), name
        assert "comment" not in full.info | thumb.info, name


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
async def test_a_turned_photo_comes_out_upright_and_without_its_place(
    inspector: ImageInspector, tmp_path: Path, orientation: int, kind: str
) -> None:
    kept = await inspect(inspector, tmp_path, made.rotated(orientation, kind))
    full = shown(kept.full)
    assert full.size == (900, 600)
    assert near(full.getpixel((20, 20)), made.RED)
    assert near(full.getpixel((880, 20)), (200, 200, 200))
    assert near(full.getpixel((20, 580)), (200, 200, 200))
    assert not [word for word in METADATA if word in kept.full + kept.thumb]


async def test_colours_survive_every_way_of_storing_them(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    corpus = made.accepted()

    async def pixel(name: str, at: tuple[int, int]) -> object:
        return shown((await inspect(inspector, tmp_path, corpus[name])).full).getpixel(at)

    assert near(await pixel("deep.png", (250, 250)), (128, 128, 128))
    assert near(await pixel("moving.png", (250, 250)), made.RED)
    assert near(await pixel("moving.webp", (250, 250)), made.RED)
    for name in ("see-through.png", "see-through.webp", "see-through-palette.png"):
        assert near(await pixel(name, (10, 10)), (255, 255, 255)), name
        assert near(await pixel(name, (300, 300)), made.RED), name
    assert near(await pixel("see-through-grey.png", (10, 10)), (255, 255, 255))
    assert near(await pixel("print.jpg", (20, 20)), (246, 243, 236))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_a_file_cut_off_anywhere_is_broken_or_lost_no_pixel(
    inspector: ImageInspector, tmp_path: Path, kind: str
) -> None:
    whole = made.saved(made.page(600, 800), kind)
    expected = await inspect(inspector, tmp_path, whole)
    for length in [*range(16, len(whole), len(whole) // 40), *range(len(whole) - 30, len(whole))]:
        found = await outcome(inspector, tmp_path, whole[:length])
        # A PNG's last bytes are a checksum and an end mark: without them the picture is whole.
        whole_png = kind == "PNG" and found == expected.full
        assert found == "broken" or whole_png, length


async def test_the_verdict_tells_readable_from_blurred(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    page = made.page(3000, 4000).resize((1536, 2048), Image.Resampling.LANCZOS)
    for radius in (0.5, 1, 2):
        assert await verdict_of(inspector, tmp_path, made.blurred(page, radius)) == "clear", radius
    for radius in (5, 8, 12):
        blurred = made.blurred(page, radius)
        assert await verdict_of(inspector, tmp_path, blurred) == "blurry", radius
        assert await verdict_of(inspector, tmp_path, made.grainy(blurred, 0.06)) == "blurry", radius


async def test_a_sharp_photo_of_anything_is_clear(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    on_a_table = made.scene(2048, 1536)
    on_a_table.paste(made.page(500, 700), (700, 300))
    assert await verdict_of(inspector, tmp_path, made.page()) == "clear"
    assert await verdict_of(inspector, tmp_path, made.page(600, 800)) == "clear"
    assert await verdict_of(inspector, tmp_path, made.grainy(made.page(), 0.06)) == "clear"
    assert await verdict_of(inspector, tmp_path, on_a_table) == "clear"
    assert await verdict_of(inspector, tmp_path, made.scene()) == "clear"


async def test_dark_and_small_photos_are_named_so(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    assert await verdict_of(inspector, tmp_path, made.dark(made.page())) == "dark"
    assert await verdict_of(inspector, tmp_path, made.page(299, 399)) == "small"
    assert await verdict_of(inspector, tmp_path, made.page(300, 400)) != "small"


async def test_the_size_limit_is_exact(inspector: ImageInspector, tmp_path: Path) -> None:
    jpeg = made.saved(made.page(), "JPEG")
    full = jpeg + b"\0" * (20 * 1024 * 1024 - len(jpeg))
    assert (await inspect(inspector, tmp_path, full)).verdict == "clear"
    assert await refusal_of(inspector, tmp_path, full + b"\0") == "too_big"


async def test_bombs_cost_this_process_nothing(inspector: ImageInspector, tmp_path: Path) -> None:
    bombs = [made.png_of_size(30_000, 30_000), made.png_of_size(7_700, 7_700), made.png_text_bomb()]
    paths = [tmp_path / f"bomb{n}" for n in range(len(bombs))]
    for path, bomb in zip(paths, bombs, strict=True):
        await asyncio.to_thread(path.write_bytes, bomb)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for path in paths * 2:
        await asyncio.gather(inspector.inspect(path), return_exceptions=True)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


async def test_a_picture_that_needs_too_much_memory_is_too_many_pixels(tmp_path: Path) -> None:
    async with ImageInspector(Limits(memory_bytes=200 * 1024 * 1024)) as inspector:
        bomb = made.saved(Image.new("RGBA", (7_000, 7_000), (1, 2, 3, 4)), "PNG")
        assert await refusal_of(inspector, tmp_path, bomb) == "too_many_pixels"
        assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_using_up_the_cpu_time_is_a_time_out(tmp_path: Path) -> None:
    async with ImageInspector(Limits(cpu_seconds=0)) as inspector:
        slow = made.saved(Image.new("RGBA", (7_000, 7_000), (1, 2, 3, 4)), "PNG")
        assert await refusal_of(inspector, tmp_path, slow) == "timeout"
        assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def kill_child(inspector: ImageInspector) -> None:
    """Kill the child and wait until it is really gone."""
    assert inspector.child_pid is not None
    death = os.pidfd_open(inspector.child_pid)
    os.kill(inspector.child_pid, signal.SIGKILL)
    await asyncio.to_thread(select.select, [death], [], [])
    os.close(death)


class Stuck:
    """A pipe in place of a file: the child that reads it is in the middle of its work for sure."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "stuck"
        os.mkfifo(self.path)

    async def reached(self) -> int:
        """Wait until the child has opened the pipe; return our end of it."""
        return await asyncio.to_thread(os.open, self.path, os.O_WRONLY)


async def test_waiting_too_long_is_a_time_out_and_the_next_photo_works(tmp_path: Path) -> None:
    async with ImageInspector(Limits(wall_seconds=0.5)) as inspector:
        stuck = Stuck(tmp_path)
        work = asyncio.create_task(inspector.inspect(stuck.path))
        end = await stuck.reached()
        with pytest.raises(PhotoRefused) as refused:
            await work
        os.close(end)
        assert refused.value.reason == "timeout"
        assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_a_photo_whose_child_died_once_is_tried_again(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    stuck = Stuck(tmp_path)
    work = asyncio.create_task(inspector.inspect(stuck.path))
    first = await stuck.reached()
    await kill_child(inspector)
    os.close(first)
    with os.fdopen(await stuck.reached(), "wb") as second:
        await asyncio.to_thread(second.write, made.annotated())
    assert (await work).width == 900


async def test_a_photo_that_kills_its_child_twice_is_broken_and_the_next_one_works(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    stuck = Stuck(tmp_path)
    work = asyncio.create_task(inspector.inspect(stuck.path))
    for _ in range(2):
        end = await stuck.reached()
        await kill_child(inspector)
        os.close(end)
    with pytest.raises(PhotoRefused) as refused:
        await work
    assert (refused.value.reason, refused.value.detail) == ("broken", "exit -9")
    assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_a_child_killed_between_two_photos_is_not_noticed(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    await kill_child(inspector)
    assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_cancelling_in_the_middle_leaves_a_working_inspector_and_no_process(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    stuck = Stuck(tmp_path)
    work = asyncio.create_task(inspector.inspect(stuck.path))
    end = await stuck.reached()
    child = inspector.child_pid
    assert child is not None
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    os.close(end)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_stop_signals_to_the_group_do_not_end_the_photo_in_work(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    stuck = Stuck(tmp_path)
    work = asyncio.create_task(inspector.inspect(stuck.path))
    end = await stuck.reached()
    assert inspector.child_pid is not None
    os.kill(inspector.child_pid, signal.SIGTERM)
    os.kill(inspector.child_pid, signal.SIGINT)
    with os.fdopen(end, "wb") as pipe:
        await asyncio.to_thread(pipe.write, made.annotated())
    assert (await work).width == 900


async def test_many_at_once_are_answered_each_with_its_own(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    paths = [tmp_path / str(n) for n in range(8)]
    for n, path in enumerate(paths):
        image = made.cornered(500 + n, 400)
        await asyncio.to_thread(path.write_bytes, made.saved(image, "JPEG"))
    found = await asyncio.gather(*(inspector.inspect(path) for path in paths))
    assert [photo.width for photo in found] == list(range(500, 508))


async def test_a_missing_file_is_no_fault_of_the_photo(
    inspector: ImageInspector, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await inspector.inspect(tmp_path / "never-there")
    assert (await inspect(inspector, tmp_path, made.annotated())).width == 900


async def test_names_with_any_letters_are_read(inspector: ImageInspector, tmp_path: Path) -> None:
    path = tmp_path / "ảnh\nnhà 1 \u202egpj.exe"
    await asyncio.to_thread(path.write_bytes, made.annotated())
    assert (await inspector.inspect(path)).width == 900


async def test_a_stopped_inspector_has_no_process_and_says_so(tmp_path: Path) -> None:
    inspector = ImageInspector()
    with pytest.raises(InspectorUnavailable):
        await inspect(inspector, tmp_path, made.annotated())
    await inspector.start()
    await inspector.stop()
    assert inspector.child_pid is None
    with pytest.raises(InspectorUnavailable):
        await inspect(inspector, tmp_path, made.annotated())


async def test_the_child_sees_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHAIHOC_SECRET_KEY", "canary-7141")
    async with ImageInspector() as inspector:
        environment = Path(f"/proc/{inspector.child_pid}/environ")
        assert b"canary-7141" not in await asyncio.to_thread(environment.read_bytes)
