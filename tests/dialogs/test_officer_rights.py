"""What an officer may see and do in chat, checked at every step."""

from typing import Any

import pytest

from dialogs.effects import Move
from dialogs.events import (
    Chosen,
    Event,
    Opened,
    PhotosSent,
    Typed,
)
from dialogs.screen import Msg
from tests.dialogs.officer_world import (
    COMMUNE,
    Talk,
    World,
    a_file,
    choice_ids,
    keys,
    officer,
    status,
    two_waiting,
)

HOA = "KH26-7F3K-2M"


@pytest.mark.parametrize(
    "hidden",
    [{"commune": "20245", "village": None}, {"status": "draft"}, {"status": "withdrawn"}],
    ids=["elsewhere", "draft", "withdrawn"],
)
def test_what_an_officer_may_not_see_is_not_found(hidden: dict[str, Any]) -> None:
    talk = Talk(World().add(a_file(**hidden)))
    for words in (f"mở {HOA}", "duyệt 2M", "chấm 2M câu 2 8"):
        assert keys(talk.say(words))[0] == "officer.not_found"
        assert talk.effects == ()


def test_a_village_reviewer_reads_the_village_and_decides_nothing() -> None:
    world = two_waiting()
    other = a_file("Lê Văn Ba", id=3, code="KH26-999P-9X", village="20242-003")
    talk = Talk(world.add(other), officer(3, "village_reviewer", "20242-012"))
    talk.say("mở 2M")
    assert choice_ids(talk.screen) == ["queue"]
    for words in ("duyệt 2M", "bổ sung 2M", "chưa đạt 2M x y", "chấm 2M câu 2 8", "lấy lại"):
        assert keys(talk.say(words))[0] == "review.not_allowed"
    assert keys(talk.say("mở 9X"))[0] == "officer.not_found"
    assert status(world) == "submitted"


@pytest.mark.parametrize(
    ("role", "place"),
    [("province_viewer", "48"), ("operator", "48"), ("operator", COMMUNE)],
)
def test_a_role_without_files_sees_none(role: str, place: str) -> None:
    talk = Talk(two_waiting(), officer(4, role, place))  # type: ignore[arg-type]
    assert keys(talk.say("hồ sơ chờ")) == [f"officer.desk.{role}"]
    assert keys(talk.say("mở 2M"))[0] == "officer.not_found"


EVENTS: list[Event] = [
    Typed("hồ sơ chờ"),
    Typed("duyệt 2M"),
    Typed("thống kê"),
    Typed("0"),
    Typed("xin chào"),
    Typed("?"),
    Chosen("approve:1", 1),
    PhotosSent(("a",)),
    Opened(),
]


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_whoever_is_no_officer_any_more_sees_and_does_nothing(event: Event) -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    talk.who = None
    lines = talk.event(event)
    assert "officer.gone" in keys(lines)
    assert not {"officer.whose_poor", "officer.points"} & set(keys(lines))
    assert (talk.screen.choices, talk.screen.pictures) == ((), ())
    assert not any(isinstance(e, Move) for e in talk.effects)
    assert status(world) == "submitted"


def test_of_two_officers_the_second_sees_what_the_first_decided() -> None:
    world = two_waiting()
    first, second = Talk(world), Talk(world, officer(2, name="Phạm Thị Bảy"))
    first.say("mở 2M")
    second.say("mở 2M")
    first.say("duyệt 2M")
    lines = second.say("chưa đạt 2M thiếu điểm")
    assert keys(lines)[0] == "officer.changed"
    assert lines[-1] == Msg("officer.stands", {"status": Msg("file.approved")})
    assert choice_ids(second.screen) == ["queue"]
    assert keys(second.say("lấy lại"))[0] == "review.not_yours"
    assert status(world) == "approved"
