"""Photos, asked for once at the end; a blurry one is said while the person is there."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.changes import changed
from dialogs.effects import DropEvidence
from dialogs.events import PhotoSettled
from dialogs.model import Evidence
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here
from dialogs.steps.supplement import settle_item

UNCLEAR = ("blurry", "dark", "small")


@dataclass(frozen=True, slots=True)
class Photos(Choosing):
    """Up to five photos in one message, or none."""

    tag: ClassVar[str] = "photos"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Later, or none."""
        return (Choice("later", Msg("photos.later")), Choice("none", Msg("photos.none")))

    def show(self, here: Here) -> Screen:
        """Say what helps and what never to send."""
        done = Msg("photos.done", {"count": str(len(here.criteria.indicators))})
        first = () if here.state.photos_asked else (done,)
        return Screen(
            (*first, Msg("photos.ask"), Msg("photos.never")),
            self.choices(here),
            accepts=("photo", "choice", "text"),
            note=BACK_HINT,
        )

    def pick(self, here: Here, choice: str) -> Go:
        """Go on without photos."""
        said = (Msg("photos.noted_later"),) if choice == "later" else ()
        return Go(keep={"photos_asked": True}, said=said)


@dataclass(frozen=True, slots=True)
class PhotoCheck(Choosing):
    """Some photos of the album `arg` are hard to read: take them again or keep them."""

    tag: ClassVar[str] = "photo_check"
    lasting: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Again, or keep."""
        return (Choice("again", Msg("photos.again")), Choice("keep", Msg("photos.keep")))

    def show(self, here: Here) -> Screen:
        """Name each unclear photo and how to do better."""
        return Screen(
            album_lines(here, int(here.state.arg)),
            self.choices(here),
            accepts=("photo", "choice", "text"),
            note=BACK_HINT,
        )

    def pick(self, here: Here, choice: str) -> Go:
        """Ask for them again (new ones replace them), or go on."""
        album = [e for e in here.declaration.evidence if e.album == int(here.state.arg)]
        criterion = album[0].criterion if album else None
        if choice == "keep":
            return settle_item(here, criterion) if criterion else Go()
        hold = {"replace": [e.id for e in album if e.verdict in UNCLEAR]}
        to = "supplement" if criterion else "photos"
        return Go(to, criterion or "", said=(Msg("photos.send_again"),), hold=hold)


def album_lines(here: Here, album: int) -> tuple[Text, ...]:
    """Return how many photos of an album came in, and a line for each that is unclear or lost."""
    photos = [e for e in here.declaration.evidence if e.album == album]
    kept = sum(e.verdict != "lost" for e in photos)
    received = (Msg("photos.received", count=kept),) if kept else ()
    return (*received, *(line for n, e in enumerate(photos, 1) if (line := _verdict_line(n, e))))


def _verdict_line(number: int, photo: Evidence) -> Text | None:
    if photo.verdict == "lost":
        return Msg(f"photo.refused.{photo.reason}", {"n": number})
    return (
        Msg(f"photo.verdict.{photo.verdict}", {"n": number}) if photo.verdict in UNCLEAR else None
    )


def is_answerable(here: Here, event: PhotoSettled) -> bool:
    """Tell whether all of an album is settled, and no further event of it is to come."""
    album = _album(here, event.album)
    whole = not event.photos or len(album) <= event.photos
    return bool(album) and whole and not _waits(album)


def photo_settled(here: Here, event: PhotoSettled) -> Go:
    """Answer an album once, when its last photo was looked at, where it was sent."""
    if event.late and _waits(_album(here, event.album)):
        return Go(to=None, said=(Msg("photos.far_late" if event.far else "photos.late"),))
    if event.late or event.elsewhere or not is_answerable(here, event):
        return Go(to=None, quiet=True)
    return _ended(here, event, _answered(here, event))


def _album(here: Here, album: int) -> tuple[Evidence, ...]:
    file = here.facts.declaration
    return tuple(e for e in file.evidence if e.album == album) if file else ()


def _waits(album: tuple[Evidence, ...]) -> bool:
    return any(e.verdict == "pending" for e in album)


def _answered(here: Here, event: PhotoSettled) -> Go:
    lines = album_lines(here, event.album)
    kept = [e for e in _album(here, event.album) if e.verdict != "lost"]
    if not kept:
        return Go(to=None, said=lines, reply_to=event.album)
    most = here.facts.rules.photos_max
    if here.declaration.photos >= most:
        lines = (*lines, Msg("photos.full", {"most": most}))
    return _replacing(here, _next_after(here, event.album, lines, kept))


def _ended(here: Here, event: PhotoSettled, go: Go) -> Go:
    """Let what comes after the answer to an album in pieces begin a new one."""
    growing = here.state.gathering
    if growing is None or growing.album != event.album:
        return go
    return changed(go, keep={**go.keep, "gathering": None})


def _next_after(here: Here, album: int, lines: tuple[Text, ...], kept: list[Evidence]) -> Go:
    asked_for = kept[0].criterion is not None and here.declaration.status == "returned"
    asking = asked_for or here.state.step in ("photos", "photo_check", "supplement")
    if asking and any(e.verdict in UNCLEAR for e in kept):
        return Go("photo_check", str(album), reply_to=album)
    if asked_for and kept[0].criterion:
        return changed(settle_item(here, kept[0].criterion, said=lines), reply_to=album)
    return Go("" if asking else None, said=lines, reply_to=album)


def _replacing(here: Here, go: Go) -> Go:
    """Drop the photos that were to be taken again, now that new ones are there."""
    old = tuple(here.state.hold.get("replace", ()))
    if not old:
        return go
    drop = DropEvidence(here.declaration.id, old)
    return changed(go, effects=(drop, *go.effects))
