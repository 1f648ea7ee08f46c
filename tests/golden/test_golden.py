"""Every conversation reads as it did when somebody last read it aloud."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from dialogs.commands import names_of
from dialogs.flows import FLOWS
from dialogs.steps import CITIZEN_STEPS
from dialogs.steps.officer import OFFICER_STEPS
from tests.databases import Template
from tests.golden import (
    citizen_after,
    citizen_answering,
    citizen_data,
    citizen_linking,
    citizen_photos,
    citizen_starting,
    citizen_years,
    officer_deciding,
    officer_desk,
)
from tests.golden.script import BOOK
from tests.golden.stage import play

# Importing these fills the book.
CHAPTERS = (
    citizen_starting, citizen_answering, citizen_photos, citizen_after, citizen_data,
    citizen_linking, citizen_years, officer_desk, officer_deciding,
)  # fmt: skip
HERE = Path(__file__).parent
SURFACES = ("web", "zalo_bot", "zalo_oa")
# What people do on one surface only, and why it is not played on the others.
NOT_THERE: Mapping[str, Mapping[str, str]] = {
    "another_phone": {
        "zalo_bot": "the person is known by Zalo; there is no link to carry to another phone",
        "zalo_oa": "the person is known by Zalo; there is no link to carry to another phone",
    },
    "linking": {
        "zalo_bot": "one person has one Zalo; two of one surface are played by unlinking",
        "zalo_oa": "one person has one Zalo; two of one surface are played by unlinking",
    },
    "linking_by_mistake": {
        "zalo_bot": "a long link opens the page; codes are the same on every surface",
        "zalo_oa": "a long link opens the page; codes are the same on every surface",
    },
    "old_buttons": {"zalo_bot": "a bot has no buttons: an old number is a number"},
}
# Zalo is played in Vietnamese; these in English too.
IN_ENGLISH = ("clean_path", "languages", "misunderstandings", "returning", "supplement_photo")
PLAYED = [
    (surface, c.name, locale)
    for surface in SURFACES
    for c in BOOK.values()
    for locale in c.locales
    if surface not in NOT_THERE.get(c.name, {})
    if surface == "web" or locale == "vi" or c.name in IN_ENGLISH
]


def _databases(surface: str, name: str) -> Sequence[str]:
    """Return what a conversation is played on: web on both.

    On Zalo it is played on one by the bot and on the other by the account, in turns: each surface
    and each conversation meets both.
    """
    both = ("sqlite", "postgresql")
    if surface == "web":
        return both
    first = (list(BOOK).index(name) + (surface == "zalo_oa")) % 2
    return both[first : first + 1]


EVERY = [(*played, database) for played in PLAYED for database in _databases(*played[:2])]


@pytest.mark.parametrize(("surface", "name", "locale", "template"), EVERY, indirect=["template"])
async def test_a_conversation_reads_as_its_golden_transcript(
    surface: str, name: str, locale: str, tmp_path: Path, template: Template, update_golden: bool
) -> None:
    found = BOOK[name]
    template.put(tmp_path)
    said = await play(found.act, tmp_path, locale, found.title, surface)
    golden = HERE / surface / f"{name}.{locale}.txt"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(said, "utf-8")
    assert golden.exists(), f"{golden.name} is new: run `make golden` and read it"
    assert said == golden.read_text("utf-8")


@pytest.mark.parametrize("surface", SURFACES)
def test_every_transcript_belongs_to_a_conversation(surface: str) -> None:
    written = {path.name for path in (HERE / surface).iterdir()}
    assert written == {f"{name}.{locale}.txt" for on, name, locale in PLAYED if on == surface}


def test_what_is_not_played_somewhere_is_a_conversation_that_exists() -> None:
    assert NOT_THERE.keys() <= BOOK.keys()
    assert set(IN_ENGLISH) <= {c.name for c in BOOK.values() if "en" in c.locales}


@pytest.mark.parametrize("surface", SURFACES)
def test_every_question_of_every_flow_is_asked_in_some_transcript(surface: str) -> None:
    reached = passed(surface, "steps")
    wanted = {"citizen": CITIZEN_STEPS, "officer": OFFICER_STEPS}
    missing = {
        flow: sorted({step.tag for step in wanted[flow]} - reached.get(flow, set()))
        for flow in FLOWS
    }
    assert missing == {flow: [] for flow in FLOWS}


@pytest.mark.parametrize("surface", SURFACES)
def test_every_command_is_typed_in_some_transcript(surface: str) -> None:
    typed = passed(surface, "commands")
    missing = {
        audience: sorted(names_of(audience) - typed.get(audience, set()))
        for audience in ("citizen", "officer")
    }
    assert missing == {"citizen": [], "officer": []}


def passed(surface: str, what: str) -> dict[str, set[str]]:
    """Return what a surface's transcripts say was passed through, by flow or audience."""
    found: dict[str, set[str]] = {}
    for path in (HERE / surface).iterdir():
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(f"# {what} of the "):
                who, _, names = line.removeprefix(f"# {what} of the ").partition(": ")
                found.setdefault(who, set()).update(names.split())
    return found
