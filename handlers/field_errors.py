"""Which field of a request is wrong, and how: the validator's findings in words of ours.

The validator's own messages are English and may quote what was sent, so they are not passed on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dialogs.screen import Msg

MOST = 20
LONGEST = 100
_KINDS: Mapping[str, Msg] = {
    "missing": Msg("problem.field.missing"),
    "extra_forbidden": Msg("problem.field.unknown"),
    "json_invalid": Msg("problem.field.not_json"),
    "model_attributes_type": Msg("problem.field.not_json"),
    "literal_error": Msg("problem.field.not_listed"),
    "enum": Msg("problem.field.not_listed"),
}
# How a kind of finding ends, and what it means; the first that fits is taken.
_ENDINGS: Sequence[tuple[str, Msg]] = (
    ("too_long", Msg("problem.field.too_long")),
    ("too_short", Msg("problem.field.too_short")),
    ("_than", Msg("problem.field.out_of_range")),
    ("_than_equal", Msg("problem.field.out_of_range")),
    ("_type", Msg("problem.field.wrong_type")),
    ("_parsing", Msg("problem.field.wrong_type")),
    ("_from_float", Msg("problem.field.wrong_type")),
)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: `where` is body, query, path ...; `field` is dotted, "" for the whole."""

    where: str
    field: str
    message: Msg


def field_errors(found: Sequence[Any]) -> tuple[FieldError, ...]:
    """Return a validator's findings, MOST at most, without anything of the values sent."""
    return tuple(_read(one) for one in found[:MOST])


def _read(one: Mapping[str, Any]) -> FieldError:
    where, *path = [str(part) for part in one["loc"]]
    message = _message(str(one["type"]))
    if one["type"] == "json_invalid":
        path = []
    # A field's name is the client's own text when it is one we do not know.
    return FieldError(where, ".".join(path)[:LONGEST], message)


def _message(kind: str) -> Msg:
    known = _KINDS.get(kind)
    return known or next(
        (message for ending, message in _ENDINGS if kind.endswith(ending)),
        Msg("problem.field.wrong"),
    )
