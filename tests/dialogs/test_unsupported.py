"""What is no answer on a channel, and a platform's word that somebody is to be erased."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args, get_type_hints

import pytest

from dialogs.effects import DropUploads, Forget, LeaveDesk, OfferLink
from dialogs.events import Cut, ErasureAsked, Linked, Opened, PhotosSent, Typed, Unsupported
from dialogs.facts import AddressOf, LinkBy, LinkWord, Need
from dialogs.linking import is_locked, tries_left
from dialogs.state import State
from tests.dialogs.far_talk import FarTalk, at_the_first, at_the_name
from tests.dialogs.officer_world import NOW, VILLAGE, World, facts, keys, officer

KINDS = get_args(get_type_hints(Unsupported)["kind"])
ADDRESS = "https://khaihoc.example.vn"


@dataclass
class LinkedWorld(World):
    """A world that knows addresses and how words are kept."""

    def answer(self, need: Need[Any]) -> Any:
        """Answer a Need as storage would."""
        match need:
            case AddressOf(path):
                return f"{ADDRESS}{path}"
            case LinkBy(word):
                return LinkWord(f"kept {word}")
        return World.answer(self, need)


def with_links(talk: FarTalk) -> FarTalk:
    """Let the talk's world know addresses."""
    talk.world = LinkedWorld()
    return talk


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_gets_words_and_the_question_again_never_the_same_words_twice(kind: Any) -> None:
    talk = with_links(at_the_first())
    question = talk.screen.lines[-1]
    said = [talk.event(Unsupported(kind)) for _ in range(3)]
    assert [lines[-1] for lines in said] == [question] * 3
    first, second, third = (keys(lines)[0] for lines in said)
    assert (first, second, third) == (f"unsupported.{kind}", "unsupported.again", first)
    assert (talk.state.step, talk.state.misses) == ("criterion", 0)


def test_a_voice_at_a_question_for_words_is_not_asked_for_a_number() -> None:
    assert keys(at_the_name().event(Unsupported("voice")))[0] == "unsupported.voice_words"


@pytest.mark.parametrize("kind", ["file", "protected"])
def test_our_page_goes_on_with_the_same_draft_by_a_link_for_one_use(kind: Any) -> None:
    talk = with_links(at_the_first())
    lines = talk.event(Unsupported(kind))
    (offer,) = talk.effects
    assert isinstance(offer, OfferLink)
    ((word_kind, kept),) = offer.words
    assert (word_kind, offer.until) == ("long", talk.known.now + timedelta(minutes=15))
    assert keys(lines)[1] == "unsupported.page_on"
    assert f"{ADDRESS}/#join={kept.removeprefix('kept ')}" in repr(lines[1])


def test_without_a_draft_the_place_at_hand_goes_along() -> None:
    talk = with_links(FarTalk())
    talk.event(Opened(VILLAGE))
    assert f"{ADDRESS}/go/{VILLAGE}" in repr(talk.event(Unsupported("protected")))
    assert talk.effects == ()
    assert f"{ADDRESS}/'" in repr(with_links(FarTalk()).event(Unsupported("file")))


def test_an_officer_is_told_that_words_are_taken() -> None:
    known = facts(channel="zalo_bot", tells_screen=False, officer=officer())
    talk = FarTalk(state=State(flow="officer", step="desk"), known=known)
    told = [keys(talk.event(Unsupported("sticker")))[0] for _ in range(3)]
    assert told == ["unsupported.desk", "unsupported.desk_again", "unsupported.desk"]


def test_who_asked_the_platform_to_be_erased_is_erased_at_once() -> None:
    talk = at_the_first()
    person = talk.known.person
    assert person is not None
    lines = talk.event(ErasureAsked())
    assert talk.effects == (Forget(person.id, "erased"),)
    assert (keys(lines)[0], talk.state.step) == ("erase.done", "farewell")


def test_a_stranger_who_asked_the_platform_is_forgotten_too_and_an_officer_hears_nothing() -> None:
    talk = FarTalk()
    talk.event(Opened(VILLAGE))
    talk.event(ErasureAsked())
    assert (talk.effects, talk.state.place) == ((Forget(None, "erased"),), None)
    known = facts(channel="zalo_oa", officer=officer())
    desk = FarTalk(state=State(flow="officer", step="desk"), known=known)
    assert (desk.event(ErasureAsked()), desk.effects) == ((), ())


def test_news_of_another_channel_leaves_the_open_question_as_it_is() -> None:
    talk = at_the_first()
    before = talk.state
    assert keys(talk.event(Linked("zalo_bot", True))) == ["link.joined"]
    assert keys(talk.event(Linked("zalo_bot", False))) == ["link.parted"]
    assert keys(talk.event(Cut())) == ["unlink.cut"]
    assert talk.state == before


@pytest.mark.parametrize(
    "event", [Opened(), Typed("mở 2M", 1), PhotosSent(("a-photo",)), Unsupported("voice")]
)
def test_whoever_is_no_officer_any_more_begins_anew_in_a_chat(event: Any) -> None:
    state = State(flow="officer", step="opened", arg="KH26-7F3K-2M", opened={"1": 3})
    talk = FarTalk(state=state, known=facts(channel="zalo_bot", tells_screen=False))
    lines = talk.event(event)
    drop = (DropUploads(("a-photo",)),) if isinstance(event, PhotosSent) else ()
    assert talk.effects == (LeaveDesk(), *drop)
    assert keys(lines)[0] == "officer.gone"
    assert (talk.state.flow, talk.state.step, talk.state.opened) == ("citizen", "hello", {})


def test_five_wrong_words_in_a_quarter_of_an_hour_lock_for_an_hour() -> None:
    now = int(NOW.timestamp() * 1000)
    minute = 60_000
    quick = tuple(now - n * minute for n in (8, 6, 4, 2, 0))
    slow = tuple(now - n * minute for n in (16, 6, 4, 2, 0))
    assert (is_locked(quick, NOW), is_locked(slow, NOW), is_locked(quick[1:], NOW)) == (
        True,
        False,
        False,
    )
    hour = timedelta(hours=1)
    assert is_locked(quick, NOW + hour - timedelta(seconds=1))
    assert not is_locked(quick, NOW + hour)
    assert [tries_left(quick[5 - n :], NOW) for n in range(5)] == [4, 3, 2, 1, 0]
