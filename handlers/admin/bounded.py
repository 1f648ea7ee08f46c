"""Routes that take small JSON bodies: what is too large or of another kind never gets further."""

from collections.abc import Callable, Coroutine
from email.message import Message as Header
from typing import Any, Final

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from dialogs.screen import Msg
from handlers.errors import Problem, standard
from handlers.field_errors import FieldError

BODY_MAX: Final = 64 * 1024


class BoundedRoute(APIRoute):
    """A route whose body is at most BODY_MAX bytes (413) of `application/json` (415).

    FastAPI's own `max_body_size` answers in plain text, this one as a problem.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler behind the bound."""
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            body = await _read(request)
            if body and not _is_json(request.headers.get("content-type", "")):
                raise standard(415)
            try:
                return await handle(Request(request.scope, _replay(body)))
            except HTTPException as error:
                # FastAPI says 400 for what is no text, nests too deep or has too long numbers.
                raise (_not_json() if error.status_code == 400 else error) from error

        return bounded


def _not_json() -> Problem:
    errors = [FieldError("body", "", Msg("problem.field.not_json"))]
    return Problem(422, "invalid", Msg("problem.detail.invalid"), errors=errors)


async def _read(request: Request) -> bytes:
    """Return the body; stop reading as soon as it is too large."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:20]) > BODY_MAX:
        raise standard(413)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > BODY_MAX:
                raise standard(413)
            chunks.append(chunk)
    except ClientDisconnect as gone:
        raise standard(400) from gone
    return b"".join(chunks)


def _replay(body: bytes) -> Callable[[], Coroutine[Any, Any, Message]]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _is_json(content_type: str) -> bool:
    header = Header()
    header["content-type"] = content_type or "application/octet-stream"
    subtype = header.get_content_subtype()
    return header.get_content_maintype() == "application" and (
        subtype == "json" or subtype.endswith("+json")
    )
