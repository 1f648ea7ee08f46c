"""Figures of places, and which of them are too small to be shown outside."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass

# A count of fewer people than this may tell who they are.
LEAST = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """How many files stand where. A draft is `begun` until it was handed in once."""

    begun: int = 0
    taken_back: int = 0
    submitted: int = 0
    returned: int = 0
    approved: int = 0
    rejected: int = 0
    withdrawn: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        """Return both together."""
        return Figures(*(a + b for a, b in zip(self.counts(), other.counts(), strict=True)))

    def __sub__(self, other: "Figures") -> "Figures":
        """Return what is left without `other`."""
        return Figures(*(a - b for a, b in zip(self.counts(), other.counts(), strict=True)))

    def counts(self) -> tuple[int, ...]:
        """Return the counts in the order of the fields."""
        return astuple(self)

    @property
    def declared(self) -> int:
        """How many are with the officers or decided."""
        return self.submitted + self.returned + self.approved + self.rejected

    @property
    def registered(self) -> int:
        """How many have begun, whatever came of it, but for those withdrawn for good."""
        return self.declared + self.begun + self.taken_back


NONE = Figures()


def total(parts: Mapping[str, Figures]) -> Figures:
    """Return all parts together."""
    return sum(parts.values(), NONE)


def list_hidden(parts: Mapping[str, Figures]) -> frozenset[str]:
    """Return the parts of a whole that may not be shown where only the whole is known.

    A part with a count from 1 to 4 is hidden whole. What the hidden ones have together can be
    worked out from the whole, so it must be no single part's and no small count either: the
    smallest other parts are hidden with them, as long as there are any.
    """
    hidden = {code for code, figures in parts.items() if _is_small(figures)}
    others = sorted(parts.keys() - hidden, key=lambda code: (sum(parts[code].counts()), code))
    # A part without files hides nothing but which part it is: such ones come last.
    others.sort(key=lambda code: parts[code] == NONE)
    for code in others:
        told = total({one: parts[one] for one in hidden})
        if not hidden or (len(hidden) > 1 and not _is_small(told)):
            break
        if parts[code] == NONE and len(hidden) > 1:
            break
        hidden.add(code)
    return frozenset(hidden)


def _is_small(figures: Figures) -> bool:
    return any(0 < count < LEAST for count in figures.counts())
