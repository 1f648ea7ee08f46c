"""Answers to what a turn needs to know: each kind of Need has one query."""

from collections.abc import Iterable
from datetime import timedelta
from functools import singledispatchmethod
from typing import Any

from dialogs.facts import (
    AddressOf,
    CountFiles,
    DeskLink,
    DeskLinkBy,
    FindFiles,
    FindPlaces,
    HeldOf,
    Invitation,
    InvitationBy,
    LastDecided,
    LinkBy,
    LinkWord,
    Need,
    Others,
    OthersOf,
    PlaceFacts,
    PlaceOf,
    Tries,
    TriesOf,
    WaitingFiles,
)
from dialogs.model import Counts, File, Queue, QueueLine
from dialogs.places import PlaceHits
from dialogs.receipts import ending
from dialogs.review_checks import file_score
from handlers.links import find_link
from handlers.parts import Parts
from storage import declarations, links, officers, people, places, sums
from storage.database import Connection
from storage.seams import to_ms

PLACE_SECONDS = 30.0
QUEUE_LINES = 8


class Found(dict[Need[Any], Any]):
    """What was found for one turn; places come from the cache of all turns."""

    def __init__(self, needs: "Needs") -> None:
        super().__init__()
        self._needs = needs

    def __missing__(self, need: Need[Any]) -> Any:
        return self._needs.cached(need)


class Needs:
    """Answers Needs from storage; places are remembered for half a minute."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._places: dict[str, tuple[float, PlaceFacts | None]] = {}

    def cached(self, need: Need[Any]) -> Any:
        """Return a place looked up lately; KeyError for anything else."""
        known = self._places.get(need.code) if isinstance(need, PlaceOf) else None
        if known is not None and self._parts.now().timestamp() - known[0] < PLACE_SECONDS:
            return known[1]
        raise KeyError(need)

    async def answer(
        self, connection: Connection, needs: Iterable[Need[Any]]
    ) -> dict[Need[Any], Any]:
        """Return the answers of `needs`, each asked once."""
        return {need: await self._one(need, connection) for need in set(needs)}

    @singledispatchmethod
    async def _one(self, need: Need[Any], connection: Connection) -> Any:
        raise TypeError(f"no way to answer {type(need).__name__}")

    @_one.register
    async def _(self, need: PlaceOf, connection: Connection) -> PlaceFacts | None:
        place = await places.get_place(connection, self._parts.index, need.code)
        # Codes that name nothing are without number, and not remembered.
        if place is not None:
            self._places[need.code] = (self._parts.now().timestamp(), place)
        return place

    @_one.register
    async def _(self, need: FindPlaces, connection: Connection) -> PlaceHits:
        return self._parts.index.find(need.query, within=need.within)

    @_one.register
    async def _(self, need: FindFiles, connection: Connection) -> tuple[File, ...]:
        found = await declarations.find_files(connection, scope=need.scope, ending=need.ending)
        return tuple(found)

    @_one.register
    async def _(self, need: CountFiles, connection: Connection) -> Counts:
        return await sums.count_by_status(connection, scope=need.scope, period=need.period)

    @_one.register
    async def _(self, need: LastDecided, connection: Connection) -> File | None:
        officer = await officers.get_officer(connection, need.officer)
        if officer is None:
            return None
        return await declarations.get_last_decided(
            connection, officer=officer.id, scope=officer.place
        )

    @_one.register
    async def _(self, need: HeldOf, connection: Connection) -> Any:
        return await people.get_held(connection, need.person)

    @_one.register
    async def _(self, need: LinkBy, connection: Connection) -> LinkWord:
        return await find_link(connection, self._parts, need)

    @_one.register
    async def _(self, need: TriesOf, connection: Connection) -> Tries:
        now_ms = to_ms(self._parts.now())
        return await links.get_tries(connection, message=need.inbox, now_ms=now_ms)

    @_one.register
    async def _(self, need: OthersOf, connection: Connection) -> Others:
        return await links.get_others(connection, person_id=need.person, message=need.inbox)

    @_one.register
    async def _(self, need: InvitationBy, connection: Connection) -> Invitation:
        kept, now_ms = officers.hash_token(need.code), to_ms(self._parts.now())
        return await links.get_invitation(connection, kept, now_ms=now_ms)

    @_one.register
    async def _(self, need: AddressOf, connection: Connection) -> str:
        return f"{self._parts.public_url}{need.path}"

    @_one.register
    async def _(self, need: DeskLinkBy, connection: Connection) -> DeskLink:
        minutes = self._parts.officer_link_minutes
        until = self._parts.now() + timedelta(minutes=minutes)
        return DeskLink(f"{self._parts.public_url}/officer/{need.token}", until, minutes)

    @_one.register
    async def _(self, need: WaitingFiles, connection: Connection) -> Queue:
        now = self._parts.now()
        late = to_ms(now - timedelta(days=self._parts.rules.overdue_days))
        waiting, overdue = await declarations.count_waiting(
            connection, scope=need.scope, before_ms=late
        )
        files = await declarations.list_waiting(connection, scope=need.scope, limit=QUEUE_LINES)
        codes = await declarations.list_codes(connection, scope=need.scope)
        lines = tuple(self._line(file, codes) for file in files)
        return Queue(waiting, overdue, lines)

    def _line(self, file: File, codes: list[str]) -> QueueLine:
        declaration = file.declaration
        criteria = self._parts.sets[declaration.criteria]
        submitted = declaration.submitted_at or self._parts.now()
        code = declaration.code or ""
        return QueueLine(
            id=declaration.id,
            code=code,
            ending=ending(code, codes),
            name=file.person.name or "",
            village=file.village_name or declaration.village_text,
            title=declaration.title,
            total=file_score(declaration, criteria, difficult=False).total,
            photos=declaration.photos,
            blurry=sum(e.verdict in ("blurry", "dark", "small") for e in declaration.evidence),
            days=(self._parts.now() - submitted).days,
        )
