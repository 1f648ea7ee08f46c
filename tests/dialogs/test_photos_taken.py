"""Photos as they come: albums whole or in pieces, sources carried, nothing left over."""

from typing import Any

import pytest

from dialogs.changes import changed
from dialogs.effects import AttachEvidence, DropEvidence, DropUploads, Show
from dialogs.engine import Turn, advance
from dialogs.events import Event, PhotoSettled, PhotosSent
from dialogs.facts import Facts, Need
from dialogs.foresee import foresee
from dialogs.model import Decision, Evidence, Person, ReturnItem
from dialogs.state import Gathering, State
from dialogs.steps.taking import QUIET_MS
from storage.conversations import decode_state, encode_state
from tests.dialogs.officer_world import NOW, World, declaration, facts, keys

START_MS = 1_000_000
TOLD = Decision("return", None, NOW, 1, told=True)
TOKEN = "0123456789abcdef" * 4


class Talk:
    """One citizen's conversation; what it attaches stays in the file, as storage would keep it."""

    def __init__(self, state: State | None = None, **file: Any) -> None:
        own = declaration(**{"status": "draft", "code": None, "items": (), "evidence": (), **file})
        self.facts: Facts = facts(person=Person(1, "Nguyễn Thị Hoa", 1965), declaration=own)
        self.state = state or State(step="photos")
        self.at_ms, self.inbox = START_MS, 100
        self.turn = Turn((), self.state, None)

    def event(self, event: Event, *, after_ms: int = 0) -> list[str]:
        """Let something happen; return the keys of what is shown."""
        self.at_ms += after_ms
        self.inbox += 1
        token = f"{self.inbox:04d}{TOKEN}"[:64]
        now = changed(self.facts, arrived_ms=self.at_ms, inbox=self.inbox, token=token)
        while isinstance(turn := advance(self.state, event, now), Need):
            now = changed(now, found={**now.found, turn: World().answer(turn)})
        self.turn, self.state = turn, decode_state(encode_state(turn.state))
        self.facts = foresee(now, turn.effects)
        return [k for e in turn.effects if isinstance(e, Show) for k in keys(e.screen.lines)]

    def piece(self, n: int, *, after_ms: int = 0) -> list[str]:
        """Send one piece."""
        sent = PhotosSent((f"far-{n}",), None, (f"https://zdn.vn/{n}",), piece=True)
        return self.event(sent, after_ms=after_ms)

    def attached(self) -> AttachEvidence:
        """Return what the last turn attached."""
        (found,) = (e for e in self.turn.effects if isinstance(e, AttachEvidence))
        return found

    def settle(self, verdict: Any = "clear") -> None:
        """Look at every photo that waits."""
        file = self.facts.declaration
        assert file is not None
        seen = tuple(
            changed(e, verdict=verdict) if e.verdict == "pending" else e for e in file.evidence
        )
        self.facts = changed(self.facts, declaration=changed(file, evidence=seen))

    def evidence(self) -> tuple[Evidence, ...]:
        """Return the photos of the file."""
        assert self.facts.declaration is not None
        return self.facts.declaration.evidence


def test_a_whole_album_is_attached_as_ever() -> None:
    talk = Talk()
    assert talk.event(PhotosSent(("a", "b"))) == []
    ids = tuple(f"0101{TOKEN}"[:20] + f"{n:02d}" for n in range(2))
    assert talk.turn.effects == (AttachEvidence(1, ("a", "b"), ids, None),)
    assert talk.state.gathering is None


def test_sources_go_along_with_the_photos_that_are_taken() -> None:
    ten = tuple(Evidence(f"e{n}", 1, "clear") for n in range(9))
    talk = Talk(evidence=ten)
    talk.event(PhotosSent(("a", "b"), None, ("https://x/a", "https://x/b")))
    attached = talk.attached()
    assert (attached.files, attached.sources) == (("a",), ("https://x/a",))
    # Of the other one nothing is with us that could be removed.
    assert talk.turn.effects == (attached,)


def test_uploads_that_find_no_room_are_removed() -> None:
    talk = Talk(evidence=tuple(Evidence(f"e{n}", 1, "clear") for n in range(9)))
    talk.event(PhotosSent(("a", "b")))
    assert talk.turn.effects == (talk.attached(), DropUploads(("b",)))


def test_pieces_that_come_soon_are_one_album() -> None:
    talk = Talk()
    assert talk.piece(1) == []
    assert talk.attached() == AttachEvidence(
        1, ("far-1",), (f"0101{TOKEN}"[:20] + "00",), None, ("https://zdn.vn/1",), None, 0,
        START_MS + QUIET_MS,
    )  # fmt: skip
    for n in (2, 3):
        assert talk.piece(n, after_ms=QUIET_MS) == []
        attached = talk.attached()
        assert (attached.album, attached.first) == (101, n - 1)
        assert attached.quiet_ms == talk.at_ms + QUIET_MS
    assert {e.album for e in talk.evidence()} == {101}
    assert talk.state.gathering == Gathering(101, talk.at_ms)


def test_a_piece_after_the_quiet_begins_anew() -> None:
    talk = Talk()
    talk.piece(1)
    talk.piece(2, after_ms=QUIET_MS + 1)
    assert [e.album for e in talk.evidence()] == [101, 102]


def test_an_album_is_answered_when_all_of_it_is_settled_and_nothing_more_is_to_come() -> None:
    talk = Talk()
    talk.piece(1)
    talk.piece(2)
    assert talk.event(PhotoSettled("e", 101, photos=2)) == []
    talk.settle()
    assert talk.event(PhotoSettled("e", 101, photos=1)) == []
    assert talk.state.gathering is not None
    assert talk.event(PhotoSettled("e", 101, photos=2))[0] == "photos.received"
    assert talk.state.gathering is None
    talk.piece(3)
    assert [e.album for e in talk.evidence()] == [101, 101, talk.inbox]


def test_an_album_that_is_gone_is_not_joined() -> None:
    talk = Talk()
    talk.piece(1)
    assert talk.facts.declaration is not None
    talk.facts = changed(talk.facts, declaration=changed(talk.facts.declaration, evidence=()))
    talk.piece(2)
    assert talk.attached().album is None
    assert talk.state.gathering == Gathering(102, talk.at_ms)


@pytest.mark.parametrize("status", ["submitted", "approved"])
def test_pieces_that_are_not_taken_are_refused_once_a_burst(status: str) -> None:
    talk = Talk(State(step="home"), status=status, code="KH26-1")
    assert talk.piece(1)[0].startswith("photos.")
    assert talk.piece(2, after_ms=QUIET_MS) == []
    assert talk.piece(3, after_ms=QUIET_MS) == []
    assert talk.turn.effects == ()
    assert talk.piece(4, after_ms=QUIET_MS + 1)[0].startswith("photos.")


def test_pieces_beyond_the_most_are_told_with_the_answer() -> None:
    talk = Talk(evidence=tuple(Evidence(f"e{n}", 1, "clear") for n in range(9)))
    talk.piece(1)
    assert talk.piece(2) == []
    talk.settle()
    assert talk.event(PhotoSettled("e", 101, photos=1))[:2] == ["photos.received", "photos.full"]
    assert talk.piece(3)[0] == "photos.enough"
    assert talk.piece(4) == []


def test_pieces_replace_the_unclear_ones_that_were_asked_about() -> None:
    old = (Evidence("e1", 7, "blurry"), Evidence("e2", 7, "clear"))
    talk = Talk(State(step="photo_check", arg="7"), evidence=old)
    talk.piece(1)
    talk.piece(2)
    talk.settle()
    talk.event(PhotoSettled("e", 101, photos=2))
    assert DropEvidence(1, ("e1",)) in talk.turn.effects
    assert talk.evidence()[0].id == "e2"
    assert len(talk.evidence()) == 3


def test_pieces_are_all_for_the_item_that_the_first_was_for() -> None:
    items = (ReturnItem("A2", "blurry", None, "photo"), ReturnItem("A3", "blurry", None, "photo"))
    talk = Talk(
        State(step="supplement", arg="A3"),
        status="returned",
        code="KH26-1",
        items=items,
        decision=TOLD,
    )
    talk.piece(1)
    talk.state = changed(talk.state, step="supplement", arg="A2")
    talk.piece(2)
    assert [e.criterion for e in talk.evidence()] == ["A3", "A3"]


def test_what_was_sent_elsewhere_is_answered_there() -> None:
    talk = Talk()
    talk.piece(1)
    talk.settle()
    assert talk.event(PhotoSettled("e", 101, photos=1, elsewhere=True)) == []


@pytest.mark.parametrize(("far", "key"), [(True, "photos.far_late"), (False, "photos.late")])
def test_a_photo_that_takes_longer_is_told_in_true_words(far: bool, key: str) -> None:
    talk = Talk()
    talk.event(PhotosSent(("a",)))
    assert talk.event(PhotoSettled("e", 101, late=True, far=far))[0] == key
    talk.settle()
    assert talk.event(PhotoSettled("e", 101, late=True, far=far)) == []


def test_an_officer_who_sends_an_album_is_told_once() -> None:
    talk = Talk(State(flow="officer", step="desk"))
    shown = [talk.event(PhotosSent((f"u{n}",), None, ("https://x",), piece=True)) for n in range(3)]
    assert [lines[:1] for lines in shown] == [["officer.no_photos"], [], []]
