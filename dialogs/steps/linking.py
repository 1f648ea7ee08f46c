"""One person on several channels: giving a word, joining by one, leaving again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dialogs.effects import Effect, Forget, LeavePerson, OfferLink, RedeemLink, WrongWord
from dialogs.events import Event, Typed
from dialogs.facts import AddressOf, HeldOf, LinkBy, LinkWord, Others, OthersOf, TriesOf
from dialogs.folding import fold
from dialogs.linking import (
    CODE_LENGTH,
    GOOD_FOR,
    LONG_LENGTH,
    draw_code,
    draw_long,
    is_code,
    is_locked,
    is_resting,
    tries_left,
)
from dialogs.screen import Choice, Joined, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again

JOIN_WORDS = ("van noi", "link anyway")
# What a state keeps of a declaration on its way; nothing of it stays with somebody else's.
NOTHING_KEPT: Mapping[str, Any] = {
    "place": None,
    "village": None,
    "village_text": None,
    "title": None,
    "period": None,
    "by_code": False,
    "carried": {},
    "photos_asked": False,
    "submitting": False,
    "gathering": None,
    "opened": {},
}
_TAKEN_ON = ("place", "village", "village_text", "title", "period", "carried", "photos_asked")


def channel_name(channel: str) -> Text:
    """Return what people call a channel."""
    return Msg(f"link.channel.{channel}")


def told_in_turn(here: Here, key: str, *effects: Effect) -> Go:
    """Say `key`, and "still not" when it was said just before: never the same words twice."""
    hold = here.state.hold
    said = "link.still" if hold.get("told") == key else key
    return Go(to=None, effects=effects, said=(Msg(said),), hold={**hold, "told": said})


def offering(here: Here) -> Go:
    """Give a code and a link by which another channel joins; without a file there is nothing to."""
    person = here.facts.person
    if person is None:
        return told_in_turn(here, "link.none")
    code = draw_code(here.facts.token)
    offered, address = long_link(here, here.find(LinkBy(code)).kept)
    lines = (Msg("link.offer", {"code": code}), Msg("link.offer_address", {"address": address}))
    return Go(to=None, effects=(offered,), said=lines)


def long_link(here: Here, code_kept: str | None = None) -> tuple[OfferLink, str]:
    """Return the offer of a link to our page, with a code beside it if given, and its address."""
    long = draw_long(here.facts.token)
    words = (("long", here.find(LinkBy(long)).kept),)
    both = (("code", code_kept), *words) if code_kept else words
    offer = OfferLink(here.person.id, both, here.facts.now + GOOD_FOR)  # type: ignore[arg-type]
    return offer, here.find(AddressOf(f"/#join={long}"))


def joining(here: Here, word: str) -> Go:
    """Join the person whose word this is; wrong words are counted, and end after some."""
    if word.isdigit() and len(word) not in (CODE_LENGTH, LONG_LENGTH):
        return told_in_turn(here, "link.six")
    if is_code(word):
        tries = here.find(TriesOf(here.facts.inbox))
        if is_locked(tries.own, here.facts.now):
            return told_in_turn(here, "link.locked")
        if is_resting(tries):
            return told_in_turn(here, "link.resting")
    found = here.find(LinkBy(word))
    return _wrong(here, word) if found.person is None else _found(here, found)


def _wrong(here: Here, word: str) -> Go:
    if not is_code(word):
        return told_in_turn(here, "link.old")
    left = tries_left(here.find(TriesOf(here.facts.inbox)).own, here.facts.now)
    if not left:
        return told_in_turn(here, "link.locked", WrongWord())
    return Go(to=None, effects=(WrongWord(),), said=(Msg("link.wrong", {"left": left}),))


def _found(here: Here, found: LinkWord) -> Go:
    if refused := _refusal(here, found):
        return told_in_turn(here, refused)
    if here.facts.person is None:
        return _join(here, found)
    return Go("link", hold={"kept": found.kept})


def _refusal(here: Here, found: LinkWord) -> str | None:
    """Return why this conversation cannot join: it has already, or it has a file handed in."""
    own = here.facts.person
    if own is None:
        return None
    if found.person is not None and found.person.id == own.id:
        return "link.already"
    files = here.find(HeldOf(own.id)).files
    return "link.has_file" if any(file.status != "draft" for file in files) else None


def _join(here: Here, found: LinkWord, *effects: Effect) -> Go:
    """Go on where the other channel stands: with its file, and with what only its state knows."""
    assert found.person is not None, "a word that leads nowhere joins nobody"
    theirs = {name: getattr(found.state, name) for name in _TAKEN_ON}
    keep = {**NOTHING_KEPT, **theirs, "locale": found.state.locale}
    done = Msg("link.done", {"channel": channel_name(found.channel)})
    joined = RedeemLink(found.person.id, found.kept)
    return Go(effects=(*effects, joined), said=(done,), keep=keep, fresh=True)


@dataclass(frozen=True, slots=True)
class Linking(Step):
    """Joining would erase the draft begun here: only by the words."""

    tag: ClassVar[str] = "link"
    lasting: ClassVar[bool] = False

    def show(self, here: Here) -> Screen:
        """Say what goes, and ask for the words."""
        lines = (Msg("link.draft_goes"), Msg("link.confirm"))
        return Screen(lines, accepts=("text",), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Repeat the words in other words."""
        return Msg("link.confirm_example")

    def take(self, here: Here, event: Event) -> Go:
        """Join at the words, else ask again; a word that is too old by now joins nobody."""
        if not isinstance(event, Typed) or fold(event.text) not in JOIN_WORDS:
            return again(miss=True)
        found = here.find(LinkBy(kept=here.state.hold.get("kept", "")))
        refused = "link.old" if found.person is None else _refusal(here, found)
        if refused:
            return Go(said=(Msg(refused),), fresh=True)
        own = here.facts.person
        return _join(here, found, *((Forget(own.id, "erased"),) if own else ()))


def unlinking(here: Here) -> Go:
    """Ask which channel is to leave, if there is another one."""
    others = _others(here)
    if not others.channels:
        return told_in_turn(here, "unlink.alone")
    return Go("unlink", hold={"channels": list(others.channels), "first": others.first})


def _others(here: Here) -> Others:
    person = here.facts.person
    nobody = Others((), first=True)
    return here.find(OthersOf(person.id, here.facts.inbox)) if person else nobody


@dataclass(frozen=True, slots=True)
class Unlinking(Choosing):
    """Which channel leaves: the others only from where the declaration began."""

    tag: ClassVar[str] = "unlink"
    lasting: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The other channels where that is allowed, this one, or everything stays."""
        first = here.state.hold.get("first")
        cut = (Choice("others", Msg("unlink.others")),) if first else ()
        return (*cut, Choice("this", Msg("unlink.this")), Choice("stay", Msg("unlink.stay")))

    def show(self, here: Here) -> Screen:
        """Name the other channels, and ask."""
        names = dict.fromkeys(here.state.hold.get("channels", ()))
        channels = Joined(tuple(channel_name(name) for name in names), ", ")
        asked = Msg("unlink.ask", {"channels": channels})
        return Screen((asked,), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Cut the others off, leave with this one, or leave everything as it is."""
        others = _others(here)
        if choice == "stay" or not others.channels or (choice == "others" and not others.first):
            # The last channel of a form stays, also where the others left a moment ago.
            told = "unlink.stayed" if others.channels else "unlink.alone"
            return Go(said=(Msg(told),), fresh=True)
        person = here.person.id
        if choice == "others":
            effects = (LeavePerson(person, "others"),)
            return Go(effects=effects, said=(Msg("unlink.others_done"),), fresh=True)
        left = (LeavePerson(person, "this"),)
        said = (Msg("unlink.this_done"),)
        return Go("hello", effects=left, said=said, keep=dict(NOTHING_KEPT), fresh=True)


def link_news(here: Here, *, channel: str, joined: bool) -> Text:
    """Return what a conversation hears when another one joined its person, or left."""
    name = channel_name(channel)
    return Msg("link.joined" if joined else "link.parted", {"channel": name})
