"""What a typed text means at a question: every row of the table, and no text breaks it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.answers import Between, Picked, Proposed, Several, Understood, understand
from dialogs.listening.yesno import read_yes_no
from tests.dialogs.answer_questions import CONSENT, LEVELS, QUESTIONS
from tests.dialogs.answer_rows import ROWS


def _understand(question: str, text: str) -> Understood:
    return understand(
        text, QUESTIONS[question], levels=question in LEVELS, strict=question in CONSENT
    )


@pytest.mark.parametrize(
    ("question", "text", "meaning"), ROWS, ids=[f"{q}: {t[:40]!r}" for q, t, _ in ROWS]
)
def test_a_typed_answer_is_understood_as_people_mean_it(
    question: str, text: str, meaning: Understood
) -> None:
    assert _understand(question, text) == meaning


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_label_and_every_number_answers_its_own_option(question: str) -> None:
    options = QUESTIONS[question]
    for index, option in enumerate(options):
        for said in (str(index + 1), *option.labels, *(v.upper() for v in option.labels)):
            assert _understand(question, said) == Picked(index)


_PIECES = sorted({word for _, text, _ in ROWS for word in text.split() if len(word) < 30})
_TEXTS = st.one_of(
    st.text(max_size=400), st.lists(st.sampled_from(_PIECES), max_size=12).map(" ".join)
)


@given(question=st.sampled_from(sorted(QUESTIONS)), text=_TEXTS)
def test_any_text_is_answered_within_the_options(question: str, text: str) -> None:
    match _understand(question, text):
        case Picked(index) | Proposed(index) | Several(index):
            assert 0 <= index < len(QUESTIONS[question])
        case Between(lower, upper):
            assert 0 <= lower != upper < len(QUESTIONS[question])


@given(text=_TEXTS)
def test_consent_is_never_proposed(text: str) -> None:
    assert not isinstance(_understand("consent", text), Proposed | Several | Between)


@given(text=_TEXTS)
def test_a_question_without_options_is_answered_by_nothing(text: str) -> None:
    assert not isinstance(understand(text, ()), Picked | Proposed | Several | Between)


@pytest.mark.parametrize("text", ["không " * 50, "hang ngay " * 30, "1 " * 150, "ừ" * 300])
def test_the_longest_answer_is_read_quickly(text: str) -> None:
    started = time.perf_counter()
    _understand("A3", text[:300])
    assert time.perf_counter() - started < 0.25


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("có", True), ("dạ có", True), ("ok", True), ("👍", True), ("đồng ý", True),
        ("không", False), ("ko", False), ("nỏ", False), ("hổng", False), ("không đồng ý", False),
        ("đúng", True), ("dừng", None), ("có không?", None), ("có nhận tin nha", None),
        ("", None), ("x" * 10_000, None), ("<b>có</b>", None),
    ],
)  # fmt: skip
def test_yes_and_no_are_told_apart(text: str, yes: bool | None) -> None:
    assert read_yes_no(text) is yes
