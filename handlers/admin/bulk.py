"""Many decisions in one call: each by the same rule, on its own version, with its own result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from fastapi import APIRouter, Request

from dialogs import review
from dialogs.bulk import is_unusual
from dialogs.errors import Refused
from dialogs.screen import Msg
from handlers.admin import people_schemas as p
from handlers.admin.auth import Decider, InParts, still_signed
from handlers.admin.bounded import BoundedRoute
from handlers.admin.files import Case, Rule, decide_one
from handlers.admin.problems import BULK
from handlers.errors import Problem, locale_of, read_problem
from handlers.field_errors import FieldError
from handlers.parts import Parts
from storage import audit, audit_query
from storage.database import Connection
from storage.effects import Conflict
from storage.officers import Signed
from storage.seams import to_ms
from storage.walls import within

# Files decided in one transaction: a chain of the journal is locked no longer than they take.
AT_ONCE: Final = 50
HOUR = timedelta(hours=1)
router = APIRouter(prefix="/api/v1/declarations", tags=["decisions"], route_class=BoundedRoute)


@router.post("/bulk", operation_id="decideMany", summary="Decide on many files", responses=BULK)
async def decide_many(
    body: p.Bulk, request: Request, officer: Decider, parts: InParts
) -> p.BulkResults:
    """Approve, return or reject up to 200 files, each by the rules of the single call and on the
    version you looked at. The call is 200 whenever it was understood; each file has its result
    with the status and `code` of the single call. Sent again it decides nothing twice. When one
    officer decides more within an hour than can have been looked at, the journal says so.
    """
    _check_words(body)
    run = _Run(parts, officer, body, locale_of(request))
    results: list[p.BulkResult] = []
    for start in range(0, len(body.items), AT_ONCE):
        results += await run.decide(body.items[start : start + AT_ONCE])
    parts.wake.jobs.ring()
    return p.BulkResults(items=results)


def _check_words(body: p.Bulk) -> None:
    """Raise Problem 422 unless exactly the words that the action needs are there."""
    given = {"ask": body.ask, "reason": body.reason, "note": body.note}
    needed = {"return": {"ask"}, "reject": {"reason"}, "approve": set[str]()}[body.action]
    allowed = needed | ({"note"} if body.action != "reject" else set())
    wrong = [FieldError("body", n, Msg("problem.field.missing")) for n in needed if not given[n]]
    wrong += [
        FieldError("body", name, Msg("problem.field.unknown"))
        for name, value in given.items()
        if value is not None and name not in allowed
    ]
    if wrong:
        raise Problem(422, "invalid", Msg("problem.detail.invalid"), errors=wrong)


@dataclass(frozen=True, slots=True)
class _Run:
    """One call: its officer, its decision, the language of its refusals."""

    parts: Parts
    officer: Signed
    body: p.Bulk
    locale: str

    async def decide(self, items: Sequence[p.BulkItem]) -> list[p.BulkResult]:
        """Decide on some files in one transaction; one by one when somebody else was faster."""
        try:
            job = partial(self._apply, items=items)
            return await self.parts.database.write(within(self.officer.place, job))
        except Conflict as conflict:
            if len(items) == 1:
                return [self._refused(items[0], conflict)]
        return [result for one in items for result in await self.decide([one])]

    async def _apply(
        self, connection: Connection, items: Sequence[p.BulkItem]
    ) -> list[p.BulkResult]:
        by = await still_signed(connection, self.parts, self.officer)
        found: dict[int, p.BulkResult] = {}
        moved = 0
        # Always in the same order, so that two such calls never wait for each other in a circle.
        for n, item in sorted(enumerate(items), key=lambda one: one[1].id):
            try:
                state, changed = await decide_one(
                    connection, self.parts, by, item.id, self._rule(item)
                )
            except (Refused, Problem) as refused:
                found[n] = self._refused(item, refused)
                continue
            moved += changed
            done = {"status": 200, "version": state.version, "code": None, "detail": None}
            found[n] = p.BulkResult(id=item.id, **done)
        if moved:
            await self._note(connection, by, len(items), moved)
        return [found[n] for n in range(len(items))]

    async def _note(self, connection: Connection, by: Signed, asked: int, moved: int) -> None:
        """Write into the journal that these were decided together, and at what pace."""
        now = self.parts.now()
        hour = await audit_query.count_decisions(
            connection, officer=by.id, place=by.place, since_ms=to_ms(now - HOUR)
        )
        details = {"action": self.body.action, "asked": asked, "done": moved, "in_hour": hour}
        await audit.add(
            connection,
            "bulk",
            at_ms=to_ms(now),
            place=by.place,
            officer_id=by.id,
            via="api",
            details=details | {"unusual": is_unusual(hour)},
        )

    def _rule(self, item: p.BulkItem) -> Rule:
        """Return the rule that decides on one file as the single route does."""
        body, version = self.body, item.version

        def rule(case: Case) -> review.Outcome:
            match body.action:
                case "approve":
                    return _approve(case, version, body.note)
                case "return":
                    return _return(case, version, body)
            return review.reject(
                case.file, case.by, seen=version, reason=body.reason or "", now=case.now,
                rules=case.rules, via="api",
            )  # fmt: skip

        return rule

    def _refused(self, item: p.BulkItem, error: Exception) -> p.BulkResult:
        problem = read_problem(error)
        detail = self.parts.words.text(problem.message, self.locale)
        return p.BulkResult(
            id=item.id, status=problem.status, version=None, code=problem.code, detail=detail
        )


def _approve(case: Case, version: int, note: str | None) -> review.Outcome:
    return review.approve(
        case.file, case.criteria, case.by, seen=version, now=case.now, difficult=case.difficult,
        rules=case.rules, via="api", note=note,
    )  # fmt: skip


def _return(case: Case, version: int, body: p.Bulk) -> review.Outcome:
    items = [review.asked(one.criterion, one.reason) for one in body.ask or ()]
    return review.request_additions(
        case.file, case.criteria, case.by, seen=version, items=items, now=case.now,
        today=case.today, rules=case.rules, via="api", note=body.note,
    )  # fmt: skip
