"""Whom to call, and what "?" says."""

from dialogs.screen import Msg, Text
from dialogs.steps.base import Here, Step


def contact_line(here: Here) -> Text:
    """Return whom to call about this place: a named person, else whoever is responsible.

    An officer is told what can be typed instead.
    """
    if here.state.flow == "officer":
        return Msg("help.officer")
    place = here.place()
    if place is None:
        return Msg("contact.unknown")
    info = place.info
    if info.contact_name and info.contact_phone:
        return Msg("contact.person", {"name": info.contact_name, "phone": info.contact_phone})
    return Msg("contact.office", {"controller": controller(here)})


def controller(here: Here) -> Text:
    """Return who is responsible for the file: what the commune says, else its committee."""
    place = here.place()
    if place is None:
        return Msg("controller.unknown")
    return place.info.controller or Msg(
        f"controller.{place.commune.kind}", {"name": place.commune.name}
    )


def help_lines(here: Here, step: Step) -> tuple[Text, ...]:
    """Return the explanation of this question, else what can be typed anywhere."""
    explained = step.explain(here)
    general = (Msg(f"help.{here.state.flow}"), contact_line(here))
    return explained or general
