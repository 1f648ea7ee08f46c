"""Figures: what was measured, against which budget, as a table and as a file."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured key. Without a `budget` it is for information."""

    name: str
    value: float
    unit: str
    budget: float | None = None

    @property
    def ok(self) -> bool:
        """Whether the budget is kept; without one, always."""
        return self.budget is None or self.value <= self.budget


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a text table with `title` above, columns as wide as what stands in them."""
    lines = [list(head), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    text = [
        "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) for line in lines
    ]
    return "\n".join([f"\n{title}", text[0], "  ".join("-" * w for w in widths), *text[1:]])


def shown(cell: object) -> str:
    """Return a cell as it is printed: figures with three digits that matter."""
    if not isinstance(cell, float):
        return "" if cell is None else str(cell)
    return f"{cell:.0f}" if cell >= 100 else f"{cell:.3g}"


def summary(figures: Iterable[Figure]) -> str:
    """Return the table of all figures with their budgets."""
    head = ("key", "value", "unit", "budget", "")
    rows = [
        (f.name, f.value, f.unit, f.budget, "" if f.budget is None else "ok" if f.ok else "MISSED")
        for f in figures
    ]
    return table("Budgets", head, rows)


def write(figures: Iterable[Figure], file: Path) -> None:
    """Write `{name: {value, unit, budget, ok}}` as JSON; `budget` null is for information."""
    kept = {
        f.name: {"value": round(f.value, 4), "unit": f.unit, "budget": f.budget, "ok": f.ok}
        for f in figures
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
