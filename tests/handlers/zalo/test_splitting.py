"""A long text goes out in parts that fit, cut where a reader would cut it."""

import pytest

from handlers.zalo.splitting import shorten, split_paragraphs, units

FAMILY = "👨\u200d👩\u200d👧"
FLAG = "🇻🇳"


def test_lengths_are_counted_as_zalo_counts_them() -> None:
    assert [units(text) for text in ("", "Hằng", "😀", FAMILY, FLAG)] == [0, 4, 2, 8, 4]


def test_what_fits_stays_one_message() -> None:
    assert split_paragraphs(["một", "hai", "ba"], 10) == ["một\nhai\nba"]


def test_a_text_is_cut_between_paragraphs_first() -> None:
    assert split_paragraphs(["một hai", "ba bốn", "năm"], 12) == ["một hai", "ba bốn\nnăm"]


def test_a_long_paragraph_is_cut_between_lines_then_words() -> None:
    assert split_paragraphs(["một hai\nba bốn năm"], 10) == ["một hai", "ba bốn năm"]
    assert split_paragraphs(["một hai ba bốn năm"], 10) == ["một hai ba", "bốn năm"]


def test_a_line_of_choices_is_cut_before_a_number_only() -> None:
    line = "1. Vài lần   2. Hằng tuần   3. Hằng ngày"
    assert split_paragraphs([line], 30) == ["1. Vài lần\n2. Hằng tuần", "3. Hằng ngày"]


def test_no_line_with_a_number_is_cut_while_it_fits_a_message() -> None:
    lines = [f"{n}. câu trả lời số {n}" for n in range(1, 40)]
    parts = split_paragraphs(["\n".join(lines)], 100)
    assert "\n".join(parts).split("\n") == lines
    assert all(units(part) <= 100 for part in parts)


@pytest.mark.parametrize("letter", ["😀", FAMILY, FLAG, "e\u0302\u0301", "👍🏽", "❤\ufe0f"])
def test_a_letter_of_several_signs_is_never_cut(letter: str) -> None:
    for limit in (8, 9, 10, 11):
        parts = split_paragraphs([letter * 20], limit)
        assert "".join(parts) == letter * 20
        assert all(units(part) <= limit for part in parts)
        assert all(part.replace(letter, "") == "" for part in parts)


def test_nothing_is_lost_and_every_part_fits() -> None:
    paragraphs = [f"Đoạn {n}: " + "chữ " * (n * 37 % 90) + "hết" for n in range(60)]
    parts = split_paragraphs(paragraphs, 200)
    assert " ".join(" ".join(parts).split()) == " ".join(" ".join(paragraphs).split())
    assert all(0 < units(part) <= 200 for part in parts)


def test_a_title_too_long_ends_after_a_whole_word() -> None:
    assert shorten("Làm thường xuyên, biết tránh lừa đảo", 20) == "Làm thường xuyên…"
    assert shorten("Hằng tuần", 20) == "Hằng tuần"
    assert shorten("x" * 30, 20) == "x" * 19 + "…"
