"""The log as it leaves the process: JSON lines that carry no person and no secret."""

import io
import json
import logging
import sqlite3
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog

from bot.logs import configure, month_key, person_tag

CANARY = "Nguyễn Thị Canary"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Configure JSON logging into a buffer and put the former logging back afterwards."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    configure("debug", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """Return what was logged, without the times."""
    parsed = [json.loads(line) for line in log.getvalue().splitlines()]
    for one in parsed:
        one.pop("timestamp")
    return parsed


def test_an_event_is_one_json_line_with_level_and_logger(log: io.StringIO) -> None:
    structlog.get_logger("handlers.turns").info("turn_done", turns=24, ms=2.5)
    assert lines(log) == [
        {"event": "turn_done", "turns": 24, "ms": 2.5, "logger": "handlers.turns", "level": "info"}
    ]


def test_an_exception_is_logged_by_type_and_frames_and_never_quotes_a_person(
    log: io.StringIO,
) -> None:
    def read_answer() -> None:
        raise ValueError(f"cannot read {CANARY}")

    try:
        try:
            sqlite3.connect(":memory:").execute("SELECT * FROM missing_table")
        except sqlite3.Error:
            read_answer()
    except ValueError:
        structlog.get_logger("x").exception("turn_failed", text=CANARY)
        logging.getLogger("foreign").exception("failed")
    assert CANARY not in log.getvalue()
    for line in lines(log):
        cause, last = line["exception"]
        assert cause["type"] == "sqlite3.OperationalError"
        assert cause["said"] == "no such table: missing_table"
        assert (last["type"], "said" in last) == ("builtins.ValueError", False)
        assert last["frames"][-1].endswith(" read_answer")


def test_the_access_log_has_no_address_query_or_one_time_code(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.access").info(
        '%s - "%s %s HTTP/%s" %d', "203.0.113.9:555", "GET", "/officer/abcdef?x=Hoa", "1.1", 200
    )
    assert [line["event"] for line in lines(log)] == ["GET /officer/[code] 200"]


def test_foreign_libraries_do_not_log_addresses_or_statements_even_at_debug(
    log: io.StringIO,
) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET https://h/bot1:x")
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT ... %s", CANARY)
    logging.getLogger("aiosqlite").debug("executing %s", CANARY)
    assert lines(log) == []


def test_extra_values_of_foreign_records_are_redacted_too(log: io.StringIO) -> None:
    logging.getLogger("foreign").warning("slow", extra={"phone": "0912345678", "ms": 9})
    assert lines(log) == [
        {"event": "slow", "phone": "[removed]", "ms": 9, "logger": "foreign", "level": "warning"}
    ]


def test_a_persons_tag_is_stable_for_a_month_and_tells_nothing() -> None:
    november = month_key(b"k" * 32, date(2026, 11, 1))
    december = month_key(b"k" * 32, date(2026, 12, 1))
    tag = person_tag(november, "zalo:84912345678")
    assert tag == person_tag(month_key(b"k" * 32, date(2026, 11, 30)), "zalo:84912345678")
    assert tag != person_tag(december, "zalo:84912345678")
    assert len(tag) == 16
