"""Consent before anything personal is asked, its exact text kept (Law 91/2025/QH15, art. 9)."""

from dataclasses import dataclass
from hashlib import sha256
from typing import ClassVar

from dialogs.effects import BeginDeclaration, ConsentText, Forget, GiveConsent
from dialogs.facts import PlaceFacts
from dialogs.periods import Offer
from dialogs.screen import Choice, Msg, Screen, Text
from dialogs.steps.base import BACK_HINT, Choosing, Go, Here, again
from dialogs.steps.helping import controller
from dialogs.steps.starting import NO_PLACE, chosen_offer
from dialogs.steps.summing import day_for


def consent_text(here: Here, lines: tuple[Text, ...]) -> ConsentText:
    """Return the words of `lines` in every language with their digest, and the language shown."""
    per_language = zip(*(here.facts.wordings(line) for line in lines), strict=True)
    text = "\n\n".join("\n".join(words) for words in per_language)
    return ConsentText(sha256(text.encode()).hexdigest()[:16], text, here.state.locale)


@dataclass(frozen=True, slots=True)
class Consenting(Choosing):
    """What is kept, why, who sees it: agree or not."""

    tag: ClassVar[str] = "consent"
    strict: ClassVar[bool] = True

    def lines(self, here: Here) -> tuple[Text, ...]:
        """Return the text that is agreed to."""
        place = here.place()
        reviewers: Text = (place.info.reviewers if place else None) or Msg("consent.reviewers")
        what = Msg("consent.what", {"year": str(_year(here)), "controller": controller(here)})
        channel = Msg(f"channel.{here.facts.channel}")
        return what, Msg("consent.who", {"reviewers": reviewers, "channel": channel})

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Agree, refuse, read more."""
        return (
            Choice("agree", Msg("consent.agree")),
            Choice("refuse", Msg("consent.refuse")),
            Choice("read", Msg("consent.read")),
        )

    def show(self, here: Here) -> Screen:
        """Ask for consent."""
        return Screen(self.lines(here), self.choices(here), note=BACK_HINT)

    def example(self, here: Here) -> Text:
        """Name both answers, leaning to neither."""
        return Msg("consent.example")

    def explain(self, here: Here) -> tuple[Text, ...]:
        """Say how long things are kept and what stays after a decision."""
        return (Msg("consent.more", {"controller": controller(here)}),)

    def pick(self, here: Here, choice: str) -> Go:
        """Open the draft with the consent, forget everything, or explain."""
        if choice == "read":
            return again(*self.explain(here))
        if choice == "refuse":
            return refusal(here)
        offer = chosen_offer(here)
        if offer is None:
            # Consent was asked for a year that has closed meanwhile: it holds for no other one.
            turned = Msg("consent.turned", {"year": str(_year(here))})
            return Go("home" if here.facts.declaration else "title", said=(turned,))
        anew = {"photos_asked": False, "submitting": False}
        return Go(effects=(self._begin(here, offer),), keep={**NO_PLACE, **anew}, fresh=True)

    def _begin(self, here: Here, offer: Offer) -> BeginDeclaration:
        place, criteria = here.place(), offer.criteria
        assert place is not None, "consent is asked after the place"
        village, typed = _village(here, place)
        return BeginDeclaration(
            title=criteria.title,
            period=offer.year,
            criteria=criteria.version,
            province=place.commune.province.code,
            commune=place.commune.code,
            village=village,
            village_text=typed,
            public_id=here.facts.token[:22],
            consent=consent_text(here, self.lines(here)),
        )


def _year(here: Here) -> int:
    """Return the year that consent is asked for: the chosen one, also when it has closed."""
    offer = chosen_offer(here)
    return offer.year if offer else here.state.period or here.facts.today.year


def _village(here: Here, place: PlaceFacts) -> tuple[str | None, str | None]:
    """Return the village chosen; where a file of last year goes on, its own, if it still exists."""
    file = here.facts.declaration
    if file is None or here.state.place:
        return here.state.village, here.state.village_text
    open_still = any(v.code == file.village for v in place.villages)
    return file.village if open_still else None, file.village_text


def refusal(here: Here) -> Go:
    """Keep nothing, and say where paper forms are taken; files of earlier years stay."""
    if here.facts.declaration is not None:
        return Go("home", said=(Msg("over.not_carried"),), keep={"carried": {}}, fresh=True)
    place = here.place()
    where: Text = (place.info.paper_place if place else None) or controller(here)
    return Go(effects=(Forget(None, "refused"),), said=(Msg("consent.refused", {"where": where}),))


@dataclass(frozen=True, slots=True)
class Receipt(Choosing):
    """It is handed in: the code, when an answer comes, and consent to campaign messages."""

    tag: ClassVar[str] = "receipt"
    strict: ClassVar[bool] = True

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Yes or no to campaign messages, as their own purpose."""
        return (Choice("yes", Msg("campaign.yes")), Choice("no", Msg("campaign.no")))

    def show(self, here: Here) -> Screen:
        """Show the receipt, then ask."""
        return Screen((*receipt_lines(here), Msg("campaign.ask")), self.choices(here))

    def example(self, here: Here) -> Text:
        """Name both answers, leaning to neither."""
        return Msg("campaign.example")

    def pick(self, here: Here, choice: str) -> Go:
        """Keep the consent with its words, or nothing."""
        if choice == "no":
            return Go("home", said=(Msg("campaign.noted_no"),), fresh=True)
        text = consent_text(here, (Msg("campaign.ask"),))
        consent = GiveConsent(here.person.id, "campaign", text)
        return Go("home", effects=(consent,), said=(Msg("campaign.noted_yes"),), fresh=True)


def receipt_lines(here: Here) -> tuple[Text, ...]:
    """Return the receipt: code, who answers and until when."""
    place = here.place()
    values: dict[str, Text] = {"code": here.declaration.code or "", "controller": controller(here)}
    if place and (answer_by := day_for(here.declaration, place.info.answer_by)):
        return (Msg("receipt.until", {**values, "date": answer_by}),)
    return (Msg("receipt.plain", values),)


@dataclass(frozen=True, slots=True)
class Farewell(Choosing):
    """Nothing is kept; one may begin anew."""

    tag: ClassVar[str] = "farewell"

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Offer to begin anew."""
        return (Choice("start", Msg("farewell.start")),)

    def show(self, here: Here) -> Screen:
        """Say how to begin anew."""
        return Screen((Msg("farewell.nothing_kept"),), self.choices(here))

    def pick(self, here: Here, choice: str) -> Go:
        """Offer to begin anew."""
        return Go("hello", fresh=True)
