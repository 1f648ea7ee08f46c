"""A flow: an order of questions, and what words and events mean wherever the person stands."""

from typing import ClassVar, Literal

from dialogs.commands import Command
from dialogs.events import (
    Cut,
    Event,
    FilesWait,
    Linked,
    NoticeDue,
    Opened,
    PhotoSettled,
    PhotosSent,
    Unsupported,
)
from dialogs.steps.base import Go, Here, Step

# What happens without the person of this conversation doing anything in it.
Happening = PhotoSettled | NoticeDue | FilesWait | Linked | Cut


class Flow:
    """The order of steps of one kind of conversation."""

    tag: ClassVar[str]
    audience: ClassVar[Literal["citizen", "officer"]]

    def next(self, here: Here) -> tuple[str, str]:
        """Return tag and argument of the question that comes next, from what is known."""
        raise NotImplementedError

    def instead(self, here: Here, tag: str) -> str:
        """Return the question to ask in place of `tag`, where that makes no sense any more."""
        return tag

    def is_passed(self, here: Here) -> bool:
        """Tell whether the present question was settled elsewhere and can be asked no more."""
        return False

    def ended(self, here: Here, event: Event) -> Go | None:
        """Return what follows when this kind of conversation is over for whoever is here."""
        return None

    def open(self, here: Here, event: Opened) -> Go:
        """Return what follows an arrival."""
        raise NotImplementedError

    def command(self, here: Here, command: Command) -> Go:
        """Return what follows a command, valid at any question."""
        raise NotImplementedError

    def photos(self, here: Here, event: PhotosSent) -> Go:
        """Return what follows photos, at any question."""
        raise NotImplementedError

    def unsupported(self, here: Here, step: Step, event: Unsupported) -> Go:
        """Return what follows something that is no answer here, at the question `step`."""
        raise NotImplementedError

    def erasure(self, here: Here) -> Go:
        """Return what follows the person's wish, told to the platform, to be erased."""
        raise NotImplementedError

    def happen(self, here: Here, event: Happening) -> Go:
        """Return what follows an event of our own."""
        raise NotImplementedError
