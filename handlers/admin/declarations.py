"""The officer behind a token, and the files of the officer's place: list, open, look at photos."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from dialogs.folding import compose
from handlers.admin import schemas as s
from handlers.admin.auth import AnyOfficer, InParts, Reader
from handlers.admin.bounded import BoundedRoute
from handlers.admin.cursor import BadCursor, read_cursor, write_cursor
from handlers.admin.decisions import FileId
from handlers.admin.files import is_id, narrowed, open_file, read_difficult
from handlers.admin.problems import ASKING, PHOTO, READING, bad_cursor
from handlers.admin.words import Reading, to_file, to_listed, to_me
from handlers.errors import standard
from storage import audit, declarations, evidence
from storage.declarations import Filter
from storage.photos import PhotoGone
from storage.walls import raise_wall

FIRST_YEAR, LAST_YEAR = 2020, 2100
Status = Literal["submitted", "approved", "returned", "rejected"]
router = APIRouter(prefix="/api/v1", route_class=BoundedRoute)


@router.get("/me", operation_id="getMe", tags=["officer"], summary="Who am I", responses=ASKING)
async def get_me(officer: AnyOfficer, parts: InParts) -> s.Me:
    """The officer of this token with role and place as they are now."""
    return to_me(parts, officer)


@router.get(
    "/declarations",
    operation_id="listDeclarations",
    tags=["declarations"],
    summary="List files",
    responses=READING,
)
async def list_declarations(
    officer: Reader,
    parts: InParts,
    status: Annotated[Status | None, Query(examples=["submitted"])] = None,
    place: Annotated[
        str | None, Query(description="A place inside your own.", examples=["20242-012"])
    ] = None,
    title: Annotated[
        str | None, Query(pattern="^[a-z_]+$", max_length=32, examples=["citizen"])
    ] = None,
    period: Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR, examples=[2026])] = None,
    q: Annotated[
        str,
        Query(
            max_length=80,
            description="Part of a name, with or without diacritics, or of a receipt code.",
            examples=["hoa"],
        ),
    ] = "",
    after: Annotated[
        str | None, Query(max_length=64, description="`next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> s.Files:
    """Files handed in within your place, oldest first, drafts never. `warnings` of a line leaves
    out `twins`, which is looked up for a single file only.
    """
    key = parts.secret("cursor")
    scope, start = narrowed(parts, officer, place), _start(key, after)
    wanted = Filter(status, title, period, compose(q))
    async with parts.database.reading() as connection:
        await raise_wall(connection, scope)
        found = await declarations.list_files(
            connection, scope=scope, wanted=wanted, after=start, limit=limit + 1
        )
        reading = Reading(parts, await read_difficult(connection, found))
    page = found[:limit]
    more = write_cursor(key, page[-1].declaration.id) if len(found) > limit else None
    return s.Files(items=[to_listed(reading, file) for file in page], next=more)


def _start(key: bytes, after: str | None) -> int:
    """Return the row to go on after; 422 for what is no cursor of ours."""
    try:
        return read_cursor(key, after) if after is not None else 0
    except BadCursor as error:
        raise bad_cursor() from error


@router.get(
    "/declarations/{id}",
    operation_id="getDeclaration",
    tags=["declarations"],
    summary="Open a file",
    responses=READING,
)
async def get_declaration(number: FileId, officer: Reader, parts: InParts) -> s.FileOut:
    """Everything a decision needs. Name `version` when you decide: a decision holds only for the
    version it was made on.
    """
    async with parts.database.reading() as connection:
        await raise_wall(connection, officer.place)
        file = await open_file(connection, officer, number)
        journal = await audit.list_entries(connection, declaration=file.declaration.id)
        reading = Reading(parts, await read_difficult(connection, [file]))
    return to_file(reading, file, journal)


@router.get(
    "/declarations/{id}/evidence/{evidence_id}",
    operation_id="getEvidence",
    tags=["declarations"],
    summary="Look at a photo",
    response_class=Response,
    responses=PHOTO,
)
async def get_evidence(
    number: FileId,
    evidence_id: Annotated[str, Path(description="Id of the photo.")],
    request: Request,
    officer: Reader,
    parts: InParts,
    size: Annotated[
        Literal["thumb"] | None, Query(description="Leave out for the whole photo.")
    ] = None,
) -> Response:
    """The kept JPEG, turned upright, without any metadata. Ask again with `If-None-Match`: the
    right to see it is checked every time.
    """
    keys = None
    if is_id(number) and is_id(evidence_id):
        async with parts.database.reading() as connection:
            await raise_wall(connection, officer.place)
            keys = await evidence.get_for_officer(
                connection, scope=officer.place, number=evidence_id, file=number
            )
    if keys is None:
        raise standard(404)
    key = keys.thumb if size == "thumb" else keys.photo
    tag = f'"{key.rpartition("/")[2].partition(".")[0]}"'
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": "inline",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "ETag": tag,
        "X-Content-Type-Options": "nosniff",
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        return Response(await parts.photos.read(key), headers=headers, media_type="image/jpeg")
    except PhotoGone as gone:
        raise standard(404) from gone
