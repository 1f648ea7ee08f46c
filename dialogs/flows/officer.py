"""The officer's conversation: a queue, files opened one by one, decisions that name their file."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from dialogs.commands import Command, read_command
from dialogs.effects import Show
from dialogs.events import Chosen, Event, FilesWait, Opened, PhotosSent, Typed, Unsupported
from dialogs.facts import WaitingFiles
from dialogs.flows.base import Flow, Happening
from dialogs.screen import Msg, Screen
from dialogs.steps.base import Go, Here, Step
from dialogs.steps.entering import BY_LINK, entering, leaving_desk, signing_in
from dialogs.steps.officer import OFFICER_STEPS
from dialogs.steps.officer_base import find_file, kindly, officer_of, opening, remark, to_desk
from dialogs.steps.officer_deciding import (
    approving,
    begin_rejecting,
    begin_returning,
    begin_scoring,
    correcting_name,
    mapping_village,
    rejecting,
    taking_back,
)
from dialogs.steps.officer_desk import stats_lines
from dialogs.steps.taking import refuse_photos
from dialogs.steps.unsupported import unsupported_at_desk

STEPS_HERE = {step.tag: step for step in OFFICER_STEPS}
QUIET = Go(to=None, quiet=True)
# What somebody does in a conversation.
DONE_HERE = Opened | Typed | Chosen | PhotosSent | Unsupported


@dataclass(frozen=True, slots=True)
class OfficerFlow(Flow):
    """An officer's words mean the same at every step; each is checked against the present right."""

    tag: ClassVar[str] = "officer"
    audience: ClassVar[Literal["citizen", "officer"]] = "officer"

    def next(self, here: Here) -> tuple[str, str]:
        """The desk, always."""
        return "desk", ""

    def ended(self, here: Here, event: Event) -> Go | None:
        """In a chat whoever is no officer any more begins anew as a citizen, or is invited anew.

        On the web the page says that the session is over.
        """
        is_web = here.facts.channel == BY_LINK
        if is_web or here.facts.officer is not None or not isinstance(event, DONE_HERE):
            return None
        text = event.text if isinstance(event, Typed) else ""
        command = read_command(text, self.audience, free_text=False)
        if command is not None and command.name == "join":
            return entering(here, command)
        return leaving_desk(here, event)

    def open(self, here: Here, event: Opened) -> Go:
        """Go on where the officer stopped."""
        keep = {"locale": event.locale} if event.locale else {}
        if here.facts.officer is None or here.state.step not in STEPS_HERE:
            return Go("desk", keep=keep, fresh=True)
        if here.state.step == "opened":
            return Go("opened", here.state.arg, keep=keep, fresh=True)
        return Go(to=None, keep=keep)

    def photos(self, here: Here, event: PhotosSent) -> Go:
        """Officers send no photos; the uploads go."""
        return refuse_photos(here, event, Msg("officer.no_photos"))

    def unsupported(self, here: Here, step: Step, event: Unsupported) -> Go:
        """An officer works in words here."""
        return unsupported_at_desk(here)

    def erasure(self, here: Here) -> Go:
        """An officer's chat holds nothing of the officer; rights are ended by who gave them."""
        return QUIET

    def happen(self, here: Here, event: Happening) -> Go:
        """Say that new files wait, as a remark; nothing else concerns an officer."""
        if not isinstance(event, FilesWait) or here.facts.officer is None:
            return QUIET
        waiting = here.find(WaitingFiles(here.facts.officer.place)).waiting
        remark = Screen((Msg("officer.files_wait", {"waiting": waiting}),), accepts=())
        return Go(to=None, effects=(Show(remark, None),), quiet=True)

    def command(self, here: Here, command: Command) -> Go:
        """Follow a command; what a rule refuses is said kindly."""
        return kindly(here, lambda: self._command(here, command), leave=command.name == "back")

    def _command(self, here: Here, command: Command) -> Go:
        officer_of(here)
        match command.name:
            case "back":
                return self._back(here)
            case "queue" | "start" | "menu" | "cancel" | "continue":
                return to_desk()
            case "language":
                return Go("language")
            case "stats":
                return to_desk(*stats_lines(here))
            case "undo":
                return taking_back(here)
            case "login" if here.facts.channel != BY_LINK:
                return signing_in(here)
            case "join" if here.facts.channel != BY_LINK:
                return entering(here, command)
            case "open" | "approve" | "return" | "reject" | "score" | "name" | "village":
                return self._of_file(here, command)
        return remark(here, Msg("officer.not_a_command"))

    def _back(self, here: Here) -> Go:
        step = STEPS_HERE.get(here.state.step)
        if step is None and here.state.trail:
            return Go(to=None, back=True)
        return step.up(here) if step else to_desk()

    def _of_file(self, here: Here, command: Command) -> Go:
        if command.code is None:
            return remark(here, Msg(f"officer.name_it.{command.name}"))
        file = find_file(here, command.code)
        said = command.argument
        match command.name:
            case "open":
                return opening(here, file.declaration)
            case "approve":
                return approving(here, file, said)
            case "return":
                return begin_returning(here, file, command.numbers)
            case "reject":
                return rejecting(here, file, said) if said else begin_rejecting(here, file)
            case "name":
                return correcting_name(here, file, said)
            case "village":
                return mapping_village(here, file, said)
        return begin_scoring(here, file, command.number, command.points, said)
