"""A flow: an order of questions, and what words and events mean wherever the person stands."""

from typing import ClassVar, Literal

from dialogs.commands import Command
from dialogs.events import FilesWait, NoticeDue, Opened, PhotoSettled, PhotosSent
from dialogs.steps.base import Go, Here


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

    def open(self, here: Here, event: Opened) -> Go:
        """Return what follows an arrival."""
        raise NotImplementedError

    def command(self, here: Here, command: Command) -> Go:
        """Return what follows a command, valid at any question."""
        raise NotImplementedError

    def photos(self, here: Here, event: PhotosSent) -> Go:
        """Return what follows photos, at any question."""
        raise NotImplementedError

    def happen(self, here: Here, event: PhotoSettled | NoticeDue | FilesWait) -> Go:
        """Return what follows an event of our own."""
        raise NotImplementedError
