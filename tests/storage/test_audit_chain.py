"""The journal: each line is chained to the one before, and whoever tampers with it is named."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from bot.__main__ import main
from storage.audit import FORGOTTEN, Line, add, add_all, list_entries
from storage.audit_chain import (
    AnchorDamaged,
    Finding,
    Proof,
    list_heads,
    read_anchor,
    render_anchor,
    verify,
)
from storage.audit_digest import CHAINED, FIRST, digest_of
from storage.backup.schema import unguarded
from storage.database import Database
from storage.migrate import get_head
from storage.seams import Seams
from storage.snapshots import alone, snapshot
from tests.storage.old_data import fill

PLACE = "20242"
LAST = 8
MINE = f"WHERE place = '{PLACE}'"
ALTERED = "altered: it is not what was written, or does not follow from the line before it"
Tamper = Callable[[Connection], None]


@pytest.fixture
async def journal(url: str) -> str:
    """A database whose chain of 20242 has 8 lines, and that of the installation one."""
    async with alone(url) as connection:
        await connection.run_sync(fill, get_head())
    return url


async def proof(url: str, **options: object) -> Proof:
    """Return what verifying finds."""
    async with snapshot(url) as connection:
        return await verify(connection, **options)  # type: ignore[arg-type]


def run(*statements: str) -> Tamper:
    """Return what runs SQL as somebody does who has dropped the triggers first."""

    def tamper(connection: Connection) -> None:
        with unguarded(connection):
            for statement in statements:
                connection.execute(text(statement))

    return tamper


def rewritten(connection: Connection) -> None:
    """Change the third line and make everything behind it fit again, the head too."""
    columns = ", ".join(CHAINED)
    with unguarded(connection):
        connection.execute(text(f"UPDATE audit SET officer_id = 9 {MINE} AND seq = 3"))
        before = FIRST
        for row in connection.execute(
            text(f"SELECT {columns} FROM audit {MINE} ORDER BY seq")
        ).all():
            before = digest_of(before, tuple(row))
            fits = text("UPDATE audit SET digest = :d WHERE place = :p AND seq = :s")
            connection.execute(fits, {"d": before, "p": PLACE, "s": row.seq})
        head = text("UPDATE audit_head SET digest = :d WHERE place = :p")
        connection.execute(head, {"d": before, "p": PLACE})


NEW = "INSERT INTO audit (at_ms, action, via, details, place, seq, digest) VALUES"
SHORTENED = (
    f"DELETE FROM audit {MINE} AND seq = 8",
    f"UPDATE audit_head SET seq = 7, digest = (SELECT digest FROM audit {MINE} AND seq = 7) {MINE}",
)
TAMPERED: dict[str, tuple[Tamper, Finding]] = {
    "altered": (
        run(f"UPDATE audit SET target = 'rejected' {MINE} AND seq = 4"),
        Finding(PLACE, 4, ALTERED),
    ),
    "altered details of the last line": (
        run(f"UPDATE audit SET details = '{{}}' {MINE} AND seq = 8"),
        Finding(PLACE, 8, ALTERED),
    ),
    "altered, and its own digest with it": (
        run(f"UPDATE audit SET digest = '{'0' * 64}' {MINE} AND seq = 4"),
        Finding(PLACE, 4, ALTERED),
    ),
    "missing": (
        run(f"DELETE FROM audit {MINE} AND seq = 3"),
        Finding(PLACE, 4, "missing: line 3 before it is gone"),
    ),
    "missing at the beginning": (
        run(f"DELETE FROM audit {MINE} AND seq < 3"),
        Finding(PLACE, 3, "missing: line 1 to 2 before it is gone"),
    ),
    "missing, and the others moved up": (
        run(
            f"DELETE FROM audit {MINE} AND seq = 3",
            f"UPDATE audit SET seq = seq + 1000 {MINE} AND seq > 3",
            f"UPDATE audit SET seq = seq - 1001 {MINE} AND seq > 1000",
        ),
        Finding(PLACE, 3, ALTERED),
    ),
    "inserted": (
        run(
            f"UPDATE audit SET seq = seq + 1000 {MINE} AND seq > 2",
            f"UPDATE audit SET seq = seq - 999 {MINE} AND seq > 1000",
            f"{NEW} (1, 'approve', 'api', '{{}}', '{PLACE}', 3, '{'1' * 64}')",
        ),
        Finding(PLACE, 3, "inserted: the next line follows the one before it"),
    ),
    "inserted at the end": (
        run(f"{NEW} (1, 'approve', 'api', '{{}}', '{PLACE}', 9, '{'1' * 64}')"),
        Finding(PLACE, 9, ALTERED),
    ),
    "a chain of its own": (
        run(f"{NEW} (1, 'approve', 'api', '{{}}', '00001', 1, '{'1' * 64}')"),
        Finding("00001", 1, ALTERED),
    ),
    "reordered": (
        run(
            f"UPDATE audit SET seq = 1000 {MINE} AND seq = 4",
            f"UPDATE audit SET seq = 4 {MINE} AND seq = 5",
            f"UPDATE audit SET seq = 5 {MINE} AND seq = 1000",
        ),
        Finding(PLACE, 4, "reordered: the next line was written before it"),
    ),
    "shortened": (
        run(f"DELETE FROM audit {MINE} AND seq > 6"),
        Finding(PLACE, 7, "shortened: line 7 to 8 at the end is gone"),
    ),
    "emptied": (
        run("DELETE FROM audit WHERE place = ''"),
        Finding("", 1, "shortened: line 1 at the end is gone"),
    ),
    "a head that knows less": (
        run(f"UPDATE audit_head SET seq = 7 {MINE}"),
        Finding(PLACE, 8, "inserted: the chain ended with line 7"),
    ),
    "a head that knows another line": (
        run(f"UPDATE audit_head SET digest = '{'0' * 64}' {MINE}"),
        Finding(PLACE, 8, "altered: the head knows another last line"),
    ),
}


async def test_what_was_written_is_as_it_was_written(journal: str) -> None:
    assert await proof(journal) == Proof(chains=2, lines=9, files=4, findings=[])
    assert await proof(journal, place=PLACE) == Proof(chains=1, lines=8, files=4, findings=[])


@pytest.mark.parametrize("name", TAMPERED)
async def test_whoever_tampers_is_named_by_the_first_line(name: str, journal: str) -> None:
    tamper, finding = TAMPERED[name]
    async with alone(journal) as connection:
        await connection.run_sync(tamper)
    assert finding in (await proof(journal)).findings


@pytest.mark.parametrize(
    ("tamper", "finding"),
    [
        (run(*SHORTENED), Finding(PLACE, 8, "shortened: line 8 at the end is gone")),
        (
            rewritten,
            Finding(PLACE, 8, "rewritten: the chain up to here is not the one that was anchored"),
        ),
    ],
)
async def test_what_fits_itself_is_found_by_the_anchor_alone(
    journal: str, tamper: Tamper, finding: Finding
) -> None:
    async with snapshot(journal) as connection:
        anchor = read_anchor(render_anchor(await list_heads(connection)))
    async with alone(journal) as connection:
        await connection.run_sync(tamper)
    chains = [f for f in (await proof(journal)).findings if not f.words.startswith("file ")]
    assert chains == []
    assert finding in (await proof(journal, anchor=anchor)).findings


async def test_an_anchor_holds_while_the_journal_grows(journal: str) -> None:
    async with snapshot(journal) as connection:
        anchor = read_anchor(render_anchor(await list_heads(connection)))
    async with alone(journal) as connection:
        await add_all(connection, [Line("x", 1, PLACE), Line("y", 2, "79"), Line("z", 3)])
    found = await proof(journal, anchor=anchor)
    assert (found.findings, found.chains, found.lines) == ([], 3, 12)


@pytest.mark.parametrize("change", [("20242", "20243"), ("\t8\t", "\t7\t"), ("all\t2", "all\t1")])
async def test_a_changed_anchor_is_refused(journal: str, change: tuple[str, str]) -> None:
    async with snapshot(journal) as connection:
        anchor = render_anchor(await list_heads(connection))
    with pytest.raises(AnchorDamaged):
        read_anchor(anchor.replace(*change))


FILES = {
    "approved without a line": (
        "UPDATE declaration SET status = 'approved', decision_officer = 1 WHERE id = 2",
        "file file000000000000000002: it is approved, the journal's last line says submitted",
    ),
    "no line at all": (
        "UPDATE audit SET declaration_id = NULL WHERE declaration_id = 4",
        "file file000000000000000004: it is rejected, and no line of the journal says so",
    ),
    "another version": (
        "UPDATE declaration SET version = 9 WHERE id = 2",
        "file file000000000000000002: it is at version 9, the journal leads to version 2",
    ),
    "another officer": (
        "UPDATE declaration SET decision_officer = NULL WHERE id = 4",
        "file file000000000000000004: it was rejected by another officer than the journal says",
    ),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_stands_otherwise_than_the_journal_says_is_named(
    name: str, journal: str
) -> None:
    change, words = FILES[name]
    async with alone(journal) as connection:
        await connection.run_sync(run(change))
    assert words in [finding.words for finding in (await proof(journal)).findings]


async def test_a_number_given_again_does_not_bring_back_an_erased_files_journal(url: str) -> None:
    async with alone(url) as connection:
        await connection.run_sync(fill, get_head())
        await add(connection, "forget_erased", at_ms=2, declaration=2, target=FORGOTTEN)
        await add(connection, "submit", at_ms=3, declaration=2, target="submitted")
        entries = await list_entries(connection, declaration=2)
    assert [(entry.action, entry.target) for entry in entries] == [("submit", "submitted")]


async def test_many_writers_of_the_same_places_leave_whole_chains(journal: str) -> None:
    database = Database(journal, Seams())
    await database.start()
    places = ("A", "B", PLACE)

    async def write(turn: int) -> None:
        mine = places if turn % 2 else places[::-1]
        lines = [Line("x", turn, place) for place in mine]
        await database.write(lambda c: add_all(c, lines))

    await asyncio.gather(*(write(turn) for turn in range(60)))
    await database.stop()
    found = await proof(journal)
    assert (found.findings, found.lines) == ([], 9 + 180)
    async with snapshot(journal) as connection:
        heads = {head.place: head.seq for head in await list_heads(connection)}
    assert heads == {"": 1, PLACE: LAST + 60, "A": 60, "B": 60}


def test_the_form_of_the_digest_never_changes() -> None:
    line = (PLACE, 1, 5, "submit", 7, None, "chat", "draft", "submitted", '{"version":1}')
    assert digest_of(FIRST, line) == (
        "f608fda430e46b1dd0fbb00eb346414371d005517f7c52967e213f07e140122f"
    )
    assert digest_of("ab" * 32, line) == (
        "2c66e4e4a766339c2f81b1ace663f8e4200680326f7d3c1ea3f6ad4feb3a0687"
    )


def test_the_commands_say_what_was_proven_and_what_was_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/khaihoc.db"

    async def prepare(work: Callable[[Connection], None]) -> None:
        async with alone(url) as connection:
            await connection.run_sync(work)

    asyncio.run(prepare(lambda c: fill(c, get_head())))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(tmp_path))
    assert main(["audit", "heads"]) == 0
    anchor = tmp_path / "anchor"
    anchor.write_text(capsys.readouterr().out)
    assert main(["audit", "verify", "--anchor", str(anchor)]) == 0
    assert capsys.readouterr().out == "2 chains, 9 lines, 4 files: as they were written\n"
    asyncio.run(prepare(run(f"DELETE FROM audit {MINE} AND seq = 3")))
    assert main(["audit", "verify", "--place", PLACE]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "20242\t4\tmissing: line 3 before it is gone"
    assert said.err == "1 wrong in 1 chains, 4 lines, 4 files\n"
    anchor.write_text("20242\tx\n")
    assert main(["audit", "verify", "--anchor", str(anchor)]) == 1
    assert capsys.readouterr().err.startswith(f"{anchor}: ")
