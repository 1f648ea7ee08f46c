"""Finding the browser."""

from pathlib import Path

import pytest

from requirements import chromium


def test_the_first_known_browser_on_path_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert chromium.find_chromium() is None
    for name in ("google-chrome", "chromium"):
        browser = tmp_path / name
        browser.write_text("#!/bin/sh\n")
        browser.chmod(0o755)
        assert chromium.find_chromium() == str(browser)


def test_without_a_browser_and_without_root_one_line_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    assert chromium.main() == 1
    assert capsys.readouterr().err == (
        "The browser tests need Chromium on PATH: `sudo apt install chromium`, or any of "
        "chromium, chromium-browser, google-chrome, google-chrome-stable.\n"
    )
