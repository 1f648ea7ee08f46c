"""The chat's routes, the same for citizens (`/chat`) and officers (`/officer/chat`).

A message is kept before it is answered; the same `event_id` again gets the same answer.
"""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import APIRouter, Depends
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from dialogs.screen import Msg
from handlers.door import Door
from handlers.errors import Problem, standard, too_many
from handlers.parts import Parts
from handlers.wake import Answer
from handlers.web.address import limit_key
from handlers.web.direct import Json, direct_route
from handlers.web.read import ChosenRaw, OpenedRaw, PhotosRaw, Raw, TypedRaw, encode
from handlers.web.render import BASES
from handlers.web.requests import (
    EventSent,
    SessionAsked,
    check_event,
    field_problem,
    read_json,
)
from handlers.web.sessions import Face, Sessions
from handlers.web.sites import SameSite
from handlers.web.speech import PENDING, Speech
from handlers.web.uploads import chunks, photo_too_large, read_upload
from storage import evidence
from storage.inbox import Arrival, event_key
from storage.outbox import read_cursor
from storage.photos import PhotoGone, PhotoStoreError, TooLarge
from storage.seams import to_ms

LISTEN_SECONDS = 25.0
# How often at most a blocked person's page asks again, and so says that it is blocked.
BLOCK_SAID_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Chat:
    """The chat of one face of the product."""

    parts: Parts
    door: Door
    sessions: Sessions
    speech: Speech
    face: Face

    def router(self) -> APIRouter:
        """Return the routes under this face's base."""
        base = BASES[self.face]
        holder = SameSite(self.face, self.parts.public_url)
        anyone = SameSite("anyone", self.parts.public_url)
        comer = anyone if self.face == "citizen" else holder
        busy: list[BaseRoute] = [
            direct_route("POST", f"{base}/sessions", comer, self.open),
            direct_route("POST", f"{base}/events", holder, self.event),
            direct_route("GET", f"{base}/screens", holder, self.screens),
        ]
        router = APIRouter(include_in_schema=False, routes=busy, dependencies=[Depends(holder)])
        add = router.add_api_route
        add(f"{base}/photos", self.photos, methods=["POST"])
        add(f"{base}/evidence/{{number}}", self.evidence, methods=["GET"])
        return router

    async def open(self, request: Request) -> Response:
        """Open or resume a conversation and set its cookie."""
        asked = await read_json(request, SessionAsked)
        sender = self._sender(request, asked.resume)
        place, locale = _short(asked.place), self.parts.words.known(asked.locale)
        known = await self.speech.whole(sender) if sender else None
        if sender is None:
            self._limit("sessions", limit_key(request, self.parts.trusted_proxies))
            sender = self._new_sender()
        join = _short(asked.join, 64) if self.face == "citizen" else None
        if known is None or place or locale or join:
            await self._heed_block(sender)
            self._limit("messages", sender)
            moment = self.parts.seams.token()[:16]
            opened = OpenedRaw(place, locale, join)
            message, _, answer = await self._keep(sender, f"open:{moment}", opened)
            if answer is None:
                await self.speech.wait(message, sender)
        whole = await self.speech.whole(sender, **self._resume(sender))
        response = Json(whole or PENDING)
        self.sessions.write(response, self.face, sender)
        return response

    async def event(self, request: Request) -> Response:
        """Take a choice or a text."""
        sender = self._known(request)
        sent = await read_json(request, EventSent)
        check_event(sent)
        await self._heed_block(sender)
        self._limit("messages", sender)
        raw: Raw = (
            TypedRaw(sent.text, sent.screen)
            if sent.text is not None
            else ChosenRaw(sent.screen or "", sent.choice or "")
        )
        return await self._answer(sender, str(sent.event_id), raw)

    async def photos(self, request: Request) -> Response:
        """Take photos: on disk before anything is answered."""
        sender = self._known(request)
        await self._heed_block(sender)
        self._refuse_for(self.parts.limits.wait("uploads", sender, self._seconds()))
        async with read_upload(request, self.parts.photo_max_bytes) as upload:
            self._limit("uploads", sender, len(upload.files))
            names = await self._receive(upload.files)
        raw = PhotosRaw(names, upload.screen)
        return await self._answer(sender, upload.event_id, raw, uploads=names)

    async def screens(self, request: Request) -> Response:
        """Return what came after a cursor, waiting up to 25 seconds."""
        sender = self._known(request)
        try:
            cursor = read_cursor(request.query_params.get("after") or "0.0")
        except ValueError as error:
            raise field_problem("after", "not_understood") from error
        heard = self.parts.wake.listen(sender)
        try:
            found = await self.speech.after(sender, cursor)
            if found is None:
                await self._hear(request, heard)
                found = await self.speech.after(sender, cursor)
        finally:
            self.parts.wake.unlisten(sender, heard)
        return Json(found or b'{"screens":[]}')

    async def _hear(self, request: Request, heard: asyncio.Event) -> None:
        stopping = asyncio.ensure_future(self.parts.wake.stopping.wait())
        hearing = asyncio.ensure_future(heard.wait())
        await asyncio.wait(
            {stopping, hearing},
            timeout=LISTEN_SECONDS,
            return_when=asyncio.FIRST_COMPLETED,
        )
        stopping.cancel()
        hearing.cancel()

    async def evidence(self, request: Request, number: str) -> Response:
        """Return a photo: the person's own, or one of a file in the officer's place."""
        sender = self._known(request)
        if "\x00" in number:
            raise standard(404)  # PostgreSQL keeps no such text, and cannot be asked for one
        async with self.parts.database.reading() as connection:
            keys = await evidence.get_for_face(connection, face=self.face, sender=sender, id=number)
        if keys is None:
            raise standard(404)
        key = keys.thumb if request.query_params.get("size") == "thumb" else keys.photo
        try:
            data = await self.parts.photos.read(key)
        except PhotoGone as gone:
            raise standard(404) from gone
        headers = {"Cache-Control": "private, max-age=3600", "Content-Disposition": "inline"}
        return Response(data, media_type="image/jpeg", headers=headers)

    async def _receive(self, files: Sequence[UploadFile]) -> tuple[str, ...]:
        names: list[str] = []
        try:
            for file in files:
                kept = await self.parts.incoming.receive(chunks(file), self.parts.photo_max_bytes)
                names.append(kept.name)
        except TooLarge as error:
            await self._remove(names)
            raise photo_too_large(self.parts.photo_max_bytes) from error
        except (OSError, PhotoStoreError) as error:
            await self._remove(names)
            raise standard(503, headers={"Retry-After": "10"}) from error
        return tuple(names)

    async def _remove(self, names: list[str]) -> None:
        for name in names:
            await self.parts.incoming.remove(name)

    async def _answer(
        self, sender: str, event_id: str, raw: Raw, uploads: tuple[str, ...] = ()
    ) -> Response:
        try:
            message, new, answer = await self._keep(sender, event_id, raw)
        except Exception:
            await self._remove(list(uploads))
            raise
        if new:
            said = await (self.speech.of(answer) if answer else self.speech.wait(message, sender))
        else:
            await self._remove(list(uploads))
            said = await self._again(message, sender)
        return Json(said, 202 if said is PENDING else 200)

    async def _again(self, message: int, sender: str) -> bytes:
        """Return the answer to a message that was sent before, or wait for it."""
        # Waiting begins before looking: an answer given in between would be missed.
        waiting = asyncio.create_task(self.speech.wait(message, sender))
        try:
            over = await self.speech.is_over(message)
            said = await self.speech.kept(message, sender)
            if said is None and over:
                said = await self.speech.whole(sender)
            return said or await waiting
        finally:
            waiting.cancel()

    async def _keep(self, sender: str, event_id: str, raw: Raw) -> tuple[int, bool, Answer | None]:
        external = event_key(self.parts.secret("inbox"), sender, event_id)
        at_ms = to_ms(self.parts.now())
        return await self.door.ask(Arrival("web", sender, external, encode(raw), at_ms))

    def _resume(self, sender: str) -> dict[str, str]:
        """Return the link with which a person continues anywhere; officers get none.

        The secret stands behind `#`, so that no server, log or referrer sees it.
        """
        if self.face == "officer":
            return {}
        token = self.sessions.resume_token(sender)
        return {"resume": f"{self.parts.public_url}/#resume={token}"}

    def _sender(self, request: Request, resume: str | None) -> str | None:
        if self.face == "citizen" and resume:
            sender = self.sessions.read_resume(resume[:200])
            if sender is None:
                raise Problem(404, "not_found", Msg("problem.resume_unknown"))
            return sender
        return self.sessions.read(request, self.face)

    def _new_sender(self) -> str:
        if self.face == "officer":
            raise _no_session()
        return self.sessions.new_sender()

    def _known(self, request: Request) -> str:
        sender = self.sessions.read(request, self.face)
        if sender is None:
            raise _no_session()
        return sender

    def _limit(self, name: str, key: str, count: int = 1) -> None:
        self._refuse_for(self.parts.limits.take(name, key, self._seconds(), count))

    def _refuse_for(self, wait: float) -> None:
        """Raise Problem 429 with the script's words when there is something to wait for."""
        if wait:
            problem = too_many(wait)
            problem.message = Msg("problem.too_fast", {"seconds": problem.headers["Retry-After"]})
            raise problem

    async def _heed_block(self, sender: str) -> None:
        """Raise Problem 429 for whom nobody listens to now.

        Told to come back in an hour at most, a page says so no more often, and keeps what was to
        be sent until it is taken.
        """
        now = self.parts.now()
        left = await self.parts.blocks.left(sender, now)
        if left:
            until = (now + timedelta(seconds=left)).astimezone(self.parts.zone)
            raise blocked(left, until)

    def _seconds(self) -> float:
        return self.parts.now().timestamp()


def blocked(seconds: float, until: datetime) -> Problem:
    """Return the 429 that says kindly until when nobody listens; `until` is local time."""
    wait = min(math.ceil(seconds), BLOCK_SAID_SECONDS)
    said = {"day": f"{until:%d/%m/%Y}", "time": f"{until:%H:%M}"}
    again = {"Retry-After": str(wait)}
    return Problem(429, "blocked", Msg("problem.blocked", said), headers=again)


def _no_session() -> Problem:
    return Problem(401, "unauthorized", Msg("problem.no_session"))


def _short(text: str | None, most: int = 20) -> str | None:
    return text[:most] if text else None
