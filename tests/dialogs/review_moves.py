"""The moves of review, each by one short call, for the tests of its rules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args

from dialogs import review
from dialogs.effects import (
    Effect,
    Move,
)
from dialogs.facts import FindFiles
from dialogs.foresee import foresee
from dialogs.model import (
    Decision,
    Declaration,
    File,
    Officer,
    Person,
    ReturnItem,
    Role,
    Status,
)
from dialogs.review import asked
from tests.dialogs.officer_world import (
    CRITERIA,
    NOW,
    RULES,
    TODAY,
    declaration,
    facts,
)

STATUSES: tuple[Status, ...] = get_args(Status)
ROLES: tuple[Role, ...] = get_args(Role)
TOKEN = "0123456789abcdef" * 4
DUE = NOW + timedelta(seconds=60)
BLURRY = asked("A2", "blurry_photo")


def approve(file: Declaration, by: Officer, seen: int, **values: Any) -> review.Outcome:
    """Approve in chat."""
    options = {"difficult": False, "now": NOW, "rules": RULES, "via": "chat", **values}
    return review.approve(file, CRITERIA, by, seen=seen, **options)


def ask(file: Declaration, by: Officer, seen: int, *items: ReturnItem) -> review.Outcome:
    """Ask for additions in chat."""
    wanted = items or (BLURRY,)
    return review.request_additions(
        file, CRITERIA, by, seen=seen, items=wanted, now=NOW, today=TODAY, rules=RULES, via="chat"
    )


def reject(file: Declaration, by: Officer, seen: int, reason: str = "68/100") -> review.Outcome:
    """Reject in chat."""
    return review.reject(file, by, seen=seen, reason=reason, now=NOW, rules=RULES, via="chat")


def undo(file: Declaration, by: Officer, seen: int = 0) -> review.Outcome:
    """Take back in chat."""
    return review.undo(file, by, now=NOW, via="chat")


def submit(file: Declaration) -> review.Outcome:
    """Hand in."""
    return review.submit(file, CRITERIA, difficult=False, now=NOW, token=TOKEN)


def rescore(
    file: Declaration, by: Officer, seen: int, criterion: str = "A2", points: int = 8
) -> review.Outcome:
    """Give points in chat."""
    return review.rescore(
        file,
        CRITERIA,
        by,
        seen=seen,
        criterion=criterion,
        points=points,
        reason="1 lớp",
        now=NOW,
        via="chat",
    )


OFFICERS_MOVES: dict[str, Callable[[Declaration, Officer, int], review.Outcome]] = {
    "approve": approve,
    "return": ask,
    "reject": reject,
    "undo": undo,
}
ALLOWED: dict[str, tuple[set[Status], Status]] = {
    "submit": ({"draft", "returned"}, "submitted"),
    "withdraw": ({"submitted"}, "draft"),
    "approve": ({"submitted"}, "approved"),
    "return": ({"submitted"}, "returned"),
    "reject": ({"submitted"}, "rejected"),
    "undo": ({"approved", "returned", "rejected"}, "submitted"),
}


def standing(status: Status, **values: Any) -> Declaration:
    """Return a file in `status`, decided by officer 9 where it is decided."""
    actions: dict[Status, Any] = {"approved": "approve", "returned": "return", "rejected": "reject"}
    made = actions.get(status)
    decision = Decision(made, None, NOW, 9, told=False) if made else None
    return declaration(status=status, decision=decision, **values)


def moves(effects: tuple[Effect, ...]) -> list[Move]:
    """Return the moves among effects."""
    return [e for e in effects if isinstance(e, Move)]


def after(file: Declaration, effects: tuple[Effect, ...]) -> Declaration:
    """Return the file once the effects are written."""
    found = {FindFiles("", ""): (File(file, Person(1), None),)}
    answer: tuple[File, ...] = foresee(facts(found=found), effects).found[FindFiles("", "")]
    return answer[0].declaration
