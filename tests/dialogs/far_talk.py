"""A citizen on a channel that does not say which question somebody looked at."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from dialogs.changes import changed
from dialogs.effects import Effect, Show
from dialogs.engine import advance
from dialogs.events import Chosen, Event, NoticeDue, Opened, Typed
from dialogs.facts import Facts, Need
from dialogs.foresee import foresee
from dialogs.model import Decision, Declaration
from dialogs.screen import Screen, Text
from dialogs.state import State
from storage.conversations import decode_state, encode_state
from tests.dialogs.officer_world import NOW, VILLAGE, World, facts

TO_THE_FIRST = ("start", "citizen", "agree")


@dataclass
class FarTalk:
    """One citizen's conversation; `seen` says what the last event came to."""

    world: World = field(default_factory=World)
    state: State = field(default_factory=State)
    known: Facts = field(
        default_factory=lambda: facts(channel="zalo_bot", tells_screen=False, said_on=NOW.date())
    )
    screen: Screen = field(default_factory=lambda: Screen(()))
    effects: tuple[Effect, ...] = ()

    def event(self, event: Event) -> tuple[Text, ...]:
        """Let something happen; return the lines shown."""
        found: dict[Need[Any], Any] = {}
        while True:
            turn = advance(self.state, event, changed(self.known, found=found))
            if not isinstance(turn, Need):
                break
            found[turn] = self.world.answer(turn)
        self.known = changed(foresee(self.known, turn.effects), found={})
        self.effects = tuple(e for e in turn.effects if not isinstance(e, Show))
        self.state = decode_state(encode_state(turn.state))
        shown = [e.screen for e in turn.effects if isinstance(e, Show)]
        self.screen = shown[-1] if shown else Screen(())
        return self.screen.lines

    def wait(self, seconds: float = 4) -> None:
        """Let time pass."""
        self.known = changed(self.known, now=self.known.now + timedelta(seconds=seconds))

    def say(self, text: str) -> tuple[Text, ...]:
        """Type something after having read the present question."""
        self.wait()
        return self.event(Typed(text, self.state.screen))

    def blurt(self, text: str) -> tuple[Text, ...]:
        """Type something at once, before the present question can have been seen."""
        self.wait(0.5)
        return self.event(Typed(text, self.state.first - 1))

    def press(self, choice: str) -> tuple[Text, ...]:
        """Press a button of the present question."""
        self.wait()
        return self.event(Chosen(choice, self.state.screen))

    @property
    def file(self) -> Declaration:
        """The open declaration."""
        assert self.known.declaration is not None
        return self.known.declaration

    def approve(self) -> tuple[Text, ...]:
        """Let an officer approve and the notice of it leave."""
        decision = Decision("approve", None, self.known.now, officer=1, told=False)
        file = changed(self.file, status="approved", decision=decision)
        self.known = changed(self.known, declaration=file)
        return self.event(NoticeDue(file.id, 1))


def at_the_name() -> FarTalk:
    """Return somebody who is asked for name and year of birth."""
    talk = FarTalk()
    talk.event(Opened(VILLAGE))
    for choice in TO_THE_FIRST:
        talk.press(choice)
    return talk


def at_the_first() -> FarTalk:
    """Return somebody who is asked the first question."""
    talk = at_the_name()
    talk.say("Nguyễn Thị Hoa 1965")
    assert talk.state.step == "criterion"
    talk.wait()
    return talk


def at_the_summary() -> FarTalk:
    """Return somebody who sees the summary."""
    talk = at_the_first()
    for _ in range(10):
        talk.say("3")
    talk.say("2")
    assert talk.state.step == "summary"
    return talk
