"""changed: `dataclasses.replace` for the frozen values that every turn makes anew, at half its cost."""

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

T = TypeVar("T")


def changed(thing: T, **values: Any) -> T:
    """Return a copy of `thing`, a frozen slots dataclass without `__post_init__`, with `values`."""
    kind: Any = type(thing)
    get, setters = _form(kind)
    new: T = kind.__new__(kind)
    for set_field, value in zip(setters, get(thing), strict=True):
        set_field(new, value)
    for name, value in values.items():
        object.__setattr__(new, name, value)
    return new


@cache
def _form(kind: Any) -> tuple[Callable[[Any], Any], tuple[Callable[[Any, Any], None], ...]]:
    """Return what reads all fields at once, and what writes each (a slot knows no "frozen")."""
    names: tuple[str, ...] = kind.__slots__
    return attrgetter(*names), tuple(getattr(kind, name).__set__ for name in names)
