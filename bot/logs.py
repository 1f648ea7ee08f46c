"""Logs: one JSON object a line on stderr, without names, texts, tokens or addresses of people."""

import hashlib
import hmac
import logging
import sys
from collections.abc import Mapping
from datetime import date
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.redaction import describe_exception, mask_path, redact
from handlers.alarms import ALARMS, runbook

# Foreign loggers that say at INFO or DEBUG what must not be said (addresses with tokens, statements
# with their values, request bodies), at every log level.
QUIET = ("aiosqlite", "alembic", "asyncio", "httpcore", "httpx", "multipart", "PIL", "sqlalchemy")
LEVELS: Mapping[str, int] = logging.getLevelNamesMapping()


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's logs of at least `level` to `stream` (stderr).

    JSON, or lines for people when the stream is a terminal. Replaces what was configured before;
    start uvicorn with `log_config=None`, so that it does not put its own handlers back.
    """
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        describe_exception,
        redact,
        mark_alarm,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(stream),
            ],
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            keep_exc_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level.upper()])
    _tame_foreign_loggers()


def mark_alarm(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Give an event that is an alarm, wherever it is logged, level error and its runbook's place.

    A rule for the log's reader: whatever has `"alarm": true` wakes somebody.
    """
    name = event.get("event")
    if isinstance(name, str) and name in ALARMS:
        event.update(level="error", alarm=True, runbook=runbook(name))
    return event


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _tame_foreign_loggers() -> None:
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logger = logging.getLogger(name)
        logger.handlers[:] = []
        logger.propagate = True
    access = logging.getLogger("uvicorn.access")
    access.filters[:] = [access_without_person]


def access_without_person(record: logging.LogRecord) -> bool:
    """Rewrite a line of uvicorn's access log to method, masked path and status; always True.

    The client's address and the query string leave the record.
    """
    if isinstance(record.args, tuple) and len(record.args) == 5:
        _, method, path, _, status = record.args
        record.msg, record.args = "%s %s %s", (method, mask_path(str(path)), status)
    return True


def month_key(key: bytes, day: date) -> bytes:
    """Return the key of `day`'s month, for `person_tag`: tags of two months cannot be joined."""
    return hmac.digest(key, day.strftime("%Y-%m").encode("ascii"), hashlib.sha256)


def person_tag(key: bytes, value: str) -> str:
    """Return the 16 hex digits (64 bits) that stand for `value` in logs; only `key` links the two.

    `key` comes from `month_key`. The same person has the same tag all month.
    """
    return hmac.digest(key, value.encode(), hashlib.sha256)[:8].hex()
