"""The command line of operators and scripts: 0 done, 1 refused in one line, 2 wrong usage."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image
from sqlalchemy import text

from bot.__main__ import main
from dialogs.model import CommuneInfo, Officer
from storage import officers, places
from storage.database import Connection, Database
from storage.migrate import get_head, migrate
from storage.models import STATUSES
from storage.officers import hash_token
from storage.seams import Seams, to_ms

ROOT = Path(__file__).resolve().parents[2]
BASE = "http://127.0.0.1:8080"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind: exit status, lines on stdout, text on stderr."""

    status: int
    lines: list[str]
    error: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands in this process, in a folder of their own."""

    folder: Path
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> Said:
        """Run one command."""
        self.capture.readouterr()
        status = main(arguments)
        said = self.capture.readouterr()
        return Said(status, said.out.splitlines(), said.err)

    def read(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Return what `work` reads from the database."""

        async def reading() -> T:
            database = Database(f"sqlite+aiosqlite:///{self.folder}/khaihoc.db", Seams())
            async with database.reading() as connection:
                found = await work(connection)
            await database.stop()
            return found

        return asyncio.run(reading())


@pytest.fixture
def bare(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """A shell in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(tmp_path))
    return Shell(tmp_path, capsys)


@pytest.fixture
def shell(bare: Shell) -> Shell:
    """A shell beside a migrated database with tổ 12 of phường Hải Châu."""
    asyncio.run(migrate(f"sqlite+aiosqlite:///{bare.folder}/khaihoc.db"))
    assert bare.run("village", "add", "20242", "tổ 12").status == 0
    return bare


def refused(said: Said) -> str:
    """Return the one line of a refusal."""
    assert (said.status, said.lines) == (1, [])
    assert said.error.count("\n") == 1
    return said.error.strip()


def test_the_program_runs_as_a_module_and_help_is_quick() -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0
    assert "officer" in run.stdout
    loaded = {line.rpartition("|")[2].strip() for line in run.stderr.splitlines()}
    assert loaded & {"sqlalchemy", "fastapi", "pydantic", "babel", "PIL", "alembic"} == set()


def test_a_refusal_of_the_program_is_one_line_and_status_1(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "bot", "run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"KHAIHOC_VAR_DIR": str(tmp_path), "TELEGRAM_TOKEN": "1:x"},
    )
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        "TELEGRAM_TOKEN is set, but this version does not serve Telegram yet: remove it\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["officer", "invite", "--name", "A"],
        ["officer", "invite", "--name", "A", "--place", "20242", "--role", "boss"],
        ["officer", "revoke", "me"],
        ["run", "--roles", "web,sing"],
        ["run", "--port", "0"],
        ["qr", "20242", "--out", "sign.gif"],
        ["commune", "set", "20242", "--answer-by", "mai"],
        ["village", "add", "20242", "Đồng", "--kind", "city"],
    ],
)
def test_wrong_usage_is_status_2(shell: Shell, arguments: list[str]) -> None:
    said = shell.run(*arguments)
    assert (said.status, said.lines) == (2, [])
    assert said.error


@pytest.mark.parametrize(
    "arguments",
    [["officer", "list"], ["run"], ["seed"], ["token", "list"], ["village", "list", "20242"]],
)
def test_without_a_schema_every_command_says_what_to_do(bare: Shell, arguments: list[str]) -> None:
    words = "the database has no schema of this version yet: run `make migrate`"
    assert refused(bare.run(*arguments)) == words


def test_migrating_says_from_where_to_where_and_may_be_repeated(bare: Shell) -> None:
    assert bare.run("migrate") == Said(0, [f"schema none -> {get_head()}"], "")
    assert bare.run("migrate") == Said(0, [f"schema is up to date ({get_head()})"], "")


def test_a_malformed_setting_is_one_line(bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KHAIHOC_PORT", "many")
    assert refused(bare.run("migrate")).startswith("PORT: ")


def test_a_database_that_cannot_be_opened_is_one_line(bare: Shell) -> None:
    (bare.folder / "khaihoc.db").mkdir()
    assert [line.split()[:3] for line in bare.run("check").lines][1] == ["database", "NOT", "OK"]
    assert refused(bare.run("migrate")).startswith("the database cannot be used: ")
    assert refused(bare.run("officer", "list")).startswith("the database cannot be used: ")


def test_an_invitation_is_a_link_and_a_code_used_once_within_15_minutes(shell: Shell) -> None:
    invite = ("officer", "invite", "--name", " Cán bộ  mẫu ", "--place", "20242")
    said = shell.run(*invite, "--role", "commune_officer")
    assert (said.status, said.error, len(said.lines)) == (0, "", 3)
    code = said.lines[2].removeprefix("code: ")
    assert re.fullmatch(r"[0-9a-f]{64}", code)
    assert said.lines[:2] == [
        "officer 1: Cán bộ mẫu, commune_officer, Hải Châu (ward), Đà Nẵng",
        f"link (15 minutes, once): {BASE}/officer/{code}",
    ]
    now_ms = to_ms(Seams().now())
    link = shell.read(lambda c: officers.get_link(c, code, now_ms=now_ms))
    late = shell.read(lambda c: officers.get_link(c, code, now_ms=now_ms + 900_000))
    assert link is not None
    assert late is not None
    assert (link.officer, link.usable, late.usable) == (
        Officer(1, "Cán bộ mẫu", "commune_officer", "20242"), True, False,
    )  # fmt: skip


def test_of_a_token_only_the_hash_is_kept(shell: Shell) -> None:
    said = shell.run("token", "add", "--name", "App", "--place", "20242", "--role", "operator")
    (token,) = said.lines
    kept = b"".join(path.read_bytes() for path in shell.folder.iterdir() if path.is_file())
    assert said.error == "id 1: App, operator, Hải Châu (ward), Đà Nẵng\n"
    assert token.encode() not in kept
    assert hash_token(token).encode() in kept


@pytest.mark.parametrize(
    ("place", "role", "words"),
    [
        ("20242", "village_reviewer", "village_reviewer is given over a village"),
        ("20242-012", "commune_officer", "commune_officer is given over a commune"),
        ("48", "commune_leader", "commune_leader is given over a commune"),
        ("20242", "province_viewer", "province_viewer is given over a province"),
        ("99", "province_viewer", "no province has the code 99"),
        ("99999", "commune_officer", "no commune has the code 99999"),
        ("20242-777", "village_reviewer", "has no village 20242-777"),
        ("Hải Châu", "commune_officer", "is no place code"),
    ],
)
def test_a_role_is_given_only_over_a_place_it_fits_and_that_exists(
    shell: Shell, place: str, role: str, words: str
) -> None:
    said = shell.run("officer", "invite", "--name", "A", "--place", place, "--role", role)
    assert words in refused(said)
    assert shell.run("officer", "list").lines == []


@pytest.mark.parametrize("name", ["", " \u200b ", "A" * 81])
def test_an_officer_has_a_name_of_80_characters_at_most(shell: Shell, name: str) -> None:
    said = shell.run("token", "add", "--name", name, "--place", "48", "--role", "province_viewer")
    assert refused(said).startswith("--name is ")


def test_officers_are_listed_and_revoked_at_once_each_on_record(shell: Shell) -> None:
    shell.run("officer", "invite", "--name", "A", "--place", "20242", "--role", "commune_leader")
    (token,) = shell.run(
        "token", "add", "--name", "B", "--place", "48", "--role", "province_viewer"
    ).lines
    assert shell.run("officer", "revoke", "1").lines == ["officer 1 has no rights any more"]
    assert shell.run("token", "revoke", "2").lines == ["token 2 has no rights any more"]
    assert refused(shell.run("officer", "revoke", "1")) == "nobody with id 1 has any rights"
    assert shell.run("officer", "list").lines == [
        "1\tcommune_leader\t20242\trevoked\tA", "2\tprovince_viewer\t48\trevoked\tB",
    ]  # fmt: skip
    assert shell.run("token", "list").lines == ["2\tprovince_viewer\t48\trevoked\tB"]
    now_ms = to_ms(Seams().now())
    assert shell.read(lambda c: officers.get_by_token(c, token, now_ms=now_ms)) is None
    journal = shell.read(journal_lines)
    assert journal == [
        ("officer_invite", "command", {"officer": 1, "role": "commune_leader", "place": "20242"}),
        ("token_add", "command", {"officer": 2, "role": "province_viewer", "place": "48"}),
        ("officer_revoke", "command", {"officer": 1}),
        ("token_revoke", "command", {"officer": 2}),
    ]


async def journal_lines(connection: Connection) -> list[tuple[str, str, object]]:
    """Return every line of the journal: action, way, details."""
    rows = await connection.exec_driver_sql("SELECT action, via, details FROM audit ORDER BY id")
    return [(row.action, row.via, json.loads(row.details)) for row in rows]


def test_villages_get_codes_by_their_numbers_and_are_entered_once(shell: Shell) -> None:
    added = shell.run("village", "add", "20242", "Tổ 3", "tổ 12", "xóm Đình", "thôn 3")
    assert added == Said(
        0,
        [
            "20242-003\tresidential_group\tTổ 3",
            "20242-001\txom\txóm Đình",
            "20242-002\tvillage\tthôn 3",
        ],
        "",
    )
    assert shell.run("village", "list", "20242").lines == [
        "20242-001\txom\txóm Đình",
        "20242-002\tvillage\tthôn 3",
        "20242-003\tresidential_group\tTổ 3",
        "20242-012\tresidential_group\ttổ 12",
    ]


def test_a_commune_says_about_itself_what_was_set_and_keeps_the_rest(shell: Shell) -> None:
    shell.run("commune", "set", "20242", "--contact-name", "cô Mẫu", "--answer-by", "30/11/2026")
    said = shell.run("commune", "set", "20242", "--contact-phone", "0000 000 000")
    info = shell.read(lambda c: places.get_info(c, "20242"))
    assert said.lines[0] == "code\t20242"
    assert "answer_by\t2026-11-30" in said.lines
    assert (info.contact_name, info.contact_phone) == ("cô Mẫu", "0000 000 000")


def test_a_difficult_area_needs_its_source(shell: Shell) -> None:
    said = shell.run("commune", "set", "20242", "--difficult")
    assert refused(said) == "commune 20242: difficult needs difficult_source"
    assert shell.read(lambda c: places.get_info(c, "20242")) == CommuneInfo("20242")


def test_a_qr_code_leads_to_the_place(shell: Shell) -> None:
    drawn = shell.folder / "sign.png"
    assert shell.run("qr", "20242-012", "--out", str(drawn)).lines == [f"{BASE}/go/20242-012"]
    with Image.open(drawn) as sign:
        assert sign.size[0] == sign.size[1] >= 300
    shown = shell.run("qr", "20242")
    assert (shown.status, shown.lines[-1]) == (0, f"{BASE}/go/20242")
    assert len(shown.lines) > 10


@pytest.mark.parametrize("code", ["48", "20242-777", "99999", "x"])
def test_there_is_no_qr_code_of_a_place_that_is_none(shell: Shell, code: str) -> None:
    assert code in refused(shell.run("qr", code))


def test_the_doctor_finds_a_sound_installation_sound(shell: Shell) -> None:
    said = shell.run("check")
    assert (said.status, said.error) == (0, "")
    assert [line.split()[:2] for line in said.lines] == [
        [part, "OK"]
        for part in (
            "settings", "database", "clock", "criteria", "disk", "photos", "catalogues", "channels",
        )
    ]  # fmt: skip


def test_the_doctor_names_what_is_ill_and_what_to_do(bare: Shell) -> None:
    (bare.folder / "photos").write_text("in the way")
    said = bare.run("check")
    ill = {line.split()[0]: line for line in said.lines if "NOT OK" in line}
    assert (said.status, sorted(ill)) == (1, ["database", "photos"])
    assert "run `make migrate`" in ill["database"]
    assert "look at PHOTO_STORE" in ill["photos"]


def test_the_doctor_of_refused_settings_says_only_that(
    bare: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KHAIHOC_TIMEZONE", "Moon/Sea")
    said = bare.run("check")
    assert said.lines == [
        "settings   NOT OK TIMEZONE: must be a time zone such as Asia/Ho_Chi_Minh"
    ]
    assert said.status == 1


def test_the_doctor_sees_a_clock_that_runs_behind_the_data(shell: Shell) -> None:
    async def write_ahead(database: Database) -> None:
        await database.start()
        ahead = to_ms(Seams().now()) + 3_600_000
        row = "INSERT INTO audit (at_ms, action, via, seq, digest) "
        row += f"VALUES ({ahead}, 'x', 'command', 1, '')"
        await database.write(lambda c: c.execute(text(row)))
        await database.stop()

    url = f"sqlite+aiosqlite:///{shell.folder}/khaihoc.db"
    asyncio.run(write_ahead(Database(url, Seams())))
    ill = [line for line in shell.run("check").lines if "NOT OK" in line]
    assert [line.split()[0] for line in ill] == ["clock"]


def test_criteria_are_listed_or_each_problem_is_named_by_file_and_key(bare: Shell) -> None:
    assert bare.run("criteria", "check").status == 0
    (bare.folder / "a.toml").write_text('title = "citizen"\n')
    said = bare.run("criteria", "check", str(bare.folder))
    assert (said.status, said.lines) == (1, [])
    assert len(said.error.splitlines()) > 5
    assert all(line.startswith("a.toml: ") for line in said.error.splitlines())


def test_the_api_describes_itself_without_a_database(bare: Shell) -> None:
    said = bare.run("openapi")
    described = json.loads("\n".join(said.lines))
    assert (said.status, described["openapi"][:3]) == (0, "3.1")
    assert "/api/v1/declarations/{id}/approve" in described["paths"]
    assert set(STATUSES) - {"draft", "withdrawn"} <= set(re.findall(r"\w+", "\n".join(said.lines)))
    assert not list(bare.folder.iterdir())
