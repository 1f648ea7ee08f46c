"""What comes that is no answer here: a voice, a file, a sticker. It is never evidence."""

from dialogs.changes import changed
from dialogs.events import Unsupported
from dialogs.facts import AddressOf
from dialogs.screen import Msg, Text
from dialogs.steps.base import Choosing, Go, Here, Step
from dialogs.steps.linking import long_link

# Kinds after which our own page helps: it takes what this channel does not.
TO_PAGE = ("file", "protected")


def unsupported(here: Here, step: Step, event: Unsupported) -> Go:
    """Say kindly what can be sent instead, and ask the present question again.

    The second time in a row other words are taken; the link is a fresh one each time.
    """
    key = _key(here, step, event.kind)
    told = "unsupported.again" if here.state.hold.get("told") == key else key
    hold = {**here.state.hold, "told": told}
    if event.kind in TO_PAGE:
        return changed(_with_link(here, told), hold=hold)
    return Go(to=None, said=(Msg(told),), hold=hold)


def _key(here: Here, step: Step, kind: str) -> str:
    if kind == "voice" and not (isinstance(step, Choosing) and step.choices(here)):
        return "unsupported.voice_words"
    return f"unsupported.{kind}"


def _with_link(here: Here, key: str) -> Go:
    """Lead to our page: to the same draft where there is one, else to the place at hand."""
    if here.facts.person is None:
        code = here.state.village or here.state.place
        address = here.find(AddressOf(f"/go/{code}" if code else "/"))
        return Go(to=None, said=(Msg(key), _page("unsupported.page", address)))
    offer, address = long_link(here)
    said = (Msg(key), _page("unsupported.page_on", address))
    return Go(to=None, effects=(offer,), said=said)


def _page(key: str, address: str) -> Text:
    return Msg(key, {"address": address})


def unsupported_at_desk(here: Here) -> Go:
    """Tell an officer, who works in words here."""
    seen = here.state.hold.get("told") == "unsupported.desk"
    told = "unsupported.desk_again" if seen else "unsupported.desk"
    brief = {"brief": True} if here.state.step == "opened" else {}
    hold = {**here.state.hold, **brief, "told": told}
    return Go(to=None, said=(Msg(told),), hold=hold)
