"""The officer's questions one by one: additions, reasons, points, names and villages."""

import pytest

from dialogs.changes import changed
from dialogs.effects import CorrectFile, SetReviewed
from dialogs.model import Reviewed
from dialogs.review import asked
from dialogs.screen import Lowered, Msg, Value
from tests.dialogs.officer_world import (
    ANSWERS,
    CRITERIA,
    Talk,
    World,
    a_file,
    choice_ids,
    keys,
    two_waiting,
    values,
)


def test_several_questions_each_get_their_reason() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    assert talk.say("bổ sung 2M câu 2 7") == (Msg("officer.return_reason", {"number": 2}),)
    assert talk.say("3") == (Msg("officer.return_reason", {"number": 7}),)
    assert talk.say("6") == (Msg("officer.return_words", {"number": 7}),)
    lines = talk.say("Duyệt lại sau khi gửi giấy")
    assert keys(lines)[0] == "officer.returned"
    assert world.files[1].declaration.items == (
        asked("A2", "name_or_date_missing"),
        asked("B3", "Duyệt lại sau khi gửi giấy"),
    )


def test_questions_are_named_by_numbers_in_any_dress_or_by_button() -> None:
    for words in ("2 7", "2, 7", "câu 2 và câu 7"):
        talk = Talk(two_waiting())
        talk.say("mở 2M")
        talk.say("bổ sung 2M")
        talk.say(words)
        assert talk.say("1") == (Msg("officer.return_reason", {"number": 7}),)
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    talk.press("return:1")
    assert choice_ids(talk.screen) == list(CRITERIA.codes)
    assert talk.press("B3") == (Msg("officer.return_reason", {"number": 7}),)


def test_a_question_that_does_not_exist_is_said() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    assert keys(talk.say("bổ sung 2M câu 2 11"))[0] == "criteria.unknown_indicator"
    talk.say("bổ sung 2M")
    assert keys(talk.say("12")) == ["criteria.unknown_indicator", "officer.return_which"]


def test_back_leads_up_step_by_step() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    talk.say("bổ sung 2M")
    talk.say("2")
    talk.say("6")
    shown = [keys(talk.say("0"))[0] for _ in range(5)]
    assert shown == [
        "officer.return_reason",
        "officer.return_which",
        "officer.whose_poor",
        "officer.waiting_late",
        "officer.waiting_late",
    ]


def test_not_reached_asks_for_words_and_a_number_is_none() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    assert talk.say("chưa đạt 2M") == (Msg("officer.reject_reason", {"ending": "2M"}),)
    assert keys(talk.say("1")) == ["officer.reject_example", "officer.reject_reason"]
    lines = talk.say("Câu 5 dưới mức sàn")
    assert keys(lines) == ["officer.rejected", "officer.can_undo", "officer.next"]
    made = world.files[1].declaration.decision
    assert made is not None
    assert (made.action, made.reason) == ("reject", "Câu 5 dưới mức sàn")


def test_points_change_with_a_reason_and_the_officer_has_seen_what_they_changed() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    asked_why = talk.say("chấm 2M câu 2 8")
    assert asked_why == (Msg("officer.score_reason", {"number": 2, "points": 8}),)
    lines = talk.say("có giấy chứng nhận 1 lớp")
    assert lines[0] == Msg("officer.scored", {"number": 2, "points": 8})
    assert values(lines, "officer.points") == {
        "points": "1–4: 8 10→8 8 8 · 5–7: 8 8 10 · 8–10: 8 8 10",
        "total": 84,
        "mark": 80,
    }
    assert world.files[1].declaration.reviewed == {"A2": Reviewed(8, "có giấy chứng nhận 1 lớp")}
    assert keys(talk.say("duyệt 2M"))[0] == "officer.approved"


def test_points_with_their_reason_in_one_line() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    assert keys(talk.say("chấm 2M câu 2 8 có giấy 1 lớp"))[0] == "officer.scored"
    (given,) = talk.effects
    assert isinstance(given, SetReviewed)
    assert (given.points, given.reason) == (8, "có giấy 1 lớp")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("chấm 2M", "officer.how_score"),
        ("chấm 2M câu 2", "officer.how_score"),
        ("chấm 2M câu 2 11", "criteria.points_out_of_range"),
        ("chấm 2M câu 12 8", "criteria.unknown_indicator"),
        ("chấm", "officer.name_it.score"),
        ("duyệt", "officer.name_it.approve"),
        ("sửa tên 2M", "officer.how_name"),
        ("ghi thôn 2M tổ 99", "officer.how_village"),
    ],
)
def test_what_is_missing_or_impossible_is_said(words: str, said: str) -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    assert keys(talk.say(words))[0] == said
    assert talk.effects == ()


def test_an_unsettled_question_is_marked_refused_and_settled() -> None:
    world = World().add(a_file(answers={**ANSWERS, "C1": 0, "C2": 3, "B1": -1, "A1": 3}))
    talk = Talk(world)
    lines = talk.say("mở 2M")
    assert (
        values(lines, "officer.points")["points"] == "1–4: 10 10 8 8 · 5–7: – 8 10 · 8–10: 5 10 10"
    )
    assert values(lines, "officer.unsettled") == {"numbers": ("5", "8")}
    refused = talk.say("duyệt 2M")[0]
    assert refused == Msg("review.unsettled", {"numbers": ("5", "8"), "floor": 5})
    talk.say("chấm 2M câu 5 8")
    talk.say("3")
    talk.say("chấm 2M câu 8 8")
    lines = talk.press("village")
    assert values(lines, "officer.points")["points"] == (
        "1–4: 10 10 8 8 · 5–7: –→8 8 10 · 8–10: 5→8 10 10"
    )
    reviewed = world.files[1].declaration.reviewed
    assert reviewed["B1"] == Reviewed(8, "officer.score_reason.talk")
    assert keys(talk.say("duyệt 2M"))[0] == "officer.approved"


def test_below_the_mark_is_refused_except_in_a_difficult_area() -> None:
    low = {**ANSWERS, "A1": 1, "A3": 1, "B1": 1}
    talk = Talk(World().add(a_file(answers=low)))
    talk.say("mở 2M")
    assert talk.say("duyệt 2M")[0] == Msg("review.below_mark", {"total": 78, "mark": 80})
    easier = Talk(World(difficult=True).add(a_file(answers=low)))
    assert values(easier.say("mở 2M"), "officer.points")["mark"] == 70
    assert keys(easier.say("duyệt 2M"))[0] == "officer.approved"


def test_what_should_catch_the_eye_is_said() -> None:
    file = a_file(village=None, village_text="xóm Mới", answers={**ANSWERS, "A1": 0})
    person = changed(file.person, settled=False)
    lines = Talk(World().add(changed(file, person=person, village_name=None, twins=1))).say("mở 2M")
    assert keys(lines)[2:] == [
        "officer.below_floor",
        "criteria.sample",
        "officer.warn.name",
        "officer.warn.village_typed",
        "officer.warn.twins",
        "officer.how",
    ]
    assert values(lines, "officer.warn.village_typed")["typed"] == "xóm Mới"


def test_name_and_village_are_put_right_in_chat() -> None:
    file = a_file(village=None, village_text="?")
    world = World().add(changed(file, person=changed(file.person, settled=False)))
    talk = Talk(world)
    talk.say("mở 2M")
    lines = talk.say("sửa tên 2M Nguyễn Thị Hòa")
    assert keys(lines)[0] == "officer.renamed"
    assert values(lines, "officer.whose")["name"] == "Nguyễn Thị Hòa"
    lines = talk.say("ghi thôn 2M tổ 3")
    assert keys(lines)[0] == "officer.mapped"
    assert values(lines, "officer.whose")["village"] == "Tổ 3"
    (corrected,) = talk.effects
    assert isinstance(corrected, CorrectFile)
    assert (corrected.version, corrected.village) == (4, "20242-003")
    assert not {"officer.warn.name", "officer.warn.village"} & set(keys(lines))
    assert keys(talk.say("duyệt 2M"))[0] == "officer.approved"


def test_a_file_handed_in_again_shows_what_was_asked_for_and_what_came() -> None:
    items = (changed(asked("A2", "blurry_photo"), settled=True), asked("B1", "Gửi giấy"))
    lines = Talk(World().add(a_file(items=items))).say("mở 2M")
    done: dict[str, Value] = {"number": 2, "reason": Lowered(Msg("return.blurry_photo"))}
    missing: dict[str, Value] = {"number": 5, "reason": "Gửi giấy"}
    assert values(lines, "officer.asked_before")["items"] == (
        Msg("officer.asked_done", done),
        Msg("officer.asked_open", missing),
    )
