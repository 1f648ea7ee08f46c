"""Every key that the code uses has its words in every language, with the places it fills."""

import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from locales.extract import uses
from tests.guards.tree import ROOT, modules, parse, shown

LOCALES = ROOT / "locales"
LANGUAGES = sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/messages.po"))


def catalogue(path: Path) -> Catalog:
    """Return a catalogue read from disk."""
    with path.open("rb") as file:
        return read_po(file)


def words(language: str) -> dict[str, list[str]]:
    """Return key to texts (one, or the plural forms) of one language."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    return {key(message): forms(message) for message in catalogue(path) if message.id}


def key(message: Message) -> str:
    """Return the key of a message, plural or not."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> list[str]:
    """Return the texts of a message as a list."""
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def places(texts: Iterable[str]) -> set[str]:
    """Return the names of the `{name}` places in some texts."""
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}


def test_vietnamese_and_english_are_there() -> None:
    assert {"vi", "en"} <= set(LANGUAGES)


def test_extracting_again_changes_nothing(tmp_path: Path) -> None:
    fresh = tmp_path / "messages.pot"
    options = ["-F", "pyproject.toml", "--no-location", "--sort-output", "--omit-header"]
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "extract", *options, "-o", fresh, "."],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    assert fresh.read_text("utf-8") == (LOCALES / "messages.pot").read_text("utf-8"), (
        "the code's keys changed: run `make translations` and fill in the words"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_key_has_words(language: str) -> None:
    wanted = {key(message) for message in catalogue(LOCALES / "messages.pot") if message.id}
    present = words(language)
    empty = sorted(name for name in wanted if not all(present.get(name, [""])))
    assert (empty, sorted(set(present) - wanted)) == ([], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_words_wait_for_a_second_look(language: str) -> None:
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    assert [key(message) for message in catalogue(path) if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_fills_the_same_places_as_vietnamese(language: str) -> None:
    vietnamese = {name: places(texts) for name, texts in words("vi").items()}
    different = {
        name: (sorted(places(texts)), sorted(vietnamese.get(name, set())))
        for name, texts in words(language).items()
        if places(texts) != vietnamese.get(name, set())
    }
    assert different == {}


def test_each_place_is_given_a_value_where_the_key_is_used() -> None:
    """A `Msg` without values in handlers is a word handed on, to a page that fills it."""
    wanted = {name: places(texts) for name, texts in words("vi").items()}
    missing = {
        f"{shown(path)}:{use.line} {use.key}": sorted(unfilled)
        for path in modules()
        for use in uses(parse(path))
        if (use.values or (use.values is not None and "handlers" not in path.parts))
        and (
            unfilled := wanted.get(use.key, set())
            - use.values
            - ({"count"} if use.plural else set())
        )
    }
    assert missing == {}


def test_no_two_keys_differ_only_in_case() -> None:
    folded = Counter(name.casefold() for name in words("vi"))
    assert [name for name, count in folded.items() if count > 1] == []
