"""The shape of the code: short files and functions, documented, named, in their floor."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.guards.tree import ROOT, files, modules, parse, shown

Defined = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
# Data and records grow with what they hold, not with what somebody must understand.
DATA = {"golden", "data", "versions"}


def test_no_source_file_is_longer_than_400_lines() -> None:
    long = {
        shown(path): count
        for path in files(".py", ".js", ".css", ".html")
        if not DATA & set(path.parts)
        and (count := len(path.read_text("utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_function_is_longer_than_50_lines() -> None:
    long = {
        f"{shown(path)}:{node.lineno} {node.name}": length
        for path in modules()
        if not DATA & set(path.parts)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_public_module_class_and_function_promises_something() -> None:
    bare = [
        f"{shown(path)}:{line} {name}"
        for path in modules()
        for line, name, docstring in promises(path)
        if len((docstring or "").split()) < 3
    ]
    assert bare == []


def promises(path: Path) -> Iterator[tuple[int, str, str | None]]:
    """Yield line, name and docstring of what a module shows to others."""
    tree = parse(path)
    if not tree.body:
        return
    yield 1, path.stem, ast.get_docstring(tree)
    scopes: list[ast.Module | ast.ClassDef] = [tree]
    while scopes:
        for node in scopes.pop().body:
            if isinstance(node, Defined) and not node.name.startswith("_"):
                if "override" not in map(ast.unparse, node.decorator_list):
                    yield node.lineno, node.name, ast.get_docstring(node)
                if isinstance(node, ast.ClassDef):
                    scopes.append(node)


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"services", "core", "utils", "common", "helpers", "util", "helper", "misc"}
    found = [
        shown(path)
        for path in files(".py")
        if drawers & {path.stem, *path.relative_to(ROOT).parts[:-1]}
    ]
    assert found == []


def test_no_name_in_the_code_speaks_of_a_district() -> None:
    """The level was abolished on 1 July 2025; old rows are predecessors of units, nothing more."""
    found = [
        f"{shown(path)}:{line} {name}"
        for path in modules()
        for line, name in names(parse(path))
        if re.search("district", name, re.IGNORECASE)
    ]
    assert found == []


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield every name that a module defines or uses, with its line."""
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                yield getattr(node, "lineno", 0), name


def test_dialogs_never_look_at_the_clock_or_a_file() -> None:
    """Import contracts cannot see `datetime.now()` or the builtin `open`; this does."""
    methods = {"now", "today", "utcnow", "fromtimestamp"}
    builtins = {"open", "print", "input", "breakpoint", "exec", "eval", "__import__"}
    found = [
        f"{shown(path)}:{node.lineno} {ast.unparse(node.func)}"
        for path in modules("dialogs")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and (
            getattr(node.func, "attr", None) in methods
            or getattr(node.func, "id", None) in builtins
        )
    ]
    assert found == []


def test_the_import_contracts_hold() -> None:
    run = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
