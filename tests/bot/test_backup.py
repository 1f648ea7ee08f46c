"""`backup` and `restore` as an operator types them: done, or one line that says why not."""

import asyncio
from pathlib import Path

import pytest

from bot.__main__ import main
from storage.backup.schema import list_filled
from storage.migrate import migrate
from storage.snapshots import snapshot

KEY = "a secret for tests only, long enough"


@pytest.fixture
def commune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with a village; the folder of its backups is returned."""
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, tmp_path / "one")
    asyncio.run(migrate(f"sqlite+aiosqlite:///{tmp_path}/one/khaihoc.db"))
    assert main(["village", "add", "20242", "tổ 12"]) == 0
    return tmp_path


def use(monkeypatch: pytest.MonkeyPatch, folder: Path, key: str = KEY) -> None:
    """Let commands speak of the installation in `folder`."""
    monkeypatch.setenv("KHAIHOC_VAR_DIR", str(folder))
    monkeypatch.setenv("KHAIHOC_SECRET_KEY", key)


def test_everything_goes_out_and_comes_back(
    commune: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = commune / "cut.tar"
    capsys.readouterr()
    assert main(["backup", str(file)]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].endswith(f", 0 photos, {file.stat().st_size} bytes, read back and proven")
    assert said[1] == "it holds no key: keep SECRET_KEY apart from it"
    assert main(["backup", str(file)]) == 1
    assert capsys.readouterr().err == f"{file} is there already: name another one\n"

    use(monkeypatch, commune / "two")
    assert main(["restore", str(file)]) == 0
    assert main(["village", "list", "20242"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "20242-012\tresidential_group\ttổ 12"
    assert main(["restore", str(file)]) == 1
    assert capsys.readouterr().err.startswith("the database is not empty (village): ")


def test_a_backup_of_another_key_wants_a_word(
    commune: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = commune / "cut.tar"
    main(["backup", str(file)])
    use(monkeypatch, commune / "two", KEY[::-1])
    capsys.readouterr()
    assert main(["restore", str(file)]) == 1
    assert capsys.readouterr().err.startswith("it was made with another SECRET_KEY: ")
    assert main(["restore", str(file), "--other-key"]) == 0


def test_what_is_no_backup_is_one_line_and_nothing_is_touched(
    commune: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = commune / "cut.tar"
    main(["backup", str(file)])
    file.write_bytes(file.read_bytes()[:-1])
    use(monkeypatch, commune / "two")
    capsys.readouterr()
    for name in (file, commune / "missing.tar"):
        assert main(["restore", str(name)]) == 1
        assert capsys.readouterr().err.count("\n") == 1

    async def filled() -> list[str]:
        async with snapshot(f"sqlite+aiosqlite:///{commune}/two/khaihoc.db") as connection:
            return await connection.run_sync(list_filled)

    assert asyncio.run(filled()) == []


def test_without_a_schema_there_is_nothing_to_back_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, tmp_path)
    assert main(["backup", str(tmp_path / "cut.tar")]) == 1
    assert capsys.readouterr().err == (
        "the database has no schema yet: there is nothing to back up\n"
    )
    assert not (tmp_path / "cut.tar").exists()
