"""What a conversation hears of its photos: events of our own, entered as photos are settled."""

from dialogs.events import PhotoSettled
from handlers.internal import photo_settled
from handlers.parts import Parts
from storage import albums, evidence, inbox
from storage.albums import Hearer
from storage.database import Connection
from storage.evidence import Pending
from storage.inbox import Arrival
from storage.seams import to_ms


class Albums:
    """Enters the event of an album once all of it is settled: it is answered once.

    An album that came whole is answered with its last photo, one in pieces after a short quiet,
    which is found from its rows.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def settled(self, connection: Connection, photo: Pending) -> None:
        """Enter the event of a whole album when `photo`, just settled, was its last one."""
        if await albums.is_album_settled(connection, photo.id, photo.album):
            await self._tell(connection, PhotoSettled(photo.id, photo.album))

    async def answer_grown(self) -> int:
        """Enter the events of the albums in pieces whose time has come; return how many."""
        now_ms = to_ms(self._parts.now())
        async with self._parts.database.reading() as connection:
            next_ms = await albums.next_quiet_ms(connection)
        if next_ms is None or next_ms > now_ms:
            return 0

        async def work(connection: Connection) -> int:
            grown = await albums.take_grown(connection, now_ms=now_ms)
            for album in grown:
                event = PhotoSettled(album.evidence, album.album, photos=album.photos)
                await self._tell(connection, event)
            return len(grown)

        self._parts.seams.crashpoint("albums.grown")
        count = await self._parts.database.write(work)
        if count:
            self._parts.wake.turns.ring()
        return count

    async def seconds_left(self) -> float | None:
        """Return how long until the next album in pieces is to be answered; None: there is none."""
        async with self._parts.database.reading() as connection:
            next_ms = await albums.next_quiet_ms(connection)
        return None if next_ms is None else (next_ms - to_ms(self._parts.now())) / 1000

    async def late(self, connection: Connection, photo: Pending) -> None:
        """Say once for the album of `photo` that it takes longer."""
        event = PhotoSettled(photo.id, photo.album, late=True, far=photo.source is not None)
        await self._tell(connection, event)

    async def lose(self, photo: Pending, reason: str) -> None:
        """Note that a photo cannot be kept, and why (a code); its person hears of it."""

        async def work(connection: Connection) -> None:
            if await evidence.set_lost(connection, photo.id, reason=reason):
                await self.settled(connection, photo)

        await self._parts.database.write(work)
        self._parts.wake.turns.ring()

    async def _tell(self, connection: Connection, event: PhotoSettled) -> None:
        """Tell where it was sent; elsewhere the same person may wait for it with handing in."""
        hearers = await albums.list_hearers(connection, event.evidence)
        arrivals = [
            self._arrival(hearer, event) for hearer in hearers if hearer.sent or not event.late
        ]
        if arrivals:
            await inbox.add(connection, arrivals)

    def _arrival(self, hearer: Hearer, event: PhotoSettled) -> Arrival:
        kind = "late" if event.late else "photo"
        name = f"{kind}:{event.album}" + (f":{event.photos}" if event.photos else "")
        if not hearer.sent:
            event, name = _elsewhere(event), f"{name}:at{hearer.id}"
        at_ms = to_ms(self._parts.now())
        raw = photo_settled(event)
        return Arrival(hearer.channel, hearer.sender, name, raw, at_ms, hearer.bot)


def _elsewhere(event: PhotoSettled) -> PhotoSettled:
    return PhotoSettled(event.evidence, event.album, photos=event.photos, elsewhere=True)
