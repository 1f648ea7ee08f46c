"""changed: `dataclasses.replace` for the wide values that every turn makes anew, at a tenth of it.

State, Facts and Declaration are frozen like all values, but have no slots: so their fields lie in
one dictionary, which is copied at once instead of field by field.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")


def changed(thing: T, **values: Any) -> T:
    """Return a copy of a frozen dataclass with `values`; TypeError for a field it does not have."""
    kind: Any = type(thing)
    if not hasattr(thing, "__dict__"):
        copy: T = replace(thing, **values)  # type: ignore[type-var]
        return copy
    fields = thing.__dict__
    if not values.keys() <= fields.keys():
        raise TypeError(f"{kind.__name__} has no {', '.join(values.keys() - fields.keys())}")
    new: T = kind.__new__(kind)
    new.__dict__.update(fields, **values)
    return new


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
