"""What Zalo's events mean to the dialog: a table of bodies, places and events."""

import json
from typing import Any

import pytest

from dialogs.changes import changed
from dialogs.events import Chosen, ErasureAsked, Event, Opened, PhotosSent, Typed, Unsupported
from dialogs.state import Spoken, State
from handlers.channel import Unreadable
from handlers.zalo.parse import caption_raw, parse_bot, parse_oa
from handlers.zalo.read import read_bot, read_oa
from storage.inbox import Kept

# The present question is 17, asked anew as 18, first asked five minutes before the message comes.
NOW = 1_793_584_800_000
ASKED = NOW - 300_000
STATE = State(step="question", arg="A3", screen=18, first=17, asked_ms=ASKED)
NEW = State()
HOUR = 3_600_000
PIC, PIC2 = "https://photo-stal-1.zdn.vn/a.jpg", "https://f2.zdn.vn/b"


def kept(channel: str, raw: str) -> Kept:
    """Return a message of the inbox that came at `NOW`."""
    return Kept(12, channel, "bot", "person", raw, NOW, 0)


def bot(kind: str, at: object = NOW, **message: Any) -> str:
    """Return an update of the Bot Platform."""
    head = {"message_id": "m1", "from": {"id": "p1"}, "chat": {"id": "p1"}, "date": at}
    return json.dumps({"event_name": f"message.{kind}.received", "message": {**head, **message}})


def oa(name: str, at: object = NOW, **message: Any) -> str:
    """Return an event of an Official Account."""
    head = {"event_name": name, "sender": {"id": "1"}, "recipient": {"id": "2"}, "timestamp": at}
    return json.dumps({**head, "message": {"msg_id": "m1", **message}})


def attached(kind: str, url: str = "", **payload: Any) -> dict[str, Any]:
    """Return one attachment."""
    return {"type": kind, "payload": {"url": url, **payload}}


def read(raw: str, state: State) -> Event:
    """Read a body on the surface it is of."""
    if '"event_name": "message.' in raw:
        return read_bot(kept("zalo_bot", raw), state)
    return read_oa(kept("zalo_oa", raw), state)


def names(count: int) -> tuple[str, ...]:
    """Return under which names the pictures of message 12 are fetched."""
    return tuple(f"far-000000000012-{n:02d}" for n in range(count))


@pytest.mark.parametrize("written", [bot, oa], ids=["bot", "oa"])
@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("2", Typed("2", 18)),
        ("Nguyê\u0303n", Typed("Nguyễn", 18)),
        ("", Typed("", 18)),
        ("bắt đầu", Typed("bắt đầu", 18)),
        ("bắt đầu lại", Typed("bắt đầu lại", 18)),
        ("bat dau 20242-012", Opened(place="20242-012")),
        ("/start 20242", Opened(place="20242")),
        ("#d:18:3", Chosen("3", 18)),
        ("#d:4:agree", Chosen("agree", 4)),
        ("#d:9:open:7", Chosen("open:7", 9)),
        (" #d:18:3 ", Chosen("3", 18)),
        ("#d:x:3", Typed("#d:x:3", 18)),
        ("#d:18:", Typed("#d:18:", 18)),
        ("#d:9999999999:3", Typed("#d:9999999999:3", 18)),
    ],
)
def test_words_are_an_answer_to_the_present_question(written: Any, text: str, event: Event) -> None:
    assert read(written("text" if written is bot else "user_send_text", text=text), STATE) == event


@pytest.mark.parametrize("written", [bot, oa], ids=["bot", "oa"])
@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("xin chào", Opened()),
        ("2", Opened()),
        ("bắt đầu", Opened()),
        ("bắt đầu 20242-012", Opened(place="20242-012")),
        ("START tuanle26", Opened(place="tuanle26")),
        ("tham gia AB12CD34", Typed("tham gia AB12CD34")),
        ("join AB12CD34", Typed("join AB12CD34")),
        ("nối 123456", Typed("nối 123456")),
        ("noi", Opened()),
        ("#d:18:3", Opened()),
    ],
)
def test_whatever_somebody_says_first_opens_the_conversation(
    written: Any, text: str, event: Event
) -> None:
    assert read(written("text" if written is bot else "user_send_text", text=text), NEW) == event


OTHERS: list[tuple[str, Event]] = [
    (bot("sticker", sticker="s", url=PIC), Unsupported("sticker")),
    (bot("voice", voice_url="https://x/a.aac"), Unsupported("voice")),
    (bot("unsupported"), Unsupported("protected")),
    (oa("user_send_sticker", attachments=[attached("sticker", PIC)]), Unsupported("sticker")),
    (oa("user_send_audio", attachments=[attached("audio", PIC)]), Unsupported("voice")),
    (oa("user_send_video", attachments=[attached("video", PIC)]), Unsupported("video")),
    (oa("user_send_location"), Unsupported("location")),
    (oa("user_send_business_card"), Unsupported("contact")),
    (oa("user_send_link", attachments=[attached("link", "https://vnexpress.net/a")]),
     Unsupported("link")),
    (oa("user_send_file", attachments=[attached("file", PIC, name="a.pdf", type="pdf")]),
     Unsupported("file")),
    (oa("user_send_file", attachments=[attached("file", "", name="a.jpg", type="jpg")]),
     Unsupported("file")),
    (oa("follow"), Opened()),
    (oa("user_withdraw"), ErasureAsked()),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "event"), OTHERS)
def test_what_is_no_answer_has_its_kind(raw: str, event: Event) -> None:
    assert read(raw, STATE) == event


@pytest.mark.parametrize(("raw", "event"), OTHERS)
def test_at_the_first_contact_it_opens_the_conversation(raw: str, event: Event) -> None:
    lasting = event in (Unsupported("protected"), ErasureAsked())
    assert read(raw, NEW) == (event if lasting else Opened())


@pytest.mark.parametrize(
    ("raw", "event"),
    [
        (bot("image", photo_url=PIC), PhotosSent(names(1), None, (PIC,), True)),
        (bot("image", photo=PIC, caption=""), PhotosSent(names(1), None, (PIC,), True)),
        (
            oa("user_send_image", attachments=[attached("image", PIC), attached("image", PIC2)]),
            PhotosSent(names(2), None, (PIC, PIC2)),
        ),
        (
            oa("user_send_image", attachments=[attached("image", "http://f2.zdn.vn/b")] * 2),
            PhotosSent(names(1), None, ("http://f2.zdn.vn/b",)),
        ),
        (oa("user_send_gif", attachments=[attached("gif", PIC)]),
         PhotosSent(names(1), None, (PIC,))),
        (oa("user_send_file", attachments=[attached("file", PIC2, name="Giấy.JPG")]),
         PhotosSent(names(1), None, (PIC2,))),
        (oa("user_send_file", attachments=[attached("file", PIC2, name="a", type="image/png")]),
         PhotosSent(names(1), None, (PIC2,))),
        (oa("user_send_file", attachments=[attached("file", PIC2, name="a", type="PNG")]),
         PhotosSent(names(1), None, (PIC2,))),
        (oa("user_send_link", attachments=[attached("link", f"{PIC}?w=1")]),
         PhotosSent(names(1), None, (f"{PIC}?w=1",))),
    ],
)  # fmt: skip
def test_pictures_are_fetched_from_where_they_lie(raw: str, event: Event) -> None:
    assert read(raw, STATE) == event
    assert read(raw, NEW) == Opened()


@pytest.mark.parametrize(
    "raw",
    [
        bot("image", photo_url="ftp://x/a"),
        bot("image"),
        oa("user_send_image"),
        bot("payment"),
        bot("caption"),
        oa("user_pays"),
        "[]",
        "{",
    ],
)
def test_what_nobody_understands_is_unreadable(raw: str) -> None:
    with pytest.raises(Unreadable):
        read(raw, STATE)


def test_a_picture_without_an_address_is_what_was_written_under_it() -> None:
    assert read(bot("image", caption="3"), STATE) == Typed("3", 18)


def test_words_under_a_picture_are_an_answer_where_no_picture_is_asked_for() -> None:
    image = bot("image", photo_url=PIC, caption="Nguyê\u0303n Văn Mẫu")
    raw = caption_raw(parse_bot(image))
    assert read_bot(kept("zalo_bot", raw), STATE) == Typed("Nguyễn Văn Mẫu", 18)
    assert read(image, STATE) == PhotosSent(names(1), None, (PIC,), True)
    event = oa("user_send_image", at=ASKED + 500, text="3", attachments=[attached("image", PIC)])
    raw = caption_raw(parse_oa(event))
    assert read_oa(kept("zalo_oa", raw), STATE) == Typed("3", 16)


@pytest.mark.parametrize("step", ["photos", "photo_check", "supplement"])
def test_words_under_a_picture_are_a_note_where_pictures_are_asked_for(step: str) -> None:
    state = changed(STATE, step=step)
    raw = caption_raw(parse_bot(bot("image", photo_url=PIC, caption="lớp tin học")))
    assert read_bot(kept("zalo_bot", raw), state) == PhotosSent((), piece=True)
    raw = caption_raw(parse_oa(oa("user_send_image", text="lớp tin học")))
    assert read_oa(kept("zalo_oa", raw), state) == PhotosSent(())


EARLY, PRESENT = 16, 18


@pytest.mark.parametrize("written", [bot, oa], ids=["bot", "oa"])
@pytest.mark.parametrize(
    ("at", "screen"),
    [
        (ASKED - 1, EARLY),
        (ASKED + 999, EARLY),
        (ASKED + 1_000, PRESENT),
        (str(ASKED + 999), EARLY),
        (str(ASKED + 1_000), PRESENT),
        ((ASKED - 1_000) // 1000, EARLY),
        ((ASKED + 2_000) // 1000, PRESENT),
        # Nobody's clock is believed beyond our own, or long before it.
        (NOW + 5_000, PRESENT),
        (NOW - 2 * HOUR - 1, PRESENT),
        (NOW - 2 * HOUR, EARLY),
        (0, PRESENT),
        ("hôm qua", PRESENT),
        (None, PRESENT),
    ],
    ids=repr,
)
def test_what_was_sent_before_the_question_could_be_read_answers_the_one_before(
    written: Any, at: object, screen: int
) -> None:
    raw = written("text" if written is bot else "user_send_text", at=at, text="2")
    assert read(raw, STATE) == Typed("2", screen)


@pytest.mark.parametrize(
    ("text", "after", "screen"),
    [
        ("1965", 2_999, PRESENT),
        ("2.", 2_999, PRESENT),
        ("２", 2_999, PRESENT),
        ("Hòa", 2_999, EARLY),
        ("Hòa", 3_000, PRESENT),
        ("2 3", 2_999, EARLY),
    ],
)
def test_a_second_text_soon_after_a_name_belongs_to_it_but_a_number_does_not(
    text: str, after: int, screen: int
) -> None:
    spoken = Spoken("name", "", "Nguyễn Thị", ASKED)
    state = changed(STATE, spoken=spoken)
    assert read(bot("text", at=ASKED + after, text=text), state) == Typed(text, screen)
    assert read(bot("text", at=ASKED + after, text=text), STATE) == Typed(text, PRESENT)


def test_a_pressed_button_names_its_question_whenever_it_was_pressed() -> None:
    assert read(oa("user_send_text", at=ASKED - 1, text="#d:17:2"), STATE) == Chosen("2", 17)
