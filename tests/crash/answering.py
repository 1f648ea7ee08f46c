"""The acknowledgement: the moment an answer leaves the program for the wire."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.seams import Crashpoint


class Answering:
    """Wraps the program's application; the process may die before and after an answer leaves."""

    def __init__(self, app: ASGIApp, crashpoint: Crashpoint) -> None:
        self._app, self._crashpoint = app, crashpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def sent(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body")
            if last:
                self._crashpoint("answer.send")
            await send(message)
            if last:
                self._crashpoint("answer.sent")

        await self._app(scope, receive, sent)
