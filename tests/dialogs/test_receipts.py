"""Receipt codes survive being read out, typed and mistyped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.receipts import (
    ALPHABET,
    body_for,
    ending,
    is_ending,
    make_code,
    read_code,
    read_ending,
)

tokens = st.integers(0, 16**64 - 1).map(lambda n: f"{n:064x}")
codes = st.builds(make_code, st.integers(2024, 2099), tokens, st.integers(4, 8))


@given(codes)
def test_every_code_made_reads_back_as_itself(code: str) -> None:
    assert read_code(code) == code


@given(st.integers(2024, 2035), tokens)
def test_any_single_wrong_character_is_caught(year: int, token: str) -> None:
    code = make_code(year, token)
    for n, right in enumerate(code):
        for wrong in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if right not in (wrong, "-"):
                assert read_code(code[:n] + wrong + code[n + 1 :]) is None


@given(st.integers(2024, 2035), tokens)
def test_any_two_neighbours_swapped_are_caught(year: int, token: str) -> None:
    plain = make_code(year, token).replace("-", "")
    for n in range(len(plain) - 1):
        swapped = plain[:n] + plain[n + 1] + plain[n] + plain[n + 2 :]
        if swapped != plain:
            assert read_code(swapped) is None


def test_the_code_of_the_script_is_of_this_kind() -> None:
    assert read_code("kh26 7f3k 2m") == "KH26-7F3K-2M"
    assert len(make_code(2026, "f" * 64)) == len("KH26-7F3K-2M")
    assert set("273FKM") <= set(ALPHABET)
    assert not set("01OILQSZBUWDG") & set(ALPHABET)


@pytest.mark.parametrize(
    "dress", ["{0}-{1}-{2}", "{0}{1}{2}", " {0} {1}  {2} ", "{0}–{1}–{2}", "“{0}-{1}-{2}”."]
)
@pytest.mark.parametrize("case", ["upper", "lower"])
def test_a_code_is_read_in_any_dress(dress: str, case: str) -> None:
    code = make_code(2026, "1234567890abcdef")
    typed = dress.format(*code.split("-"))
    assert read_code(typed.lower() if case == "lower" else typed) == code
    assert read_code(" ".join(typed)) == code


@pytest.mark.parametrize("text", ["", "2M", "KH26", "hello", "KH26-7F3K-2M-9", "١٢٣", "K" * 10_000])
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2m", "2M"),
        ("…2M", "2M"),
        ("k2m", "K-2M"),
        ("3k 2m", "3K-2M"),
        ("7f3k-2m", "7F3K-2M"),
        ("2", None),
        ("2o", None),
        ("mở", None),
        ("", None),
    ],
)
def test_an_ending_is_read_as_it_stands_on_the_receipt(typed: str, read: str | None) -> None:
    assert read_ending(typed) == read
    assert is_ending(typed) is (read is not None)


@pytest.mark.parametrize(
    ("others", "shortest"),
    [
        ((), "2M"),
        (("KH26-7F3K-2M",), "2M"),
        (("KH26-9999-5K",), "2M"),
        (("KH26-999F-2M",), "K-2M"),
        (("KH26-999K-2M", "KH26-9F3K-2M"), "7F3K-2M"),
        (("KH25-7F3K-2M",), "KH26-7F3K-2M"),
    ],
)
def test_the_shortest_ending_no_other_code_has(others: tuple[str, ...], shortest: str) -> None:
    assert ending("KH26-7F3K-2M", others) == shortest


@pytest.mark.parametrize(
    ("files", "length"),
    [(0, 4), (40_841, 4), (40_842, 5), (857_661, 5), (857_662, 6), (27_000_000, 7)],
)
def test_the_middle_group_grows_with_the_number_of_files(files: int, length: int) -> None:
    assert body_for(files) == length
    assert read_code(make_code(2026, "f" * 32, length)) is not None
