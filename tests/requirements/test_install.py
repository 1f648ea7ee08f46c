"""The launcher: what it says to a stranger, and that it installs each lock once."""

import subprocess
import sys
from pathlib import Path

import pytest

from requirements import install
from requirements.install import CannotInstall, check_version, is_installed, main


def test_an_old_python_gets_one_line_that_says_what_to_do() -> None:
    with pytest.raises(CannotInstall) as refused:
        check_version((3, 10))
    assert str(refused.value) == (
        "Python 3.11 or newer is needed, this is 3.10: "
        "install one, then `make PYTHON=/path/to/python3 ...`."
    )
    check_version((3, 11))
    check_version((3, 14))


def test_wrong_usage_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == main(["everything"]) == 2
    assert capsys.readouterr().err.splitlines()[0] == (
        "usage: python3 requirements/install.py core|server|dev|bench"
    )


def test_the_launcher_and_the_browser_finder_need_the_standard_library_only() -> None:
    for name in ("install", "chromium"):
        script = Path(install.__file__).with_name(f"{name}.py")
        code = f"import runpy; runpy.run_path({str(script)!r}, run_name='read')"
        subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder of the locks that hold no package (nothing is fetched); hide uv."""
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = tmp_path / "locks"
    folder.mkdir()
    for name in install.LOCKS:
        (folder / f"{name}.lock").write_text(f"# {name}\n")
    return folder


def test_a_lock_is_installed_once_until_it_changes_and_a_failure_leaves_no_stamp(
    tmp_path: Path, locks: Path
) -> None:
    venv = tmp_path / "venv"
    assert not is_installed(venv, locks, "core")

    install.install(venv, locks, "dev")
    assert [is_installed(venv, locks, name) for name in install.LOCKS] == [True, True, True, False]

    (locks / "core.lock").write_text("this is no requirement\n")
    assert [is_installed(venv, locks, name) for name in install.LOCKS] == [False, True, True, False]
    with pytest.raises(CannotInstall, match=r"^Not installed .* --require-hashes -r "):
        install.install(venv, locks, "core")
    assert not (venv / "installed").exists()
