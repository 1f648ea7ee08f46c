"""Headers every answer carries: nothing from other sites, nothing inline, nothing framed.

What is cached or compressed is named here too: the rest is stored nowhere, and never compressed,
since a secret beside text of somebody's choice shows itself in the compressed length (BREACH).
"""

import os
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
SECURE = {"Strict-Transport-Security": "max-age=31536000"}
# The same bytes for everybody: the chat's page with its words, and what stands in static/.
PUBLIC_PAGES = ("/", "/officer")


class SecurityHeaders:
    """Adds the headers to every HTTP answer that has none of its own."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app = app
        named = {**HEADERS, **(SECURE if secure else {})}
        self._headers = [(name.lower().encode(), value.encode()) for name, value in named.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add the headers on the way back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.setdefault("headers", [])
                names = {name for name, _ in own}
                message["headers"] = [*own, *(h for h in self._headers if h[0] not in names)]
            await send(message)

        await self._app(scope, receive, add)


class CompressPublic:
    """Compresses what is the same for everybody, and nothing else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressed = GZipMiddleware(app, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, through the compressor where nothing secret can be in the answer."""
        path = scope.get("path", "")
        public = path in PUBLIC_PAGES or path.startswith("/static/")
        await (self._compressed if public else self._app)(scope, receive, send)


# The icons are kept for a day without asking: a page that lost its network still draws new ones.
KEPT_FILES = {"icons.svg": "max-age=86400"}


class Static(StaticFiles):
    """Files that browsers keep and ask about again (ETag), so a new release is seen at once."""

    def file_response(
        self, full_path: "str | os.PathLike[str]", *args: Any, **kwargs: Any
    ) -> Response:
        """Return the file, or 304 when the browser has it."""
        response = super().file_response(full_path, *args, **kwargs)
        name = os.path.basename(full_path)
        response.headers["Cache-Control"] = KEPT_FILES.get(name, "no-cache")
        return response
