"""`letters` and `block`: what an operator does beside a running server, each step on record."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from sqlalchemy import select

from dialogs.state import State
from storage import conversations, inbox, people
from storage.conversations import Conversation
from storage.database import Connection, Database
from storage.inbox import Arrival
from storage.models import audit, conversation
from storage.seams import Seams, to_ms
from tests.bot.test_commands import Shell, bare, refused, shell  # noqa: F401

T = TypeVar("T")
PRIVATE = "lời riêng của bà Hòa"


def inside(shell: Shell, work: Callable[[Connection], Awaitable[T]]) -> T:  # noqa: F811
    """Run `work` in a write transaction of the shell's database and return its result."""

    async def run() -> T:
        database = Database(f"sqlite+aiosqlite:///{shell.folder}/khaihoc.db", Seams())
        await database.start()
        try:
            return await database.write(work)
        finally:
            await database.stop()

    return asyncio.run(run())


async def bury(connection: Connection) -> list[int]:
    """Keep two letters of one conversation, an hour old; return their numbers."""
    talk = Conversation(0, "web", "", "sender", 1, State())
    await conversations.add_conversations(connection, [talk])
    at_ms = to_ms(Seams().now()) - 3_600_000
    raw = f'{{"t":"text","text":"{PRIVATE}"}}'
    came = [Arrival("web", "sender", name, raw, at_ms) for name in ("a", "b")]
    numbers = sorted(number for number, _ in (await inbox.add(connection, came)).values())
    for number, error in zip(numbers, ("KeyError", "ValueError"), strict=True):
        await inbox.set_dead(connection, number, error)
    return numbers


async def lines(connection: Connection) -> list[tuple[str, str, str]]:
    rows = await connection.execute(
        select(audit.c.action, audit.c.via, audit.c.details).order_by(audit.c.id)
    )
    return [(action, via, details) for action, via, details in rows]


def test_letters_are_listed_shown_replayed_and_dropped_without_a_word_of_them(
    shell: Shell,  # noqa: F811
) -> None:
    assert shell.run("letters", "list").lines == []
    first, second = inside(shell, bury)
    said = [shell.run("letters", "list"), shell.run("letters", "show", str(first))]
    assert said[0].lines == [
        f"{first}\tweb\t60 min\tKeyError\tkept",
        f"{second}\tweb\t60 min\tValueError\tkept",
    ]
    assert shell.run("letters", "list", "--error", "KeyError").lines == said[0].lines[:1]
    shown = dict(re.split(r"\s+", line, maxsplit=1) for line in said[1].lines)
    assert shown["error"] == "KeyError"
    assert shown["conversation"] == "1"
    assert shown["text"] == "kept"
    assert shell.run("letters", "replay", str(first)).lines == [f"replayed 1: {first}"]
    assert refused(shell.run("letters", "replay", str(first))).startswith("there is no dead letter")
    assert shell.run("letters", "drop", str(second)).lines == [f"letter {second} is dropped"]
    assert shell.run("letters", "list").lines == []
    assert shell.run("letters", "replay", "--all").lines == ["replayed 0"]
    assert all(PRIVATE not in str(one) for one in said)
    assert [(action, via) for action, via, _ in inside(shell, lines)][-2:] == [
        ("letter_replay", "command"),
        ("letter_drop", "command"),
    ]


def test_all_letters_with_one_error_are_replayed_together(shell: Shell) -> None:  # noqa: F811
    first, second = inside(shell, bury)
    said = shell.run("letters", "replay", "--all", "--error", "ValueError")
    assert said.lines == [f"replayed 1: {second}"]
    assert shell.run("letters", "replay", "--all").lines == [f"replayed 1: {first}"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("letters", "replay"),
        ("letters", "replay", "1", "--all"),
        ("letters", "replay", "1", "--error", "KeyError"),
        ("block", "add"),
        ("block", "add", "--code", "KH26-7F3K-2M", "--conversation", "1"),
        ("block", "add", "--conversation", "1", "--hours", "0"),
        ("block", "add", "--conversation", "1", "--reason", "because"),
    ],
)
def test_wrong_usage_is_status_2(shell: Shell, arguments: tuple[str, ...]) -> None:  # noqa: F811
    assert shell.run(*arguments).status == 2


def test_a_person_is_blocked_listed_and_let_in_again(shell: Shell) -> None:  # noqa: F811
    async def known(connection: Connection) -> None:
        await bury(connection)
        person = await people.add_person(connection, at_ms=0)
        await connection.execute(conversation.update().values(person_id=person))

    inside(shell, known)
    add = ("block", "add", "--conversation", "1", "--hours", "2", "--reason", "flood")
    assert shell.run(*add).lines == ["block 1 holds for 2 hours"]
    (line,) = shell.run("block", "list").lines
    assert re.fullmatch(r"1\tflood\t\d{4}-\d\d-\d\d \d\d:\d\d\t-\tcommand", line)
    assert shell.run("block", "remove", "1").lines == ["block 1 is over"]
    assert refused(shell.run("block", "remove", "1")).startswith("there is no block 1")
    assert shell.run("block", "list").lines == []
    assert [action for action, *_ in inside(shell, lines)][-2:] == ["block", "unblock"]


@pytest.mark.parametrize("whom", [("--code", "KH26-0000-00"), ("--conversation", "999")])
def test_nobody_is_blocked_who_is_not_there(shell: Shell, whom: tuple[str, str]) -> None:  # noqa: F811
    assert refused(shell.run("block", "add", *whom)).startswith("there is no ")
