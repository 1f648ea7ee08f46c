"""Names and years of birth in one typed line: every row of the table, and no text breaks it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.folding import fold
from dialogs.listening.syllables import FAMILY, GIVEN, MIDDLE
from dialogs.listening.telex import rebuild
from dialogs.names import (
    MAX_NAME,
    BirthYear,
    NameAndBirth,
    YearRead,
    propose_spellings,
    read_name_and_birth,
    read_year,
)
from tests.dialogs.name_rows import NAMES, SPELLINGS, YEARS

TODAY = date(2026, 10, 1)


@pytest.mark.parametrize(("text", "read"), NAMES)
def test_a_line_gives_the_name_and_the_year_in_it(text: str, read: NameAndBirth) -> None:
    assert read_name_and_birth(text, TODAY) == read


@pytest.mark.parametrize(("text", "read"), YEARS)
def test_a_year_asked_alone_is_read_in_every_form(text: str, read: BirthYear) -> None:
    assert read_year(text, TODAY) == read


@pytest.mark.parametrize(("name", "proposals"), SPELLINGS)
def test_a_name_without_marks_gets_at_most_two_spellings(
    name: str, proposals: tuple[str, ...]
) -> None:
    assert propose_spellings(name) == proposals


@pytest.mark.parametrize(
    ("keys", "syllable"),
    [
        ("nguyeenx", "nguyễn"), ("thij", "thị"), ("hoaf", "hòa"), ("thuyr", "thủy"),
        ("vawn", "văn"),
        ("ddinhf", "đình"), ("dinhd", "đinh"), ("dduwcs", "đức"), ("huwongf", "hường"),
        ("truwowng", "trương"), ("quys", "quý"), ("nguye6n4", "nguyễn"), ("tra62n", "trần"),
        ("phu7o7ng", "phương"), ("d9o64", "đỗ"), ("toan", None), ("Toan", None), ("Foo", None),
        ("Alex", None), ("hoa65", None), ("2", None), ("", None),
    ],
)  # fmt: skip
def test_raw_keys_make_the_syllable_they_mean_or_none(keys: str, syllable: str | None) -> None:
    assert rebuild(keys) == syllable


def test_no_syllable_of_the_name_tables_typed_plain_is_taken_for_raw_keys() -> None:
    assert {s: rebuild(s) for table in (FAMILY, MIDDLE, GIVEN) for s in table if rebuild(s)} == {}


def test_a_proposal_only_adds_marks() -> None:
    names = [f"{a} {b} {c}" for a in FAMILY for b in ("van", "thi") for c in GIVEN]
    assert {n for n in names for p in propose_spellings(n) if fold(p) != n} == set()


_PIECES = sorted({w for text, _ in NAMES for w in text.split() if len(w) < 20} | {"năm", "tuổi"})
_TEXTS = st.one_of(
    st.text(max_size=250), st.lists(st.sampled_from(_PIECES), max_size=9).map(" ".join)
)


@given(text=_TEXTS)
def test_any_line_gives_a_name_fit_to_keep(text: str) -> None:
    read = read_name_and_birth(text, TODAY)
    name = read.name or ""
    assert len(name) <= MAX_NAME
    assert not set(name) & set("<>{}0123456789\n\t")
    assert _is_offered(read.year)
    assert len(propose_spellings(name)) <= 2


@given(text=_TEXTS)
def test_any_text_asked_for_a_year_gives_a_possible_one_or_none(text: str) -> None:
    assert _is_offered(read_year(text, TODAY).year)


def _is_offered(read: YearRead | None) -> bool:
    """Whether a year is possible, and offered for choice when it is not certain."""
    if read is None:
        return True
    return 1905 <= read.year <= 2026 and (read.certain or read.year in read.candidates)
