"""Figures of places over HTTP: the sums that are kept, without any name."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from dialogs.model import Officer
from handlers.admin import schemas as s
from handlers.admin.auth import AnyOfficer, InParts
from handlers.admin.bounded import BoundedRoute
from handlers.admin.declarations import FIRST_YEAR, LAST_YEAR
from handlers.admin.figures import COUNTRY, read_summary
from handlers.admin.files import narrowed
from handlers.admin.problems import READING
from handlers.errors import standard
from handlers.parts import Parts
from storage.sums import Wanted

router = APIRouter(prefix="/api/v1/places", tags=["places"], route_class=BoundedRoute)


@router.get(
    "/{code}/summary",
    operation_id="getPlaceSummary",
    summary="Figures of a place",
    responses=READING,
)
async def get_summary(
    code: Annotated[str, Path(description="Official code, or `vn`.", examples=["20242"])],
    officer: AnyOfficer,
    parts: InParts,
    period: Annotated[
        int | None,
        Query(ge=FIRST_YEAR, le=LAST_YEAR, description="This year if left out.", examples=[2026]),
    ] = None,
    title: Annotated[
        str | None, Query(pattern="^[a-z_]+$", max_length=32, examples=["citizen"])
    ] = None,
    demo: Annotated[bool, Query(description="The demo's invented files, instead of real ones.")] = (
        False
    ),
) -> s.PlaceSummary:
    """How many have registered, declared and been approved in your place or one inside it, by
    title, with its parts: a commune's villages, a province's communes. `vn` with its provinces is
    for operators, who see nothing smaller. To a province, villages with counts under 5 are
    `suppressed`, with others that would give them away.
    """
    _check_place(parts, officer, code)
    wanted = Wanted(period or parts.today().year, title, demo)
    exact = officer.role != "province_viewer"
    summary = await parts.database.read(
        lambda connection: read_summary(connection, parts, code, wanted, exact=exact)
    )
    if summary is None:
        raise standard(404)
    return summary


def _check_place(parts: Parts, officer: Officer, code: str) -> None:
    """Raise 404 for figures that are not this officer's to see."""
    if officer.role == "operator" or code == COUNTRY:
        if officer.role != "operator" or code != COUNTRY:
            raise standard(404)
        return
    narrowed(parts, officer, code)
