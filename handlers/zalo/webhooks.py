"""The doors Zalo calls: `POST /webhooks/zalo-bot`, `POST /webhooks/zalo-oa`, and its domain check.

An event is proven to be Zalo's, kept, and answered with 200; everything else happens afterwards.
Plain ASGI, as the chat's busiest requests are (docs/adr/0007-direct-routes.md).
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from handlers.callers import may_call
from handlers.errors import standard
from handlers.zalo.hearing import Ear
from handlers.zalo.intake import Intake
from handlers.zalo.signature import Signature

# An event holds a text of some thousand characters and addresses of photos, never their bytes.
BODY_MAX = 256 * 1024
BOT_PATH, OA_PATH = "/webhooks/zalo-bot", "/webhooks/zalo-oa"
SECRET = "x-bot-api-secret-token"
log = structlog.get_logger("zalo")


@dataclass(frozen=True, slots=True)
class BotDoor:
    """A bot that is called: who listens, and the secret it was told at setWebhook."""

    ear: Ear
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OaDoor:
    """An Official Account that is called: who listens, and how its events are signed."""

    ear: Ear
    signature: Signature


class Hook:
    """One webhook as an ASGI application; refuses everybody but a platform with its secret."""

    method = "POST"

    def __init__(self, act: Callable[[Request], Awaitable[Response]]) -> None:
        self.may_call = frozenset(("platform",))
        self._act = act

    async def answer(self, request: Request) -> Response:
        """Return the answer, or raise what is to be answered as a problem."""
        return await self._act(request)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as one of the framework's routes."""
        if scope["method"] != self.method:
            raise HTTPException(405, headers={"Allow": self.method})
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)


class Webhooks:
    """The routes; one whose bot or account is not served (None) answers 404."""

    def __init__(
        self, intake: Intake, *, bot: BotDoor | None, oa: OaDoor | None, verifier: str
    ) -> None:
        self._intake, self._bot, self._oa, self._verifier = intake, bot, oa, verifier

    def router(self) -> APIRouter:
        """Return the routes."""
        hooks = {BOT_PATH: Hook(self.bot), OA_PATH: Hook(self.oa)}
        called: list[BaseRoute] = [
            Route(path, hook, methods=["POST"], include_in_schema=False)
            for path, hook in hooks.items()
        ]
        router = APIRouter(include_in_schema=False, routes=called)
        router.add_api_route("/zalo_verifier{token}.html", self.verify, methods=["GET"])
        return router

    async def bot(self, request: Request) -> Response:
        """Take an update of the bot. An empty body is a probe (Zalo Bot Platform, webhook)."""
        if self._bot is None:
            raise standard(404)
        body = await read_bounded(request)
        if body.strip():
            sent = request.headers.get(SECRET, "").encode("latin-1")
            if not hmac.compare_digest(sent, self._bot.secret.encode()):
                raise self._refused(self._bot.ear)
            await self._intake.take(self._bot.ear, body)
        return Response()

    async def oa(self, request: Request) -> Response:
        """Take an event of the account. An unsigned `{}` is a probe (Zalo OA, webhook)."""
        if self._oa is None:
            raise standard(404)
        body = await read_bounded(request)
        if body.strip() not in (b"", b"{}"):
            if not self._oa.signature.holds(body, request.headers):
                raise self._refused(self._oa.ear)
            await self._intake.take(self._oa.ear, body)
        return Response()

    @may_call("anyone")
    async def verify(self, token: str) -> Response:
        """Return the page by which Zalo sees whose domain this is (Zalo OA, domain check)."""
        if not self._verifier or not hmac.compare_digest(token.encode(), self._verifier.encode()):
            raise standard(404)
        tag = f'<meta property="zalo-platform-site-verification" content="{self._verifier}">'
        return HTMLResponse(f"<!doctype html><html><head>{tag}</head><body></body></html>")

    def _refused(self, ear: Ear) -> Exception:
        """Count a caller who does not know the secret: a stranger, or our setting is wrong."""
        self._intake.count(ear.channel, "refused")
        if self._intake.is_news(f"refused {ear.channel}"):
            log.error("webhook_refused", channel=ear.channel)
        return standard(401)


async def read_bounded(request: Request) -> bytes:
    """Return the body, of at most BODY_MAX bytes; Problem 413 for more, 400 for half of one."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:18]) > BODY_MAX:
        raise standard(413)
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > BODY_MAX:
                raise standard(413)
    except ClientDisconnect as gone:
        raise standard(400) from gone
    return bytes(data)
