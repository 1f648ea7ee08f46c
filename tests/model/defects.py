"""Planted defects: each is a mistake somebody could make, and the machine must find every one.

`python -m tests.model.defects` plants them one after the other, prints how many sequences it took,
and exits with 1 when one was not found within the sequences of the gate.
"""

import argparse
import contextlib
import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from dialogs.changes import changed
from dialogs.effects import Forget, SaveAnswer, SetReviewed, WithdrawConsent
from dialogs.errors import BelowFloor, BelowMark, UnsettledIndicator
from dialogs.events import Chosen
from dialogs.rights import DECIDERS
from storage.writing import write
from tests.model.running import Asked, run

# What takes the place of a name, made from what stands there.
Plant = Callable[[Any], Any]
_NEVER = itertools.count(1)


def _duplicates_are_news(key: Any) -> Any:
    return lambda *parts: key(*parts, str(next(_NEVER)))


def _old_buttons_count(read: Any) -> Any:
    def reading(message: Any, state: Any) -> Any:
        event = read(message, state)
        return Chosen(event.choice, state.screen) if isinstance(event, Chosen) else event

    return reading


def _refusing_all_but(error: type[Exception]) -> Plant:
    def plant(check: Any) -> Any:
        def checking(*args: Any, **more: Any) -> None:
            with contextlib.suppress(error):
                check(*args, **more)

        return checking

    return plant


def _first_answer_stays(save: Any) -> Any:
    known: set[tuple[int, str]] = set()

    async def saving(connection: Any, answers: Any) -> None:
        new = [a for a in answers if (a[0].declaration, a[0].criterion) not in known]
        known.update((a[0].declaration, a[0].criterion) for a in new)
        if new:
            await save(connection, new)

    return saving


def _zero_is_no_answer(following: Any) -> Any:
    def next_question(self: Any, here: Any) -> Any:
        file = here.facts.declaration
        if file is None or 0 not in file.answers.values():
            return following(self, here)
        given = {code: option for code, option in file.answers.items() if option}
        return following(self, changed(here, facts=changed(
            here.facts, declaration=changed(file, answers=given)
        )))  # fmt: skip

    return next_question


def _undo_after_the_notice(undo: Any) -> Any:
    def undoing(file: Any, *args: Any, **more: Any) -> Any:
        if file.decision is not None:
            file = changed(file, decision=changed(file.decision, told=False))
        return undo(file, *args, **more)

    return undoing


def _at_once(told_later: Any) -> Any:
    return lambda move, now, rules: told_later(move, now, changed(rules, notice_seconds=0))


def _yes_whatever(pick: Any) -> Any:
    return lambda self, here, choice: pick(self, here, "yes")


def _anywhere(may: Any) -> Any:
    return lambda officer, file: officer.role in DECIDERS


def _without_line(writing: Any) -> Any:
    async def silent(effect: Any, connection: Any, at: Any) -> None:
        await writing(effect, connection, changed_at(at))

    return silent


def changed_at(at: Any) -> Any:
    """Return where an effect is written with a journal that nobody reads."""
    return type(at)(at.at_ms, at.inbox_id, at.conversation_id)


def _nothing(writing: Any) -> Any:
    async def nothing(effect: Any, connection: Any, at: Any) -> None:
        return None

    return nothing


def _always(value: Any) -> Plant:
    return lambda _: lambda *args, **more: value


async def _true(*args: Any, **more: Any) -> bool:
    return True


# Name: where a name stands, and what takes its place; a class names the way an effect is written.
DEFECTS: dict[str, tuple[tuple[Any, Plant], ...]] = {
    "a duplicate is a new message": (("handlers.web.routes:event_key", _duplicates_are_news),),
    "old buttons count": (("handlers.web.read:read", _old_buttons_count),
                          ("handlers.web.channel:read", _old_buttons_count)),
    "no version check": (("dialogs.review:check_seen", _always(None)),),
    "approval below the mark": (
        ("dialogs.review:check_approvable", _refusing_all_but(BelowMark)),),
    "approval below a floor": (
        ("dialogs.review:check_approvable", _refusing_all_but(BelowFloor)),),
    "approval of what is unsettled": (
        ("dialogs.review:check_approvable", _refusing_all_but(UnsettledIndicator)),),
    "the first answer stays": (("storage.effects:save_answers", _first_answer_stays),),
    "option 0 is asked again": (("dialogs.flows.citizen:CitizenFlow.next", _zero_is_no_answer),),
    "undo after the notice": (
        ("handlers.admin.decisions:review.undo", _undo_after_the_notice),
        ("storage.due:cancel_notice", lambda _: _true)),
    "the notice leaves at once": (("dialogs.review:_told_later", _at_once),),
    "no is yes to campaigns": (("dialogs.steps.consenting:Receipt.pick", _yes_whatever),),
    "stop is not written": ((WithdrawConsent, _nothing),),
    "points without a journal line": ((SetReviewed, _without_line),),
    "erasing forgets nothing": ((Forget, _nothing),),
    "a repeated decision is refused": (("dialogs.review:_decided", _always(False)),),
    "supplements are not written": ((SaveAnswer, _nothing),
                                    ("storage.effects:save_answers", lambda _: _true)),
}  # fmt: skip


@contextlib.contextmanager
def planted(name: str) -> Iterator[None]:
    """Let the program have this defect inside the block."""
    with contextlib.ExitStack() as stack:
        for where, plant in DEFECTS[name]:
            if isinstance(where, str):
                owner, attribute = _owner(where)
                made = plant(getattr(owner, attribute))
                stack.enter_context(patch.object(owner, attribute, made))
            else:
                right = write.dispatch(where)
                write.register(where, plant(right))
                stack.callback(write.register, where, right)
        yield


def _owner(where: str) -> tuple[Any, str]:
    module, _, path = where.partition(":")
    owner: Any = importlib.import_module(module)
    *parents, attribute = path.split(".")
    for parent in parents:
        owner = getattr(owner, parent)
    return owner, attribute


def sequences_to_find(name: str, asked: Asked) -> int | None:
    """Return in which sequence the defect is found, None when it is not."""
    with planted(name):
        figures = run(asked, lambda _: None)
    return figures.first if figures.divergences else None


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.defects", description=__doc__)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="part of a name")
    given = parser.parse_args()
    asked = Asked(given.sequences, given.steps, given.seed, shrink=False)
    wanted = [name for name in DEFECTS if given.only in name]
    found = 0
    for name in wanted:
        number = sequences_to_find(name, asked)
        found += number is not None
        print(f"{name:34} {f'sequence {number}' if number else 'NOT FOUND'}", flush=True)
    print(f"planted defects: {found}/{len(wanted)} found within {given.sequences} sequences")
    return 0 if found == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
