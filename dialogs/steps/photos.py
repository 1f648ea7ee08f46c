"""Photos, asked for once at the end; a blurry one is said while the person is there."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.changes import changed
from dialogs.effects import AttachEvidence, DropEvidence, DropUploads
from dialogs.events import PhotoSettled, PhotosSent
from dialogs.model import Evidence
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here
from dialogs.steps.standing import closed, shown_status
from dialogs.steps.supplement import settle_item

UNCLEAR = ("blurry", "dark", "small")
ID_LENGTH = 22


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


def take_photos(here: Here, event: PhotosSent) -> Go:
    """Attach the photos to the open file; nothing is said until they were looked at."""
    file = here.facts.declaration
    # What is asked for counts once the declarant knows: until then it may be taken back.
    if file is None or shown_status(file) not in ("draft", "returned"):
        why = "not_now" if file is None else closed(file)
        return Go(to=None, effects=(DropUploads(event.files),), said=(Msg(f"photos.{why}"),))
    room = max(here.facts.rules.photos_max - file.photos, 0)
    taken, left = event.files[:room], event.files[room:]
    if not taken:
        most = Msg("photos.enough", {"most": here.facts.rules.photos_max})
        return Go(to=None, effects=(DropUploads(left),), said=(most,))
    criterion, replaced = _asked_for(here)
    ids = tuple(_evidence_id(here.facts.token, n) for n in range(len(taken)))
    attach = AttachEvidence(file.id, taken, ids, criterion)
    drop = (DropUploads(left),) if left else ()
    keep = {"photos_asked": True}
    return Go(to=None, effects=(attach, *drop), keep=keep, hold=replaced, quiet=True)


def _asked_for(here: Here) -> tuple[str | None, dict[str, list[str]]]:
    """Return the criterion the photos are for, and which unclear ones they replace.

    Photos that come at another question are for the first thing still asked for, if any is.
    """
    if here.state.step != "photo_check":
        at_hand = here.state.arg if here.state.step == "supplement" else ""
        wanted = sorted(
            (i for i in here.declaration.items if not i.settled and i.needs != "answer"),
            key=lambda item: item.criterion != at_hand,
        )
        item = wanted[0] if wanted and here.declaration.status == "returned" else None
        return (item.criterion if item else None), {}
    album = [e for e in here.declaration.evidence if e.album == int(here.state.arg)]
    unclear = [e.id for e in album if e.verdict in UNCLEAR]
    return (album[0].criterion if album else None), {"replace": unclear}


def _evidence_id(token: str, number: int) -> str:
    return f"{token[: ID_LENGTH - 2]}{number:02d}"


def photo_settled(here: Here, event: PhotoSettled) -> Go:
    """Answer an album once, when its last photo was looked at."""
    album = (
        [e for e in here.facts.declaration.evidence if e.album == event.album]
        if (here.facts.declaration)
        else []
    )
    pending = any(e.verdict == "pending" for e in album)
    if event.late and pending:
        return Go(to=None, said=(Msg("photos.late"),))
    if not album or pending or event.late:
        return Go(to=None, quiet=True)
    lines = album_lines(here, event.album)
    kept = [e for e in album if e.verdict != "lost"]
    if not kept:
        return Go(to=None, said=lines, reply_to=event.album)
    most = here.facts.rules.photos_max
    if here.declaration.photos >= most:
        lines = (*lines, Msg("photos.full", {"most": most}))
    return _replacing(here, _next_after(here, event.album, lines, kept))


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
