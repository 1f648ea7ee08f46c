"""Handing a file in, the first time and after additions."""

from dialogs.offers import sets_in
from dialogs.review import submit
from dialogs.screen import Msg
from dialogs.steps.base import Go, Here


def submitted(here: Here) -> Go:
    """Hand the file in and show the receipt; the pinned criteria stay, and that is said.

    Raises Refused where the rules forbid it.
    """
    file, place = here.declaration, here.place()
    effects = submit(
        file,
        here.criteria,
        difficult=place is not None and place.info.difficult,
        now=here.facts.now,
        token=here.facts.token,
    )
    in_force = sets_in(here.facts, file.period)
    newest = next((s for s in in_force if s.title == file.title), here.criteria)
    pinned = (Msg("submit.pinned"),) if newest.version != file.criteria else ()
    again = (Msg("submit.again"),) if file.code and file.status == "draft" else ()
    asked = any(c.purpose == "campaign" for c in here.facts.consents)
    to = "home" if asked or file.code else "receipt"
    done = {"submitting": False, "carried": {}}
    return Go(to, effects=effects, said=(*pinned, *again), keep=done, fresh=True)
