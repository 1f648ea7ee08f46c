"""Photos as they come: whole, or one by one where a platform sends an album in pieces."""

from dialogs.effects import AttachEvidence, DropUploads
from dialogs.events import PhotosSent
from dialogs.model import Declaration, Evidence
from dialogs.screen import Msg, Text
from dialogs.state import Gathering
from dialogs.steps.base import Go, Here
from dialogs.steps.photos import UNCLEAR
from dialogs.steps.standing import closed, shown_status

# Pieces that come this soon after one another are one album, answered when it is quiet so long.
QUIET_MS = 2_000
ID_LENGTH = 22


def take_photos(here: Here, event: PhotosSent) -> Go:
    """Attach the photos to the open file; nothing is said until they were looked at."""
    file = here.facts.declaration
    if not event.files:  # words under a picture, which came by itself
        return Go(to=None, quiet=True)
    # What is asked for counts once the declarant knows: until then it may be taken back.
    if file is None or shown_status(file) not in ("draft", "returned"):
        why = "not_now" if file is None else closed(file)
        return refuse_photos(here, event, Msg(f"photos.{why}"))
    room = max(here.facts.rules.photos_max - file.photos, 0)
    growing = _growing(here, event, file)
    if not room and not growing:
        most = Msg("photos.enough", {"most": here.facts.rules.photos_max})
        return refuse_photos(here, event, most)
    return _attach(here, event, room, growing)


def refuse_photos(here: Here, event: PhotosSent, told: Text, *, to: str | None = None) -> Go:
    """Say why photos are not taken: once for all pieces of an album; the uploads go."""
    drop = left_over(event, 0)
    if not event.piece:
        return Go(to=to, effects=drop, said=(told,))
    known = _in_pieces(here, event) == 0
    keep = {"gathering": Gathering(0, here.facts.arrived_ms)}
    if known:
        return Go(to=None, effects=drop, keep=keep, quiet=True)
    return Go(to=to, effects=drop, said=(told,), keep=keep)


def left_over(event: PhotosSent, first: int) -> tuple[DropUploads, ...]:
    """Return what removes the uploads from number `first` on; of a far photo nothing is here."""
    files = () if event.sources else event.files[first:]
    return (DropUploads(files),) if files else ()


def _attach(here: Here, event: PhotosSent, room: int, growing: tuple[Evidence, ...]) -> Go:
    taken = event.files[:room]
    keep: dict[str, object] = {"photos_asked": True}
    if event.piece:
        album = growing[0].album if growing else here.facts.inbox
        keep["gathering"] = Gathering(album, here.facts.arrived_ms)
    drop = left_over(event, room)
    if not taken:
        return Go(to=None, effects=drop, keep=keep, quiet=True)
    # The pieces of an album are for what its first one was for.
    criterion, replaced = (growing[0].criterion, {}) if growing else _asked_for(here)
    attach = AttachEvidence(
        here.declaration.id,
        taken,
        tuple(_evidence_id(here.facts.token, n) for n in range(len(taken))),
        criterion,
        event.sources[:room],
        growing[0].album if growing else None,
        len(growing),
        here.facts.arrived_ms + QUIET_MS if event.piece else None,
    )
    return Go(to=None, effects=(attach, *drop), keep=keep, hold=replaced, quiet=True)


def _in_pieces(here: Here, event: PhotosSent) -> int | None:
    """Return the album these photos continue (0: one that was refused); None: they begin one."""
    before = here.state.gathering
    if not event.piece or before is None:
        return None
    return before.album if abs(here.facts.arrived_ms - before.at_ms) <= QUIET_MS else None


def _growing(here: Here, event: PhotosSent, file: Declaration) -> tuple[Evidence, ...]:
    """Return the photos of the album these continue."""
    album = _in_pieces(here, event)
    return tuple(e for e in file.evidence if album and e.album == album)


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
