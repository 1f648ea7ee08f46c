"""Whole conversations of officers: economy, versions seen, nothing decided by a digit, way back."""

from datetime import date, timedelta

import pytest

from dialogs.changes import changed
from dialogs.effects import DropUploads, ScheduleNotice
from dialogs.events import (
    Chosen,
    Event,
    FilesWait,
    NoticeDue,
    Opened,
    PhotoSettled,
    PhotosSent,
)
from dialogs.review import asked
from dialogs.screen import Lowered, Msg, Picture, Value
from dialogs.state import State
from dialogs.steps.officer_base import OPENED_KEPT
from tests.dialogs.officer_world import (
    ANSWERS,
    CRITERIA,
    Talk,
    World,
    a_file,
    choice_ids,
    keys,
    status,
    two_waiting,
    values,
)

HOA = "KH26-7F3K-2M"


def test_the_queue_says_how_many_wait_and_which_is_oldest() -> None:
    lines = Talk(two_waiting()).say("hồ sơ chờ")
    line: dict[str, Value] = {
        "ending": "2M",
        "name": "Nguyễn Thị Hoa",
        "village": "tổ 12",
        "title": CRITERIA.name,
        "total": 86,
        "photos": 3,
        "blurry": 1,
    }
    counts: dict[str, Value] = {"waiting": 2, "overdue": 1, "days": 5}
    oldest: dict[str, Value] = {"file": Msg("officer.line_blurry", line), "ending": "2M"}
    assert lines == (Msg("officer.waiting_late", {**counts, **oldest}),)


def test_opening_shows_whose_points_photos_and_the_words() -> None:
    talk = Talk(two_waiting())
    lines = talk.say("mo 2m")
    assert lines == (
        Msg(
            "officer.whose_poor",
            {
                "ending": "2M",
                "name": "Nguyễn Thị Hoa",
                "born": "1965",
                "village": "tổ 12",
                "title": CRITERIA.name,
                "year": "2026",
                "photos": 3,
                "poor": 1,
            },
        ),
        Msg(
            "officer.points",
            {"points": "1–4: 8 10 8 8 · 5–7: 8 8 10 · 8–10: 8 8 10", "total": 86, "mark": 80},
        ),
        Msg("criteria.sample"),
        Msg("officer.how", {"ending": "2M"}),
    )
    assert talk.screen.pictures == (
        Picture("e1", Msg("officer.photo.clear", {"number": 1})),
        Picture("e2", Msg("officer.photo.blurry", {"number": 2})),
        Picture("e3", Msg("officer.photo.clear", {"number": 3})),
    )
    assert choice_ids(talk.screen) == ["approve:1", "return:1", "reject:1", "queue"]


def test_the_way_of_the_script() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("ho so cho")
    talk.say("mo 2m")
    assert keys(talk.say("bo sung 2m")) == ["officer.return_which"]
    assert talk.say("2") == (Msg("officer.return_reason", {"number": 2}),)
    lines = talk.say("1")
    assert keys(lines) == ["officer.returned", "officer.can_undo", "officer.next"]
    reason = Lowered(Msg("return.blurry_photo"))
    assert lines[0] == Msg(
        "officer.returned",
        {
            "ending": "2M",
            "items": (Msg("officer.item", {"number": 2, "reason": reason}),),
            "until": date(2026, 11, 14),
        },
    )
    assert values(lines, "officer.next")["ending"] == "5K"
    assert status(world) == "returned"
    assert world.files[1].declaration.items == (asked("A2", "blurry_photo"),)


def test_approving_offers_the_next_file_and_then_says_that_nothing_waits() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    assert keys(talk.say("duyệt 2M Tốt lắm")) == [
        "officer.approved",
        "officer.can_undo",
        "officer.next",
    ]
    made = world.files[1].declaration.decision
    assert made is not None
    assert (made.action, made.reason, made.officer) == ("approve", "Tốt lắm", 1)
    assert any(isinstance(e, ScheduleNotice) for e in talk.effects)
    talk.say("mở 5K")
    lines = talk.say("duyệt 5K")
    assert keys(lines) == ["officer.approved", "officer.can_undo", "officer.nothing_waits"]


def test_a_decision_on_a_file_not_opened_opens_it_instead() -> None:
    world = two_waiting()
    talk = Talk(world)
    for words in ("duyệt 2M", "bổ sung 2M", "chưa đạt 2M thiếu điểm", "chấm 2M câu 2 8"):
        fresh = Talk(world)
        lines = fresh.say(words)
        assert keys(lines)[:2] == ["officer.open_first", "officer.whose_poor"]
        assert fresh.effects == ()
    talk.say("duyệt 2M")
    talk.say("duyệt 2M")
    assert status(world) == "approved"


def test_a_file_that_changed_since_it_was_opened_is_opened_again_and_said() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    own = world.files[1].declaration
    newer = changed(own, version=own.version + 2, answers={**ANSWERS, "A1": 3})
    world.files[1] = changed(world.files[1], declaration=newer)
    lines = talk.say("duyệt 2M")
    assert keys(lines)[0] == "officer.changed"
    assert values(lines, "officer.points")["total"] == 88
    assert status(world) == "submitted"
    talk.say("duyệt 2M")
    assert status(world) == "approved"


def test_a_request_put_together_while_the_file_changed_is_not_sent_and_is_repeated_in_words() -> (
    None
):
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    talk.say("bổ sung 2M câu 2")
    own = world.files[1].declaration
    world.files[1] = changed(world.files[1], declaration=changed(own, version=9))
    lines = talk.say("1")
    assert keys(lines)[:2] == ["officer.changed", "officer.unsent"]
    assert status(world) == "submitted"


def test_the_same_decision_again_is_said_and_not_repeated() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    talk.say("duyệt 2M")
    assert keys(talk.say(f"duyệt {HOA}"))[0] == "officer.already"
    assert talk.effects == ()


def test_taking_back_shows_the_file_and_it_can_be_decided_anew() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    talk.say("duyệt 2M")
    lines = talk.say("lấy lại")
    assert keys(lines)[:2] == ["officer.undone", "officer.whose_poor"]
    assert choice_ids(talk.screen)[0] == "approve:1"
    assert status(world) == "submitted"
    talk.say("duyệt 2M")
    assert status(world) == "approved"


def test_taking_back_too_late_changes_nothing() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    talk.say("duyệt 2M")
    world.told()
    assert keys(talk.say("lấy lại"))[0] == "officer.nothing_to_undo"
    assert talk.effects == ()
    assert status(world) == "approved"


def test_a_digit_decides_nothing_and_asks_for_the_word() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    for digit, action in (("1", "approve"), ("2", "return"), ("3", "reject")):
        assert talk.say(digit)[0] == Msg(f"officer.type.{action}", {"ending": "2M"})
        assert talk.effects == ()
    assert keys(talk.say("4")) == ["officer.waiting_late"]
    assert status(world) == "submitted"


def test_a_pressed_button_acts_on_the_version_shown() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.press("open:1")
    assert keys(talk.press("approve:1"))[0] == "officer.approved"
    assert status(world) == "approved"


def test_a_pressed_button_does_not_act_on_a_version_not_shown() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    own = world.files[1].declaration
    world.files[1] = changed(world.files[1], declaration=changed(own, version=8))
    assert keys(talk.press("approve:1"))[0] == "officer.changed"
    assert status(world) == "submitted"


def test_a_button_of_an_older_screen_does_nothing() -> None:
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    older = talk.state.screen
    talk.say("mở 5K")
    assert keys(talk.event(Chosen("approve:1", older)))[0] == "stale.screen"
    assert keys(talk.event(Chosen("approve:1", talk.state.screen)))[0] == "stale.choice"
    assert (status(world), status(world, 2)) == ("submitted", "submitted")


def test_an_ambiguous_ending_lists_the_files_and_more_of_the_code_opens_one() -> None:
    twin = a_file("Lê Văn Ba", id=3, code="KH26-999P-2M")
    talk = Talk(two_waiting().add(twin))
    lines = talk.say("mở 2M")
    assert lines[0] == Msg(
        "officer.which",
        {
            "code": "2M",
            "files": (
                Msg("officer.candidate", {"code": HOA, "name": "Nguyễn Thị Hoa"}),
                Msg("officer.candidate", {"code": "KH26-999P-2M", "name": "Lê Văn Ba"}),
            ),
        },
    )
    assert values(talk.say("mở p2m"), "officer.how") == {"ending": "P-2M"}


def test_among_several_the_only_one_that_waits_is_meant() -> None:
    decided = a_file("Lê Văn Ba", id=3, code="KH26-999P-2M", status="rejected")
    talk = Talk(two_waiting().add(decided))
    assert values(talk.say("mở 2M"), "officer.whose_poor")["name"] == "Nguyễn Thị Hoa"


def test_an_unknown_code_is_said() -> None:
    talk = Talk(two_waiting())
    assert talk.say("mở 9X")[0] == Msg("officer.not_found", {"code": "9X"})
    assert talk.say("mở O0")[0] == Msg("officer.not_found", {"code": "O0"})


def test_a_bare_code_at_the_desk_opens_its_file() -> None:
    assert keys(Talk(two_waiting()).say("5k"))[0] == "officer.whose"


def test_figures_by_status() -> None:
    world = two_waiting().add(a_file("Lê Văn Ba", id=3, code="KH26-999P-9X", status="approved"))
    figures = {"submitted": 2, "approved": 1, "returned": 0, "rejected": 0, "draft": 0}
    lines = Talk(world).say("thống kê")
    assert lines[0] == Msg("officer.stats", {"year": "2026", **figures})


def test_new_files_are_a_remark_that_leaves_the_question_open() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    before = talk.state
    assert talk.event(FilesWait()) == (Msg("officer.files_wait", {"waiting": 2}),)
    assert talk.state == before
    assert talk.screen.choices == ()


@pytest.mark.parametrize("event", [NoticeDue(1, 1), PhotoSettled("e1", 1)], ids=str)
def test_what_concerns_citizens_only_is_silent(event: Event) -> None:
    assert Talk(two_waiting()).event(event) == ()


def test_photos_are_not_taken_and_their_uploads_go() -> None:
    talk = Talk(two_waiting())
    assert keys(talk.event(PhotosSent(("u1",))))[0] == "officer.no_photos"
    assert talk.effects == (DropUploads(("u1",)),)


def test_arriving_shows_the_desk_and_returning_the_open_file() -> None:
    talk = Talk(two_waiting(), state=State(flow="officer"))
    assert keys(talk.event(Opened(locale="en"))) == ["officer.waiting_late"]
    assert talk.state.locale == "en"
    talk.say("mở 2M")
    assert keys(talk.event(Opened()))[0] == "officer.whose_poor"


def test_a_file_that_went_away_leads_back_to_the_desk() -> None:
    for words in ("1", "0"):
        world = two_waiting()
        talk = Talk(world)
        talk.say("mở 2M")
        talk.say("bổ sung 2M")
        del world.files[1]
        assert keys(talk.say(words)) == ["officer.not_found", "officer.waiting"]
    world = two_waiting()
    talk = Talk(world)
    talk.say("mở 2M")
    del world.files[1]
    assert keys(talk.press("approve:1")) == ["stale.choice", "officer.waiting"]


def test_the_language_changes_and_the_file_stays_open() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    talk.say("ngôn ngữ")
    assert "officer.whose_poor" in keys(talk.press("en"))
    assert talk.state.locale == "en"


def test_only_the_last_opened_files_are_remembered() -> None:
    world = World()
    endings = [f"{a}{b}" for a in "CFHJK" for b in "23456"]
    for number, tail in enumerate(endings, 1):
        world.add(a_file(id=number, code=f"KH26-RRRR-{tail}"))
    talk = Talk(world)
    for tail in endings:
        talk.say(f"mở {tail}")
    assert list(talk.state.opened) == [str(n) for n in range(6, 26)]
    assert len(talk.state.opened) == OPENED_KEPT
    assert keys(talk.say(f"duyệt {endings[0]}"))[0] == "officer.open_first"


def test_a_turn_asks_storage_for_few_things() -> None:
    talk = Talk(two_waiting())
    for words in ("hồ sơ chờ", "mở 2M", "chấm 2M câu 2 8 một lớp", "duyệt 2M", "lấy lại"):
        talk.say(words)
    assert talk.needs <= 4


def test_every_word_of_the_conversation_has_help() -> None:
    talk = Talk(two_waiting())
    assert keys(talk.say("?"))[0] == "help.officer"
    assert keys(talk.say("blabla zzz")) == ["officer.desk_example", "officer.waiting_late"]
    talk.say("mở 2M")
    assert keys(talk.say("nộp"))[0] == "officer.not_a_command"


def test_a_remark_does_not_show_the_open_file_all_over_again() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    for words, said in (("1", "officer.type.approve"), ("mở 9X", "officer.not_found")):
        assert keys(talk.say(words)) == [said, "officer.how"]
        assert talk.screen.pictures == ()
        assert choice_ids(talk.screen)[0] == "approve:1"
    assert keys(talk.event(Opened()))[0] == "officer.whose_poor"


def test_taking_back_means_the_open_file_before_the_last_one() -> None:
    world = two_waiting()
    talk = Talk(world)
    for ending in ("2M", "5K"):
        talk.say(f"mở {ending}")
        talk.say(f"duyệt {ending}")
        world.now += timedelta(seconds=5)
    talk.say("mở 2M")
    assert values(talk.say("lấy lại"), "officer.undone") == {"ending": "2M"}
    assert values(talk.say("hồ sơ chờ"), "officer.waiting_late")["waiting"] == 1
    assert values(talk.say("lấy lại"), "officer.undone") == {"ending": "5K"}
    assert (status(world), status(world, 2)) == ("submitted", "submitted")


def test_deciding_otherwise_what_one_decided_oneself_says_so() -> None:
    talk = Talk(two_waiting())
    talk.say("mở 2M")
    talk.say("duyệt 2M")
    lines = talk.say("chưa đạt 2M thiếu điểm")
    assert keys(lines)[0] == "officer.already"
    assert lines[-1] == Msg("officer.stands_mine", {"status": Msg("file.approved")})
