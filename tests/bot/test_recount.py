"""`recount`: says what differs, sets it when told, and ends with the right status."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.__main__ import main
from storage.database import Database
from storage.migrate import migrate
from storage.seams import Seams

WRONG = (
    "INSERT INTO place_sum VALUES "
    "('20242', 2026, '20242-012', 'citizen', FALSE, 0, 0, 2, 0, 1, 0, 0)"
)


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a migrated database that the commands work on."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(tmp_path))
    address = f"sqlite+aiosqlite:///{tmp_path}/khaihoc.db"
    asyncio.run(migrate(address))
    return address


def spoil(url: str) -> None:
    """Keep a sum of files that are not there."""

    async def work() -> None:
        database = Database(url, Seams())
        await database.start()
        await database.write(lambda connection: connection.execute(text(WRONG)))
        await database.stop()

    asyncio.run(work())


def test_a_recount_of_right_sums_is_one_line_and_status_0(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["recount"]) == 0
    assert main(["recount", "--repair"]) == 0
    assert capsys.readouterr() == ("0 sums, 0 different\n" * 2, "")


def test_wrong_sums_are_named_then_repaired(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(url)
    lines = (
        "20242-012\t20242\t2026\tcitizen\treal\tsubmitted\t2\t0\n"
        "20242-012\t20242\t2026\tcitizen\treal\tapproved\t1\t0\n"
    )
    assert main(["recount"]) == 1
    assert capsys.readouterr() == (lines, "1 sums, 1 different\n")
    assert main(["recount", "--repair"]) == 0
    assert capsys.readouterr() == (lines, "1 sums, 1 repaired\n")
    assert main(["recount"]) == 0
    assert capsys.readouterr() == ("1 sums, 0 different\n", "")


def test_the_demo_is_counted_as_it_is_written(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["seed"]) == 0
    capsys.readouterr()
    assert main(["recount"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert int(said.out.partition(" ")[0]) > 1
    assert said.out.endswith(" sums, 0 different\n")
