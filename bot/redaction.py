"""What never stands in a log, and how it is kept out.

What may stand there is ids, codes, counts, durations and places in the code. Three nets hold what
slips through: values under personal keys are removed, secrets inside strings are masked, and an
exception is its type and frames, with its message only where a message cannot quote a person.
"""

import re
import sys
import traceback
from collections.abc import Mapping
from pathlib import PurePath
from types import TracebackType
from typing import Any

from structlog.typing import EventDict, WrappedLogger

REMOVED = "[removed]"
# fmt: off
PERSONAL_KEYS = frozenset((
    # headers and the network
    "authorization", "client_addr", "cookie", "cookies", "headers", "ip", "link", "query",
    "query_string", "resume", "secret", "secret_key", "set_cookie", "token", "url",
    "user_agent",
    # what a person is
    "address", "birth_year", "email", "full_name", "name", "password", "person_name", "phone",
    "username", "village_name",
    # what a person said or sent
    "answer", "answers", "body", "caption", "event_text", "file_name", "filename", "form",
    "history", "input", "message", "note", "params", "parameters", "payload", "raw", "reason",
    "screen_text", "text", "typed", "value", "values",
))
# fmt: on
# (what is found inside any string, what stands there instead)
SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(bot)?\d{5,}:[\w-]{20,}"), r"\1[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [token]"),
    (re.compile(r"(?i)((?:secret|token|password|cookie|key)=)[^\s&;,]+"), r"\1[removed]"),
    (
        re.compile(r"(/(?:officer|go|verify|resume|evidence)/|/zalo_verifier)[^/?\s\"']+"),
        r"\1[code]",
    ),
    (re.compile(r"(\w+://)[^/@\s]+@"), r"\1[login]@"),
    (re.compile(r"((?:\w+:/|(?<!\S))/[^\s?\"']*)\?[^\s\"']+"), r"\1?[query]"),
)
# Paths below a masked prefix that are words of ours, not codes.
PLAIN_PATHS = re.compile(r"^/officer/(?:chat|static)(?:/|$)")


def mask_path(path: str) -> str:
    """Return the path of an address without its query, one-time codes in it masked.

    >>> mask_path("/officer/abc123?x=1")
    '/officer/[code]'
    """
    bare = path.partition("?")[0]
    return bare if PLAIN_PATHS.match(bare) else mask(bare)


def mask(text: str) -> str:
    """Return `text` with tokens, logins, one-time codes and query strings masked."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def redact(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Remove the values of personal keys at any depth and mask secrets in every string."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(key: str, value: Any) -> Any:
    if key.startswith("_"):  # structlog's own record, removed before rendering
        return value
    if key.lower().replace("-", "_") in PERSONAL_KEYS:
        return REMOVED
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {str(k): _clean(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean("", item) for item in value]
    if isinstance(value, int | float | None):
        return value
    return mask(str(value))


def describe_exception(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by `exception`: the chain, cause first, each with its type and frames."""
    given = event.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    raised = given[1] if isinstance(given, tuple) else given
    if isinstance(raised, BaseException):
        event["exception"] = [_described(one) for one in reversed(_chain(raised))]
    return event


def _chain(raised: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    current: BaseException | None = raised
    while current is not None and current not in chain:
        chain.append(current)
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)
    return chain


def _described(raised: BaseException) -> dict[str, Any]:
    kind = type(raised)
    described: dict[str, Any] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    code = getattr(raised, "code", None)
    if isinstance(code, str):
        described["code"] = code
    # The operating system's and SQLite's messages name files and columns; others may quote a value.
    if isinstance(raised, OSError) or kind.__module__ == "sqlite3":
        described["said"] = str(raised)
    described["frames"] = _frames(raised.__traceback__)
    if isinstance(raised, BaseExceptionGroup):
        described["inside"] = [_described(one) for one in raised.exceptions]
    return described


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"{'/'.join(PurePath(frame.f_code.co_filename).parts[-3:])}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(trace)
    ][-20:]
