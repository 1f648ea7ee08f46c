"""Officers by chat: an invitation makes a conversation a desk; an ended right makes it none."""

from dialogs.commands import Command
from dialogs.effects import (
    AcceptInvitation,
    Effect,
    GiveDeskLink,
    LeaveDesk,
    WrongWord,
)
from dialogs.errors import NotOfficer
from dialogs.events import Event, PhotosSent
from dialogs.facts import DeskLinkBy, InvitationBy, TriesOf
from dialogs.linking import is_locked, is_resting, tries_left
from dialogs.screen import Msg
from dialogs.steps.base import Go, Here, again
from dialogs.steps.linking import NOTHING_KEPT, told_in_turn
from dialogs.steps.taking import left_over

# On the web a desk is opened by its link and a cookie of a working day.
BY_LINK = "web"
# Where an officer who is silent for seven days cannot be told anything.
FALLS_SILENT = "zalo_oa"


def entering(here: Here, command: Command) -> Go:
    """Accept an officer's invitation in a chat; wrong codes are counted as wrong links are."""
    if here.facts.channel == BY_LINK:
        return again(Msg("officer.by_link"))
    if command.code is None:
        return told_in_turn(here, "join.how")
    if here.facts.person is not None:
        return told_in_turn(here, "join.has_file")
    tries = here.find(TriesOf(here.facts.inbox))
    if is_locked(tries.own, here.facts.now) or is_resting(tries):
        return told_in_turn(here, "join.locked")
    invited = here.find(InvitationBy(command.argument))
    if invited.officer is None:
        left = tries_left(tries.own, here.facts.now)
        if not left:
            return told_in_turn(here, "join.locked", WrongWord())
        return Go(to=None, effects=(WrongWord(),), said=(Msg("join.wrong", {"left": left}),))
    officer, silent = invited.officer, here.facts.channel == FALLS_SILENT
    said = (Msg("join.done", {"name": officer.name}), *((Msg("join.silent"),) if silent else ()))
    keep = {**NOTHING_KEPT, "flow": "officer", "locale": officer.locale}
    accepted = (AcceptInvitation(officer, invited.kept),)
    return Go("desk", effects=accepted, said=said, keep=keep, fresh=True)


def signing_in(here: Here) -> Go:
    """Give an officer in a chat a one-time link to the desk on the web; not for the web itself.

    A session there ends with the working day, and is to end. Raises NotOfficer.
    """
    officer = here.facts.officer
    if officer is None:
        raise NotOfficer(Msg("officer.gone"))
    link = here.find(DeskLinkBy(here.facts.token))
    given = GiveDeskLink(officer.id, here.facts.token, link.until)
    told = Msg("login.link", {"address": link.address, "minutes": link.minutes})
    brief = {"brief": True} if here.state.step == "opened" else {}
    return Go(to=None, effects=(given,), said=(told,), hold=brief)


def leaving_desk(here: Here, event: Event) -> Go:
    """Begin anew as a citizen: whoever had the desk here is no officer any more."""
    drop = left_over(event, 0) if isinstance(event, PhotosSent) else ()
    keep = {**NOTHING_KEPT, "flow": "citizen"}
    effects: tuple[Effect, ...] = (LeaveDesk(), *drop)
    return Go("hello", effects=effects, said=(Msg("officer.gone"),), keep=keep, fresh=True)
