"""Crash points: where they stand in the code, how often a life passes them, and dying at one."""

import ast
import os
import signal
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The doors' acknowledgement is watched from outside of the program: see `tests.crash.answering`.
ROOMS = ("bot", "handlers", "storage", "tests/crash")


def named_points() -> dict[str, str]:
    """Return every crash point in the code with the file that passes it.

    Raises AssertionError for a name that is no literal: nobody could find it.
    """
    found: dict[str, str] = {}
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            for name in _named_in(file):
                found[name] = str(file.relative_to(ROOT))
    return found


def _named_in(file: Path) -> list[str]:
    """Return the names given to `crashpoint(...)`, also through `partial(crashpoint, ...)`."""
    names = []
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = _called(node)
        if called is not None:
            names.append(_literal(file, called))
    return names


def _called(call: ast.Call) -> ast.expr | None:
    """Return what a call gives to a crashpoint, now or (by `partial`) later; None for others."""
    if _is_crashpoint(call.func):
        return call.args[0]
    later = isinstance(call.func, ast.Name) and call.func.id == "partial" and len(call.args) > 1
    return call.args[1] if later and _is_crashpoint(call.args[0]) else None


def _is_crashpoint(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in ("crashpoint", "_crashpoint")
    return isinstance(node, ast.Name) and node.id == "crashpoint"


def _literal(file: Path, node: ast.expr) -> str:
    assert isinstance(node, ast.Constant), f"{file}:{node.lineno}: a crash point without a name"
    assert isinstance(node.value, str), f"{file}:{node.lineno}: a crash point without a name"
    return node.value


@dataclass(frozen=True, slots=True)
class Death:
    """Passage `nth` (from one) of `point` in a `phase` of a life; it is told "0/commit.after/2"."""

    phase: str
    point: str
    nth: int

    def __str__(self) -> str:
        """Tell where and when."""
        return f"{self.phase}/{self.point}/{self.nth}"


@dataclass(slots=True)
class Passing:
    """A crashpoint that counts by phase, and is the end of this process at `death`."""

    death: Death | None = None
    phase: str = "start"
    passed: dict[str, Counter[str]] = field(default_factory=dict)

    def __call__(self, name: str) -> None:
        """Pass a point, or do not return from it."""
        here = self.passed.setdefault(self.phase, Counter())
        here[name] += 1
        if self.death == Death(self.phase, name, here[name]):
            os.kill(os.getpid(), signal.SIGKILL)
