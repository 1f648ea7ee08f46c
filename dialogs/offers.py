"""Which declarations can be begun: titles and years that are open where the person lives."""

from collections.abc import Mapping
from datetime import date

from dialogs.criteria import CriteriaSet, Indicator
from dialogs.facts import Facts
from dialogs.model import Declaration
from dialogs.periods import Offer


def day_of(facts: Facts) -> date:
    """Return the day that counts for periods: when the message reached us."""
    return facts.said_on or facts.today


def list_offers(facts: Facts, province: str) -> tuple[Offer, ...]:
    """Return what can be begun in `province`: this year's titles first, then other open years."""
    calendar, day = facts.calendar, day_of(facts)
    return tuple(
        Offer(criteria, year)
        for year in calendar.years(day)
        for criteria in sets_in(facts, year)
        if calendar.takes(criteria.title, year, province, day)
    )


def find_offer(facts: Facts, province: str, title: str, year: int | None) -> Offer | None:
    """Return the open offer of a title and year (None: the first); None when it is closed."""
    return next(
        (
            offer
            for offer in list_offers(facts, province)
            if offer.criteria.title == title and year in (None, offer.year)
        ),
        None,
    )


def sets_in(facts: Facts, year: int) -> tuple[CriteriaSet, ...]:
    """Return the criteria sets in force in a year."""
    return facts.open_titles if year == facts.today.year else facts.calendar.sets_in(year)


def carried_answers(file: Declaration, before: CriteriaSet, now: CriteriaSet) -> Mapping[str, int]:
    """Return last year's answers as options of this year's set, where they mean the same.

    That is the same indicator with an option in the very same words; each is confirmed one by one.
    """
    known = {indicator.code: indicator for indicator in before.indicators}
    found = {
        indicator.code: _same_option(known[indicator.code], indicator, file.answers)
        for indicator in now.indicators
        if indicator.code in known
    }
    return {code: option for code, option in found.items() if option is not None}


def _same_option(before: Indicator, now: Indicator, answers: Mapping[str, int]) -> int | None:
    given = answers.get(before.code, -1)
    if not 0 <= given < len(before.options):
        return None
    words = before.options[given].text
    return next((n for n, option in enumerate(now.options) if option.text == words), None)
