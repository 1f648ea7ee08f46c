"""The numbered list, the look every channel shares: a number typed is an answer anywhere."""

from collections.abc import Sequence

GAP = "   "


def number_choices(labels: Sequence[str], widest: int) -> list[str]:
    """Return "1. ..." for each label: all in one line of at most `widest` characters, else a line
    each.
    """
    lines = [f"{n}. {label}" for n, label in enumerate(labels, 1)]
    together = GAP.join(lines)
    return [together] if lines and len(together) <= widest else lines
