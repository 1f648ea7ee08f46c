"""The numbered list reads the same on every channel."""

from handlers.numbered import number_choices


def test_short_choices_share_a_line_and_long_ones_have_one_each() -> None:
    assert number_choices(["Có", "Không"], 20) == ["1. Có   2. Không"]
    assert number_choices(["Có", "Không"], 15) == ["1. Có", "2. Không"]


def test_no_choices_are_no_line() -> None:
    assert number_choices([], 20) == []
