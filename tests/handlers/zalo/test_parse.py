"""What is read out of Zalo's bodies, however oddly they are written."""

import json
import unicodedata
from typing import Any

import pytest

from handlers.zalo.parse import (
    TEXT_MAX,
    Attached,
    BotEvent,
    OaEvent,
    Unparsable,
    parse_bot,
    parse_oa,
    readable,
    stamp_of,
)

PERSON = "6ede9afa66b88fe6d6a9"
TEXT = {
    "event_name": "message.text.received",
    "message": {
        "date": 1_793_584_800_123,
        "chat": {"chat_type": "PRIVATE", "id": PERSON},
        "message_id": "2d758cb5e222177a4e35",
        "from": {"id": PERSON, "is_bot": False, "display_name": "A"},
        "text": "2",
    },
}
HEARD = BotEvent(
    "message.text.received",
    "2d758cb5e222177a4e35",
    PERSON,
    True,
    1_793_584_800_123,
    "1793584800123",
    "2",
    "",
)
BEYOND = "246845883529619792212345"


def with_message(**values: Any) -> str:
    """Return the body of `TEXT` with other values in its message."""
    return json.dumps({**TEXT, "message": {**TEXT["message"], **values}})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "body",
    [
        TEXT,
        {"ok": True, "result": TEXT},
        {"ok": True, "error_code": 0, "result": TEXT},
        {**TEXT, "unknown": {"deeper": [1, None]}},
    ],
    ids=["flat", "wrapped", "wrapped with a code", "with more than we know"],
)
def test_an_update_is_read_flat_and_wrapped(body: dict[str, Any]) -> None:
    assert parse_bot(json.dumps(body)) == HEARD


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"photo_url": "https://f1.zdn.vn/a.jpg"}, "https://f1.zdn.vn/a.jpg"),
        ({"photo": "http://f1.zdn.vn/a.jpg"}, "http://f1.zdn.vn/a.jpg"),
        ({"photo_url": "", "photo": "https://f1.zdn.vn/b.jpg"}, "https://f1.zdn.vn/b.jpg"),
        ({"photo_url": "file:///etc/passwd"}, ""),
        ({"photo_url": "https://a/\u202e"}, ""),
        ({"photo_url": ["https://a/"]}, ""),
        ({"photo_url": "https://a/" + "x" * 2000}, ""),
    ],
)
def test_a_picture_has_a_web_address_or_none(message: dict[str, Any], expected: str) -> None:
    assert parse_bot(with_message(**message)).photo == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (f'"{BEYOND}"', BEYOND),
        (BEYOND, BEYOND),
        ("9007199254740993", "9007199254740993"),
        ("18446744073709551617", "18446744073709551617"),
        ("1e30", "1e30"),
        ("null", ""),
        ("true", ""),
        ('{"id": 1}', ""),
        ('"a b"', ""),
        ('"' + "9" * 61 + '"', ""),
        ('"\\u0000"', ""),
    ],
)
def test_an_id_is_the_text_it_was_written_as(written: str, read: str) -> None:
    update = json.dumps(TEXT).replace(f'"{PERSON}"', written)
    assert parse_bot(update).sender == read
    event = f'{{"event_name": "user_send_text", "sender": {{"id": {written}}}}}'
    assert parse_oa(event).person == read


@pytest.mark.parametrize(
    ("written", "at_ms", "stamp"),
    [
        ("1793584800", 1_793_584_800_000, "1793584800"),
        ('"1793584800"', 1_793_584_800_000, "1793584800"),
        ("1793584800123", 1_793_584_800_123, "1793584800123"),
        ('"1793584800123"', 1_793_584_800_123, "1793584800123"),
        ("154390853474", 154_390_853_474, "154390853474"),
        ("1.793584800123e12", None, "1.793584800123e12"),
        ("NaN", None, "NaN"),
        ("-5", None, "-5"),
        ("null", None, ""),
        ("[]", None, ""),
    ],
)
def test_a_moment_is_in_seconds_or_milliseconds_number_or_text(
    written: str, at_ms: int | None, stamp: str
) -> None:
    event = parse_oa(f'{{"event_name": "follow", "timestamp": {written}}}')
    assert (event.at_ms, event.stamp) == (at_ms, stamp)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (json.dumps(unicodedata.normalize("NFD", "Nguyễn Thị Hòa")), "Nguyễn Thị Hòa"),
        ('"a\\u0000b"', "ab"),
        ('"a\\ud800b"', "a\N{REPLACEMENT CHARACTER}b"),
        ('"\\ud83d\\ude00"', "\N{GRINNING FACE}"),
        ('"a\nb"', "a\nb"),
        ("12", "12"),
        ("null", ""),
        ('["x"]', ""),
        ('"' + "x" * (TEXT_MAX + 5) + '"', "x" * TEXT_MAX),
    ],
)
def test_words_are_composed_and_can_be_kept_anywhere(written: str, read: str) -> None:
    event = parse_oa(f'{{"event_name": "user_send_text", "message": {{"text": {written}}}}}')
    assert event.text == read
    assert "\0" not in event.text
    event.text.encode()


@pytest.mark.parametrize(
    ("chat", "private"),
    [
        ({"chat_type": "PRIVATE", "id": PERSON}, True),
        ({"id": PERSON}, True),
        ({}, True),
        (None, True),
        ({"chat_type": "GROUP", "id": "g1"}, False),
        ({"chat_type": "SOMETHING", "id": PERSON}, False),
        ({"id": "g1"}, False),
    ],
)
def test_a_group_is_told_from_a_person(chat: object, private: bool) -> None:
    assert parse_bot(with_message(chat=chat)).private is private


def test_a_bot_is_nobody() -> None:
    assert parse_bot(with_message(**{"from": {"id": PERSON, "is_bot": True}})).sender == ""


def test_an_event_of_an_account_is_read_whole() -> None:
    body = {
        "app_id": "3",
        "user_id_by_app": "5",
        "event_name": "user_send_image",
        "sender": {"id": "2468458835296197922"},
        "recipient": {"id": "388613280878808645"},
        "timestamp": "1793584800123",
        "message": {
            "msg_id": "96d3cdf3af150460909",
            "text": "giấy",
            "attachments": [
                {
                    "type": "image",
                    "payload": {"thumbnail": "t", "url": "http://f1.zdn.vn/a.jpg", "size": 5},
                },
                {"type": "file", "payload": {"url": 3, "name": "a.pdf", "type": "PDF"}},
                "rubbish",
                {"payload": []},
            ],
        },
    }
    assert parse_oa(json.dumps(body)) == OaEvent(
        "user_send_image",
        "96d3cdf3af150460909",
        "2468458835296197922",
        "388613280878808645",
        1_793_584_800_123,
        "1793584800123",
        "giấy",
        (
            Attached("image", "http://f1.zdn.vn/a.jpg"),
            Attached("file", "", "a.pdf", "pdf"),
            Attached("", ""),
        ),
    )


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        '{"event_name": "user_send_text", "mess',
        "[]",
        "7",
        "null",
        "{}",
        '{"event_name": 5.5.5}',
        '{"event_name": null}',
        '{"event_name": "a b"}',
        '{"event_name": ""}',
        "[" * 200_000,
        '{"a":' * 200_000,
    ],
    ids=range(13),
)
def test_what_is_no_event_says_so(raw: str) -> None:
    for parse in (parse_bot, parse_oa):
        with pytest.raises(Unparsable):
            parse(raw)
    assert stamp_of(raw) == ""


def test_any_bytes_become_text_that_a_database_keeps() -> None:
    assert readable(b"\xff\x00a\xc3\xa2") == "\ufffd\ufffdaâ"
