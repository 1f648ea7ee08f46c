"""Small figures of villages are told to nobody outside, neither plainly nor by subtraction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.figures import LEAST, NONE, Figures, list_hidden, total

FIGURES = st.builds(Figures, begun=st.integers(0, 9), approved=st.integers(0, 9))
PARTS = st.dictionaries(st.sampled_from("abcdefgh"), FIGURES)


@pytest.mark.parametrize(
    ("parts", "hidden"),
    [
        ({}, ""),
        ({"a": 0, "b": 0}, ""),
        ({"a": 5, "b": 100}, ""),
        # Alone it could be worked out: the smallest other goes with it.
        ({"a": 4, "b": 9, "c": 7}, "ac"),
        # Together still small: one more.
        ({"a": 1, "b": 2, "c": 9, "d": 8}, "abd"),
        ({"a": 2, "b": 3, "c": 9}, "ab"),
        # Nobody else has files: then at least which one it is.
        ({"a": 3, "b": 0, "c": 0}, "ab"),
        ({"a": 3}, "a"),
    ],
)
def test_small_parts_are_hidden_with_what_would_tell_them(
    parts: dict[str, int], hidden: str
) -> None:
    figures = {code: Figures(approved=n) for code, n in parts.items()}
    assert list_hidden(figures) == frozenset(hidden)


@given(PARTS)
def test_what_is_shown_is_never_small(parts: dict[str, Figures]) -> None:
    shown = [parts[code] for code in parts.keys() - list_hidden(parts)]
    assert not [f for f in shown if any(0 < n < LEAST for n in f.counts())]


@given(PARTS)
def test_subtracting_what_is_shown_tells_nobody_as_long_as_others_can_hide_it(
    parts: dict[str, Figures],
) -> None:
    hidden = list_hidden(parts)
    left = total({code: parts[code] for code in hidden})
    with_files = {code for code, figures in parts.items() if figures != NONE}
    if hidden and not with_files <= hidden:
        assert len(hidden) > 1
        assert not any(0 < n < LEAST for n in left.counts())


@given(st.lists(FIGURES))
def test_figures_add_up_and_back(many: list[Figures]) -> None:
    whole = total(dict(enumerate(many)))  # type: ignore[arg-type]
    assert whole == Figures(sum(f.begun for f in many), approved=sum(f.approved for f in many))
    assert whole - whole == NONE
    assert (whole.registered, whole.declared) == (whole.begun + whole.approved, whole.approved)
