"""A request for additions is answered item by item: only what was asked for."""

from dataclasses import dataclass
from typing import ClassVar

from dialogs.changes import changed
from dialogs.effects import Effect, SaveAnswer, SettleItem
from dialogs.foresee import foresee
from dialogs.model import ReturnItem
from dialogs.screen import Choice, Lowered, Msg, Screen, Text
from dialogs.steps.base import Choosing, Go, Here
from dialogs.steps.helping import controller
from dialogs.steps.submitting import submitted


@dataclass(frozen=True, slots=True)
class Supplement(Choosing):
    """Only what was asked for: the item of the criterion `arg`."""

    tag: ClassVar[str] = "supplement"

    def _item(self, here: Here) -> ReturnItem:
        return next(i for i in here.declaration.items if i.criterion == here.state.arg)

    def choices(self, here: Here) -> tuple[Choice, ...]:
        """Another answer where that may be mended; leaving it as it is, always."""
        indicator, item = here.criteria.indicator(here.state.arg), self._item(here)
        levels = tuple(Choice(str(i), o.text) for i, o in enumerate(indicator.options))
        keep = Choice("keep", Msg("supplement.keep"))
        return (keep,) if item.needs == "photo" else (*levels, keep)

    def show(self, here: Here) -> Screen:
        """Say what is missing, why, and until when."""
        item = self._item(here)
        ask = here.criteria.indicator(item.criterion).ask
        lines = (*asked_lines(here, item), *(() if item.needs == "photo" else (ask,)))
        if item.needs == "answer":
            return Screen(lines, self.choices(here))
        return Screen(lines, self.choices(here), accepts=("photo", "choice", "text"))

    def pick(self, here: Here, choice: str) -> Go:
        """Settle the item, with a new answer where one was given."""
        if choice == "keep":
            return settle_item(here, here.state.arg, said=(Msg("supplement.kept"),))
        saved = SaveAnswer(here.declaration.id, here.state.arg, int(choice))
        answer = here.criteria.indicator(here.state.arg).options[int(choice)].text
        noted = Msg("answer.noted", {"answer": Lowered(answer)})
        return settle_item(here, here.state.arg, effects=(saved,), said=(noted,))


def asked_lines(here: Here, item: ReturnItem) -> tuple[Text, ...]:
    """Return what an officer asks for, why, and until when."""
    indicator = here.criteria.indicator(item.criterion)
    values: dict[str, Text | int] = {
        "controller": controller(here),
        "number": indicator.number,
        "name": indicator.short,
        "reason": return_reason(item),
    }
    by = here.declaration.return_by
    until = (Msg("supplement.until", {"date": by}),) if by else ()
    return Msg(f"supplement.{item.needs}", values), *until


def settle_item(
    here: Here, criterion: str, *, effects: tuple[Effect, ...] = (), said: tuple[Text, ...] = ()
) -> Go:
    """Settle the item of `criterion`; with the last one the file goes back to the officers."""
    done = (*effects, SettleItem(here.declaration.id, criterion))
    facts = foresee(here.facts, done)
    there = changed(here, facts=facts)
    if any(not i.settled for i in there.declaration.items):
        return Go(effects=done, said=said)
    if there.declaration.waits_for_photos:
        return Go(
            "home", effects=done, said=(*said, Msg("submit.waits")), keep={"submitting": True}
        )
    go = submitted(there)
    return changed(
        go,
        effects=(*done, *go.effects),
        said=(*said, Msg("supplement.sent", {"controller": controller(here)}), *go.said),
    )


def return_reason(item: ReturnItem) -> Text:
    """Return the reason in words: one of the known ones, else what the officer wrote."""
    known = Lowered(Msg(f"return.{item.reason}"))
    return item.note if item.reason == "words" and item.note else known
