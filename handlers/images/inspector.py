"""Photos at the door: is it one, can it be read, and the two clean JPEGs that are kept of it.

Decoding happens in one child process (`child`), one picture at a time, with bounded memory,
CPU and time. Whatever a picture does there, this process only learns that it was refused.
"""

import asyncio
import json
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self, cast, get_args

Verdict = Literal["clear", "blurry", "dark", "small"]
Reason = Literal[
    "too_big", "empty", "not_photo", "too_many_pixels", "broken", "video", "pdf", "heic", "timeout"
]

_ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 60.0
_MOST_ANSWER: Final = 4096
_MOST_PICTURE: Final = 32 * 1024 * 1024
# A fresh process now and then, so that a leak in a decoder cannot grow for months.
_PHOTOS_PER_CHILD: Final = 500


@dataclass(frozen=True, slots=True)
class Limits:
    """What one photo may cost. The defaults are the product's; tests give smaller ones."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 60_000_000
    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 15
    wall_seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Inspected:
    """A photo worth keeping.

    `full` (longest side at most 2048 px) and `thumb` (320 px) are JPEGs, upright, without any
    metadata; `width` and `height` are those of `full`. `original_sha256` is the hex digest of the
    bytes that were sent. `verdict` advises, it is never a reason to refuse.
    """

    full: bytes
    thumb: bytes
    width: int
    height: int
    original_sha256: str
    verdict: Verdict


class PhotoRefused(Exception):
    """This file is not kept. `reason` is stable and has a text "photo.refused.<reason>".

    `detail` is for the log: the decoder's exception or the child's signal, never content.
    """

    code = "photo_refused"

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class InspectorUnavailable(Exception):
    """No photo can be inspected now (the child does not start): try again later, refuse nothing."""

    code = "photo_inspector_unavailable"


class _ChildGone(Exception):
    """The child ended, or answered nonsense, in the middle of a photo; the argument says how."""


class ImageInspector:
    """Inspects photos one at a time, in the order asked; others wait.

    >>> async with ImageInspector() as inspector:
    ...     photo = await inspector.inspect(Path("incoming/3f2a"))
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._child: asyncio.subprocess.Process | None = None
        self._one = asyncio.Lock()
        self._open = False
        self._done = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def child_pid(self) -> int | None:
        """The decoding process, for health pages; None while there is none."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the child. Raises InspectorUnavailable when it does not come up."""
        async with self._one:
            self._open = True
            await self._ready()

    async def stop(self) -> None:
        """End the child after the photo in work; afterwards `inspect` raises."""
        self._open = False
        async with self._one:
            await self._end()

    async def inspect(self, path: Path) -> Inspected:
        """Return what is kept of the file at `path`, whose name and extension do not matter.

        Raises PhotoRefused; FileNotFoundError; InspectorUnavailable when not started, or when the
        child does not start. Cancelling is safe at any point. A photo that was in work when the
        child died (of it, or of something else) is tried once more.
        """
        async with self._one:
            try:
                return await self._attempt(path)
            except _ChildGone:
                try:
                    return await self._attempt(path)
                except _ChildGone as error:
                    raise PhotoRefused("broken", str(error)) from error

    async def _attempt(self, path: Path) -> Inspected:
        child = await self._ready()
        async with self._ended_on_failure():
            try:
                async with asyncio.timeout(self._limits.wall_seconds):
                    return await _ask(child, path)
            except TimeoutError as error:
                raise PhotoRefused("timeout", "wall") from error

    @asynccontextmanager
    async def _ended_on_failure(self) -> AsyncIterator[None]:
        """End the child unless it answered completely: half an answer may still be in the pipe."""
        answered = False
        try:
            yield
            answered = True
        except PhotoRefused as refusal:
            answered = refusal.reason != "timeout"
            raise
        except FileNotFoundError:
            answered = True
            raise
        finally:
            self._done += 1
            if not answered or self._done >= _PHOTOS_PER_CHILD:
                await self._end()

    async def _ready(self) -> asyncio.subprocess.Process:
        if not self._open:
            raise InspectorUnavailable("not started")
        if self._child is not None and self._child.returncode is None:
            return self._child
        await self._end()
        try:
            self._child, self._done = await _spawn(), 0
            async with asyncio.timeout(_START_SECONDS):
                await _exchange(self._child, json.dumps(asdict(self._limits)).encode())
        except (OSError, TimeoutError, _ChildGone) as error:
            await self._end()
            raise InspectorUnavailable("the photo process does not start") from error
        except BaseException:
            await self._end()
            raise
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def _spawn() -> asyncio.subprocess.Process:
    # Its own session and an empty environment: no terminal's signals, none of our secrets.
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "handlers.images.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=_ROOT,
        env={"PYTHONPATH": str(_ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )


async def _ask(child: asyncio.subprocess.Process, path: Path) -> Inspected:
    facts = await _exchange(child, _question(path))
    if facts.get("ok") is True:
        full = await _frame(child, _MOST_PICTURE)
        return _inspected(facts, full, await _frame(child, _MOST_PICTURE))
    reason = facts.get("reason")
    if reason == "gone":
        raise FileNotFoundError(path)
    if reason not in get_args(Reason):
        raise _ChildGone("unknown answer")
    raise PhotoRefused(cast(Reason, reason), str(facts.get("detail", "")))


def _question(path: Path) -> bytes:
    return os.fsencode(path.absolute())


async def _exchange(child: asyncio.subprocess.Process, question: bytes) -> dict[str, Any]:
    assert child.stdin is not None
    try:
        child.stdin.write(struct.pack(">I", len(question)) + question)
        await child.stdin.drain()
        answer = json.loads(await _frame(child, _MOST_ANSWER))
    except ConnectionError as error:
        raise await _death(child) from error
    except ValueError as error:
        raise _ChildGone("not JSON") from error
    if not isinstance(answer, dict):
        raise _ChildGone("not an object")
    return answer


async def _frame(child: asyncio.subprocess.Process, most: int) -> bytes:
    assert child.stdout is not None
    try:
        (size,) = struct.unpack(">I", await child.stdout.readexactly(4))
        if size > most:
            # Only a child that a picture has taken over would say this.
            raise _ChildGone("oversized answer")
        return await child.stdout.readexactly(size)
    except (EOFError, ConnectionError) as error:
        raise await _death(child) from error


async def _death(child: asyncio.subprocess.Process) -> PhotoRefused | _ChildGone:
    """Return what the end of `child` means for the photo in work."""
    status = await child.wait()
    if status == -signal.SIGXCPU:
        return PhotoRefused("timeout", "cpu")
    return _ChildGone(f"exit {status}")


def _inspected(facts: dict[str, Any], full: bytes, thumb: bytes) -> Inspected:
    verdict, digest = facts.get("verdict"), facts.get("sha256")
    width, height = facts.get("width"), facts.get("height")
    if verdict not in get_args(Verdict) or not isinstance(digest, str) or len(digest) != 64:
        raise _ChildGone("malformed answer")
    if not isinstance(width, int) or not isinstance(height, int):
        raise _ChildGone("malformed answer")
    return Inspected(full, thumb, width, height, digest, cast(Verdict, verdict))
