"""Periods over HTTP: when declarations are taken, opened and closed by operators, on record."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from dialogs.periods import COUNTRY, Period, close_period, open_period
from handlers.admin import period_schemas as s
from handlers.admin.auth import AnyOfficer, InParts, still_signed, who
from handlers.admin.bounded import BoundedRoute
from handlers.admin.declarations import FIRST_YEAR, LAST_YEAR
from handlers.admin.problems import DECIDING, READING
from handlers.errors import standard
from handlers.parts import Parts
from storage import audit, criteria_versions, periods
from storage.database import Connection
from storage.officers import Signed
from storage.seams import to_ms

Operator = Annotated[Signed, Depends(who("operator"))]
Title = Annotated[
    str, Path(description="Title of the criteria.", max_length=32, examples=["citizen"])
]
Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2026])]
router = APIRouter(prefix="/api/v1/periods", tags=["periods"], route_class=BoundedRoute)


@router.get("", operation_id="listPeriods", summary="Periods", responses=READING)
async def list_periods(
    officer: AnyOfficer,
    parts: InParts,
    year: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2026])] = None,
) -> s.Periods:
    """Last year, this year, the next, and every other that was set. A period that was never set
    is its calendar year: it opens by itself on 1 January.
    """
    async with parts.database.reading() as connection:
        await criteria_versions.refresh(connection, parts.library)
        kept = await periods.all_periods(connection)
    today = parts.today()
    years = {today.year - 1, today.year, today.year + 1, *(y for _, y, _ in kept)}
    titles = {title for title, _, _ in kept} | {
        one.title for y in years for one in parts.library.open_titles(y)
    }
    countries = {
        (title, y, COUNTRY) for title in titles for y in years if _version(parts, title, y)
    }
    found = [_get(parts, key) for key in sorted(countries | set(kept), key=_order)]
    wanted = [one for one in found if year in (None, one.year)]
    return s.Periods(items=[_to_period(parts, one) for one in wanted], next=None)


@router.post(
    "/{title}/{year}/open", operation_id="openPeriod", summary="Open a period", responses=DECIDING
)
async def open_one(
    title: Title, year: Year, body: s.OpenPeriod, officer: Operator, parts: InParts
) -> s.PeriodOut:
    """Take declarations of this year, at once or from a day to come, in the country or in one
    province. People's drafts can be handed in again from then on.
    """
    today = parts.today()

    def rule(before: Period) -> Period:
        return open_period(
            before,
            seen=body.version,
            today=today,
            opens_on=body.opens_on,
            closes_on=body.closes_on,
        )

    return await _change(parts, officer, (title, year, body.province), rule, "period_open")


@router.post(
    "/{title}/{year}/close",
    operation_id="closePeriod",
    summary="Close a period",
    responses=DECIDING,
)
async def close_one(
    title: Title, year: Year, body: s.ClosePeriod, officer: Operator, parts: InParts
) -> s.PeriodOut:
    """Take nothing more: no new declaration and none handed in. What was handed in is decided as
    before, and what an officer asked to be added may still come; drafts stay readable.
    """

    def rule(before: Period) -> Period:
        return close_period(before, seen=body.version)

    return await _change(parts, officer, (title, year, body.province), rule, "period_close")


async def _change(
    parts: Parts,
    officer: Signed,
    which: tuple[str, int, str | None],
    rule: Callable[[Period], Period],
    action: str,
) -> s.PeriodOut:
    """Change one period by a rule, with its journal line, in one transaction."""
    title, year, province = which
    if province is not None and parts.index.province(province) is None:
        raise standard(404)
    # Never inside the write: what is read there may still be undone.
    await _refresh(parts)
    if _version(parts, title, year) is None:
        raise standard(404)
    at_ms = to_ms(parts.now())

    async def job(connection: Connection) -> Period:
        by = await still_signed(connection, parts, officer)
        after = rule(await periods.get_period(connection, title, year, province or COUNTRY))
        await periods.set_period(connection, after, officer_id=by.id, at_ms=at_ms)
        details = {
            "title": title,
            "year": year,
            "opens_on": after.opens_on.isoformat(),
            "closes_on": after.closes_on.isoformat(),
        }
        await audit.add(
            connection,
            action,
            at_ms=at_ms,
            place=after.province,
            officer_id=by.id,
            via="api",
            details=details,
        )
        return after

    changed = await parts.database.write(job)
    await _refresh(parts)
    return _to_period(parts, changed)


async def _refresh(parts: Parts) -> None:
    async with parts.database.reading() as connection:
        await criteria_versions.refresh(connection, parts.library)


def _get(parts: Parts, key: tuple[str, int, str]) -> Period:
    return parts.library.calendar.get(*key)


def _order(key: tuple[str, int, str]) -> tuple[str, int, str]:
    title, year, province = key
    return title, -year, province


def _version(parts: Parts, title: str, year: int) -> str | None:
    """Return the criteria that declarations of this year take; None where there are none."""
    found = (one.version for one in parts.library.open_titles(year) if one.title == title)
    return next(found, None)


def _to_period(parts: Parts, period: Period) -> s.PeriodOut:
    return s.PeriodOut(
        title=period.title,
        year=period.year,
        province=period.province or None,
        standing=period.standing(parts.today()),
        opens_on=period.opens_on,
        closes_on=period.closes_on,
        closed=period.closed,
        criteria=_version(parts, period.title, period.year),
        version=period.version,
    )
