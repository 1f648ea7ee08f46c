"""Photos as a browser uploads them: a form, read no further than its bounds."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from dialogs.screen import Msg
from handlers.errors import Problem, standard
from handlers.web.requests import field_problem, read_event_id

PHOTOS_AT_ONCE = 10
FIELDS = 4
FIELD_BYTES = 1024
# Boundaries, part headers and the small fields beside the photos.
AROUND_BYTES = 64 * 1024
CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """One answer with photos; the files are open until the block ends."""

    event_id: str
    screen: str | None
    files: tuple[UploadFile, ...]


class _WholeForm(MultiPartParser):
    """Refuses a form that breaks off before its last boundary."""

    def __init__(
        self, headers: Headers, stream: AsyncGenerator[bytes, None], **bounds: int
    ) -> None:
        super().__init__(headers, self._to_the_end(stream), **bounds)
        self._ended = False

    def on_end(self) -> None:
        """Note that the last boundary came."""
        self._ended = True

    async def _to_the_end(self, stream: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for chunk in stream:
            yield chunk
        if not self._ended:
            raise MultiPartException("The form breaks off.")


@asynccontextmanager
async def read_upload(request: Request, photo_bytes: int) -> AsyncIterator[Upload]:
    """Give the photos of a form; each may have `photo_bytes`, and there are PHOTOS_AT_ONCE at most.

    Problem 415 for anything but a form, 413 as soon as the whole is too large, 422 for a form
    that cannot be read or names no photo.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        raise standard(415)
    form = await _parse(request, photo_bytes)
    try:
        yield _read(form)
    finally:
        await form.close()


async def _parse(request: Request, photo_bytes: int) -> FormData:
    stream = _bounded(request, photo_bytes)
    parser = _WholeForm(
        request.headers,
        stream,
        max_files=PHOTOS_AT_ONCE,
        max_fields=FIELDS,
        max_part_size=FIELD_BYTES,
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise _unreadable(error) from error
    except UnicodeError as error:  # a character set of the client's choice
        raise field_problem("photo", "not_understood") from error
    except ClientDisconnect as gone:
        raise standard(400) from gone
    finally:
        await stream.aclose()


def _read(form: FormData) -> Upload:
    files = tuple(f for f in form.getlist("photo") if isinstance(f, UploadFile))
    event_id, screen = read_event_id(form.get("event_id")), form.get("screen")
    if not files:
        raise field_problem("photo", "missing")
    return Upload(event_id, screen[:20] if isinstance(screen, str) else None, files)


def photo_too_large(photo_bytes: int) -> Problem:
    """Return the 413 that says how large a photo may be."""
    return Problem(413, "too_large", Msg("problem.photo_large", {"most": photo_bytes // 1_000_000}))


async def chunks(file: UploadFile) -> AsyncIterator[bytes]:
    """Yield the bytes of an uploaded file."""
    while chunk := await file.read(CHUNK):
        yield chunk


async def _bounded(request: Request, photo_bytes: int) -> AsyncGenerator[bytes, None]:
    """Yield the body; 413 once it is larger than the photos of one answer can be."""
    left = PHOTOS_AT_ONCE * photo_bytes + AROUND_BYTES
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:18]) > left:
        raise photo_too_large(photo_bytes)
    async for chunk in request.stream():
        left -= len(chunk)
        if left < 0:
            raise photo_too_large(photo_bytes)
        yield chunk


def _unreadable(error: MultiPartException) -> Problem:
    if "Too many files" in error.message:
        return Problem(422, "invalid", Msg("problem.photos_many", {"most": PHOTOS_AT_ONCE}))
    return field_problem("photo", "not_understood")
