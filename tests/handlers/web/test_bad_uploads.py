"""Uploads that are no photos, too many, too large, broken off: refused in words, nothing left."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.databases import Template
from tests.handlers.web.doors import Door, event, judge
from tests.photos_made import page, png_of_size, refused, saved, scene
from tests.talk import Talk
from tests.walking import sign
from tests.world import World, running

PHOTO = saved(page(600, 800), "JPEG")
HEAD = b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
KIND = "multipart/form-data; boundary=x"
# (content type, body): forms that cannot be read
FORMS = (
    ("multipart/form-data", b"abc"),
    ("multipart/form-data; boundary=", b"abc"),
    ("multipart/form-data; boundary=" + "x" * 300, b"abc"),
    (KIND, b""),
    (KIND, b"abc"),
    (KIND, b"--x\r\n\r\n"),
    (KIND, b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--"),
    (KIND, b"--x\r\nFoo\r\n\r\nabc\r\n--x--"),
    (KIND, HEAD + b"cut off"),
    (KIND, (HEAD + b"a\r\n") * 1000 + b"--x--"),
    (KIND, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1000 + b"--x--"),
    (KIND, b'--x\r\nContent-Disposition: form-data; name="screen"\r\n\r\n' + b"9" * 9000),
    (KIND + "; charset=undefined", b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n'),
    (KIND + "; charset=base64", b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n'),
)


@pytest.fixture
async def talk(world: World) -> AsyncIterator[Talk]:
    """A citizen with an open draft."""
    async with Talk(world) as found:
        await sign(found)
        yield found


def left_in(tmp_path: Path) -> list[Path]:
    """Return the files of photos and uploads."""
    folders = (tmp_path / "var" / "photos", tmp_path / "var" / "incoming")
    return [f for folder in folders for f in folder.rglob("*") if f.is_file()]


@pytest.mark.parametrize(("kind", "body"), FORMS, ids=range(len(FORMS)))
async def test_a_form_that_cannot_be_read_is_refused(
    world: World, talk: Talk, tmp_path: Path, kind: str, body: bytes
) -> None:
    answer = await Door(world, talk).form(body, kind)
    assert answer.status_code == 422
    assert left_in(tmp_path) == []


async def test_forms_without_a_photo_or_an_event_id_are_refused(
    world: World, talk: Talk, tmp_path: Path
) -> None:
    door = Door(world, talk)
    for files, fields, wrong in (
        ([("foto", ("a.jpg", PHOTO))], {}, "photo"),
        ([("photo", (None, "text"))], {}, "photo"),
        ([("photo", ("a.jpg", PHOTO))], {"event_id": "x"}, "event_id"),
        (
            [("photo", ("a.jpg", PHOTO)), ("event_id", ("a.jpg", b"x"))],
            {"event_id": ""},
            "event_id",
        ),
    ):
        answer = await door.upload(*files, **fields)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, wrong)
    assert left_in(tmp_path) == []


async def test_eleven_photos_at_once_are_too_many(world: World, talk: Talk) -> None:
    files = [("photo", (f"{n}.jpg", PHOTO)) for n in range(11)]
    answer = await Door(world, talk).upload(*files)
    assert answer.status_code == 422
    assert "10 ảnh" in answer.json()["detail"]


async def test_a_photo_of_one_byte_too_many_is_refused_saying_how_large_it_may_be(
    tmp_path: Path, template: Template
) -> None:
    async with running(tmp_path / "var", template, photo_max_mb=1) as world, Talk(world) as talk:
        await sign(talk)
        limit = 1024 * 1024
        answer = await Door(world, talk).upload(
            ("photo", ("a.jpg", PHOTO)), ("photo", ("b.jpg", b"\xff" * (limit + 1)))
        )
        assert answer.status_code == 413
        assert "1 MB" in answer.json()["detail"]
        assert left_in(tmp_path) == []


async def test_a_body_larger_than_ten_photos_is_not_read_to_its_end(
    tmp_path: Path, template: Template
) -> None:
    async with running(tmp_path / "var", template, photo_max_mb=1) as world, Talk(world) as talk:
        await sign(talk)
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            yield HEAD
            while True:
                sent += 1
                yield b"\xff" * 1024 * 1024

        for headers in ({}, {"Content-Length": "100"}):
            content = {"Content-Type": KIND, **headers}
            answer = await talk.client.post("/chat/photos", content=endless(), headers=content)
            assert judge(answer).status_code == 413
        assert sent < 30
        declared = {"Content-Type": KIND, "Content-Length": str(10**12)}
        answer = await talk.client.post("/chat/photos", content=endless(), headers=declared)
        assert judge(answer).status_code == 413
        assert left_in(tmp_path) == []


async def test_what_only_looks_like_a_photo_is_told_and_not_kept(
    world: World, talk: Talk, tmp_path: Path
) -> None:
    files = {name: data for name, (reason, data) in refused().items() if reason != "too_big"}
    files |= {
        "empty": b"",
        "html": b"<!doctype html><script>alert(1)</script>",
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "pixels": png_of_size(30_000, 30_000),
    }
    door = Door(world, talk)
    for name, data in files.items():
        world.clock.forward(minutes=2)
        answer = await door.upload(("photo", ("ảnh\u202e.jpg", data)))
        assert answer.status_code == 200, name
        said = answer.json()["screens"][-1]["text"]
        assert said.startswith(("Ảnh 1", "Tệp 1")), (name, said)
    assert left_in(tmp_path) == []


async def test_names_of_files_go_nowhere(world: World, talk: Talk, tmp_path: Path) -> None:
    for name in ("../../../x.jpg", "/etc/passwd", "C:\\x.jpg", "a" * 3000, "\x00", "<script>"):
        world.clock.forward(minutes=2)
        answer = await Door(world, talk).upload(("photo", (name, PHOTO)))
        assert answer.status_code == 200
    assert {f.suffix for f in left_in(tmp_path)} == {".jpg"}
    assert len(left_in(tmp_path)) == 2  # the same photo each time, and its thumbnail


async def test_an_upload_sent_again_is_one_answer_and_leaves_nothing(
    world: World, talk: Talk, tmp_path: Path
) -> None:
    door, same = Door(world, talk), str(uuid4())
    photo = ("photo", ("a.jpg", saved(scene(), "JPEG")))
    answers = [await door.upload(photo, event_id=same) for _ in range(3)]
    assert len({str(a.json()["screens"]) for a in answers}) == 1
    assert not list((tmp_path / "var" / "incoming").iterdir())


async def test_photos_before_consent_are_not_kept(world: World, tmp_path: Path) -> None:
    async with Talk(world) as talk:
        await talk.open()
        answer = await Door(world, talk).upload(("photo", ("a.jpg", PHOTO)))
        assert "không được lưu" in answer.json()["screens"][0]["text"]
        while await world.program.jobs.once():
            pass
    assert left_in(tmp_path) == []


async def test_another_persons_photo_is_not_found(world: World, talk: Talk) -> None:
    await Door(world, talk).upload(("photo", ("a.jpg", PHOTO)))
    picture = (await talk.say("du lieu"))["photos"][0]
    assert (await talk.client.get(picture["full"])).status_code == 200
    assert (await talk.client.get(f"{picture['full']}?size=../../x")).status_code == 200
    async with Talk(world) as other:
        await sign(other, "Đinh Công Tráng")
        assert judge(await other.client.get(picture["full"])).status_code == 404
    assert (await Door(world, talk).post("events", event(text="0"))).status_code == 200
