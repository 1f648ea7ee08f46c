"""The one place where what went wrong becomes HTTP: `application/problem+json` (RFC 9457).

A problem has `type`, `title`, `status`, a `detail` in the caller's language, a stable `code` and,
where a field is to blame, `errors`. Nothing of what the client sent stands in it but field names.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialogs.errors import Refused
from dialogs.screen import Msg
from handlers.error_codes import LEAF_FIELDS, code_of_status, status_of
from handlers.field_errors import FieldError, field_errors
from handlers.i18n import LOCALES, Words
from handlers.measures import Measures
from storage.database import UNAVAILABLE, is_unavailable
from storage.effects import Conflict
from storage.photos import PhotoStoreAway

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5
log = structlog.get_logger("handlers.errors")


class Problem(Exception):
    """An answer of refusal: raise it anywhere in a request; `headers` go out with it."""

    def __init__(
        self,
        status: int,
        code: str,
        message: Msg,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.headers, self.errors = dict(headers or {}), tuple(errors)


def standard(status: int, *, headers: Mapping[str, str] | None = None) -> Problem:
    """Return the usual problem of an HTTP status: 401, 404, 405, 413, 415, 429, 503 ..."""
    code = code_of_status(status)
    return Problem(status, code, Msg(f"problem.detail.{code}"), headers=headers)


def too_many(seconds: float) -> Problem:
    """Return 429 with the whole seconds to wait."""
    return standard(429, headers={"Retry-After": str(max(math.ceil(seconds), 1))})


def locale_of(request: HTTPConnection) -> str:
    """Return the language to answer in: `request.state.locale` if set, else Accept-Language."""
    chosen = getattr(request.state, "locale", None)
    return chosen if chosen in LOCALES else _accepted(request.headers.get("accept-language", ""))


def install_errors(app: FastAPI, words: Words, measures: Measures | None = None) -> None:
    """Answer every refusal, wrong request and failure of `app` as a problem, and count it in
    `measures`. Call it once.

    Add other middleware before, so that their failures are answered too.
    """
    render = _Renderer(words, measures or Measures())
    ours = (Problem, Refused, Conflict, PhotoStoreAway)
    for kind in (*ours, RequestValidationError, HTTPException, *UNAVAILABLE):
        app.add_exception_handler(kind, render)
    app.add_middleware(_LastResort, render=render)


@dataclass(frozen=True, slots=True)
class _Renderer:
    words: Words
    measures: Measures

    async def __call__(self, request: Request, error: Exception) -> Response:
        if is_unavailable(error):
            self.measures.unavailable()
            log.error("database_unavailable", exc_info=error)
        elif isinstance(error, PhotoStoreAway):
            log.error("photo_store_away", exc_info=error)
        elif isinstance(error, UNAVAILABLE):
            # A statement this database does not understand: a defect, which waiting does not mend.
            log.error("request_failed", error=type(error).__name__, exc_info=error)
        return self.response(request, read_problem(error))

    def response(self, request: HTTPConnection, problem: Problem) -> Response:
        self.measures.refused(problem.code)
        locale = locale_of(request)
        family = code_of_status(problem.status)
        body: dict[str, object] = {
            "type": f"/api/docs#{problem.code}",
            "title": self.words.text(Msg(f"problem.title.{family}"), locale),
            "status": problem.status,
            "detail": self.words.text(problem.message, locale),
            "code": problem.code,
        }
        if problem.errors:
            body["errors"] = [
                {"in": e.where, "field": e.field, "detail": self.words.text(e.message, locale)}
                for e in problem.errors
            ]
        headers = {"Cache-Control": "no-store", "Content-Language": locale} | problem.headers
        # A lone surrogate in a field's name has no UTF-8 form.
        sent = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        return Response(sent, problem.status, headers, MEDIA_TYPE)


def read_problem(error: Exception) -> Problem:
    """Return the problem that an exception is to the caller; an unknown one is a bare 500."""
    match error:
        case Problem():
            return error
        case Refused(code=code, message=message):
            field = LEAF_FIELDS.get(code)
            errors = (FieldError("body", field, message),) if field else ()
            return Problem(status_of(error), code, message, errors=errors)
        case Conflict(args=("notice",)):
            return Problem(409, "notice_left", Msg("review.notice_left"))
        case Conflict():
            return Problem(409, "stale_version", Msg("review.stale_version"))
        case RequestValidationError():
            invalid = Msg("problem.detail.invalid")
            return Problem(422, "invalid", invalid, errors=field_errors(error.errors()))
        case HTTPException():
            return standard(error.status_code, headers=error.headers)
    if is_unavailable(error) or isinstance(error, PhotoStoreAway):
        return standard(503, headers={"Retry-After": str(RETRY_SECONDS)})
    return standard(500)


def _accepted(header: str) -> str:
    """Return the language of ours that Accept-Language prefers; Vietnamese when it names none."""
    ranked = sorted(_ranges(header), key=lambda r: -r[1])
    names = (name.partition("-")[0] for name, quality in ranked if quality > 0)
    return next((name for name in names if name in LOCALES), LOCALES[0])


def _ranges(header: str) -> Iterable[tuple[str, float]]:
    for part in header[:200].split(","):
        name, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        yield name.strip().lower(), quality


class _LastResort:
    """Answers 500 without details for what nobody foresaw, and logs where it happened."""

    def __init__(self, app: ASGIApp, render: _Renderer) -> None:
        self._app, self._render = app, render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            # The message may quote a person, so only type and frames are kept (see bot.logs).
            log.error("request_failed", error=type(error).__name__, exc_info=error)
            if started:
                raise
            await self._render.response(Request(scope), read_problem(error))(scope, receive, send)
