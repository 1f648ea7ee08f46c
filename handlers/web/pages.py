"""The pages: citizen's chat, QR landing, officer's door and chat."""

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dialogs.facts import PlaceOf
from dialogs.places import province_label
from dialogs.screen import Msg, Text
from dialogs.state import State
from handlers.callers import may_call
from handlers.errors import locale_of
from handlers.i18n import LOCALES
from handlers.needs import Needs
from handlers.parts import Parts
from handlers.web.going import Going
from handlers.web.page import (
    DOOR_WORDS,
    PAGE_WORDS,
    DoorState,
    chat_page,
    message_page,
    officer_door_page,
)
from handlers.web.sessions import Face, Sessions
from handlers.web.sites import SameSite
from storage import conversations, officers
from storage.conversations import Conversation
from storage.database import Connection
from storage.officers import Link
from storage.seams import to_ms

# Whoever may look at a page may also ask whether it is there (link previews do).
READ = ["GET", "HEAD"]


# Title and text of the pages that only say something.
NO_SESSION = (Msg("web.door_unknown_title"), Msg("web.door_unknown_text"))
UNKNOWN_CODE = (Msg("web.go_unknown_title"), Msg("web.go_unknown_text"))


@dataclass(frozen=True, slots=True)
class Pages:
    """HTML for people; everything else the page fetches itself."""

    parts: Parts
    sessions: Sessions
    needs: Needs
    default_locale: str
    going: Going

    def router(self) -> APIRouter:
        """Return the page routes."""
        router = APIRouter(include_in_schema=False)
        ours = SameSite("anyone", self.parts.public_url)

        @router.api_route("/", methods=READ)
        @may_call("anyone")
        async def chat(request: Request) -> Response:
            return self._chat("citizen", self.default_locale)

        @router.api_route("/go/{code}", methods=READ)
        @may_call("anyone")
        async def go(request: Request, code: str) -> Response:
            return await self._go(request, code)

        @router.api_route("/officer", methods=READ)
        @may_call("officer")
        async def desk(request: Request) -> Response:
            if self.sessions.read(request, "officer") is None:
                return self._message(request, NO_SESSION, 401)
            return self._chat("officer", self.default_locale)

        @router.api_route("/officer/{token}", methods=READ)
        @may_call("anyone")
        async def door(request: Request, token: str) -> Response:
            return await self._door(request, token)

        @router.post("/officer/{token}", dependencies=[Depends(ours)])
        @may_call("anyone")
        async def enter(request: Request, token: str) -> Response:
            return await self._enter(request, token)

        return router

    def _chat(self, face: Face, locale: str) -> Response:
        words = self._words(PAGE_WORDS)
        page = chat_page(surface=face, locale=locale, words=words)
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})

    def _words(self, wanted: tuple[Msg, ...]) -> dict[str, dict[str, str]]:
        """Return page words as patterns: the page fills in their values itself."""
        return {
            locale: {m.id: self.parts.words.pattern(m.id, locale) for m in wanted}
            for locale in LOCALES
        }

    async def _go(self, request: Request, code: str) -> Response:
        async with self.parts.database.reading() as connection:
            found = await self.needs.answer(connection, [PlaceOf(code[:20])])
        place = found[PlaceOf(code[:20])]
        if place is None:
            return self._message(request, UNKNOWN_CODE, 404, home=True)
        if not self.going.addresses:
            return RedirectResponse(f"/?place={code}", 303)
        locale = locale_of(request)
        return HTMLResponse(self.going.page(code, self._say(place.label, locale), locale))

    def _message(
        self, request: Request, words: tuple[Msg, Msg], status: int, *, home: bool = False
    ) -> Response:
        locale = locale_of(request)
        title, text = (self._say(word, locale) for word in words)
        link = ("/", self._say(Msg("web.go_home"), locale)) if home else None
        return HTMLResponse(message_page(title, text, locale, link=link), status)

    def _say(self, text: Text, locale: str) -> str:
        return self.parts.words.text(text, locale)

    async def _door(self, request: Request, token: str) -> Response:
        now_ms = to_ms(self.parts.now())
        async with self.parts.database.reading() as connection:
            link = await officers.get_link(connection, token, now_ms=now_ms)
            place = await self._place_words(connection, link, locale_of(request))
        return self._door_page(request, link, place)

    def _door_page(self, request: Request, link: Link | None, place: str) -> Response:
        locale, words = locale_of(request), self._words(DOOR_WORDS)
        if link is None:
            page = officer_door_page(state="unknown", locale=locale, words=words)
            return HTMLResponse(page, 404)
        if not link.usable:
            state: DoorState = "spent" if link.spent else "expired"
            page = officer_door_page(state=state, locale=locale, words=words)
            return HTMLResponse(page, 410)
        role = self._say(Msg(f"role.{link.officer.role}"), locale)
        return HTMLResponse(
            officer_door_page(
                state="open",
                locale=locale,
                words=words,
                name=link.officer.name,
                role=role,
                place=place,
            )
        )

    async def _place_words(self, connection: Connection, link: Link | None, locale: str) -> str:
        if link is None:
            return ""
        province = self.parts.index.province(link.officer.place)
        if province is not None:
            return self._say(province_label(province), locale)
        need = PlaceOf(link.officer.place)
        found = (await self.needs.answer(connection, [need]))[need]
        return "" if found is None else self._say(found.label, locale)

    async def _enter(self, request: Request, token: str) -> Response:
        """Spend the link and open the officer's own conversation."""
        now_ms = to_ms(self.parts.now())
        sender = self.sessions.new_sender()

        async def work(connection: Connection) -> bool:
            officer = await officers.spend_link(connection, token, now_ms=now_ms)
            if officer is None:
                return False
            state = State(flow="officer", step="desk", locale=officer.locale)
            desk = Conversation(0, "web", "", sender, 1, state, officer=officer)
            await conversations.add_conversations(connection, [desk])
            return True

        if not await self.parts.database.write(work):
            return await self._door(request, token)
        response = RedirectResponse("/officer", 303)
        self.sessions.write(response, "officer", sender)
        return response
