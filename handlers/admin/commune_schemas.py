"""What is taken and given about communes' settings and villages."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from dialogs.folding import compose
from dialogs.places import CommuneKind, VillageKind
from handlers.admin.schemas import LATEST_VERSION, Given, Taken, Texts

# At least one visible character, and nothing that moves a cursor.
LINE = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"


def _composed(most: int) -> AfterValidator:
    """Return the check that composes a text, which may still change its length."""

    def check(text: str) -> str:
        composed = compose(text)
        if not 0 < len(composed) <= most:
            raise ValueError("length")
        return composed

    return AfterValidator(check)


Seen = Annotated[
    int,
    Field(
        ge=0,
        le=LATEST_VERSION,
        description="The `version` you looked at; 0 where nothing was set yet.",
        examples=[3],
    ),
]
# JSON has no days, so they are read from text, which strict types would refuse.
Day = Annotated[date, Field(strict=False)]
Line32 = Annotated[str, Field(min_length=1, max_length=32, pattern=LINE), _composed(32)]
Line80 = Annotated[str, Field(min_length=1, max_length=80, pattern=LINE), _composed(80)]
Line120 = Annotated[str, Field(min_length=1, max_length=120, pattern=LINE), _composed(120)]
Line200 = Annotated[str, Field(min_length=1, max_length=200, pattern=LINE), _composed(200)]


class ChangeCommune(Taken):
    """New settings of a commune: what is left out stays, null empties."""

    version: Seen
    controller: Annotated[Line120 | None, Field(description="Who answers for the data.")] = None
    reviewers: Annotated[Line120 | None, Field(description="Who sees the files.")] = None
    contact_name: Annotated[Line80 | None, Field(description="Whom people may call.")] = None
    contact_phone: Annotated[Line32 | None, Field(description="At which number.")] = None
    paper_place: Annotated[Line120 | None, Field(description="Where paper is taken.")] = None
    submit_by: Annotated[Day | None, Field(description="Hand in by.")] = None
    answer_by: Annotated[Day | None, Field(description="Answered by.")] = None
    difficult: Annotated[
        bool | None, Field(description="A difficult area, by operators only; null means no.")
    ] = None
    difficult_source: Annotated[
        Line200 | None, Field(description="The decision that says so; a flag needs it.")
    ] = None


class Commune(Given):
    """A commune and what it says about itself."""

    code: str
    name: Texts
    kind: CommuneKind
    province: Annotated[str, Field(description="Code of 2 digits.")]
    version: int
    controller: str | None
    reviewers: str | None
    contact_name: str | None
    contact_phone: str | None
    paper_place: str | None
    submit_by: date | None
    answer_by: date | None
    difficult: bool
    difficult_source: str | None


class VillageOut(Given):
    """A village or residential group; one with `valid_to` is closed and no longer offered."""

    code: str
    name: str
    kind: VillageKind
    old_commune: Annotated[str | None, Field(description="Tells namesakes of a merger apart.")]
    valid_from: date | None
    valid_to: date | None
    version: int


class Villages(Given):
    """The villages of a commune by code, all on one page."""

    items: list[VillageOut]
    next: None


class AddVillage(Taken):
    """A new village; its kind is read from the name where it is left out."""

    name: Annotated[Line80, Field(examples=["Tổ 19"])]
    kind: VillageKind | None = None
    old_commune: Line80 | None = None
    valid_from: Annotated[Day | None, Field(description="Today if left out; no day to come.")] = (
        None
    )


class ChangeVillage(Taken):
    """A new name, or closing: what is left out stays. `valid_to` null opens it again."""

    version: Seen
    name: Line80 | None = None
    kind: VillageKind | None = None
    old_commune: Line80 | None = None
    valid_to: Annotated[Day | None, Field(description="Closes it; no day to come.")] = None
