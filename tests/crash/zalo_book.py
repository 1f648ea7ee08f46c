"""What of the lives of a program on Zalo is kept beside it, and what arrived held against it.

No platform takes an idempotency key: a message may arrive twice, but only where a kill fell between
its claim and its record, and never three times.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from handlers.zalo.render import decode_out
from tests.crash.people import RECEIPT
from tests.crash.rows import Row, State

FINAL = {"sent", "failed", "unreachable", "expired", "unknown"}
# How often something was sent, which a kill may change, and Zalo's names for it.
VARIES = {"attempts", "due_ms", "lease_ms", "error", "ref"}
UNTOLD = {"outlet", "zalo_token"}
# What may stand before a word in JSON: no letter or digit, but for those of an escape.
_BEFORE = r"(?:(?<=\\u[0-9a-f]{4})|(?<![0-9A-Z]))"
# Where a state names a row of the inbox, whose number a kill may skip.
_ALBUM = re.compile(r'"gathering": \{"album": \d+')
Message = tuple[str, str, bool]


@dataclass(slots=True)
class Book:
    """What of the lives of a home is kept beside it; a kill leaves the old file or the new one.

    `opened` counts by message how many lives began while nobody knew whether it had been sent.
    """

    file: Path
    lives: int = 0
    at_seconds: int = 0
    opened: list[Message] = field(default_factory=list)
    alarms: int = 0
    twice: int = 0
    unknown: int = 0

    @classmethod
    def load(cls, file: Path) -> "Book":
        """Return what is kept."""
        book = cls(file)
        if file.exists():
            for name, value in json.loads(file.read_bytes()).items():
                setattr(book, name, value)
        book.opened = [(who, words, photo) for who, words, photo in book.opened]
        return book

    def keep(self) -> None:
        """Write it down."""
        names = ("lives", "at_seconds", "opened", "alarms", "twice", "unknown")
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps({name: getattr(self, name) for name in names}), "utf-8")
        fresh.replace(self.file)


def told_apart(state: State, platform: dict[str, Any]) -> State:
    """Leave out what a kill may change: how often something was sent and when, and drawn codes."""
    kept = {name: rows for name, rows in state.items() if name not in UNTOLD}
    kept["outbox"] = list(map(_settled, state["outbox"]))
    kept["conversation"] = [_ALBUM.sub('"gathering": {', row) for row in state["conversation"]]
    codes = {found for _, words, _ in platform["sent"] for found in RECEIPT.findall(words)}
    for code in codes:
        # An officer's name for a file is the end of its code.
        short = re.compile(rf"{_BEFORE}{code.rpartition('-')[2]}(?![0-9A-Z])")
        kept = {name: [short.sub("<tail>", row) for row in rows] for name, rows in kept.items()}
    kept["exchange"] = [f"untaken {platform['untaken']}"]
    return kept


def message_of(row: Row) -> Message:
    """Return whose message a row of the outbox is, its words, and whether it is a photo."""
    out = decode_out(row["payload"])
    return row["sender"].partition(":")[2], out.text, out.photo is not None


def hold_to_account(book: Book, rows: Sequence[Row], platform: dict[str, Any]) -> list[str]:
    """Hold what arrived against the outbox; count in the book, and return what is wrong."""
    arrived = Counter((user, words, photo) for user, words, photo in platform["sent"])
    sent = Counter(message_of(row) for row in rows if row["status"] == "sent")
    unknown = Counter(message_of(row) for row in rows if row["status"] == "unknown")
    opened = Counter(book.opened)
    wrong = [f"in no final state: {row}" for row in rows if row["status"] not in FINAL]
    for message in sent | unknown | arrived:
        once, maybe = sent[message], unknown[message]
        if arrived[message] < once:
            wrong.append(f"never arrived: {message}")
        if arrived[message] > min(once + maybe + opened[message], 2 * (once + maybe)):
            wrong.append(f"arrived {arrived[message]} times, for {once} and {maybe}: {message}")
        if maybe * 2 > opened[message]:
            wrong.append(f"unknown without two kills: {message}")
    if bool(platform["refused"]) != bool(platform["consents"]):
        wrong.append(f"{platform['refused']} refusals, {platform['consents']} consents")
    book.twice = sum((arrived - sent - unknown).values())
    book.unknown = sum(unknown.values())
    book.alarms = platform["consents"]
    return [*wrong, *platform["complaints"]]


def _settled(line: str) -> str:
    """Return a message of the outbox without what differs by luck."""
    row = {name: value for name, value in json.loads(line).items() if name not in VARIES}
    row["status"] = "sent" if row["status"] == "unknown" else row["status"]
    return json.dumps(row, sort_keys=True)
