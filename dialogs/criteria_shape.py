"""Reading plain data into dataclasses by their own types, keeping every problem met on the way.

A field added to a dataclass is thereby required, typed and checked; nothing else has to change.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from dialogs.criteria_problems import CriteriaProblem, Reason
from dialogs.folding import compose
from dialogs.screen import Localised

LANGUAGES = ("vi", "en")

T = TypeVar("T")


def dotted(key: str, name: str) -> str:
    """Return the key of field `name` inside the table at `key` ("" is the whole file)."""
    return f"{key}.{name}" if key else name


class ShapeReader:
    """Reads the data of one file; `problems` grows, and what is not sound comes back as None."""

    def __init__(self, file: str) -> None:
        self.problems: list[CriteriaProblem] = []
        self._file = file

    def read_table(self, shape: type[T], value: object, key: str) -> T | None:
        """Return `value` as the dataclass `shape`, or None after noting what is wrong in it."""
        before = len(self.problems)
        wanted = _given_fields(shape)
        table = self._table(value, wanted, key)
        hints = get_type_hints(shape)
        read: dict[str, Any] = {}
        for name, field in wanted.items():
            if name in table:
                read[name] = self._read(hints[name], table[name], dotted(key, name))
                if read[name] == () and _is_required(field):
                    self._note(dotted(key, name), "empty")
            elif table is not _NO_TABLE and _is_required(field):
                self._note(dotted(key, name), "missing")
        return shape(**read) if len(self.problems) == before else None

    def _table(self, value: object, wanted: Mapping[str, object], key: str) -> Mapping[str, object]:
        """Return `value` as a table, noting fields nobody wants; no table is `_NO_TABLE`."""
        if not isinstance(value, Mapping):
            self._wrong_type(key, "table", value)
            return _NO_TABLE
        for name in value:
            if name not in wanted:
                self._note(dotted(key, str(name)), "unknown_field")
        return value

    def _read(self, kind: Any, value: object, key: str) -> object:
        """Return `value` as the type `kind`."""
        if is_dataclass(kind) and kind is not Localised:
            return self.read_table(cast("type[object]", kind), value, key)
        if get_origin(kind) is UnionType:
            return self._read(get_args(kind)[0], value, key)
        readers: Mapping[object, Callable[[Any, object, str], object]] = {
            Localised: self._localised,
            Literal: self._literal,
            tuple: self._list,
            str: self._text,
            bool: self._bool,
            int: self._int,
        }
        return readers[get_origin(kind) or kind](kind, value, key)

    def _localised(self, _: Any, value: object, key: str) -> Localised:
        table = self._table(value, dict.fromkeys(LANGUAGES), key)
        texts = []
        for language in LANGUAGES:
            if language in table:
                text = self._text(str, table[language], dotted(key, language))
                texts.append((language, text))
            elif table is not _NO_TABLE:
                self._note(dotted(key, language), "missing_language")
        return Localised(tuple(texts))

    def _literal(self, kind: Any, value: object, key: str) -> object:
        allowed = get_args(kind)
        if value not in allowed:
            self._note(key, "unknown_value", f"{value} ∉ {', '.join(allowed)}")
        return value

    def _list(self, kind: Any, value: object, key: str) -> object:
        if not isinstance(value, Sequence) or isinstance(value, str):
            self._wrong_type(key, "list", value)
            return None
        item = get_args(kind)[0]
        return tuple(self._read(item, v, f"{key}[{i}]") for i, v in enumerate(value))

    def _text(self, _: Any, value: object, key: str) -> str:
        if not isinstance(value, str):
            self._wrong_type(key, "text", value)
            return ""
        text = compose(value)
        if not text:
            self._note(key, "empty")
        return text

    def _bool(self, _: Any, value: object, key: str) -> object:
        if not isinstance(value, bool):
            self._wrong_type(key, "true/false", value)
        return value

    def _int(self, _: Any, value: object, key: str) -> object:
        # In Python true is an int; in a criteria file it is a slip.
        if not isinstance(value, int) or isinstance(value, bool):
            self._wrong_type(key, "integer", value)
            return None
        if value < 0:
            self._note(key, "negative", str(value))
        return value

    def _wrong_type(self, key: str, wanted: str, value: object) -> None:
        self._note(key, "wrong_type", f"{wanted} ≠ {value!r:.40}")

    def _note(self, key: str, reason: Reason, detail: str = "") -> None:
        self.problems.append(CriteriaProblem(self._file, key, reason, detail))


_NO_TABLE: Mapping[str, object] = {}


def _given_fields(shape: Any) -> Mapping[str, "Field[object]"]:
    """Return the fields of a dataclass that data must or may give."""
    return {field.name: field for field in fields(shape) if field.init}


def _is_required(field: "Field[object]") -> bool:
    """Tell whether data must give this field; a required list also needs something in it."""
    return field.default is MISSING
