"""docs/contract.md says what is there, all of it, and nothing else."""

import re
from typing import Any, get_args

import pytest
import typer

from bot.__main__ import app
from dialogs import commands
from dialogs.commands import Audience, CommandName, read_command
from dialogs.model import Role
from handlers.callers import list_routes
from handlers.health import Health
from tests.guards.tree import ROOT
from tests.world import World

PAGE = (ROOT / "docs" / "contract.md").read_text("utf-8")
# Signs that are commands beside the words.
SIGNS = {"?", "0"}


def rows(name: str) -> list[tuple[str, str]]:
    """Return the two columns of the page's table between the markers `name`."""
    (table,) = re.findall(rf"(?s)<!-- {name} -->\n(.*?)\n<!-- /{name} -->", PAGE)
    cells = [line.strip("|").split(" | ", 1) for line in table.splitlines()[2:]]
    return [(first.strip(), second.strip()) for first, second in cells]


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_each_make_target_is_on_the_page_and_each_on_it_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"(?m)^([a-z]+):.*## ", makefile)) - {"help"}
    assert {quoted(first)[0] for first, _ in rows("make")} == {f"make {t}" for t in targets}


def leaves(command: Any, path: tuple[str, ...] = ()) -> dict[str, set[str]]:
    """Return the options of every command (typer keeps click's classes to itself) by its name."""
    if hasattr(command, "commands"):
        below = [leaves(one, (*path, name)) for name, one in command.commands.items()]
        return {name: options for found in below for name, options in found.items()}
    options = {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }
    return {" ".join(path): options - {"--help"}}


def test_each_command_with_its_options_is_on_the_page_and_each_on_it_is_there() -> None:
    shown = {}
    for first, _ in rows("commands"):
        line = quoted(first)[0].removeprefix("python -m bot ")
        words = re.match(r"[a-z]+( [a-z]+)?(?= |$)", line)
        assert words is not None
        shown[words[0]] = set(re.findall(r"--[a-z-]+", line))
    assert shown == leaves(typer.main.get_command(app))


def test_the_roles_of_the_page_are_those_of_the_program() -> None:
    (sentence,) = re.findall(r"(?s)ROLE is\s(.*?)\.\n", PAGE)
    assert set(quoted(sentence)) == set(get_args(Role))


async def test_each_route_is_on_the_page_and_each_on_it_is_there(world: World) -> None:
    served = {
        f"{method} {re.sub('{[^}]*}', '{}', one.path)}{'' if one.methods else '/*'}"
        for one in list_routes(world.program.app.routes)
        for method in one.methods or {"GET"}
        if method != "HEAD"  # answered beside each GET, as the page says below the table
    }
    shown = [re.sub(r"\{[^}]*\}", "{}", quoted(first)[0]) for first, _ in rows("http")]
    assert sorted(shown) == sorted(served)


async def test_the_parts_of_readiness_are_named_on_the_page(world: World) -> None:
    parts = await Health().look(world.program.parts)
    (words,) = [second for first, second in rows("http") if "/health/ready" in first]
    assert quoted(words)[1:] == list(parts)


@pytest.mark.parametrize("audience", get_args(Audience))
def test_each_typed_word_is_on_the_page_and_each_on_it_is_understood(audience: Audience) -> None:
    tables = {"citizen": commands._CITIZEN, "officer": commands._OFFICER}
    known = {
        word.strip(): name for name, words in tables[audience].items() for word in words.split("|")
    }
    shown = [quoted(first) for first, _ in rows(f"words {audience}")]
    assert {word for words in shown for word in words} - SIGNS == set(known)
    for words in shown:
        understood = {understand(word, audience) for word in words}
        assert len(understood) == 1, words
        assert understood == {known[words[0]]}


def understand(word: str, audience: Audience) -> CommandName | None:
    """Return the command a word is, with a number or a code after it where it needs one."""
    for text in (word, f"{word} 2", f"{word} KH26-7F3K-2M"):
        command = read_command(text, audience, free_text=False)
        if command is not None:
            return command.name
    return None
