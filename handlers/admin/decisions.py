"""Decisions over HTTP. Each is one rule of `dialogs.review`, the same that the chat decides by."""

from typing import Annotated

from fastapi import APIRouter, Path

from dialogs import review
from dialogs.errors import UnknownVillage
from dialogs.screen import Msg
from handlers.admin import schemas as s
from handlers.admin.auth import Decider, InParts
from handlers.admin.bounded import BoundedRoute
from handlers.admin.files import Case, decide
from handlers.admin.problems import DECIDING
from storage import places

FileId = Annotated[str, Path(alias="id", description="Id of the file, as lists give it.")]
router = APIRouter(
    prefix="/api/v1/declarations/{id}",
    tags=["decisions"],
    route_class=BoundedRoute,
    responses=DECIDING,
)


@router.post("/approve", operation_id="approveDeclaration", summary="Approve")
async def approve(number: FileId, body: s.Approve, officer: Decider, parts: InParts) -> s.FileState:
    """Approve the version you looked at. A file below the mark or a floor, or with points still
    to be settled, is refused; `scores` may settle them in the same step. The declarant is told
    after the notice time; until then it can be undone. The same approval again is 200.
    """
    scores = [(one.criterion, one.points, one.reason) for one in body.scores]

    def rule(case: Case) -> review.Outcome:
        return review.approve(
            case.file,
            case.criteria,
            case.by,
            seen=body.version,
            now=case.now,
            difficult=case.difficult,
            rules=case.rules,
            via="api",
            note=body.note,
            scores=scores,
        )

    return await decide(parts, officer, number, rule)


@router.post("/return", operation_id="returnDeclaration", summary="Ask for additions")
async def request_additions(
    number: FileId, body: s.Return, officer: Decider, parts: InParts
) -> s.FileState:
    """Ask the declarant to mend some indicators, each with a reason; only those can be changed.
    The answer names the last day. It can be undone until the notice leaves.
    """

    def rule(case: Case) -> review.Outcome:
        return review.request_additions(
            case.file,
            case.criteria,
            case.by,
            seen=body.version,
            items=[review.asked(item.criterion, item.reason) for item in body.items],
            now=case.now,
            today=case.today,
            rules=case.rules,
            via="api",
            note=body.note,
        )

    return await decide(parts, officer, number, rule)


@router.post("/reject", operation_id="rejectDeclaration", summary="Not reached this period")
async def reject(number: FileId, body: s.Reject, officer: Decider, parts: InParts) -> s.FileState:
    """Decide that the title is not reached this period. The reason is shown to the declarant."""

    def rule(case: Case) -> review.Outcome:
        return review.reject(
            case.file,
            case.by,
            seen=body.version,
            reason=body.reason,
            now=case.now,
            rules=case.rules,
            via="api",
        )

    return await decide(parts, officer, number, rule)


@router.post("/undo", operation_id="undoDecision", summary="Take a decision back")
async def undo(
    number: FileId, officer: Decider, parts: InParts, body: s.Undo | None = None
) -> s.FileState:
    """Take the decision back while its notice waits: whoever decided, or a leader of the commune.
    Once the notice has left this is 409 `notice_left`.
    """

    def rule(case: Case) -> review.Outcome:
        return review.undo(case.file, case.by, now=case.now, via="api")

    return await decide(parts, officer, number, rule)


@router.post("/score", operation_id="scoreIndicator", summary="Give points")
async def rescore(number: FileId, body: s.Rescore, officer: Decider, parts: InParts) -> s.FileState:
    """Give one indicator points with a reason; the declarant's own points are kept beside them."""

    def rule(case: Case) -> review.Outcome:
        return review.rescore(
            case.file,
            case.criteria,
            case.by,
            seen=body.version,
            criterion=body.criterion,
            points=body.points,
            reason=body.reason,
            now=case.now,
            via="api",
        )

    return await decide(parts, officer, number, rule)


@router.post("/correct", operation_id="correctDeclaration", summary="Correct name or village")
async def correct(number: FileId, body: s.Correct, officer: Decider, parts: InParts) -> s.FileState:
    """Settle the spelling of the declarant's name, or map the village that was typed."""
    if body.village is not None:
        async with parts.database.reading() as connection:
            known = await places.get_place(connection, parts.index, body.village)
        if known is None or known.village is None:
            raise UnknownVillage(Msg("review.unknown_village"))

    def rule(case: Case) -> review.Outcome:
        return review.correct(
            case.file,
            case.by,
            seen=body.version,
            now=case.now,
            via="api",
            name=body.name,
            village=body.village,
        )

    return await decide(parts, officer, number, rule)
