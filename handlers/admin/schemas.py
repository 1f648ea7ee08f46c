"""What the admin API takes and gives, as other programs see it; the examples are checked by tests.

What comes in is strict: a field nobody knows, or a number written as text, is refused by name.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.blocks import HOURS_MAX, BlockReason
from dialogs.model import Needs, Role, Status, Verdict
from dialogs.review import NAME_MAX
from dialogs.review_checks import WORDS_MAX

MOST_LINES = 100
LATEST_VERSION = 2**31 - 1

Version = Annotated[
    int, Field(ge=1, le=LATEST_VERSION, description="The version you looked at.", examples=[3])
]
Criterion = Annotated[
    str, Field(min_length=1, max_length=8, description="Code of an indicator.", examples=["A2"])
]
Words = Annotated[str, Field(min_length=1, max_length=WORDS_MAX)]
Note = Annotated[
    Words | None, Field(description="Words for the declarant, shown with the verdict.")
]
Warning = Literal["name_unsettled", "village_typed", "village_missing", "twins"]


class Taken(BaseModel):
    """What a caller sends: strict types, no unknown fields."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(BaseModel):
    """What a caller gets."""

    model_config = ConfigDict(frozen=True)


class GivenPoints(Taken):
    """Whole points for one indicator, from 0 to its maximum, with the reason."""

    criterion: Criterion
    points: Annotated[int, Field(ge=0, le=1000, examples=[8])]
    reason: Annotated[Words, Field(examples=["Có giấy chứng nhận 1 lớp"])]


class Approve(Taken):
    """Approve the file as it was at `version`, giving points first where `scores` says so."""

    version: Version
    note: Note = None
    scores: Annotated[list[GivenPoints], Field(max_length=MOST_LINES)] = []


class AskedItem(Taken):
    """One thing to mend: a usual reason by its code, or own words."""

    criterion: Criterion
    reason: Annotated[
        Words,
        Field(
            description="One of blurry_photo, wrong_photo, name_or_date_missing, "
            "village_confirms, points_not_true; or own words.",
            examples=["blurry_photo"],
        ),
    ]


class Return(Taken):
    """Ask the declarant for additions; nothing else of the file can be changed then."""

    version: Version
    items: Annotated[list[AskedItem], Field(max_length=MOST_LINES)]
    note: Note = None


class Reject(Taken):
    """Decide that the title is not reached this period, and say why."""

    version: Version
    reason: Annotated[Words, Field(examples=["Chưa dự lớp nào trong năm"])]


class Undo(Taken):
    """Nothing needs to be said to take a decision back."""


class Rescore(GivenPoints):
    """Give points to one indicator without deciding yet."""

    version: Version


class Correct(Taken):
    """Settle the spelling of a name, or map the village the declarant typed; one or both."""

    version: Version
    name: Annotated[
        str | None,
        Field(min_length=1, max_length=NAME_MAX, examples=["Nguyễn Thị Hòa"]),
    ] = None
    village: Annotated[
        str | None,
        Field(max_length=9, description="Code in the commune.", examples=["20242-012"]),
    ] = None


class Texts(Given):
    """One text in every language."""

    vi: str
    en: str


class Me(Given):
    """The officer behind the token, with the right it has now."""

    id: str
    name: str
    role: Role
    place: Annotated[str, Field(description="Province 2, commune 5 digits, village commune-NNN.")]
    place_name: Texts | None
    may_decide: bool
    may_read_files: bool


class Place(Given):
    """Where a file belongs; `typed` is what the declarant wrote when no village was chosen."""

    commune: str
    commune_name: Texts
    village: str | None
    village_name: str | None
    typed: str | None


class Declarant(Given):
    """Whose file it is; `settled` is false while the spelling of the name waits for an officer."""

    name: str | None
    birth_year: int | None
    settled: bool


class Listed(Given):
    """One file in a list."""

    id: str
    code: str
    status: Status
    version: int
    title: str
    period: int
    place: Place
    declarant: Declarant
    submitted_at: datetime | None
    total: int
    pass_mark: int
    passes: bool
    photos: int
    unclear_photos: int
    warnings: list[Warning]


class Files(Given):
    """A page of files, oldest first; ask again with `after` = `next` until it is null."""

    items: list[Listed]
    next: str | None


class Answered(Given):
    """An answer; `option` counts from 1 as people see it, null when left to the officer."""

    criterion: str
    number: int
    question: Texts
    option: int | None
    answer: Texts | None


class Line(Given):
    """The points of one indicator: the person's own and the officer's are both kept."""

    criterion: str
    number: int
    group: str
    short: Texts
    self_points: int | None
    reviewed_points: int | None
    points: int
    max: int
    below_floor: bool
    unsettled: bool
    reason: str | None


class Group(Given):
    """The points of one group of indicators."""

    id: str
    name: Texts
    points: int
    max: int


class Score(Given):
    """The sum and what it means. A file with `unsettled` lines cannot be approved yet."""

    total: int
    self_total: int
    max: int
    pass_mark: int
    floor: int
    passes: bool
    groups: list[Group]
    lines: list[Line]


class Photo(Given):
    """A photo; the addresses are null until it is kept, and for one that was lost."""

    id: str
    criterion: str | None
    verdict: Verdict
    reason: str | None
    url: str | None
    thumb_url: str | None


class Asked(Given):
    """Something that was asked for, and whether the declarant has mended it."""

    criterion: str
    number: int
    reason: str
    words: Texts
    needs: Needs
    settled: bool


class Made(Given):
    """The decision in force; it can be taken back until `undo_until`, unless `told`."""

    action: Literal["approve", "return", "reject"]
    reason: str | None
    at: datetime
    told: bool
    undo_until: datetime | None


class Entry(Given):
    """One line of the journal; `officer` is null where the declarant acted."""

    at: datetime
    action: str
    officer: str | None
    via: Annotated[str, Field(description="chat, api or command.")]
    source: Annotated[str | None, Field(description="Status before a move.")]
    target: Annotated[str | None, Field(description="Status after a move.")]
    details: Annotated[dict[str, object], Field(description="Codes and numbers of the entry.")]


class Criteria(Given):
    """The version of the criteria that the file is judged by; `sample` ones are not official."""

    version: str
    name: Texts
    status: Literal["sample", "verified"]


class FileState(Given):
    """Where a file stands after a decision."""

    id: str
    code: str
    status: Status
    version: int
    total: int
    return_by: date | None
    decision: Made | None


class UnsentNotice(Given):
    """A notice that has not reached the declarant, and why.

    `must_write`: it leaves when they write again; `stopped`: they or the platform let nothing
    through; `quota`: the month's messages are spent; `lost`: it will not arrive.
    """

    channel: str
    reason: Literal["must_write", "stopped", "quota", "waiting", "lost"]
    since: datetime


class FileOut(Listed):
    """Everything an officer needs to decide on a file."""

    criteria: Criteria
    answers: list[Answered]
    score: Score
    evidence: list[Photo]
    asked: list[Asked]
    decision: Made | None
    return_by: date | None
    twins: Annotated[int, Field(description="Other files here that may be of the same person.")]
    unsent: UnsentNotice | None
    history: list[Entry]


SummaryLevel = Literal["country", "province", "commune", "village"]


class PlaceFigures(Given):
    """How many files stand where. `registered` is everybody, `declared` who handed in.

    A draft is `begun` until it was handed in once, then `taken_back`.
    """

    registered: Annotated[int, Field(ge=0)]
    begun: Annotated[int, Field(ge=0)]
    taken_back: Annotated[int, Field(ge=0)]
    declared: Annotated[int, Field(ge=0)]
    submitted: Annotated[int, Field(ge=0)]
    returned: Annotated[int, Field(ge=0)]
    approved: Annotated[int, Field(ge=0)]
    rejected: Annotated[int, Field(ge=0)]


class PartSummary(Given):
    """One part of a place; `place` is null for villages that were typed and not yet mapped."""

    place: str | None
    name: Texts
    suppressed: Annotated[bool, Field(description="Too few to be told: `figures` is null.")]
    figures: PlaceFigures | None


class TitleSummary(Given):
    """The figures of one title and of every part; a village has no parts."""

    title: str
    suppressed: bool
    figures: PlaceFigures | None
    parts: list[PartSummary]


class PlaceSummary(Given):
    """The figures of a place in a period, a block for each title."""

    place: Annotated[str, Field(description="Official code, or `vn`.")]
    name: Texts
    level: SummaryLevel
    period: int
    demo: Annotated[bool, Field(description="Whether the files are the demo's.")]
    titles: list[TitleSummary]


class Block(Taken):
    """For how long nobody listens to the declarant, and why; the reason is a code on record."""

    hours: Annotated[int, Field(ge=1, le=HOURS_MAX, examples=[24])]
    reason: BlockReason


class BlockState(Given):
    """Whether the declarant is blocked now."""

    blocked: bool
    until: datetime | None
    reason: BlockReason | None


class Blocked(Given):
    """A block in force; `declaration` is null where it was not set by a file of your commune."""

    declaration: str | None
    reason: BlockReason
    since: datetime
    until: datetime


class Blocks(Given):
    """A page of blocks."""

    items: list[Blocked]
    next: str | None
