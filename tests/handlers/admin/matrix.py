"""The cast and the things of the policy: actors with all they hold, and what lies at each place."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, cast, get_args
from uuid import UUID

import httpx
from itsdangerous import TimestampSigner

from dialogs.model import Role
from dialogs.rights import place_level
from handlers.admin.ids import officer_id, read_officer_id
from handlers.parts import Parts
from handlers.web.sessions import COOKIES, OFFICER_SECONDS, Face
from storage import officers
from storage.database import Connection
from storage.seams import to_ms
from tests.databases import Template
from tests.handlers.admin.desk import Caller, Desk, certificate
from tests.handlers.admin.policy import POSITIONS, Actor, Line, Of, Position
from tests.photos_made import saved
from tests.world import COMMUNE, VILLAGE, running

NEIGHBOUR, FAR, NOWHERE = "20194", "00070", "99999"
# Where things lie, as seen from an actor's own place; None: there is no such place.
_PLACES: Mapping[str, Mapping[Position, str | None]] = {
    VILLAGE: {
        "own": VILLAGE, "sibling": f"{COMMUNE}-013", "parent": COMMUNE,
        "child": None, "foreign": FAR, "missing": f"{COMMUNE}-999",
    },
    COMMUNE: {
        "own": COMMUNE, "sibling": NEIGHBOUR, "parent": "48",
        "child": VILLAGE, "foreign": FAR, "missing": NOWHERE,
    },
    "48": {
        "own": "48", "sibling": "01", "parent": None,
        "child": COMMUNE, "foreign": FAR, "missing": "99",
    },
}  # fmt: skip
_SEAT: Mapping[Actor, str] = {
    "village_reviewer": VILLAGE,
    "province_viewer": "48",
    "operator": "48",
}
ACTORS: tuple[Actor, ...] = get_args(Actor)
# Who stands below a leader or an operator, by the kind of place.
BELOW: Mapping[str, Role] = {
    "village": "village_reviewer",
    "commune": "commune_officer",
    "province": "province_viewer",
}
# Ids that nothing has, of the shape each kind of id has.
_NO_ID = "0" * 22
_NO_TOKEN = "0" * 64


@dataclass(frozen=True, slots=True)
class Thing:
    """What a cell is about, by the names its ids have in paths, queries and bodies."""

    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Matrix:
    """A program with everybody in it; `things` are kept where calls leave them as they are."""

    desk: Desk
    clients: Mapping[Actor, httpx.AsyncClient]
    callers: Mapping[Actor, Caller]
    jars: dict[Actor, httpx.Cookies] = field(default_factory=dict)
    kept: dict[tuple[str, str, str], Thing] = field(default_factory=dict)
    things: int = 0

    async def send(self, line: Line, actor: Actor, position: Position, method: str) -> Any:
        """Send the cell's request and return the answer."""
        thing = await self._thing(line, actor, position)
        self.things += 1
        ids = {**thing.ids, "uuid": str(UUID(int=self.things + (4 << 76) + (8 << 60)))}
        sent: dict[str, Any] = {"json": filled(line.body, ids)}
        if line.photo:
            files = [("photo", ("a.jpg", _JPEG, "image/jpeg"))]
            sent = {"data": filled(line.body, ids), "files": files}
        url = line.path.format(**ids) if line.path != "/static" else "/static/chat.css"
        query = cast(dict[str, str], filled(line.query, ids))
        # Floods are another test's business.
        self.desk.clock.forward(seconds=1)
        client = self.clients[actor]
        # What one call hands out, the next one does not hold.
        client.cookies = httpx.Cookies(self.jars[actor])
        return await client.request(method, url, params=query, **sent)

    async def _thing(self, line: Line, actor: Actor, position: Position) -> Thing:
        """Return what the cell is about; a fresh one where the call may change it."""
        key = self._key(line.of, actor, position)
        changes = line.method != "GET" and statuses(line, actor).get(position, "").startswith(
            ("2", "3")
        )
        if changes or key not in self.kept:
            made = await getattr(self, f"_make_{line.of}")(actor, position)
            if changes:
                return cast(Thing, made)
            self.kept[key] = made
        return self.kept[key]

    def _key(self, of: Of, actor: Actor, position: Position) -> tuple[str, str, str]:
        """Return what tells things apart: most lie at a place, whoever looks at them."""
        if of in ("file", "decided", "photo", "officer"):
            return of, place_of(actor, position) or "", str(position == "missing")
        return of, actor, position

    async def _make_nothing(self, actor: Actor, position: Position) -> Thing:
        return Thing()

    async def _make_place(self, actor: Actor, position: Position) -> Thing:
        code = place_of(actor, position) or ""
        role = BELOW[place_level(code)]
        return Thing({"code": code, "role": role, "village": f"{code}-012"})

    async def _make_criteria(self, actor: Actor, position: Position) -> Thing:
        (shipped, *_) = self.desk.parts.library.sets
        return Thing({"version": "nothing" if position == "missing" else shipped.version})

    async def _make_period(self, actor: Actor, position: Position) -> Thing:
        """A year that nobody has set yet."""
        title = "nothing" if position == "missing" else "citizen"
        return Thing({"title": title, "year": str(2027 + self.things % 70)})

    async def _make_link(self, actor: Actor, position: Position) -> Thing:
        if position == "missing":
            return Thing({"token": _NO_TOKEN})
        caller = await self.desk.add_officer()
        return Thing({"token": await add_link(self.desk, caller.id)})

    async def _make_file(self, actor: Actor, position: Position) -> Thing:
        place = place_of(actor, position)
        if position == "missing" or place is None:
            return Thing({"id": _NO_ID})
        return Thing({"id": await self.desk.add_file(**lying_in(place))})

    async def _make_decided(self, actor: Actor, position: Position) -> Thing:
        """A file somebody approved: the actor, if it may."""
        made = await self._make_file(actor, position)
        if position != "missing":
            place = place_of(actor, position)
            decider = self.callers.get(actor)
            if actor not in ("commune_officer", "commune_leader") or position == "foreign":
                decider = None
            if decider is None or position == "sibling":
                decider = await self.desk.add_officer(place=(place or "").partition("-")[0])
            async with self.desk.client(decider) as client:
                url = f"/api/v1/declarations/{made.ids['id']}/approve"
                answer = await client.post(url, json={"version": 2})
            assert answer.status_code == 200, answer.text
        return made

    async def _make_photo(self, actor: Actor, position: Position) -> Thing:
        place = place_of(actor, position)
        if position == "missing" or place is None:
            return Thing({"id": _NO_ID, "evidence_id": _NO_ID, "number": _NO_ID})
        photos = {"clear": certificate()}
        file = await self.desk.add_file(photos=photos, **lying_in(place))  # type: ignore[arg-type]
        reviewer = await self.desk.add_officer(place=place.partition("-")[0])
        async with self.desk.client(reviewer) as client:
            whole = (await client.get(f"/api/v1/declarations/{file}")).json()
        number = whole["evidence"][0]["id"]
        return Thing({"id": file, "evidence_id": number, "number": number})

    async def _make_officer(self, actor: Actor, position: Position) -> Thing:
        place = place_of(actor, position)
        if position == "missing" or place is None:
            return Thing({"id": _NO_ID})
        made = await self.desk.add_officer(BELOW[place_level(place)], place)
        return Thing({"id": officer_id(self.desk.parts, made.id)})

    async def _make_peer(self, actor: Actor, position: Position) -> Thing:
        place = place_of(actor, position)
        if position == "missing" or place is None:
            return Thing({"id": _NO_ID})
        made = await self.desk.add_officer(role_of(actor), place)
        return Thing({"id": officer_id(self.desk.parts, made.id)})

    async def _make_self(self, actor: Actor, position: Position) -> Thing:
        own = self.callers.get(actor) or await self.desk.add_officer()
        return Thing({"id": officer_id(self.desk.parts, own.id)})

    async def _make_holder(self, actor: Actor, position: Position) -> Thing:
        make = self._make_self if position == "own" else self._make_officer
        return await make(actor, position)

    async def _make_token(self, actor: Actor, position: Position) -> Thing:
        holder = (await self._make_holder(actor, position)).ids["id"]
        number = read_officer_id(self.desk.parts, holder)
        if number is None:
            return Thing({"id": _NO_ID})
        token = await add_credential(self.desk, number, "api", None)
        return Thing({"id": sha256(token.encode()).hexdigest()[:22]})

    async def _make_mine(self, actor: Actor, position: Position) -> Thing:
        if position == "missing":
            return Thing({"number": _NO_ID})
        if position == "own":
            return self.kept["mine", "citizen", "own"]
        made = await self._make_photo("commune_officer", "own")
        return Thing({"number": made.ids["number"]})


def place_of(actor: Actor, position: Position) -> str | None:
    """Return the code of a place as seen from an actor; those without rights stand in a commune."""
    return _PLACES[_SEAT.get(actor, COMMUNE)][position]


def lying_in(place: str) -> dict[str, Any]:
    """Return where a file lies: in a village, or in a commune with its village only typed."""
    if "-" in place:
        return {"commune": place.partition("-")[0], "village": place}
    return {"commune": place, "village": None, "village_text": "thôn lạ"}


def exists(line: Line, actor: Actor, position: Position) -> bool:
    """Tell whether a thing of the line's kind can be at that place."""
    match line.of:
        case "nothing":
            return position == "own"
        case "link" | "criteria" | "period":
            return position in ("own", "missing")
        case "self":
            return position == "own"
        case "mine":
            return position in ("own", "foreign", "missing")
        case "peer":
            return position in ("own", "sibling", "foreign", "missing")
    place = place_of(actor, position)
    if position == "missing" or line.of not in ("file", "decided", "photo") or place is None:
        return place is not None
    # No file lies in a province itself.
    return len(place) > 2


def role_of(actor: Actor) -> Role:
    """Return the role of an actor; of whoever has none, that of the colleague at the same place."""
    roles: Iterator[Role] = (role for role in get_args(Role) if role == actor)
    return next(roles, "commune_officer")


def statuses(line: Line, actor: Actor) -> dict[Position, str]:
    """Return the expected status of each place that exists; ValueError for a line that errs."""
    words = line.answers[actor].split()
    wanted = [p for p in POSITIONS if exists(line, actor, p)]
    if len(words) == 1:
        return dict.fromkeys(wanted, words[0])
    if len(words) != len(POSITIONS):
        raise ValueError(f"{line.method} {line.path} {actor}: {len(words)} statuses")
    given = {p: w for p, w in zip(POSITIONS, words, strict=True) if w != "-"}
    if list(given) != wanted:
        raise ValueError(f"{line.method} {line.path} {actor}: there is {wanted}")
    return given


def filled(value: object, ids: Mapping[str, str]) -> Any:
    """Return `value` with each "{name}" in its texts replaced by that id."""
    match value:
        case str():
            return value.format(**ids)
        case Mapping():
            return {name: filled(one, ids) for name, one in value.items()}
        case list():
            return [filled(one, ids) for one in value]
    return value


_JPEG = saved(certificate(), "JPEG")


async def add_credential(desk: Desk, number: int, kind: str, seconds: int | None) -> str:
    """Give an officer a link or an API token for `seconds` from now (None: without end)."""
    token, at_ms = desk.chance.token(), to_ms(desk.clock.at)
    ends = None if seconds is None else at_ms + seconds * 1000

    async def work(connection: Connection) -> None:
        await officers.add_credential(
            connection, token=token, officer_id=number, kind=kind, at_ms=at_ms, expires_ms=ends
        )

    await desk.parts.database.write(work)
    return token


async def add_link(desk: Desk, number: int) -> str:
    """Give an officer a one-time link and return its token."""
    return await add_credential(desk, number, "link", 900)


async def add_expired(desk: Desk) -> Caller:
    """Add an officer whose API token ended a second ago."""
    caller = await desk.add_officer()
    return Caller(caller.id, await add_credential(desk, caller.id, "api", -1))


def cookie(parts: Parts, face: Face, sender: str, *, age: int = 0) -> str:
    """Return a session cookie as the program signs it, `age` seconds ago."""

    class Then(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(parts.now().timestamp()) - age

    key = parts.secret("web-session")
    return Then(key, salt=f"cookie.{face}", digest_method=sha256).sign(sender).decode()


@asynccontextmanager
async def open_matrix(folder: Path, template: Template) -> AsyncIterator[Matrix]:
    """Run a program with every actor signed in to all it can be signed in to."""
    async with running(folder, template, limit_api=10**6, limit_messages=10**6) as world:
        parts = world.program.parts
        desk = Desk(parts, world.program.app, world.clock, world.chance)
        callers = {actor: await _enlist(desk, actor) for actor in ACTORS}
        clients = {actor: desk.client(caller) for actor, caller in callers.items()}
        known = {actor: caller for actor, caller in callers.items() if caller is not None}
        matrix = Matrix(desk, clients, known)
        for actor in known:
            await _enter(matrix, actor)
        await desk.revoke(known["revoked"])
        await _sit_down(matrix)
        matrix.jars = {actor: httpx.Cookies(client.cookies) for actor, client in clients.items()}
        try:
            yield matrix
        finally:
            for client in clients.values():
                await client.aclose()


async def _enlist(desk: Desk, actor: Actor) -> Caller | None:
    if actor in ("anonymous", "citizen"):
        return None
    if actor == "expired":
        return await add_expired(desk)
    return await desk.add_officer(role_of(actor), _SEAT.get(actor, COMMUNE), actor)


async def _enter(matrix: Matrix, actor: Actor) -> None:
    """Open the officer's chat by a link; the expired one's cookie is from yesterday."""
    client = matrix.clients[actor]
    link = await add_link(matrix.desk, matrix.callers[actor].id)
    assert (await client.post(f"/officer/{link}")).status_code == 303
    assert (await client.post("/officer/chat/sessions", json={})).status_code == 200
    if actor == "expired":
        jar, kept = client.cookies, COOKIES["officer"]
        sender = (jar.get(kept.name) or "").partition(".")[0]
        jar.clear()
        old = cookie(matrix.desk.parts, "officer", sender, age=OFFICER_SECONDS + 60)
        jar.set(kept.name, old, domain="test.local", path=kept.path)


async def _sit_down(matrix: Matrix) -> None:
    """Give the citizen a file with a photo, and the cookie of that conversation."""
    desk, kept = matrix.desk, COOKIES["citizen"]
    photo = await matrix._make_photo("citizen", "own")
    matrix.kept["mine", "citizen", "own"] = Thing({"number": photo.ids["number"]})
    signed = cookie(desk.parts, "citizen", f"person-{desk.people}")
    client = matrix.clients["citizen"]
    client.cookies.set(kept.name, signed, domain="test.local", path=kept.path)
    assert (await client.post("/chat/sessions", json={})).status_code == 200
