"""The files of this repository, for the guards that read them."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "handlers", "storage", "dialogs", "locales", "requirements", "benchmarks")
# Made on this machine or fetched: not the repository's.
NOT_OURS = {
    ".git", ".venv", "var", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache",
    ".hypothesis", ".import_linter_cache", "node_modules",
}  # fmt: skip


def files(*suffixes: str) -> list[Path]:
    """Return the repository's files with one of `suffixes` (all without any), sorted."""
    return sorted(path for path in _walk() if not suffixes or path.suffix in suffixes)


def modules(*folders: str) -> list[Path]:
    """Return the Python files below `folders` (the product's packages without any), sorted."""
    wanted = folders or PACKAGES
    return [path for path in files(".py") if path.relative_to(ROOT).parts[0] in wanted]


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def shown(path: Path) -> str:
    """Return the path as people name it: from the repository's root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def _walk() -> Iterator[Path]:
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [name for name in subfolders if name not in NOT_OURS]
        yield from (Path(folder, name) for name in names)
