"""Every conversation reads as it did when somebody last read it aloud."""

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
    citizen_years, officer_desk, officer_deciding,
)  # fmt: skip
WEB = Path(__file__).parent / "web"
EVERY = [(c.name, locale) for c in BOOK.values() for locale in c.locales]


@pytest.mark.parametrize(("name", "locale"), EVERY)
async def test_a_conversation_reads_as_its_golden_transcript(
    name: str, locale: str, tmp_path: Path, template: Template, update_golden: bool
) -> None:
    found = BOOK[name]
    template.put(tmp_path)
    said = await play(found.act, tmp_path, locale, found.title)
    golden = WEB / f"{name}.{locale}.txt"
    if update_golden:
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(said, "utf-8")
    assert golden.exists(), f"{golden.name} is new: run `make golden` and read it"
    assert said == golden.read_text("utf-8")


def test_every_transcript_belongs_to_a_conversation() -> None:
    assert {path.name for path in WEB.iterdir()} == {f"{n}.{locale}.txt" for n, locale in EVERY}


def test_every_question_of_every_flow_is_asked_in_some_transcript() -> None:
    reached = passed("steps")
    wanted = {"citizen": CITIZEN_STEPS, "officer": OFFICER_STEPS}
    missing = {
        flow: sorted({step.tag for step in wanted[flow]} - reached.get(flow, set()))
        for flow in FLOWS
    }
    assert missing == {flow: [] for flow in FLOWS}


def test_every_command_is_typed_in_some_transcript() -> None:
    typed = passed("commands")
    missing = {
        audience: sorted(names_of(audience) - typed.get(audience, set()))
        for audience in ("citizen", "officer")
    }
    assert missing == {"citizen": [], "officer": []}


def passed(what: str) -> dict[str, set[str]]:
    """Return what the heads of all transcripts say was passed through, by flow or audience."""
    found: dict[str, set[str]] = {}
    for path in WEB.iterdir():
        for line in path.read_text("utf-8").splitlines():
            if line.startswith(f"# {what} of the "):
                who, _, names = line.removeprefix(f"# {what} of the ").partition(": ")
                found.setdefault(who, set()).update(names.split())
    return found
