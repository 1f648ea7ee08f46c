"""`check --zalo-event FILE`: what a captured event was signed with, and never a secret."""

from hashlib import sha256
from pathlib import Path

import pytest

from bot.__main__ import main

BODY = b'{"event_name":"follow","oa_id":"55","follower":{"id":"66"},"timestamp":"1793584800123"}'
SECRETS = ("the-webhook-secret", "the-app-secret")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the settings of an account."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KHAIHOC_VAR_DIR", f"{tmp_path}/var")
    monkeypatch.setenv("KHAIHOC_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("ZALO_OA_ID", "55")
    monkeypatch.setenv("ZALO_OA_APP_ID", "44")
    monkeypatch.setenv("ZALO_OA_WEBHOOK_SECRET", SECRETS[0])
    monkeypatch.setenv("ZALO_OA_APP_SECRET", SECRETS[1])
    return tmp_path


def write(folder: Path, first: str, secret: str) -> str:
    """Write an event down as signed with an id and a secret; return the file's name."""
    digest = sha256(first.encode() + BODY + b"1793584800123" + secret.encode()).hexdigest()
    file = folder / "event.http"
    file.write_bytes(f"X-ZEvent-Signature: mac={digest}\n\n".encode() + BODY)
    return str(file)


@pytest.mark.parametrize(
    ("first", "secret", "status", "words"),
    [
        ("44", SECRETS[0], 0, "event      OK     the signature is right"),
        ("55", SECRETS[0], 1, "event      NOT OK signed with ZALO_OA_ID first"),
        ("44", SECRETS[1], 1, "put that secret into ZALO_OA_WEBHOOK_SECRET too"),
        ("44", "another", 1, "no id and no secret of the settings"),
    ],
)
def test_a_captured_event_is_explained(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    first: str,
    secret: str,
    status: int,
    words: str,
) -> None:
    assert main(["check", "--zalo-event", write(folder, first, secret)]) == status
    said = capsys.readouterr()
    assert words in said.out
    for unsayable in (*SECRETS, "66"):
        assert unsayable not in said.out + said.err


def test_without_an_account_or_a_file_it_is_refused_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check", "--zalo-event", "nowhere.http"]) == 1
    assert capsys.readouterr().err == "nowhere.http: No such file or directory\n"
    monkeypatch.delenv("ZALO_OA_ID")
    assert main(["check", "--zalo-event", write(folder, "44", "x")]) == 1
    assert capsys.readouterr().err == "ZALO_OA_ID is not set: there is no account to check for\n"
