"""Periods by their days, by an operator's word, by province; and answers carried over a year."""

from dataclasses import replace
from datetime import date

import pytest

from dialogs.criteria import CriteriaSet
from dialogs.errors import StaleVersion
from dialogs.model import Declaration
from dialogs.offers import carried_answers
from dialogs.periods import (
    COUNTRY,
    Calendar,
    Period,
    PeriodOver,
    PeriodReversed,
    close_period,
    open_period,
    usual_period,
)
from dialogs.screen import Localised
from tests.dialogs.officer_world import ANSWERS, CRITERIA

USUAL = usual_period("citizen", 2026)
TODAY = date(2026, 11, 4)


def sets_in(year: int) -> tuple[CriteriaSet, ...]:
    return (CRITERIA,) if 2026 <= year <= 2027 else ()


def calendar(*periods: Period) -> Calendar:
    return Calendar({(p.title, p.year, p.province): p for p in periods}, sets_in)


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2025, 12, 31), "planned"),
        (date(2026, 1, 1), "open"),
        (date(2026, 12, 31), "open"),
        (date(2027, 1, 1), "closed"),
    ],
)
def test_a_period_nobody_set_is_its_calendar_year(day: date, standing: str) -> None:
    assert USUAL.standing(day) == standing
    assert calendar().takes("citizen", 2026, "48", day) == (standing == "open")
    # The same once any other period is set.
    other = replace_period(USUAL, title="family")
    assert calendar(other).takes("citizen", 2026, "48", day) == (standing == "open")


def replace_period(period: Period, **values: object) -> Period:
    own = {n: getattr(period, n) for n in Period.__struct_fields__}
    return Period(**{**own, **values})


def test_a_province_goes_by_its_own_period_and_others_by_the_countrys() -> None:
    country = replace_period(USUAL, closes_on=date(2026, 12, 15), version=1)
    own = replace_period(USUAL, province="48", closes_on=date(2027, 1, 15), version=1)
    found = calendar(country, own)
    day = date(2026, 12, 20)
    assert [found.takes("citizen", 2026, place, day) for place in ("48", "01")] == [True, False]
    assert found.get("citizen", 2026, "01") == country
    assert found.years(date(2027, 1, 2)) == (2027, 2026)


def test_closing_stands_above_the_days_and_opening_takes_it_back() -> None:
    closed = close_period(USUAL, seen=0)
    assert (closed.standing(TODAY), closed.version) == ("closed", 1)
    again = open_period(closed, seen=1, today=TODAY)
    assert again == replace_period(USUAL, version=2)


def test_opening_before_its_first_day_opens_today() -> None:
    early = open_period(usual_period("citizen", 2027), seen=0, today=TODAY)
    assert (early.opens_on, early.closes_on) == (TODAY, date(2027, 12, 31))


def test_opening_may_be_planned_for_a_day_to_come() -> None:
    first = date(2027, 1, 15)
    planned = open_period(usual_period("citizen", 2027), seen=0, today=TODAY, opens_on=first)
    assert planned.standing(TODAY) == "planned"
    coming = calendar(planned).next_opening("citizen", "48", TODAY)
    assert coming == planned


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(PeriodOver):
        open_period(USUAL, seen=0, today=date(2027, 1, 2))
    with pytest.raises(PeriodReversed):
        open_period(
            USUAL, seen=0, today=TODAY, opens_on=date(2026, 12, 2), closes_on=date(2026, 12, 1)
        )
    with pytest.raises(StaleVersion):
        open_period(USUAL, seen=1, today=TODAY)
    with pytest.raises(StaleVersion):
        close_period(USUAL, seen=2)


def test_the_next_opening_is_next_years_first_day_while_criteria_hold() -> None:
    coming = calendar().next_opening("citizen", COUNTRY, TODAY)
    assert coming == usual_period("citizen", 2027)
    assert calendar().next_opening("citizen", COUNTRY, date(2027, 5, 1)) is None


def test_answers_carry_over_to_the_option_in_the_very_same_words() -> None:
    file = Declaration(
        1, "p", "citizen", 2026, CRITERIA.version, "draft", 1, "20242", answers=ANSWERS
    )
    assert carried_answers(file, CRITERIA, CRITERIA) == ANSWERS
    first = CRITERIA.indicators[0]
    given = first.options[ANSWERS[first.code]]
    reworded = replace(given, text=Localised((("vi", "Khác"), ("en", "Other"))))
    options = tuple(reworded if o == given else o for o in first.options)
    changed = replace(
        CRITERIA, indicators=(replace(first, options=options), *CRITERIA.indicators[1:])
    )
    left = {code: option for code, option in ANSWERS.items() if code != first.code}
    assert carried_answers(file, CRITERIA, changed) == left


def test_what_was_left_to_the_officer_or_never_answered_is_not_carried() -> None:
    file = Declaration(
        1, "p", "citizen", 2026, CRITERIA.version, "draft", 1, "20242", answers={"B2": -1, "A1": 0}
    )
    assert carried_answers(file, CRITERIA, CRITERIA) == {"A1": 0}
