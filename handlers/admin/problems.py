"""The refusals of the admin API as its description shows them."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from dialogs.screen import Msg
from handlers.errors import MEDIA_TYPE, Problem
from handlers.field_errors import FieldError

Responses = dict[int | str, dict[str, Any]]


class WrongField(BaseModel):
    """A field that is to blame, dotted from the top of the body (`scores.0.points`)."""

    model_config = ConfigDict(serialize_by_alias=True)

    where: Annotated[str, Field(alias="in", examples=["body"])]
    field: Annotated[str, Field(examples=["scores.0.points"])]
    detail: str


class ProblemBody(BaseModel):
    """A refusal (RFC 9457). `code` is stable; `title` and `detail` are in your language."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[WrongField] | None = None


# status -> what it means, then an example of a code with its English words
_SHOWN: dict[int, tuple[str, str, str, str]] = {
    401: ("No valid token.", "unauthorized", "Not signed in", "A valid API token is needed."),
    403: (
        "Your role may not do this.",
        "not_allowed",
        "Not allowed",
        "Your role may not do this.",
    ),
    404: (
        "Not there, or outside your place: the two are not told apart.",
        "not_found",
        "Not found",
        "There is nothing here for you.",
    ),
    409: (
        "Somebody was faster (`stale_version`), the file stands elsewhere (`wrong_state`), or the "
        "declarant has been told (`notice_left`).",
        "stale_version",
        "Conflict",
        "The file changed after you opened it. Open it again.",
    ),
    413: ("The body is larger than 64 KiB.", "too_large", "Too large", "That is too large."),
    415: (
        "The body is not `application/json`.",
        "unsupported_media_type",
        "Unsupported kind of content",
        "Send application/json.",
    ),
    422: (
        "A field is wrong (`invalid`), or a rule forbids it: `below_mark`, `below_floor`, "
        "`unsettled_indicator`, `points_out_of_range`, `unknown_indicator`, `repeated_indicator`, "
        "`no_items`, `no_reason`, `too_long`, `unknown_village`, `nothing_to_correct`, "
        "`wrong_level`, `too_many_tokens`, `outlives_maker`.",
        "invalid",
        "Cannot be processed",
        "Some fields are not right.",
    ),
    429: (
        "Too much at once; wait `Retry-After` seconds.",
        "too_many_requests",
        "Too many requests",
        "Too many requests. Please wait a little.",
    ),
    503: (
        "The database is away; try again after `Retry-After` seconds.",
        "unavailable",
        "Not available now",
        "The service is not available right now. Nothing was changed.",
    ),
}


def _described(statuses: Iterable[int]) -> Responses:
    return {status: _response(status) for status in statuses}


def _response(status: int) -> dict[str, Any]:
    meaning, code, title, detail = _SHOWN[status]
    example: dict[str, Any] = {
        "type": f"/api/docs#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if status == 422:
        field = {"in": "body", "field": "version", "detail": "This field is missing."}
        example["errors"] = [field]
    schema = {"$ref": "#/components/schemas/Problem"}
    shown: dict[str, Any] = {
        "description": meaning,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    if status in (429, 503):
        seconds = {"schema": {"type": "integer"}, "description": "Seconds to wait."}
        shown["headers"] = {"Retry-After": seconds}
    return shown


ASKING = _described((401, 403, 429, 503))
READING = _described((401, 403, 404, 422, 429, 503))
BLOCKING = _described((401, 403, 404, 413, 415, 422, 429, 503))
DECIDING = _described((401, 403, 404, 409, 413, 415, 422, 429, 503))
CHANGING = _described((401, 403, 404, 413, 415, 422, 429, 503))
BULK = _described((401, 403, 413, 415, 422, 429, 503))
GONE: Responses = {204: {"description": "It is gone."}, **CHANGING}
_JPEG: dict[str, Any] = {
    "description": "The photo.",
    "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
}
PHOTO: Responses = {
    200: _JPEG,
    304: {"description": "You have it already."},
    **READING,
}


def problem_schemas() -> dict[str, Any]:
    """Return the schemas that the problem responses refer to, by name."""
    whole = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    return {"Problem": whole, **whole.pop("$defs")}


def bad_cursor() -> Problem:
    """Return 422 for an `after` that no list gave."""
    wrong = FieldError("query", "after", Msg("problem.field.cursor"))
    return Problem(422, "invalid", Msg("problem.detail.invalid"), errors=[wrong])
