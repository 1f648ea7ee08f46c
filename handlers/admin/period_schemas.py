"""What is taken and given about periods."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from handlers.admin.commune_schemas import Day, Seen
from handlers.admin.schemas import Given, Taken

ProvinceCode = Annotated[
    str | None,
    Field(
        pattern=r"^[0-9]{2}$",
        description="Only for this province; the whole country if left out.",
        examples=["48"],
    ),
]


class OpenPeriod(Taken):
    """Open a period: at once, or on a day to come."""

    version: Seen
    province: ProvinceCode = None
    opens_on: Annotated[Day | None, Field(description="First day; at once if left out.")] = None
    closes_on: Annotated[Day | None, Field(description="Last day, included.")] = None


class ClosePeriod(Taken):
    """Close a period now."""

    version: Seen
    province: ProvinceCode = None


class PeriodOut(Given):
    """One year of declarations for a title; both days belong to it, where the people are."""

    title: str
    year: int
    province: Annotated[str | None, Field(description="Null: the whole country.")]
    standing: Annotated[
        Literal["planned", "open", "closed"], Field(description="How it stands today.")
    ]
    opens_on: date
    closes_on: date
    closed: Annotated[bool, Field(description="Closed by an operator, whatever the days say.")]
    criteria: Annotated[
        str | None, Field(description="The version that new declarations of this year take.")
    ]
    version: Annotated[int, Field(description="0: never set, the calendar year holds.")]


class Periods(Given):
    """Periods by title, newest year first, the country before provinces; all on one page."""

    items: list[PeriodOut]
    next: None
