"""From the first hello to the title: language, place, village, which declaration."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.answers import Picked, understand
from dialogs.effects import SetPlace
from dialogs.events import Event, Typed
from dialogs.facts import FindPlaces, PlaceFacts, PlaceOf
from dialogs.folding import compose, fold
from dialogs.offers import day_of, find_offer, list_offers
from dialogs.periods import Offer
from dialogs.places import (
    PlaceHit,
    PlaceHits,
    Province,
    commune_label,
    hit_label,
    place_label,
    village_label,
)
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, Step, again
from dialogs.villages import match_villages

LANGUAGES = (("vi", "Tiếng Việt"), ("en", "English"))
LIST_LENGTH = 8
NO_PLACE = {"place": None, "village": None, "village_text": None, "by_code": False}


def title_names(here: Here) -> tuple[Text, ...]:
    """Return the names of the titles open here."""
    return tuple(s.name for s in here.facts.open_titles)


@dataclass(frozen=True, slots=True)
class Hello(Choosing):
    """The first words, with the place of the QR code when there was one."""

    tag: ClassVar[str] = "hello"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Start, another place, the other language."""
        other = next(c for c in LANGUAGES if c[0] != here.state.locale)
        elsewhere = (Choice("elsewhere", Msg("hello.elsewhere")),) if here.state.place else ()
        start = Choice("start", Msg("hello.start"))
        return (start, *elsewhere, Choice("language", other[1]))

    def show(self, here: Here) -> Screen:
        """Say who we are and how long it takes."""
        titles = title_names(here)
        first = Msg("hello.who", {"titles": titles}) if titles else Msg("hello.who_plain")
        place = here.place()
        key = "hello.place" if here.state.by_code else "hello.place_chosen"
        where = (Msg(key, {"place": place.label}),) if place else ()
        return Screen((first, *where, Msg("hello.length")), self.choices(here))

    def pick(self, here: Here, choice: str) -> Go:
        """Start, choose another place, or switch the language."""
        if choice == "language":
            other = next(c[0] for c in LANGUAGES if c[0] != here.state.locale)
            return Go(to=None, keep={"locale": other})
        if choice == "elsewhere":
            return Go("place")
        return Go()


@dataclass(frozen=True, slots=True)
class Language(Choosing):
    """Which language we speak."""

    tag: ClassVar[str] = "language"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Every language under its own name."""
        return tuple(Choice(code, name) for code, name in LANGUAGES)

    def show(self, here: Here) -> Screen:
        """Ask for the language."""
        return Screen((Msg("language.ask"),), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Switch and go back to where the person was."""
        return Go(back=True, keep={"locale": choice}, said=(Msg("language.done"),))


@dataclass(frozen=True, slots=True)
class Place(Step):
    """Which commune: typed as people type, never guessed."""

    tag: ClassVar[str] = "place"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0", "?", "back")

    def show(self, here: Here) -> Screen:
        """Ask for the commune; of which province, once that is known."""
        province = here.state.hold.get("province")
        first = Msg("place.ask_in", {"province": province}) if province else Msg("place.ask")
        return Screen((first, Msg("place.ask_help")), accepts=("text",), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Give an example of how to write it."""
        return Msg("place.example")

    def take(self, here: Here, event: Event) -> Go:
        """Search; one sure hit is echoed by the next question, others are offered."""
        if not isinstance(event, Typed):
            return again(Msg("unclear.not_here"))
        within = here.state.hold.get("within")
        found = here.find(FindPlaces(event.text, within))
        if (province := found.province) and (not found.hits or _names(province, event.text, found)):
            return Go(to=None, hold={"within": province.code, "province": province.name})
        if not found.hits:
            return again(miss=True)
        if found.sure:
            return chosen_commune(found.sure.code)
        hits = [[h.commune.code, h.former] for h in found.hits]
        return Go("place_pick", hold={"hits": hits, "more": found.more, "within": within})


def _names(province: Province, text: str, found: PlaceHits) -> bool:
    """Tell whether `text` is the province's own name: it comes before former communes of it."""
    return found.sure is None and fold(text) == fold(province.name)


def chosen_commune(code: str) -> Go:
    """Return the way on once the commune is known."""
    return Go(keep={**NO_PLACE, "place": code})


@dataclass(frozen=True, slots=True)
class PlacePick(Choosing):
    """Several communes fit: each with its province."""

    tag: ClassVar[str] = "place_pick"
    lasting: ClassVar[bool] = False

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The communes found, then typing again."""
        found = tuple(
            Choice(code, hit_label(PlaceHit(place.commune, exact=False, former=former)))
            for code, former in here.state.hold.get("hits", ())
            if (place := here.find(PlaceOf(code)))
        )
        return (*found, Choice("retype", Msg("place.retype")))

    def show(self, here: Here) -> Screen:
        """Ask which of them; say when there are more than shown."""
        more = (Msg("place.more"),) if here.state.hold.get("more") else ()
        return Screen((Msg("place.which"), *more), self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Take the commune, or type again."""
        return Go(back=True) if choice == "retype" else chosen_commune(choice)

    def take_words(self, here: Here, text: str) -> Go:
        """A number or word picks; anything else is searched for again."""
        go = Choosing.take_words(self, here, text)
        if not go.miss:
            return go
        searched = Place().take(here, Typed(text))
        return searched if not searched.miss else go


@dataclass(frozen=True, slots=True)
class InVillage(Choosing):
    """Which village; unknown ones are typed or left to the officer."""

    tag: ClassVar[str] = "village"
    free_text: ClassVar[bool] = True
    words: ClassVar[tuple[str, ...]] = ("0", "?", "back")

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """The commune's villages where the list is short, or those that fit what was typed."""
        place = here.place()
        villages = place.villages if place else ()
        picked = here.state.hold.get("codes")
        shown = [v for v in villages if v.code in picked] if picked else list(villages)
        listed = tuple(Choice(v.code, village_label(v)) for v in shown)
        short = listed if picked or len(listed) <= LIST_LENGTH else ()
        return (*short, Choice("unknown", Msg("village.unknown")))

    def show(self, here: Here) -> Screen:
        """Ask for the village, naming the commune that was understood."""
        place = here.place()
        assert place is not None, "the village is asked after the commune"
        ask = Msg("village.ask", {"commune": commune_label(place.commune)})
        return Screen((ask, Msg("village.ask_help")), self.choices(here), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Say that the list has no such village, and how they are written."""
        return Msg("village.example")

    def pick(self, here: Here, choice: str) -> Go:
        """Take the village, or leave it to the officer."""
        return _in_village(here, None, "?") if choice == "unknown" else _in_village(here, choice)

    def take_words(self, here: Here, text: str) -> Go:
        """Match what was typed against the list; without a list keep it as typed."""
        place = here.place()
        villages = place.villages if place else ()
        shown = tuple(v for v in villages if any(c.id == v.code for c in self.choices(here)))
        hits = match_villages(text, villages)
        # Where no list is shown, a number is a village's before it is the only choice's.
        if shown or not hits:
            go = Choosing.take_words(self, here, text)
            sure = isinstance(understand(text, self.options(here), strict=True), Picked)
            if not go.miss and (shown or sure):
                return go
        if len(hits) == 1:
            return _in_village(here, hits[0].code)
        if hits:
            return Go(to=None, hold={"codes": [v.code for v in hits]})
        return again(miss=True) if villages else _in_village(here, None, compose(text)[:80])


def _in_village(here: Here, village: str | None, typed: str | None = None) -> Go:
    """Keep the village: in the draft when there is one, else until consent is given."""
    place, file = here.place(), here.facts.declaration
    assert place is not None, "the village is asked after the commune"
    noted = (_place_noted(place, village, typed),)
    if file is None:
        return Go(keep={"village": village, "village_text": typed}, said=noted)
    commune = place.commune
    moved = SetPlace(file.id, commune.province.code, commune.code, village, typed)
    return Go(effects=(moved,), keep=NO_PLACE, said=noted)


def _place_noted(place: PlaceFacts, village: str | None, typed: str | None) -> Text:
    """Return the echo of what was understood."""
    found = next((v for v in place.villages if v.code == village), None)
    label = place_label(place.commune, found)
    if found is None and typed not in (None, "?"):
        label = Msg("place.typed_in", {"village": typed or "", "commune": label})
    return Msg("village.noted", {"place": label})


def open_offers(here: Here) -> tuple[Offer, ...]:
    """Return what can be begun at the place at hand."""
    place = here.place()
    return list_offers(here.facts, place.commune.province.code) if place else ()


def chosen_offer(here: Here) -> Offer | None:
    """Return the chosen title and year while it is still open there; None before any choice."""
    place, title = here.place(), here.state.title
    if place is None or title is None:
        return None
    return find_offer(here.facts, place.commune.province.code, title, here.state.period)


@dataclass(frozen=True, slots=True)
class Title(Choosing):
    """Which declaration: only titles and years that are open here."""

    tag: ClassVar[str] = "title"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Each open title with whom it is for, and its year where that is not this one."""
        offers = open_offers(here)
        if not offers:
            return (Choice("later", Msg("title.later")),)
        this_year = {offer.year for offer in offers} == {here.facts.today.year}
        return tuple(Choice(_offer_id(here, o), _offer_label(o, this_year)) for o in offers)

    def show(self, here: Here) -> Screen:
        """Ask which title it is for; say when nothing is taken, and until when."""
        if open_offers(here):
            return Screen((Msg("title.ask"),), self.choices(here), note=BACK_HINT)
        lines = (Msg("title.none"), *_openings(here))
        return Screen(lines, self.choices(here), note=BACK_HINT)

    def pick(self, here: Here, choice: str) -> Go:
        """Take the title with its year; the criteria set in force belongs to it."""
        for offer in open_offers(here):
            if choice == _offer_id(here, offer):
                return Go(keep={"title": offer.criteria.title, "period": offer.year})
        return Go("hello", said=(Msg("title.come_back"),), fresh=True)


def _offer_id(here: Here, offer: Offer) -> str:
    title = offer.criteria.title
    return title if offer.year == here.facts.today.year else f"{title}.{offer.year}"


def _offer_label(offer: Offer, this_year: bool) -> Text:
    criteria = offer.criteria
    values: dict[str, Text] = {"name": criteria.name, "audience": criteria.audience}
    if this_year:
        return Msg("title.choice", values)
    return Msg("title.choice_year", {**values, "year": str(offer.year)})


def _openings(here: Here) -> tuple[Text, ...]:
    """Return when each title is taken next, as far as that is known."""
    place, facts = here.place(), here.facts
    assert place is not None, "the title is asked after the place"
    coming = [
        facts.calendar.next_opening(s.title, place.commune.province.code, day_of(facts))
        for s in facts.open_titles
    ]
    return tuple(
        Msg("title.opens", {"year": str(period.year), "date": period.opens_on})
        for period in coming
        if period is not None
    )
