"""What is in the repository runs anywhere: hashed locks that agree, nothing of one machine."""

import re

import pytest

from tests.guards.tree import ROOT, files, shown

LOCKS = ("core", "dev", "bench")
TEXT = {
    "", ".py", ".md", ".toml", ".lock", ".txt", ".html", ".js", ".css", ".po", ".pot", ".json",
    ".example", ".svg", ".ini", ".mako", ".csv",
}  # fmt: skip


def pins(lock: str) -> dict[str, str]:
    """Return package to version of one lock; each entry must carry a hash."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    return {name: rest.split()[0] for name, rest in (entry.split("==", 1) for entry in entries)}


@pytest.mark.parametrize(("smaller", "larger"), [("core", "dev"), ("dev", "bench")])
def test_a_larger_lock_holds_the_smaller_one_unchanged(smaller: str, larger: str) -> None:
    small, large = pins(smaller), pins(larger)
    assert {name: large.get(name) for name in small} == small


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    assert re.findall(r"\S*://\S*|--\S*index\S*|@ \S+", text) == []


def test_no_file_names_a_machine_or_a_registry() -> None:
    folders = ("home", "root", "Users", "work", "tmp", "opt")
    paths = re.compile(r"(?<![\w./~-])/(?:" + "|".join(folders) + r")/[\w.]+")
    hosts = re.compile(
        "|".join(
            re.escape(".".join(parts))
            for parts in (
                ("pypi", "org"),
                ("files", "pythonhosted", "org"),
                ("registry", "npmjs", "org"),
                ("deb", "debian", "org"),
            )
        )
    )
    found = [
        f"{shown(path)}:{number} {line.strip()[:80]}"
        for path in files()
        if path.suffix in TEXT
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if paths.search(line) or hosts.search(line)
    ]
    assert found == []
