"""`zalo` as an operator types it: tokens come by standard input and are never shown."""

import io
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.fakes.faulty import Faulty, serving
from tests.fakes.listening import Threaded, in_thread
from tests.fakes.zalo_oauth import ZaloOAuth

KEY = "a secret for tests only, long enough"
PAIR = '{"access_token":"access-71","refresh_token":"refresh-71","expires_in":"90000"}'
Said = pytest.CaptureFixture[str]


@pytest.fixture
def zalo() -> ZaloOAuth:
    """Zalo's OAuth."""
    return ZaloOAuth()


@pytest.fixture
def served(zalo: ZaloOAuth) -> Iterator[Threaded[Faulty]]:
    """Its address."""
    with in_thread(serving(zalo)) as found:
        yield found


@pytest.fixture
def account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Threaded[Faulty], zalo: ZaloOAuth
) -> Path:
    """A migrated installation with an Official Account; its database is returned."""
    monkeypatch.chdir(tmp_path)
    values = {
        "VAR_DIR": str(tmp_path / "var"),
        "SECRET_KEY": KEY,
        "PUBLIC_URL": "https://khaihoc.example.vn",
        "ZALO_OA_ID": zalo.oa_id,
        "ZALO_OA_APP_ID": zalo.app_id,
        "ZALO_OA_APP_SECRET": zalo.secret,
        "ZALO_OA_WEBHOOK_SECRET": "webhook-secret",
        "ZALO_OA_OAUTH_URL": served.fake.address,
    }
    for name, value in values.items():
        monkeypatch.setenv(f"KHAIHOC_{name}", value)
    assert main(["migrate"]) == 0
    return tmp_path / "var" / "khaihoc.db"


def typed(monkeypatch: pytest.MonkeyPatch, text: str, *command: str) -> int:
    """Run a command with `text` on its standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    return main(["zalo", *command])


def rows(database: Path) -> list[tuple[object, ...]]:
    """Return version, state and all else that is kept, as text."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute("SELECT version, state FROM zalo_token").fetchall()


def test_a_pair_is_kept_and_its_state_is_told_without_it(
    account: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    capsys.readouterr()
    assert main(["zalo", "status"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "account\t4001",
        "state\tno tokens: `zalo link` or `zalo seed`",
    ]
    assert typed(monkeypatch, PAIR, "seed") == 0
    assert typed(monkeypatch, "access-72\nrefresh-72\n", "seed") == 0
    assert rows(account) == [(2, "ok")]
    assert main(["zalo", "status"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0].startswith("kept for account 4001, version 1, the first; ")
    assert lines[1].startswith("kept for account 4001, version 2, instead of a pair that was ok; ")
    assert [line.split("\t")[0] for line in lines[2:]] == [
        "account", "state", "version", "renewed", "access ends",
    ]  # fmt: skip
    told = said.out + said.err + account.read_bytes().decode("latin-1")
    assert [t for t in ("access-7", "refresh-7") if t in told] == []


@pytest.mark.parametrize(
    "text",
    ["", "access-1", "a b\nc", "{", '{"access_token":"access-1"}', '{"error":-14020}', "a\na"],
)
def test_what_is_no_pair_is_refused_in_one_line_that_does_not_quote_it(
    account: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said, text: str
) -> None:
    capsys.readouterr()
    assert typed(monkeypatch, text, "seed") == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert said.err.startswith("no pair of tokens on standard input: ")
    assert "access-1" not in said.err
    assert rows(account) == []


def test_consent_is_given_by_link_and_code(
    account: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said, zalo: ZaloOAuth
) -> None:
    capsys.readouterr()
    assert main(["zalo", "link"]) == 0
    first = capsys.readouterr()
    assert main(["zalo", "link"]) == 0
    assert capsys.readouterr() == first, "Zalo's console knows one challenge"
    back = zalo.code(first.out.strip())
    assert back.startswith("https://khaihoc.example.vn/?code=")
    assert typed(monkeypatch, f"{back}\n", "code") == 0
    assert rows(account) == [(1, "ok")]
    capsys.readouterr()
    assert typed(monkeypatch, back, "code") == 1
    assert capsys.readouterr().err == (
        "Zalo refused the code (-14010): open the link of `zalo link` again\n"
    )
    alone = zalo.code(first.out.strip()).partition("code=")[2].partition("&")[0]
    assert typed(monkeypatch, alone, "code") == 0
    assert rows(account) == [(2, "ok")]
    assert zalo.leaks == []


def test_an_answer_to_another_link_or_of_another_account_is_refused(
    account: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said, zalo: ZaloOAuth
) -> None:
    capsys.readouterr()
    assert main(["zalo", "link", "--redirect", "https://elsewhere.example.vn/z"]) == 0
    back = zalo.code(capsys.readouterr().out.strip())
    assert back.startswith("https://elsewhere.example.vn/z?code=")
    spoilt = {
        back.replace("state=", "state=0"): "this address is not an answer to a link",
        back.replace("oa_id=4001", "oa_id=4002"): "consent was given for another account",
        back.replace("code=", "cod="): "no code on standard input",
        "": "no code on standard input",
    }
    for address, words in spoilt.items():
        assert typed(monkeypatch, address, "code") == 1
        assert capsys.readouterr().err.startswith(words)
    assert rows(account) == []


def test_without_an_account_there_is_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(tmp_path / "var"))
    assert main(["migrate"]) == 0
    capsys.readouterr()
    for command in ("status", "seed", "link", "code"):
        assert typed(monkeypatch, PAIR, command) == 1
        assert capsys.readouterr().err == "ZALO_OA_ID is empty: the Official Account is off\n"


@pytest.mark.parametrize("other", [False, True])
def test_a_backup_brings_the_tokens_back_under_their_own_key_only(
    account: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said, other: bool
) -> None:
    file = account.parent.parent / "cut.tar"
    assert typed(monkeypatch, PAIR, "seed") == 0
    assert main(["backup", str(file)]) == 0
    assert b"access-71" not in file.read_bytes()
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(account.parent.parent / "two"))
    if other:
        monkeypatch.setenv("KHAIHOC_SECRET_KEY", KEY[::-1])
    capsys.readouterr()
    assert main(["restore", str(file), *(["--other-key"] if other else [])]) == 0
    said = capsys.readouterr().out
    assert ("without the Zalo account's tokens" in said) is other
    assert main(["zalo", "status"]) == 0
    state = capsys.readouterr().out.splitlines()[1]
    assert state == ("state\tno tokens: `zalo link` or `zalo seed`" if other else "state\tok")
