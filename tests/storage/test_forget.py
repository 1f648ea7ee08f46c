"""What is forgotten is gone from the database's files, the photo folder and the uploads."""

from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from storage.models import metadata
from tests.databases import Plain
from tests.photos_made import page, saved, scene
from tests.talk import Talk
from tests.walking import ID_NUMBER, NAME, WORDS, hand_in, sign
from tests.world import VILLAGE, World

PHOTO = saved(page(), "JPEG")


async def erase(talk: Talk) -> None:
    """Ask for everything to go, with the words."""
    await talk.say("/xoa")
    await talk.say("xóa hết")
    assert talk.screen["choices"][0]["id"] == "start"


async def settle(world: World) -> None:
    """Let what is due happen: files removed, the log emptied."""
    jobs = world.program.jobs
    while await jobs.once():
        pass


def kept(folder: Path) -> dict[str, bytes]:
    """Return every file the program keeps, the database's log included.

    Of a database on a server the rows: what its files still hold is its operator's to clean.
    """
    files = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    data = Plain(folder / "var")
    if data.name is None:
        return files
    rows = {t: data.rows(f"SELECT x::text FROM {t} x") for t in metadata.tables}
    return files | {table: repr(found).encode() for table, found in rows.items()}


def found(folder: Path, traces: Iterable[str]) -> list[str]:
    """Return which traces stand in which file."""
    return [
        f"{trace} in {name}"
        for name, data in kept(folder).items()
        for trace in traces
        if trace.encode() in data
    ]


def photos_in(folder: Path) -> list[str]:
    """Return the names of photo files and uploads."""
    return [n for n in kept(folder) if n.startswith(("photos/", "incoming/"))]


async def count(world: World, table: str) -> int:
    """Return the number of rows of a table."""
    async with world.program.parts.database.reading() as connection:
        rows = await connection.execute(text(f"SELECT count(*) FROM {table}"))
        number: int = rows.scalar_one()
    return number


TRACES = (NAME, "luong thi quyen", WORDS, ID_NUMBER)


async def test_an_identity_number_is_struck_out_once_the_message_is_answered(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        assert await world.program.parts.database.empty_log()
        assert found(tmp_path, (ID_NUMBER,)) == []
        assert found(tmp_path, (NAME,)) != []


async def test_refusing_consent_leaves_nothing(world: World, tmp_path: Path) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        await talk.say(WORDS)
        await talk.press("start")
        await talk.press(1)
        await talk.press("refuse")
        await settle(world)
    assert found(tmp_path, TRACES) == []
    assert await count(world, "person") == 0
    assert await count(world, "inbox WHERE raw IS NOT NULL OR said IS NOT NULL") == 0
    assert await count(world, "outbox") == 1  # the farewell


async def test_being_under_age_leaves_nothing(world: World, tmp_path: Path) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        for choice in ("start", 1, "agree"):
            await talk.press(choice)
        await talk.say(f"{NAME} 2015")
        await settle(world)
    assert found(tmp_path, TRACES) == []
    tables = ("person", "consent", "declaration", "answer")
    assert [await count(world, table) for table in tables] == [0, 0, 0, 0]


async def test_erasing_a_draft_removes_rows_photos_and_words(world: World, tmp_path: Path) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        await talk.send(PHOTO)
        assert photos_in(tmp_path / "var") != []
        await erase(talk)
        await settle(world)
    assert found(tmp_path, TRACES) == []
    assert photos_in(tmp_path / "var") == []
    tables = ("person", "consent", "declaration", "answer", "evidence", "due")
    assert [await count(world, table) for table in tables] == [0, 0, 0, 0, 0, 0]


async def test_erasing_a_submitted_file_clears_the_officers_chats_too(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        code = await hand_in(talk, PHOTO)
        await officer.enter(await world.officer_link())
        await officer.say("ho so cho")
        await officer.say(f"mo {code[-2:]}")
        await erase(talk)
        await settle(world)
        assert found(tmp_path, TRACES) == []
        assert photos_in(tmp_path / "var") == []
        await officer.say("ho so cho")
        assert "0 phiếu" in officer.screen["text"] or "Không" in officer.screen["text"]


async def test_of_an_approved_file_only_the_decisions_facts_stay(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        code = await hand_in(talk, PHOTO)
        await officer.enter(await world.officer_link())
        await officer.say(f"mo {code[-2:]}")
        await officer.say(f"duyet {code[-2:]}")
        world.clock.forward(seconds=61)
        await settle(world)
        await talk.press("yes")
        await erase(talk)
        await settle(world)
    assert found(tmp_path, TRACES) == []
    assert photos_in(tmp_path / "var") == []
    tables = ("person", "consent", "answer", "evidence", "reviewed", "return_item")
    assert [await count(world, table) for table in tables] == [0] * len(tables)
    bare = "person_id IS NULL AND status = 'approved' AND decision_reason IS NULL"
    assert await count(world, f"declaration WHERE {bare} AND code = '{code}'") == 1


async def test_another_persons_rows_are_untouched(world: World, tmp_path: Path) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await sign(other, "Đinh Công Tráng")
        await other.press(2)
        before = len((await history(other))["history"])
        await erase(talk)
        await settle(world)
        assert found(tmp_path, (NAME,)) == []
        assert len((await history(other))["history"]) == before
        await other.say("du lieu")
        assert "Đinh Công Tráng" in other.screen["text"]


async def history(talk: Talk) -> dict[str, list[object]]:
    """Return what the page gets on opening again."""
    answer = await talk.client.post("/chat/sessions", json={})
    whole: dict[str, list[object]] = answer.json()
    return whole


async def test_a_photo_that_two_people_sent_stays_for_the_other(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await sign(other, "Đinh Công Tráng")
        await talk.send(PHOTO, saved(scene(), "JPEG"))
        await other.send(PHOTO)
        assert len(photos_in(tmp_path / "var")) == 4
        await erase(talk)
        await settle(world)
        assert len(photos_in(tmp_path / "var")) == 2
        picture = (await other.say("du lieu"))["photos"][0]
        assert (await other.client.get(picture["full"])).status_code == 200
        assert (await other.client.get(picture["thumb"])).status_code == 200


async def test_a_second_phone_of_an_erased_person_finds_nothing_and_can_begin_anew(
    world: World,
) -> None:
    async with Talk(world) as talk, Talk(world) as second:
        await sign(talk)
        link = (await talk.client.post("/chat/sessions", json={})).json()["resume"]
        await erase(talk)
        await settle(world)
        await second.open(resume=link.partition("#resume=")[2])
        assert NAME not in second.transcript()
        assert second.screen["choices"][0]["id"] == "start"


async def test_all_that_was_said_in_another_conversation_goes_too(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await other.open(place=VILLAGE)
        await other.say(WORDS)
        # As it is when one person speaks on two channels.
        Plain(tmp_path / "var").spoil(
            "UPDATE conversation SET person_id = (SELECT id FROM person) WHERE sender = ?",
            other.sender,
        )
        await erase(talk)
        await settle(world)
        assert found(tmp_path, TRACES) == []
        assert await count(world, "conversation WHERE person_id IS NOT NULL") == 0


@pytest.mark.parametrize("step", ["draft", "hello"])
async def test_after_ninety_idle_days_a_draft_or_a_mere_talk_is_gone(
    world: World, tmp_path: Path, step: str
) -> None:
    async with Talk(world) as talk:
        if step == "draft":
            await sign(talk)
            await talk.send(PHOTO)
        else:
            await talk.open(place=VILLAGE)
            await talk.say(WORDS)
        world.clock.forward(days=89, hours=23)
        await settle(world)
        assert found(tmp_path, (WORDS,)) != []
        # The work of the next day: ninety days and twenty-three hours.
        world.clock.forward(days=1)
        await settle(world)
        assert found(tmp_path, TRACES) == []
        assert photos_in(tmp_path / "var") == []
        tables = ("person", "declaration", "evidence", "consent", "due")
        assert [await count(world, table) for table in tables] == [0, 0, 0, 0, 0]
        await talk.open()
        assert talk.screen["choices"][0]["id"] == "start"


async def test_a_draft_touched_meanwhile_and_a_submitted_file_stay(world: World) -> None:
    async with Talk(world) as talk, Talk(world) as other:
        await sign(talk)
        await sign(other, "Đinh Công Tráng")
        await hand_in(other)
        for _ in range(4):
            world.clock.forward(days=60)
            await talk.say("2")
            await settle(world)
        assert await count(world, "person") == 2


async def test_the_raw_text_of_a_failed_message_goes_after_a_week(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk:
        await talk.open(place=VILLAGE)
        database = world.program.parts.database
        dead = (
            "INSERT INTO inbox (channel, sender, external_id, raw, status, at_ms) "
            f"VALUES ('web', 'x', 'x', '{WORDS}', 2, {int(world.clock.at.timestamp() * 1000)})"
        )
        await database.write(lambda c: c.execute(text(dead)))
        world.clock.forward(days=6)
        await settle(world)
        assert found(tmp_path, (WORDS,)) != []
        world.clock.forward(days=2)
        await settle(world)
        assert found(tmp_path, (WORDS,)) == []
        assert await count(world, "inbox WHERE status = 2") == 1


async def test_an_officers_chat_is_emptied_two_days_after_its_last_message(
    world: World, tmp_path: Path
) -> None:
    async with Talk(world) as talk, Talk(world, "/officer/chat") as officer:
        await sign(talk)
        code = await hand_in(talk)
        await officer.enter(await world.officer_link())
        await officer.say(f"mo {code[-2:]}")
        held = "outbox WHERE conversation_id IN (SELECT id FROM conversation WHERE officer_id > 0)"
        assert await count(world, held) > 0
        world.clock.forward(days=3)
        await settle(world)
        assert await count(world, held) == 0


async def test_the_same_event_after_erasing_does_nothing(world: World) -> None:
    async with Talk(world) as talk:
        await sign(talk)
        words = {"event_id": "6f0e1f38-6a5f-4a52-9d58-6d0f2f5b0c11", "text": "/xoa"}
        await talk.client.post("/chat/events", json=words)
        gone = {"event_id": "6f0e1f38-6a5f-4a52-9d58-6d0f2f5b0c12", "text": "xóa hết"}
        first = await talk.client.post("/chat/events", json=gone)
        again: httpx.Response = await talk.client.post("/chat/events", json=gone)
        assert again.json()["screens"] == first.json()["screens"]
