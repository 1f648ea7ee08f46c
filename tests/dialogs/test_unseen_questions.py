"""Where a channel does not say what a person looked at: nothing answers a question not yet seen."""

import pytest

from dialogs.effects import Forget, Move, SaveAnswer
from dialogs.events import Chosen, Typed
from dialogs.screen import Msg
from tests.dialogs.far_talk import FarTalk, at_the_first, at_the_name, at_the_summary
from tests.dialogs.officer_world import CRITERIA, choice_ids, keys

A1, A2 = CRITERIA.codes[:2]
STALE = Msg("stale.screen")


def handed_in() -> FarTalk:
    """Return somebody whose file waits for review."""
    talk = at_the_summary()
    for words in ("1", "nộp", "2"):
        talk.say(words)
    assert talk.state.step == "home"
    return talk


def test_the_moment_of_a_question_is_kept_when_it_is_asked_not_when_it_is_repeated() -> None:
    talk = at_the_first()
    asked = talk.state.asked_ms
    talk.say("hả")
    assert (talk.state.asked_ms, talk.state.screen) == (asked, talk.state.first + 1)
    talk.say("3")
    assert talk.state.asked_ms == int(talk.known.now.timestamp() * 1000)


def test_two_quick_numbers_answer_one_question_and_get_the_next_again() -> None:
    talk = at_the_first()
    talk.say("3")
    question = talk.screen.lines[-1]
    lines = talk.blurt("2")
    assert talk.file.answers == {A1: 2}
    assert lines == (STALE, question)


def test_a_number_after_the_question_was_seen_answers_it_though_another_came_too_early() -> None:
    talk = at_the_first()
    talk.say("3")
    talk.blurt("2")
    talk.say("2")
    assert talk.file.answers == {A1: 2, A2: 1}


def test_a_name_in_two_messages_is_one_name() -> None:
    talk = at_the_name()
    talk.say("Nguyễn Thị Hoa")
    assert talk.state.step == "birth_year"
    talk.blurt("1965")
    person = talk.known.person
    assert person is not None
    assert (person.name, person.birth_year, talk.state.step) == (
        "Nguyễn Thị Hoa",
        1965,
        "criterion",
    )


def test_words_long_after_a_name_do_not_change_it() -> None:
    talk = at_the_name()
    talk.say("Nguyễn Thị Hoa 1965")
    talk.wait(30)
    assert talk.event(Typed("Lê", talk.state.first - 1))[0] == STALE
    assert talk.known.person is not None
    assert talk.known.person.name == "Nguyễn Thị Hoa"


def test_a_button_of_an_older_question_is_recognised_and_changes_nothing() -> None:
    talk = at_the_first()
    old = talk.state.screen
    talk.press("2")
    lines = talk.event(Chosen("0", old))
    assert (lines[0], talk.file.answers) == (STALE, {A1: 2})


def test_a_button_of_the_same_question_asked_again_still_answers() -> None:
    talk = at_the_first()
    first = talk.state.screen
    talk.say("hả")
    talk.event(Chosen("3", first))
    assert talk.file.answers == {A1: 3}


def test_a_button_that_no_question_has_is_answered_kindly() -> None:
    talk = at_the_first()
    lines = talk.event(Chosen("approve", talk.state.screen))
    assert (lines[0], talk.file.answers) == (Msg("stale.choice"), {})


@pytest.mark.parametrize("digit", ["1", "2", "1.", "số 1", "01"])
def test_no_digit_hands_in(digit: str) -> None:
    talk = at_the_summary()
    talk.press("submit")
    talk.say(digit)
    assert (talk.effects, talk.state.step, talk.file.status) == ((), "submit", "draft")


@pytest.mark.parametrize("digit", ["1", "2", "3"])
def test_no_digit_takes_a_file_back(digit: str) -> None:
    talk = handed_in()
    talk.say("rút lại")
    talk.say(digit)
    assert (talk.effects, talk.state.step, talk.file.status) == ((), "withdraw", "submitted")


@pytest.mark.parametrize("digit", ["1", "2", "3"])
def test_no_digit_erases(digit: str) -> None:
    talk = handed_in()
    talk.say("xóa")
    talk.say(digit)
    assert (talk.effects, talk.state.step) == ((), "erase")


def test_the_word_that_asks_to_take_back_does_not_confirm_it_when_sent_twice_in_haste() -> None:
    talk = handed_in()
    talk.say("rút lại")
    lines = talk.blurt("rút lại")
    assert (keys(lines), talk.effects) == (["stale.screen", "withdraw.ask"], ())
    talk.say("rút lại")
    assert [type(e) for e in talk.effects] == [Move]


def test_the_word_at_the_summary_does_not_hand_in_when_sent_twice_in_haste() -> None:
    talk = at_the_summary()
    talk.say("nộp")
    talk.blurt("nộp")
    assert (talk.effects, talk.file.status) == ((), "draft")
    talk.say("nộp")
    assert talk.file.status == "submitted"


def test_the_words_that_erase_do_so_only_after_what_goes_was_said() -> None:
    talk = handed_in()
    talk.say("xóa")
    talk.blurt("xóa hết")
    assert (talk.effects, talk.state.step) == ((), "erase")
    talk.say("xóa hết")
    assert [type(e) for e in talk.effects] == [Forget]


def test_a_zero_sent_twice_in_haste_goes_back_once() -> None:
    talk = at_the_first()
    talk.say("3")
    talk.say("3")
    talk.say("quay lại")
    step = (talk.state.step, talk.state.arg)
    lines = talk.blurt("0")
    assert (lines[0], (talk.state.step, talk.state.arg)) == (STALE, step)


def test_a_digit_typed_before_a_notice_was_seen_answers_nothing() -> None:
    talk = handed_in()
    assert choice_ids(talk.screen) == ["refresh", "withdraw", "mydata"]
    talk.wait(600)
    assert keys(talk.approve()) == ["notice.result"]
    lines = talk.blurt("2")
    assert keys(lines) == ["stale.screen", "notice.result"]
    assert (talk.state.step, talk.effects) == ("notice", ())


def test_a_notice_at_an_open_question_brings_words_and_leaves_the_question_its_numbers() -> None:
    talk = handed_in()
    talk.say("ngôn ngữ")
    before = talk.state
    lines = talk.approve()
    assert keys(lines)[0] == "notice.result"
    assert (talk.state.step, talk.state.arg, talk.state.first) == (
        before.step,
        before.arg,
        before.first,
    )


def test_a_number_sent_before_a_repeated_question_still_answers_it() -> None:
    talk = at_the_first()
    seen = talk.state.screen
    talk.say("hả")
    talk.event(Typed("3", seen))
    assert talk.effects == (SaveAnswer(talk.file.id, A1, 2),)
