"""The chat's busiest requests, answered without the framework around them.

FastAPI compares the path with every route and solves each route's dependencies: of the 146 us that
a request for an answer took beside its turn, 115 were spent there (measured, see docs/adr/0007). So
these few are plain ASGI. They stand among the routes like any other, and name who may call them;
`ShortCut` only finds them sooner, and answers their refusals by the very same handlers.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from handlers.web.sites import SameSite

Act = Callable[[Request], Awaitable[Response]]
# An exception handler as the application knows it: called with the request and the exception.
Handlers = Mapping[Any, Callable[[Request, Any], Any]]


@runtime_checkable
class Answering(Protocol):
    """An ASGI application of one method that can be asked without the framework's way to it."""

    @property
    def method(self) -> str:
        """The method it answers."""

    async def answer(self, request: Request) -> Response:
        """Return the answer, or raise what is to be answered as a problem."""


class Direct:
    """One such request, an ASGI application: `site` says who may call and is asked first."""

    def __init__(self, method: str, site: SameSite, act: Act) -> None:
        self.method, self.may_call = method, site.may_call
        self._site, self._act = site, act

    async def answer(self, request: Request) -> Response:
        """Return the answer, or raise what is to be answered as a problem."""
        self._site.check(request)
        return await self._act(request)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as one of the framework's routes, which lead HEAD here too."""
        asked = "GET" if scope["method"] == "HEAD" else scope["method"]
        if asked != self.method:
            raise HTTPException(405, headers={"Allow": self.method})
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)


def direct_route(method: str, path: str, site: SameSite, act: Act) -> Route:
    """Return the route of one method and path to `act`."""
    return Route(path, Direct(method, site, act), methods=[method], include_in_schema=False)


class ShortCut:
    """Middleware: leads a request for an `Answering` route there at once, by method and path."""

    def __init__(self, app: ASGIApp, *, routes: Sequence[BaseRoute], handlers: Handlers) -> None:
        self._app, self._handlers = app, handlers
        self._found: dict[tuple[Any, Any], Answering] = {}
        for found in iter_route_contexts(routes):
            endpoint: object = found.endpoint
            if isinstance(endpoint, Answering):
                self._found[endpoint.method, found.path] = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on."""
        route = self._found.get((scope.get("method"), scope["path"]))
        if route is None or scope.get("root_path"):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            response = await route.answer(request)
        except Exception as error:
            response = await self._refusal(request, error)
        await response(scope, receive, send)

    async def _refusal(self, request: Request, error: Exception) -> Response:
        """Return the application's answer to an exception; one it does not know goes on."""
        kinds = type(error).__mro__
        handle = next((self._handlers[kind] for kind in kinds if kind in self._handlers), None)
        if handle is None:
            raise error
        response: Response = await handle(request, error)
        return response


class Json(Response):
    """JSON that is there already, stored by nobody."""

    media_type = "application/json"

    def __init__(self, data: bytes, status: int = 200) -> None:
        self.body, self.status_code, self.background = data, status, None
        self.raw_headers = [
            (b"cache-control", b"no-store"),
            (b"content-length", b"%d" % len(data)),
            (b"content-type", b"application/json"),
        ]
