"""Which HTTP status a stable code has; `/api/docs` lists them for callers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialogs import errors

STATUSES: Mapping[int, str] = MappingProxyType(
    {
        400: "bad_request",
        401: "unauthorized",
        403: "not_allowed",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        413: "too_large",
        415: "unsupported_media_type",
        422: "invalid",
        429: "too_many_requests",
        500: "failed",
        503: "unavailable",
    }
)
# A subclass stands before its parent: the first that fits is taken.
REFUSALS: tuple[tuple[type[errors.Refused], int], ...] = (
    (errors.NotOfficer, 401),
    (errors.NotAllowed, 403),
    (errors.UnknownFile, 404),
    (errors.StaleVersion, 409),
    (errors.WrongState, 409),
    (errors.NoticeLeft, 409),
    (errors.AmbiguousEnding, 409),
    (errors.Refused, 422),
)


@dataclass(frozen=True, slots=True)
class Code:
    """A stable code with its status; `about` is its docstring's first paragraph, "" if plain."""

    code: str
    status: int
    about: str


OWN: tuple[Code, ...] = (
    Code("blocked", 429, "Messages of this person are not taken for a while, set by an officer."),
)

# Refusals that blame one field, by the name it has wherever it stands in a body.
LEAF_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "no_items": "items",
        "no_reason": "reason",
        "too_long": "reason",
        "unknown_indicator": "criterion",
        "repeated_indicator": "criterion",
        "points_out_of_range": "points",
        "unknown_village": "village",
        "nothing_to_correct": "name",
        "wrong_level": "place",
        "outlives_maker": "days",
    }
)


def code_of_status(status: int) -> str:
    """Return the usual code of a status; 400 and 500 stand in for what STATUSES lacks."""
    return STATUSES.get(status) or STATUSES[400 if status < 500 else 500]


def status_of(refused: errors.Refused) -> int:
    """Return the HTTP status of a refusal by rule."""
    return next(status for kind, status in REFUSALS if isinstance(refused, kind))


def list_codes() -> list[Code]:
    """Return every code that a problem may have, by status and name."""
    plain = {code: Code(code, status, "") for status, code in STATUSES.items()}
    rules = {kind.code: _described(kind) for kind in _subclasses(errors.Refused)}
    own = {one.code: one for one in OWN}
    return sorted((plain | rules | own).values(), key=lambda one: (one.status, one.code))


def _described(kind: type[errors.Refused]) -> Code:
    about = (kind.__doc__ or "").partition("\n\n")[0]
    status = next(status for parent, status in REFUSALS if issubclass(kind, parent))
    return Code(kind.code, status, " ".join(about.split()))


def _subclasses(kind: type[errors.Refused]) -> Iterator[type[errors.Refused]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)
