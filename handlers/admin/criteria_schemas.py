"""What is taken and given about criteria sets."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from handlers.admin.schemas import Given, Taken, Texts

TOML_MAX = 60_000
Standing = Literal["sample", "draft", "published"]


class PublishCriteria(Taken):
    """A criteria set as the text of its TOML file."""

    toml: Annotated[str, Field(min_length=1, max_length=TOML_MAX, description="The whole file.")]
    draft: Annotated[
        bool, Field(description="Only keep it: a draft may still be changed, and is not in force.")
    ] = False


class CriteriaListed(Given):
    """One version of the criteria of a title."""

    version: str
    title: str
    name: Texts
    status: Annotated[
        Standing, Field(description="`sample`: in use but not checked against the annex in force.")
    ]
    open: Annotated[bool, Field(description="Whether new declarations may take it.")]
    in_force: Annotated[bool, Field(description="Whether new declarations take it this year.")]
    valid_from_year: int
    valid_to_year: int | None
    total: int
    pass_mark: int
    pass_mark_difficult: int
    floor: int
    indicators: Annotated[int, Field(description="How many questions there are.")]
    legal_basis: list[str]
    digest: Annotated[str, Field(description="sha256 of all that a person is judged by or reads.")]
    origin: Annotated[
        Literal["program", "api"], Field(description="Came with the program, or was published.")
    ]
    published_at: Annotated[datetime | None, Field(description="Null for the program's own.")]


class CriteriaSets(Given):
    """All versions by title and version, on one page."""

    items: list[CriteriaListed]
    next: None


class CriteriaOption(Given):
    """One answer with its points; `provisional` ones must be settled by a reviewer."""

    points: int
    text: Texts
    provisional: bool


class CriteriaIndicator(Given):
    """One question with its choices."""

    code: str
    number: int
    group: str
    max: int
    ask: Texts
    short: Texts
    explain: Texts
    options: list[CriteriaOption]
    evidence: list[Texts]
    exposed: Annotated[bool, Field(description="It may be left for a talk with the officer.")]


class CriteriaGroup(Given):
    """Questions that stand together."""

    id: str
    name: Texts
    full_name: Texts
    max: int


class CriteriaSetOut(CriteriaListed):
    """A version with everything it asks."""

    audience: Texts
    minimum_age: int | None
    groups: list[CriteriaGroup]
    questions: list[CriteriaIndicator]
