"""Far photos on their way to being answered: albums in pieces, failures, deaths, erasing."""

import asyncio

import pytest

from dialogs.steps.taking import QUIET_MS
from handlers.far.fetching import LATE_AFTER, MOST, PATIENCE_MS, TRIES
from tests.fakes.photo_host import answer
from tests.handlers.far.program import Town

QUIET = QUIET_MS / 1000
SETTLED = "SELECT external_id FROM inbox WHERE external_id LIKE 'photo:%' ORDER BY id"
CLEAR = ("clear", None)


def first(lines: list[str]) -> list[str]:
    """Return the first line of each message."""
    return [line.split("\n")[0] for line in lines]


async def test_a_whole_album_is_fetched_and_answered_at_once(far: Town) -> None:
    await far.send(far.picture(1), far.picture(2), piece=False)
    assert first(await far.work()) == ["Đã nhận 2 ảnh."]
    assert far.photos() == [CLEAR, CLEAR]
    assert far.files() == []
    assert far.stage.rows("SELECT source, incoming FROM evidence") == [(None, None)] * 2


async def test_pieces_are_answered_once_after_a_short_quiet(far: Town) -> None:
    for n in range(5):
        await far.send(far.picture(n))
        assert await far.work(seconds=QUIET * 0.9) == []
    assert first(await far.work(seconds=QUIET * 0.2)) == ["Đã nhận 5 ảnh."]
    assert far.photos() == [CLEAR] * 5
    assert far.stage.rows("SELECT count(DISTINCT album), max(n) FROM evidence") == [(1, 4)]
    assert await far.work(minutes=5) == []


async def test_pieces_whose_turns_come_late_are_still_one_album(far: Town) -> None:
    """The quiet is counted by when a piece reached us, not by when it is dealt with."""
    for n in range(3):
        await far.send(far.picture(n))
        far.stage.clock.forward(seconds=1)
    far.stage.clock.forward(seconds=60)
    # The first is dealt with and settled long before the others are looked at.
    await far.turns.once()
    await far.media.once()
    assert first(await far.work()) == ["Đã nhận 3 ảnh."]


async def test_a_piece_after_the_quiet_begins_an_album_of_its_own(far: Town) -> None:
    await far.send(far.picture(1))
    assert first(await far.work(seconds=0)) == []
    await far.work(seconds=QUIET)
    await far.send(far.picture(2))
    assert first(await far.work(seconds=QUIET * 2)) == ["Đã nhận 1 ảnh."]
    assert far.stage.rows("SELECT count(DISTINCT album) FROM evidence") == [(2,)]


async def test_a_piece_that_comes_after_the_answer_but_soon_is_answered_too(far: Town) -> None:
    await far.send(far.picture(1))
    await far.work(seconds=QUIET)
    await far.work(seconds=QUIET)
    far.stage.clock.forward(seconds=-QUIET)  # another process, whose clock goes after ours
    await far.send(far.picture(2))
    assert first(await far.work(seconds=QUIET * 2)) == ["Đã nhận 1 ảnh."]


async def test_a_piece_that_joins_between_the_event_and_its_turn_is_counted_once(far: Town) -> None:
    await far.send(far.picture(1))
    await far.drain()
    await far.media.once()
    far.stage.clock.forward(seconds=QUIET)
    # It is here before the event of the first one is entered, and dealt with before it.
    await far.send(far.picture(2))
    await far.media.once()
    assert await far.work() == []
    assert first(await far.work(seconds=QUIET)) == ["Đã nhận 2 ảnh."]
    assert [name for (name,) in far.stage.rows(SETTLED)] == [
        f"photo:{album}:{photos}"
        for ((album,),) in [far.stage.rows("SELECT DISTINCT album FROM evidence")]
        for photos in (1, 2)
    ]


async def test_the_same_piece_twice_is_one_photo(far: Town) -> None:
    for _ in range(3):
        await far.send(far.picture(1), name="same")
    await far.work()
    assert first(await far.work(seconds=QUIET)) == ["Đã nhận 1 ảnh."]
    assert far.photos() == [CLEAR]


async def test_two_processes_answer_an_album_once(far: Town) -> None:
    await far.send(far.picture(1))
    await far.send(far.picture(2))
    await far.drain()
    await far.media.once()
    far.stage.clock.forward(seconds=QUIET)
    await asyncio.gather(*(far.new_media().once() for _ in range(4)))
    assert len(far.stage.rows(SETTLED)) == 1
    assert first(await far.work()) == ["Đã nhận 2 ảnh."]


async def test_too_many_pieces_are_told_once(far: Town) -> None:
    for n in range(12):
        await far.send(far.picture(n))
        await far.drain()
    lines = await far.work(seconds=QUIET)
    assert [line.split("\n")[:2] for line in lines] == [
        ["Đã nhận 10 ảnh.", "Đủ 10 ảnh, là mức tối đa; ảnh gửi thêm không được lưu."]
    ]
    for n in range(12, 15):
        await far.send(far.picture(n))
    assert len(await far.work(seconds=QUIET)) == 1
    assert len(far.photos()) == 10


async def test_unclear_pieces_are_asked_about_and_replaced_by_pieces(far: Town) -> None:
    for _ in range(10):
        await far.stage.pump(far.talk.press("2"))
    await far.send(far.picture(1, sharp=False))
    await far.send(far.picture(2))
    await far.work()
    (asked,) = await far.work(seconds=QUIET)
    assert asked.startswith("Đã nhận 2 ảnh.")
    assert "mờ" in asked
    await far.send(far.picture(3))
    await far.send(far.picture(4))
    await far.work()
    assert first(await far.work(seconds=QUIET)) == ["Đã nhận 2 ảnh."]
    assert far.photos() == [CLEAR] * 3
    assert far.stage.rows("SELECT photos FROM declaration") == [(3,)]


async def test_what_is_gone_is_said_at_once_with_the_others(far: Town) -> None:
    await far.send(far.picture(1))
    await far.send("https://photo-stal-1.zdn.vn/not-there")
    await far.send("https://evil.vn/1.jpg")
    await far.work()
    (said,) = await far.work(seconds=QUIET)
    assert said.split("\n")[:3] == [
        "Đã nhận 1 ảnh.",
        "Ảnh 2 không còn trên máy chủ, chưa lấy được: gửi lại nhé.",
        "Ảnh 3 chưa lấy về được: gửi lại nhé.",
    ]
    assert far.photos() == [CLEAR, ("lost", "gone"), ("lost", "unfetched")]
    assert far.stage.rows("SELECT count(*) FROM evidence WHERE source IS NOT NULL") == [(0,)]


async def test_what_fails_for_a_while_is_fetched_later_and_its_person_told(far: Town) -> None:
    from tests.drill.pictures import photo

    away = answer(b"", status="503 Away")
    await far.send(far.host.say("/a", *[away] * LATE_AFTER, answer(photo(1))), piece=False)
    said = []
    for _ in range(12):
        said += first(await far.work(seconds=4))
    assert said == [
        "Đang lấy ảnh về, chậm hơn mọi khi. Cứ trả lời tiếp; lấy xong hay không được sẽ báo ngay "
        "tại đây.",
        "Đã nhận 1 ảnh.",
    ]
    assert far.host.asked == ["/a"] * (LATE_AFTER + 1)


async def test_what_fails_for_minutes_is_given_up_and_asked_for_again(far: Town) -> None:
    away = answer(b"", status="503 Away")
    await far.send(far.host.say("/a", away), piece=False)
    said = []
    for _ in range(PATIENCE_MS // 60_000 + 1):
        said += first(await far.work(minutes=1))
    assert said[-1] == "Ảnh 1 chưa lấy về được: gửi lại nhé."
    assert len(said) == 2
    assert far.photos() == [("lost", "unfetched")]
    # With growing pauses: nobody is asked every second.
    assert TRIES <= len(far.host.asked) <= PATIENCE_MS // 60_000 + 2


async def test_after_a_long_stop_an_old_photo_is_still_tried_more_than_once(far: Town) -> None:
    from tests.drill.pictures import photo

    away = answer(b"", status="503 Away")
    await far.send(far.host.say("/a", away, away, answer(photo(1))), piece=False)
    await far.drain()
    far.stage.clock.forward(days=2)
    said = []
    for _ in range(3):
        said += first(await far.work(seconds=10))
    assert said == ["Đã nhận 1 ảnh."]


async def test_a_slow_photo_does_not_keep_the_others_waiting(far: Town) -> None:
    silent = asyncio.Event()

    async def never(_: asyncio.StreamWriter) -> None:
        await silent.wait()

    far.media = far.new_media(seconds=2.0)
    await far.send(far.host.say("/slow", never), piece=False)
    for n in range(3 * MOST):
        await far.send(far.picture(n % 9), piece=False)
        if n % 9 == 8:
            break
    await far.drain()
    running = asyncio.create_task(far.media.run())
    for _ in range(2_000):
        if far.photos().count(CLEAR) == 9:
            break
        await asyncio.sleep(0.01)
    # The slow one is still under way, or waits for its next attempt.
    assert far.photos().count(CLEAR) == 9
    assert far.photos()[0] == ("pending", None)
    assert 1 < far.host.most_open <= MOST
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    # What was broken off on its way is found by whoever starts next.
    await far.new_media(seconds=0.5).once()
    assert [name for name in far.files() if name.startswith("far-")] == []


@pytest.mark.parametrize(
    "point", ["far.fetch", "far.fetched", "media.keep", "media.kept", "albums.grown"]
)
async def test_a_death_anywhere_loses_nothing_and_doubles_nothing(far: Town, point: str) -> None:
    class Death(BaseException):
        """The process ends here."""

    def die() -> None:
        raise Death

    await far.send(far.picture(1))
    await far.send(far.picture(2))
    await far.drain()
    far.stage.clock.forward(seconds=QUIET)
    far.stage.at_point[point] = [die]
    with pytest.raises(Death):
        await far.media.once()
    far.media = far.new_media()
    assert first(await far.work()) == ["Đã nhận 2 ảnh."]
    assert (far.photos(), far.files()) == ([CLEAR, CLEAR], [])


async def test_who_comes_late_to_a_photo_leaves_it_to_whoever_has_it(far: Town) -> None:
    """Listed while it was still far, fetched by another since: that file is not touched."""
    await far.send(far.picture(1), piece=False)
    await far.drain()
    both = [far.new_media(), far.new_media()]
    fetching = [media._far for media in both if media._far is not None]
    await asyncio.gather(*(one.once() for one in fetching), *(one.once() for one in fetching))
    (name,) = far.files()
    assert name.startswith("far-")
    assert first(await far.work()) == ["Đã nhận 1 ảnh."]


async def test_erasing_while_a_photo_comes_leaves_nothing_of_it(far: Town) -> None:
    await far.stage.pump(far.talk.say("/xóa"))
    await far.send(far.picture(1))
    await far.drain()
    erased = asyncio.Event()

    async def slow(writer: asyncio.StreamWriter) -> None:
        await erased.wait()
        writer.write(answer(b"x" * 1_000))
        await writer.drain()

    far.host.say("/1.jpg", slow)
    fetching = asyncio.create_task(far.media.once())
    for _ in range(2_000):
        if far.host.asked:
            break
        await asyncio.sleep(0.01)
    await far.stage.pump(far.talk.say("xóa hết"))
    erased.set()
    await fetching
    assert (far.photos(), far.files()) == ([], [])
    assert await far.work(minutes=10) == []


async def test_what_a_death_left_of_an_erased_photo_goes_within_the_hour(far: Town) -> None:
    incoming = far.stage.program.parts.incoming
    left, upload = incoming.path("far-000000000099-00"), incoming.path("upload-of-somebody")
    for path in (left, upload):
        path.write_bytes(b"x")
    await far.media.once()
    assert far.files() == ["upload-of-somebody"]
    left.write_bytes(b"x")
    await far.work(minutes=61)
    assert far.files() == ["upload-of-somebody"]


async def test_a_file_of_an_older_life_is_never_taken_for_the_photo(far: Town) -> None:
    """After a restore the same numbers come again: only what was fetched for the row counts."""
    await far.send(far.picture(1), piece=False)
    await far.drain()
    ((name,),) = far.stage.rows("SELECT incoming FROM evidence")
    far.stage.program.parts.incoming.path(name).write_bytes(b"somebody else's")
    assert first(await far.work()) == ["Đã nhận 1 ảnh."]
    assert far.photos() == [CLEAR]


async def test_refused_photos_of_an_album_are_refused_once_and_leave_nothing(far: Town) -> None:
    far.stage.spoil("UPDATE declaration SET status = 'submitted', code = 'KH26-1', total = 80")
    for n in range(5):
        await far.send(far.picture(n))
    lines = await far.work()
    assert len(lines) == 1
    assert far.photos() == []
    assert far.stage.rows("SELECT count(*) FROM due WHERE kind = 'remove_upload'") == [(0,)]
    assert len(await far.work(seconds=QUIET * 2)) == 0
    await far.send(far.picture(9))
    assert len(await far.work()) == 1


async def test_a_file_handed_in_elsewhere_while_its_photo_comes_is_handed_in(far: Town) -> None:
    """Two conversations of one person: photos by one, the word that hands in by the other."""
    from tests.handlers.program import sender_of
    from tests.talk import Talk

    for _ in range(10):
        await far.stage.pump(far.talk.press("2"))
    await far.stage.pump(far.talk.press("none"))
    async with Talk(far.stage) as phone:
        await far.stage.pump(phone.open())
        far.stage.spoil(
            "UPDATE conversation SET person_id = (SELECT person_id FROM declaration)"
            " WHERE sender = ?",
            sender_of(phone),
        )
        here, far.talk = far.talk, phone
        await far.send(far.picture(1), far.picture(2), piece=False)
        await far.drain()
        await far.stage.pump(here.press("submit"))
        await far.stage.pump(here.say("nộp"))
        assert far.stage.rows("SELECT status FROM declaration") == [("draft",)]
        await far.work()
        assert far.stage.rows("SELECT status FROM declaration") == [("submitted",)]
        ids = far.stage.rows(
            "SELECT c.sender, count(*) FROM outbox o JOIN conversation c"
            " ON c.id = o.conversation_id WHERE o.payload LIKE ? GROUP BY c.sender",
            "%Đã nhận 2 ảnh%",
        )
        assert sorted(ids) == sorted([(sender_of(here), 1), (sender_of(phone), 1)])
        assert far.photos() == [CLEAR, CLEAR]
