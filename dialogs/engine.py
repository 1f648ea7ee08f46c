"""advance: one event of one conversation, decided by pure code.

Whatever the event, the outcome is effects and a new state, or a `Need` that storage must answer
first; the caller asks again with the answer among the facts.
"""

from typing import Any

from dialogs.changes import Record, changed
from dialogs.commands import Command, read_command
from dialogs.effects import Effect, Forget, RedeemLink, Show
from dialogs.events import (
    Chosen,
    Cut,
    ErasureAsked,
    Event,
    FilesWait,
    Linked,
    NoticeDue,
    Opened,
    PhotoSettled,
    PhotosSent,
    Typed,
    Unsupported,
)
from dialogs.facts import Facts, Missing, Need
from dialogs.flows import FLOWS
from dialogs.flows.base import Flow, Happening
from dialogs.foresee import foresee
from dialogs.names import hide_numbers
from dialogs.screen import Msg, Screen, Text
from dialogs.state import Spoken, State
from dialogs.steps import STEPS
from dialogs.steps.base import Choosing, Go, Here, Step, again
from dialogs.steps.helping import contact_line, help_lines

# Questions that only their own word answers.
CONFIRMED = ("submit", "withdraw", "erase")
# People send a name in two messages; what comes this soon after a free text belongs to it.
AMEND_MS = 3_000


class Turn(Record, frozen=True):
    """What one event leads to: effects in order, the new state, and what the person said.

    `said` is their answer in words (the label of a pressed button), for the history.
    """

    effects: tuple[Effect, ...]
    state: State
    said: Text | None


def advance(state: State, event: Event, facts: Facts) -> Turn | Need[Any]:
    """Return the turn for `event`, or the Need without which it cannot be decided."""
    try:
        return _turn(Here(state, facts), event)
    except Missing as missing:
        return missing.need


def present(state: State, facts: Facts) -> Screen | Need[Any]:
    """Return the present question again, rebuilt from state and facts, or a Need."""
    try:
        return STEPS[state.step].show(Here(state, facts))
    except Missing as missing:
        return missing.need


def _turn(here: Here, event: Event) -> Turn:
    said = _said(STEPS[here.state.step], here, event)
    here, event = _amending(here, event)
    flow = FLOWS[here.state.flow]
    if not isinstance(event, Happening):
        here = _caught_up(flow, here)
    go = flow.ended(here, event) or _go(flow, STEPS[here.state.step], here, event)
    return _settle(flow, here, go, event, said)


def _caught_up(flow: Flow, here: Here) -> Here:
    """Leave a question that another conversation of the same person has settled meanwhile.

    What is answered to it then is an answer to an old screen.
    """
    if not flow.is_passed(here):
        return here
    changes = _onward(flow, here.state, Go(fresh=True), here.facts)
    changes |= {"first": here.state.screen + 1, "spoken": None}
    if not here.facts.tells_screen:
        changes["asked_ms"] = _ms(here.facts)
    return Here(changed(here.state, **changes), here.facts)


def _go(flow: Flow, step: Step, here: Here, event: Event) -> Go:
    match event:
        case Opened():
            return flow.open(here, event)
        case PhotosSent():
            return flow.photos(here, event)
        case Unsupported():
            return flow.unsupported(here, step, event)
        case ErasureAsked():
            return flow.erasure(here)
        case PhotoSettled() | NoticeDue() | FilesWait() | Linked() | Cut():
            return flow.happen(here, event)
        case Chosen():
            if not here.state.first <= event.screen <= here.state.screen:
                return again(Msg("stale.screen"))
            return step.take(here, event)
        case Typed():
            return _typed(flow, step, here, event)


def _typed(flow: Flow, step: Step, here: Here, event: Typed) -> Go:
    command = read_command(event.text, flow.audience, free_text=step.free_text, named=step.words)
    unseen = event.screen is not None and event.screen < here.state.first
    if command is not None:
        if unseen and _answers(step, command, event.text):
            return again(Msg("stale.screen"))
        if command.name == "help":
            return again(*help_lines(here, step))
        if command.name == "back" and event.text.strip() == "0" and _zero_is_unsure(here, step):
            return _ask_zero(here, step)
        return flow.command(here, command)
    if unseen and event.text.strip():
        return again(Msg("stale.screen"))
    return step.take(here, event)


def _answers(step: Step, command: Command, text: str) -> bool:
    """Whether a command means this very question: a lone "0", or the word that it asks for.

    Said before the question was seen, such a word was meant for the one before: "rút lại" sent
    twice in haste takes nothing back.
    """
    return command.name == step.tag in CONFIRMED or text.strip() == "0"


def _zero_is_unsure(here: Here, step: Step) -> bool:
    """At a question of levels a first "0" may mean the lowest one: it is asked back once."""
    return isinstance(step, Choosing) and step.levels and not here.state.hold.get("zero")


def _ask_zero(here: Here, step: Step) -> Go:
    first = step.choices(here)[0].label if isinstance(step, Choosing) else ""
    return changed(again(Msg("answer.zero", {"first": first})), hold={"zero": True})


def _amending(here: Here, event: Event) -> tuple[Here, Event]:
    """Go back to the free-text question when a second message belongs to its answer."""
    spoken = here.state.spoken
    if not isinstance(event, Typed) or spoken is None or event.screen is None:
        return here, event
    soon = abs(_ms(here.facts) - spoken.at_ms) <= AMEND_MS
    before = here.state.back()
    asked = (before.step, before.arg) == (spoken.step, spoken.arg)
    if not soon or not asked or event.screen >= here.state.first:
        return here, event
    joined = Typed(f"{spoken.text} {event.text}")
    return Here(changed(before, spoken=None), here.facts), joined


def _ms(facts: Facts) -> int:
    return int(facts.now.timestamp() * 1000)


def _settle(flow: Flow, here: Here, go: Go, event: Event, said: Text | None) -> Turn:
    facts = foresee(here.facts, go.effects)
    state = _next_state(flow, here, go, facts, event)
    if go.quiet:
        return Turn(go.effects, state, said)
    there = Here(state, facts)
    step = STEPS[state.step]
    screen = step.show(there)
    lines = _once((*go.said, *_misunderstood(step, there, go), *screen.lines))
    if lines != screen.lines:
        screen = changed(screen, lines=lines)
    return Turn((*go.effects, Show(screen, state.screen, go.reply_to)), state, said)


def _once(lines: tuple[Text, ...]) -> tuple[Text, ...]:
    """Leave out what the message says already."""
    kept: list[Text] = []
    for line in lines:
        if line not in kept:
            kept.append(line)
    return tuple(kept)


def _next_state(flow: Flow, here: Here, go: Go, facts: Facts, event: Event) -> State:
    state = changed(here.state, **go.keep) if go.keep else here.state
    changes: dict[str, Any] = {}
    forgets = _forgets(go)
    if forgets:
        state = State(flow=state.flow, locale=state.locale, screen=state.screen, step="farewell")
    elif go.back:
        state = state.back()
    elif go.to is None:
        changes = {"misses": state.misses + go.miss, "hold": go.hold or state.hold}
    else:
        changes = _onward(flow, state, go, facts)
    if not go.quiet:
        changes["screen"] = number = state.screen + 1
        if go.to is not None or go.back:
            changes |= {"first": number, "spoken": None if forgets else _spoken(here, event)}
            if not facts.tells_screen:
                changes["asked_ms"] = _ms(facts)
    return changed(state, **changes)


def _forgets(go: Go) -> bool:
    """Whether nothing is left to go on with: who joins another file goes on there."""
    kinds = [type(effect) for effect in go.effects]
    return Forget in kinds and RedeemLink not in kinds


def _onward(flow: Flow, state: State, go: Go, facts: Facts) -> dict[str, Any]:
    there = Here(state, facts)
    wanted, arg = (go.to, go.arg) if go.to else flow.next(there)
    tag = flow.instead(there, wanted)
    arg = arg if tag == wanted else ""
    changes: dict[str, Any] = {"misses": 0, "hold": go.hold}
    if (state.step, state.arg) != (tag, arg):
        changes |= {"step": tag, "arg": arg}
        if STEPS[state.step].lasting:
            changes["trail"] = state.trail_on()
    if go.fresh:
        changes["trail"] = ()
    return changes


def _spoken(here: Here, event: Event) -> Spoken | None:
    if not STEPS[here.state.step].free_text or not isinstance(event, Typed):
        return None
    text = hide_numbers(event.text[:200], "")
    return Spoken(here.state.step, here.state.arg, text, _ms(here.facts))


def _misunderstood(step: Step, here: Here, go: Go) -> tuple[Text, ...]:
    """First an example, then the options with a person to call: never the same words twice."""
    if not go.miss:
        return ()
    if here.state.misses == 1:
        return (step.example(here),)
    if here.state.misses % 2:
        return (Msg("unclear.more"),)
    if here.state.misses > 2:
        return (Msg("unclear.rest"), contact_line(here))
    buttons = isinstance(step, Choosing) and bool(step.choices(here))
    return (Msg("unclear.second" if buttons else "unclear.second_words"), contact_line(here))


def _said(step: Step, here: Here, event: Event) -> Text | None:
    match event:
        case Typed(text):
            return hide_numbers(text)
        case PhotosSent(files) if files:
            return Msg("said.photos", count=len(files))
        case Chosen(choice, number) if number >= here.state.first:
            return step.label(here, choice) if isinstance(step, Choosing) else None
    return None
