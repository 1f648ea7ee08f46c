"""What the page sends, checked before it is kept."""

from typing import TypeVar
from uuid import UUID

import msgspec
from starlette.requests import ClientDisconnect, Request

from dialogs.screen import Msg
from handlers.errors import Problem, standard
from handlers.field_errors import FieldError

T = TypeVar("T", bound=msgspec.Struct)
BODY_MAX = 64 * 1024
TEXT_MAX = 10_000
SHORT = 200


class SessionAsked(msgspec.Struct, forbid_unknown_fields=True):
    """`POST sessions`: all of it optional."""

    locale: str | None = None
    place: str | None = None
    resume: str | None = None
    join: str | None = None


class EventSent(msgspec.Struct, forbid_unknown_fields=True):
    """`POST events`: a choice of a screen, or a text."""

    event_id: UUID
    screen: str | None = None
    choice: str | None = None
    text: str | None = None


async def read_body(request: Request, limit: int = BODY_MAX) -> bytes:
    """Return the body, at most `limit` bytes; Problem 413 for more."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:18]) > limit:
        raise standard(413)
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > limit:
                raise standard(413)
    except ClientDisconnect as gone:
        raise standard(400) from gone
    return bytes(data)


async def read_json(request: Request, kind: type[T]) -> T:
    """Return the JSON body as `kind`; Problem 415, 413 or 422 naming the field."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise standard(415)
    data = await read_body(request)
    try:
        return msgspec.json.decode(data or b"{}", type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise wrong_field(error) from error


def check_event(event: EventSent) -> None:
    """Raise Problem 422 unless there is exactly one of choice and text, of sensible length."""
    if (event.choice is None) == (event.text is None):
        raise field_problem("text", "choice_or_text")
    if event.choice is not None and event.screen is None:
        raise field_problem("screen", "screen_missing")
    for name, value in (("screen", event.screen), ("choice", event.choice)):
        if value is not None and len(value) > SHORT:
            raise field_problem(name, "too_long")
    if event.text is not None and len(event.text) > TEXT_MAX:
        raise _told(Msg("problem.text_long", {"most": TEXT_MAX}), "text")


def wrong_field(error: Exception) -> Problem:
    """Return the problem of a body that does not fit, with the path of the field."""
    _, _, path = str(error).partition(" - at `")
    field = path.rstrip("`").removeprefix("$.")[:SHORT]
    return field_problem(field or "body", "not_understood")


def field_problem(field: str, code: str) -> Problem:
    """Return a 422 that names one field of the body and says what is wrong with it."""
    return _told(Msg(f"problem.field.{code}", {"field": field}), field)


def _told(message: Msg, field: str) -> Problem:
    return Problem(422, "invalid", message, errors=(FieldError("body", field, message),))


def read_event_id(value: object) -> str:
    """Return the event id of a form; Problem 422 for what is no UUID."""
    try:
        return str(UUID(value if isinstance(value, str) else ""))
    except ValueError as error:
        raise field_problem("event_id", "not_understood") from error
