"""Record: the base of the values that every turn makes anew, and how one is changed.

A turn makes some thirty small frozen values and copies the widest three. As frozen dataclasses
that was half of its time: as msgspec structs a value costs 0.1 us instead of 0.3 to 1.3, a copy of
eleven fields 0.1 instead of 2.8 (docs/adr/0006-records.md). What is made seldom stays a dataclass.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


# No record holds itself, so the collector need not look through them.
class Record(msgspec.Struct, frozen=True, gc=False):
    """A frozen value, equal to another of its kind with equal fields; subclasses say frozen too."""


def changed(thing: T, **values: Any) -> T:
    """Return a copy of a record or frozen dataclass with `values`; TypeError for unknown fields."""
    if isinstance(thing, msgspec.Struct):
        return msgspec.structs.replace(thing, **values)
    copy: T = replace(thing, **values)  # type: ignore[type-var]
    return copy


def remembered(make: Callable[[K], V]) -> Callable[[K], V]:
    """Return `make` so that it works once for each object, for objects that stay: criteria.

    They are told apart by identity: comparing them by value would cost more than making it anew.
    """
    kept: dict[int, tuple[K, V]] = {}

    def get(thing: K) -> V:
        found = kept.get(id(thing))
        if found is None:
            # The object is kept too, so that no other can ever have its identity.
            found = kept[id(thing)] = (thing, make(thing))
        return found[1]

    return get
