"""Periods: on which days declarations of a year are taken, by title and, if set so, by province.

A period nobody has set is its calendar year, both ends included: it opens by itself on 1 January
and takes nothing after 31 December. What a province reports earlier (30/11, 15/12, 20/12) is a
deadline of its communes (`CommuneInfo`), or a period that an operator closes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dialogs.changes import Record
from dialogs.criteria import CriteriaSet
from dialogs.errors import RuleBroken, StaleVersion
from dialogs.screen import Msg

Standing = Literal["planned", "open", "closed"]
# The province of a period that holds for the whole country.
COUNTRY = ""


class PeriodReversed(RuleBroken):
    """A period whose last day lies before its first."""

    code = "period_reversed"


class PeriodOver(RuleBroken):
    """A period opened without a last day that is still to come."""

    code = "period_over"


class Period(Record, frozen=True):
    """One year's taking of declarations for a title; both days belong to it.

    `closed` is an officer's word and stands above the days. `version` is 0 while nobody set it.
    """

    title: str
    year: int
    opens_on: date
    closes_on: date
    province: str = COUNTRY
    closed: bool = False
    version: int = 0

    def standing(self, day: date) -> Standing:
        """Return how the period stands on `day`."""
        if self.closed or day > self.closes_on:
            return "closed"
        return "planned" if day < self.opens_on else "open"


def usual_period(title: str, year: int, province: str = COUNTRY) -> Period:
    """Return the period as it is when nobody says otherwise: the calendar year."""
    return Period(title, year, date(year, 1, 1), date(year, 12, 31), province)


class Offer(Record, frozen=True):
    """A declaration that can be begun now: by these criteria, for this year."""

    criteria: CriteriaSet
    year: int


def _nothing(year: int) -> tuple[CriteriaSet, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """All periods that were set, by title, year and province; every other one is usual.

    `sets_in` gives the criteria sets in force in a year, one for each title.
    """

    periods: Mapping[tuple[str, int, str], Period] = field(default_factory=dict)
    sets_in: Callable[[int], tuple[CriteriaSet, ...]] = _nothing

    def get(self, title: str, year: int, province: str = COUNTRY) -> Period:
        """Return the period that holds in `province`: its own, else the country's."""
        own = self.periods.get((title, year, province))
        return own or self.periods.get((title, year, COUNTRY)) or usual_period(title, year)

    def takes(self, title: str, year: int, province: str, day: date) -> bool:
        """Tell whether declarations of that year are taken in `province` on `day`."""
        if not self.periods:
            return year == day.year
        return self.get(title, year, province).standing(day) == "open"

    def years(self, day: date) -> tuple[int, ...]:
        """Return the years that may be open on `day`: its own first, then others, newest first."""
        others = {year for _, year, _ in self.periods} - {day.year}
        return (day.year, *sorted(others, reverse=True))

    def next_opening(self, title: str, province: str, day: date) -> Period | None:
        """Return the period of `title` that opens next after `day`; None while none is planned."""
        years = {day.year, day.year + 1, *self.years(day)}
        coming = [
            period
            for year in sorted(years)
            if any(s.title == title for s in self.sets_in(year))
            and (period := self.get(title, year, province)).standing(day) == "planned"
        ]
        return min(coming, key=lambda period: period.opens_on, default=None)


def open_period(
    period: Period,
    *,
    seen: int,
    today: date,
    opens_on: date | None = None,
    closes_on: date | None = None,
) -> Period:
    """Return `period` opened, at once or on the day `opens_on`; what is not named stays.

    A first day to come that is not named becomes today. Raises StaleVersion, PeriodOver when the
    last day has passed, PeriodReversed.
    """
    _check_seen(period, seen)
    first = opens_on or min(period.opens_on, today)
    last = closes_on or period.closes_on
    if last < today:
        raise PeriodOver(Msg("period.over", {"date": last}))
    if last < first:
        raise PeriodReversed(Msg("period.reversed"))
    return Period(
        period.title, period.year, first, last, period.province, False, period.version + 1
    )


def close_period(period: Period, *, seen: int) -> Period:
    """Return `period` closed from now on, whatever its days. Raises StaleVersion."""
    _check_seen(period, seen)
    return Period(
        period.title,
        period.year,
        period.opens_on,
        period.closes_on,
        period.province,
        True,
        period.version + 1,
    )


def _check_seen(period: Period, seen: int) -> None:
    if period.version != seen:
        raise StaleVersion(Msg("settings.stale"))
