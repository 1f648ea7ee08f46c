"""The invented people of the demo, read from people.toml as plain values."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dialogs.model import Status

FILE = Path(__file__).parent / "people.toml"
Look = Literal["clear", "blurry"]


@dataclass(frozen=True, slots=True)
class Case:
    """One declaration of the demo.

    `answers` are options from 1 in asking order, 0 left to an officer; `submitted`, `withdrawn`
    and `decided` are days back from seeding; `items` (criterion, reason) and `scores` (criterion,
    points, reason) are the officer's.
    """

    name: str
    born: int
    status: Status
    answers: tuple[int, ...]
    village: int | None = None
    village_text: str | None = None
    settled: bool = True
    submitted: int | None = None
    withdrawn: int | None = None
    decided: int | None = None
    photos: tuple[Look, ...] = ()
    items: tuple[tuple[str, str], ...] = ()
    scores: tuple[tuple[str, int, str], ...] = ()
    reason: str = ""


def read_cases() -> tuple[Case, ...]:
    """Return the cases in the order of the file; TypeError for a field that no case has."""
    rows = tomllib.loads(FILE.read_text("utf-8"))["declaration"]
    return tuple(Case(**{name: _frozen(value) for name, value in row.items()}) for row in rows)


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
