"""What a page gets back: the answer of a turn, or "pending" and then the kept answer."""

from collections.abc import Sequence
from typing import Any

import msgspec

from dialogs.facts import PlaceFacts, PlaceOf
from dialogs.places import place_label
from dialogs.screen import Msg
from handlers.needs import Needs
from handlers.parts import Parts
from handlers.wake import Answer
from handlers.web.render import is_question
from storage import conversations, outbox
from storage.conversations import Conversation, place_of
from storage.database import Connection
from storage.outbox import Line

WAIT_SECONDS = 10.0
# How often it is looked for an answer meanwhile, should nobody tell of it.
LOOKS = 5
_ENCODER = msgspec.json.Encoder()
PENDING = b'{"screens":[],"pending":true}'
Place = tuple[str | None, str | None]


class Speech:
    """Puts answers into the JSON of the page: screens, cursor, language, place."""

    def __init__(self, parts: Parts, needs: Needs) -> None:
        self._parts = parts
        self._needs = needs
        self._labels: dict[tuple[str, str], tuple[PlaceFacts, str]] = {}

    async def wait(self, message: int, sender: str) -> bytes:
        """Return the answer to an inbox message; `pending` when there is none in ten seconds."""
        for _ in range(LOOKS):
            answer = await self._parts.wake.answer(message, WAIT_SECONDS / LOOKS)
            if answer is not None:
                return await self.of(answer)
            # Another process answered, or what it told was lost.
            if (kept := await self.kept(message, sender)) is not None:
                return kept
        return PENDING

    async def of(self, answer: Answer) -> bytes:
        """Return an answer that is at hand."""
        label = await self._label(answer.place, answer.locale)
        return body(answer.payloads, answer.cursor, answer.locale, label)

    async def kept(self, message: int, sender: str) -> bytes | None:
        """Return the answer to a message as it was kept, None while there is none."""
        async with self._parts.database.reading() as connection:
            number = await conversations.get_id(connection, sender)
            if number is None:
                return None
            said = await outbox.list_answers(connection, conversation=number, message=message)
        if not said:
            return None
        return await self._of(sender, [s.payload for s in said], said[-1].cursor)

    async def is_over(self, message: int) -> bool:
        """Tell whether a message has had its turn, so that what is not there will not come.

        Erasing takes old answers away; a page that asks for one again is not to wait for ever.
        """
        async with self._parts.database.reading() as connection:
            return await outbox.is_over(connection, message=message)

    async def after(self, sender: str, cursor: tuple[int, int]) -> bytes | None:
        """Return what was said to a conversation after a cursor, None when nothing was."""
        async with self._parts.database.reading() as connection:
            number = await conversations.get_id(connection, sender)
            if number is None:
                return None
            said = await outbox.list_after(connection, conversation=number, after=cursor)
        if not said:
            return None
        return await self._of(sender, [s.payload for s in said], said[-1].cursor)

    async def whole(self, sender: str, **more: Any) -> bytes | None:
        """Return history and present question; None for a conversation that has not begun."""
        async with self._parts.database.reading() as connection:
            conversation = await self._load(connection, sender)
            if conversation is None:
                return None
            lines = await outbox.list_history(
                connection, conversation=conversation.id, sender=sender
            )
        if not lines:
            return None
        first = _present_from(lines)
        screens = [line.payload for line in lines[first:] if line.payload]
        before = [*lines[:first], *(line for line in lines[first:] if line.payload is None)]
        history = [_history_item(line) for line in before]
        last = next((line for line in reversed(lines) if line.payload), None)
        cursor = f"{last.inbox_id}.{last.n}" if last else "0.0"
        label = await self._label(
            place_of(conversation.state, conversation), conversation.state.locale
        )
        more["history"] = [msgspec.Raw(item) for item in history]
        return body(screens, cursor, conversation.state.locale, label, **more)

    async def _load(self, connection: Connection, sender: str) -> Conversation | None:
        return (await conversations.load(connection, [sender])).get(sender)

    async def _of(self, sender: str, payloads: Sequence[str], cursor: str) -> bytes:
        async with self._parts.database.reading() as connection:
            conversation = await self._load(connection, sender)
        if conversation is None:
            return body(payloads, cursor, "vi", None)
        locale = conversation.state.locale
        return body(
            payloads,
            cursor,
            locale,
            await self._label(place_of(conversation.state, conversation), locale),
        )

    async def _label(self, place: Place, locale: str) -> str | None:
        code, typed = place
        if code is None:
            return None
        found = await self._place(code)
        if found is None:
            return None
        if found.village is None and typed not in (None, "?"):
            label = place_label(found.commune, None)
            typed_in = Msg("place.typed_in", {"village": typed or "", "commune": label})
            return self._parts.words.text(typed_in, locale)
        return self._official(found, code, locale)

    def _official(self, place: PlaceFacts, code: str, locale: str) -> str:
        """Return the words of an official place, made once as long as the place is the same."""
        known = self._labels.get((code, locale))
        if known is not None and known[0] is place:
            return known[1]
        words = self._parts.words.text(place_label(place.commune, place.village), locale)
        self._labels[code, locale] = (place, words)
        return words

    async def _place(self, code: str) -> PlaceFacts | None:
        need = PlaceOf(code)
        try:
            found: PlaceFacts | None = self._needs.cached(need)
        except KeyError:
            async with self._parts.database.reading() as connection:
                found = (await self._needs.answer(connection, [need]))[need]
        return found


def body(
    payloads: Sequence[str], cursor: str, locale: str, place: str | None, **more: Any
) -> bytes:
    """Return the JSON of an answer; the screens are kept JSON already."""
    rest = _ENCODER.encode({"cursor": cursor, "locale": locale, "place": place, **more})
    return b'{"screens":[%b],%b' % (",".join(payloads).encode(), rest[1:])


def _present_from(lines: Sequence[Line]) -> int:
    """Return where the present question begins, with the remarks after it; before it is history.

    Where the lines hold no question, it is the last thing we said.
    """
    said = [n for n, line in enumerate(lines) if line.payload is not None]
    asked = [n for n in said if is_question(lines[n].payload or "")]
    return (asked or said or [len(lines)])[-1]


def _history_item(line: Line) -> bytes:
    if line.payload is not None:
        return line.payload.encode()
    return msgspec.json.encode({"mine": line.said})
