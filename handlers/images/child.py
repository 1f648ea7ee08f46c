"""The process that decodes strangers' pictures: `python -m handlers.images.child`.

It holds no secret, imports Pillow and nothing of the program, and may be killed at any moment.
Both directions speak in frames: four bytes of length (big endian), then so many bytes. First comes
in `Limits` as JSON and goes out `{}`; then for each path that comes in goes out a JSON answer,
followed, when it is {"ok": true, ...}, by the photo and the thumbnail. End of input ends it.
"""

import hashlib
import json
import os
import resource
import signal
import struct
import sys
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from handlers.images.normalise import NotAPhoto, TooManyPixels, normalise


def read_frame(source: BinaryIO) -> bytes | None:
    """Return the next frame's bytes, None when the other side is gone."""
    head = source.read(4)
    if len(head) < 4:
        return None
    size = struct.unpack(">I", head)[0]
    body = source.read(size)
    return body if len(body) == size else None


def write_frame(target: BinaryIO, body: bytes) -> None:
    """Write `body` as one frame; the caller flushes."""
    target.write(struct.pack(">I", len(body)) + body)


def serve(source: BinaryIO, target: BinaryIO) -> None:
    """Take the limits, then answer paths until the input ends."""
    first = read_frame(source)
    if first is None:
        return
    limits = json.loads(first)
    confine(limits["memory_bytes"])
    _send(target, [b"{}"])
    while (path := read_frame(source)) is not None:
        allow_cpu(limits["cpu_seconds"])
        _send(target, answer(path, limits["max_bytes"], limits["max_pixels"]))


def confine(memory_bytes: int) -> None:
    """Give up for good what decoding does not need: memory, writing files, core dumps."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allow_cpu(seconds: int) -> None:
    """Let this process use `seconds` of CPU from now; SIGXCPU ends it after them."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def answer(path: bytes, max_bytes: int, max_pixels: int) -> Iterator[bytes]:
    """Yield the frames that answer for the file at `path`."""
    try:
        yield from _inspected(path, max_bytes, max_pixels)
    except FileNotFoundError:
        yield _refusal("gone")
    except NotAPhoto as error:
        yield _refusal(str(error))
    except (TooManyPixels, MemoryError) as error:
        yield _refusal("too_many_pixels", error)
    except Exception as error:
        # Decoders raise nearly anything on damaged input; the type is reported, never the text.
        yield _refusal("broken", error)


def _inspected(path: bytes, max_bytes: int, max_pixels: int) -> list[bytes]:
    with open(path, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        return [_refusal("too_big")]
    kept = normalise(data, max_pixels)
    digest = hashlib.sha256(data).hexdigest()
    facts = {"ok": True, "width": kept.width, "height": kept.height, "sha256": digest}
    return [json.dumps(facts | {"verdict": kept.verdict}).encode(), kept.full, kept.thumb]


def _refusal(reason: str, error: Exception | None = None) -> bytes:
    facts: dict[str, Any] = {"ok": False, "reason": reason}
    return json.dumps(facts | {"detail": type(error).__name__ if error else ""}).encode()


def _send(target: BinaryIO, frames: Iterable[bytes]) -> None:
    for frame in frames:
        write_frame(target, frame)
    target.flush()


def main() -> None:
    """Serve on standard input and output; words a C library prints go to standard error instead."""
    # The parent alone ends this process (by closing the pipe): a stop signal sent to the whole
    # group must not make a good photo look broken while the parent drains.
    for stop in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(stop, signal.SIG_IGN)
    frames = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(frames, "wb") as target:
        serve(sys.stdin.buffer, target)


if __name__ == "__main__":
    main()
