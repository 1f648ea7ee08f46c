"""Cursors: read back to the number, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.admin.cursor import LENGTH, BadCursor, read_cursor, write_cursor

KEY, OTHER = b"k" * 32, b"o" * 32


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_back_to_its_number(number: int) -> None:
    cursor = write_cursor(KEY, number)
    assert (len(cursor), read_cursor(KEY, cursor)) == (LENGTH, number)


@given(st.text(max_size=40))
def test_no_other_text_is_a_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(KEY, text)


def test_a_cursor_of_another_installation_is_none() -> None:
    with pytest.raises(BadCursor):
        read_cursor(KEY, write_cursor(OTHER, 7))


def test_a_cursor_with_one_character_changed_is_none() -> None:
    cursor = write_cursor(KEY, 7)
    for at in range(LENGTH):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        with pytest.raises(BadCursor):
            read_cursor(KEY, changed)


def test_neighbouring_numbers_look_unrelated() -> None:
    a, b = write_cursor(KEY, 1), write_cursor(KEY, 2)
    assert sum(x == y for x, y in zip(a, b, strict=True)) < 6
