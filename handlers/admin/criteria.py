"""Criteria sets over HTTP: every version there is, and publishing one without a restart."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from dialogs.criteria import CriteriaInvalid, CriteriaSet
from dialogs.criteria_rules import TITLE_MAX, VERSION_MAX
from dialogs.screen import Msg
from handlers.admin import criteria_schemas as s
from handlers.admin.auth import AnyOfficer, InParts, still_signed, who
from handlers.admin.bounded import BoundedRoute
from handlers.admin.criteria_words import to_criteria_set, to_listed
from handlers.admin.problems import DECIDING, READING
from handlers.errors import Problem, standard
from handlers.field_errors import FieldError
from storage import audit, criteria_versions
from storage.criteria import read_criteria_text
from storage.criteria_versions import CriteriaChanged, Published
from storage.database import Connection
from storage.officers import Signed
from storage.seams import to_ms

# What a problem calls the text that was sent.
SENT = "toml"
Operator = Annotated[Signed, Depends(who("operator"))]
router = APIRouter(prefix="/api/v1/criteria-sets", tags=["criteria"], route_class=BoundedRoute)


@router.get(
    "", operation_id="listCriteriaSets", summary="All versions of the criteria", responses=READING
)
async def list_criteria_sets(
    officer: AnyOfficer,
    parts: InParts,
    title: Annotated[
        str | None, Query(pattern="^[a-z_]+$", max_length=TITLE_MAX, examples=["citizen"])
    ] = None,
) -> s.CriteriaSets:
    """Every version that is kept: those in use, those that old files are judged by, drafts."""
    async with parts.database.reading() as connection:
        await criteria_versions.refresh(connection, parts.library)
        found = await criteria_versions.list_versions(connection, parts.library)
    wanted = [one for one in found if title in (None, one.criteria.title)]
    return s.CriteriaSets(items=[to_listed(parts, one) for one in wanted], next=None)


@router.get("/{version}", operation_id="getCriteriaSet", summary="One version", responses=READING)
async def get_criteria_set(
    version: Annotated[str, Path(description="As lists give it.", max_length=VERSION_MAX)],
    officer: AnyOfficer,
    parts: InParts,
) -> s.CriteriaSetOut:
    """A version with all its questions, answers and points."""
    async with parts.database.reading() as connection:
        await criteria_versions.refresh(connection, parts.library)
        found = None
        # No database keeps such a sign, so none is asked for it.
        if "\x00" not in version:
            found = await criteria_versions.get_version(connection, parts.library, version)
    if found is None:
        raise standard(404)
    return to_criteria_set(parts, found)


@router.post("", operation_id="publishCriteriaSet", summary="Publish a version", responses=DECIDING)
async def publish_criteria_set(
    body: s.PublishCriteria, officer: Operator, parts: InParts
) -> s.CriteriaSetOut:
    """Publish a set from its TOML text. New declarations take it at once, in every process; files
    that were begun keep the version they pinned. What is wrong with the text is 422
    `criteria_invalid`, each problem with its key. A published version never changes what it says
    (409 `criteria_changed`): it can only be closed (`open = false`) or get its last year.
    """
    criteria = _read(body.toml)
    state: criteria_versions.State = "draft" if body.draft else "published"
    at_ms = to_ms(parts.now())

    async def job(connection: Connection) -> Published:
        by = await still_signed(connection, parts, officer)
        before = await criteria_versions.get_version(connection, parts.library, criteria.version)
        kept = await criteria_versions.publish(
            connection, parts.library, criteria, state=state, officer_id=by.id, at_ms=at_ms
        )
        if kept != before:
            await audit.add(
                connection,
                "criteria_draft" if body.draft else "criteria_publish",
                at_ms=at_ms,
                officer_id=by.id,
                via="api",
                details={"version": criteria.version, "digest": criteria.digest},
            )
        return kept

    try:
        kept = await parts.database.write(job)
    except CriteriaChanged as changed:
        values = {"version": changed.version}
        raise Problem(409, changed.code, Msg("criteria.changed", values)) from changed
    async with parts.database.reading() as connection:
        await criteria_versions.refresh(connection, parts.library)
    return to_criteria_set(parts, kept)


def _read(text: str) -> CriteriaSet:
    """Return the set of a text; 422 with all its problems."""
    try:
        return read_criteria_text(SENT, text)
    except CriteriaInvalid as invalid:
        errors = [FieldError(SENT, problem.key, problem.message) for problem in invalid.problems]
        raise Problem(422, invalid.code, Msg("criteria.unusable"), errors=errors) from invalid
