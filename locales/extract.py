"""Find the message keys in the code: extraction methods for Babel (`make translations`).

A key is the first argument of `Msg("some.key", ...)` in Python, of `w("some.key")` in pages and of
`word("some.key")` in scripts. Keys that code puts together (`Msg(f"problem.{code}")`) or takes from
a table cannot be read off: there a quoted key or an f-string stands for each key of its shape that
the Vietnamese catalogue has.
"""

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from babel.messages.pofile import read_po

LOCALES = Path(__file__).resolve().parent
KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
IN_PAGE = re.compile(
    r"""\b(?:t|w|word)\(\s*["']([a-z][\w.]*)["']"""  # called for: must have words
    r"""|["']([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+)["']"""  # may be a key
)

# What Babel takes: line, function name, message ids (one, or singular and plural), comments.
Found = tuple[int, str, str | tuple[str, str], list[str]]


@dataclass(frozen=True, slots=True)
class Use:
    """One `Msg("key", {...})` in Python: `values` is None where they are not written out."""

    line: int
    key: str
    values: frozenset[str] | None
    plural: bool


def python_keys(
    source: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[Found]:
    """Yield the keys of one Python file; a `Msg` with `count` is a plural message."""
    tree = ast.parse(source.read())
    written = list(uses(tree))
    yield from (_found(use.line, use.key, use.plural) for use in written)
    seen = {use.key for use in written}
    for line, pattern in _patterns(tree):
        for key in known_keys():
            if key not in seen and pattern.fullmatch(key):
                yield _found(line, key, known_keys()[key])


def template_keys(
    source: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Iterator[Found]:
    """Yield the keys of one page or script: `w("key")`, and quoted keys the catalogue knows."""
    for number, line in enumerate(source.read().decode("utf-8").splitlines(), 1):
        for called, quoted in IN_PAGE.findall(line):
            if called or quoted in known_keys():
                yield _found(number, called or quoted, known_keys().get(called or quoted, False))


def uses(tree: ast.AST) -> Iterator[Use]:
    """Yield every call of `Msg` whose key is written out, in no promised order."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node.func) != "Msg" or not node.args:
            continue
        key = node.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            named = {keyword.arg: keyword.value for keyword in node.keywords}
            values = node.args[1] if len(node.args) > 1 else named.get("values", ast.Dict([], []))
            yield Use(node.lineno, key.value, _keys_of(values), "count" in named)


@cache
def known_keys() -> Mapping[str, bool]:
    """Return the keys of the Vietnamese catalogue, each with whether it has plural forms."""
    path = LOCALES / "vi" / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file)
    return {_id(message.id): message.pluralizable for message in catalogue if message.id}


def _found(line: int, key: str, plural: bool) -> Found:
    return (line, "ngettext", (key, key), []) if plural else (line, "gettext", key, [])


def _id(message_id: str | Iterable[str]) -> str:
    return message_id if isinstance(message_id, str) else next(iter(message_id))


def _name(function: ast.expr) -> str:
    return str(getattr(function, "attr", getattr(function, "id", "")))


def _keys_of(values: ast.expr) -> frozenset[str] | None:
    if not isinstance(values, ast.Dict):
        return None
    keys: Collection[str | None] = [
        key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
        for key in values.keys
    ]
    return None if None in keys else frozenset(key for key in keys if key)


def _patterns(tree: ast.AST) -> Iterator[tuple[int, re.Pattern[str]]]:
    """Yield what may stand for keys: quoted strings of their shape, f-strings beginning so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if KEY.fullmatch(node.value):
                yield node.lineno, re.compile(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            parts = [
                re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[a-z0-9_.]+"
                for part in node.values
            ]
            if re.match(r"[a-z][a-z0-9_]*\.", str(node.values[0].value)):
                yield node.lineno, re.compile("".join(parts))
