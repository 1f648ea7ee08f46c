"""What the API takes and gives about officers, tokens, the journal and many decisions at once."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from dialogs.bulk import FILES_MAX, BulkAction
from dialogs.model import Role
from handlers.admin import schemas as s

NAME_MAX = 80
DAYS_MAX = 3660

OfficerId = Annotated[str, Field(min_length=1, max_length=64, examples=["pYw3Jm0sRkq0m0m7o5n1Zg"])]


class BulkItem(s.Taken):
    """A file and the version that was looked at."""

    id: Annotated[str, Field(min_length=1, max_length=64, description="Id of the file.")]
    version: s.Version


class Bulk(s.Taken):
    """One decision for many files. `ask` is needed to return, `reason` to reject."""

    action: BulkAction
    items: Annotated[list[BulkItem], Field(min_length=1, max_length=FILES_MAX)]
    note: s.Note = None
    ask: Annotated[
        list[s.AskedItem] | None,
        Field(min_length=1, max_length=s.MOST_LINES, description="What each shall mend."),
    ] = None
    reason: Annotated[
        s.Words | None,
        Field(description="Why the title is not reached.", examples=["Chưa dự lớp nào"]),
    ] = None


class BulkResult(s.Given):
    """What became of one file: 200 with its new version, or the refusal the single call gives."""

    id: str
    status: int
    version: int | None
    code: str | None
    detail: str | None


class BulkResults(s.Given):
    """One result for each item, in the order they were sent."""

    items: list[BulkResult]


class Journalled(s.Given):
    """One line of the journal; `officer` is null where a citizen or the machine acted."""

    at: datetime
    action: str
    place: Annotated[str, Field(description="Official code, empty for none.")]
    declaration: Annotated[str | None, Field(description="Id of the file, null once erased.")]
    officer: str | None
    officer_name: str | None
    via: Annotated[str, Field(description="chat, api or command.")]
    source: str | None
    target: str | None
    details: Annotated[dict[str, object], Field(description="Codes and numbers of the line.")]


class Journal(s.Given):
    """A page of the journal, oldest first; ask again with `after` = `next` until it is null."""

    items: list[Journalled]
    next: str | None


class OfficerOut(s.Given):
    """An officer. A revoked one can do nothing any more and stays for the journal."""

    id: str
    name: str
    role: Role
    place: str
    place_name: s.Texts | None
    revoked: bool
    invited_at: datetime
    may_revoke: Annotated[bool, Field(description="Whether you may end these rights.")]


class Officers(s.Given):
    """A page of officers, first invited first; `after` = `next` until it is null."""

    items: list[OfficerOut]
    next: str | None


class Invite(s.Taken):
    """Whom to invite, to what, and where."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=NAME_MAX,
            description="As colleagues and the journal see it.",
            examples=["Trần Văn Tư"],
        ),
    ]
    place: Annotated[
        str,
        Field(
            pattern=r"^(\d\d|\d{5}(-\d{3})?)$",
            description="Province 2, commune 5 digits, village commune-NNN.",
            examples=["20242-012"],
        ),
    ]
    role: Role


class Invitation(s.Given):
    """A one-time link with its code, shown this once; whoever opens it first is the officer."""

    officer: OfficerOut
    link: str
    code: str
    expires_at: datetime


class TokenOut(s.Given):
    """An API token as it can be seen after it was made; `current` is the one of this call."""

    id: str
    officer: str
    made_at: datetime
    expires_at: datetime | None
    current: bool


class Tokens(s.Given):
    """The valid tokens of one officer, oldest first; there are few, so `next` is always null."""

    items: list[TokenOut]
    next: str | None


class MakeToken(s.Taken):
    """A further token: your own, or (for operators) of another officer."""

    days: Annotated[
        int | None,
        Field(
            ge=1,
            le=DAYS_MAX,
            description="Days until it ends; left out: as long as the token you make it with.",
            examples=[90],
        ),
    ] = None
    officer: Annotated[
        OfficerId | None, Field(description="Whose it shall be; left out: yours.")
    ] = None


class TokenMade(TokenOut):
    """A new token; `token` is shown this once, only its hash is kept."""

    token: str
