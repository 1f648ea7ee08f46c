"""Sixty kills on Zalo's two surfaces, on both databases: nothing lost, nothing sent three times."""

import pickle
import subprocess
import sys

import pytest

from tests.crash.points import ROOT, named_points
from tests.crash.test_crash import ON_ZALO
from tests.crash.zalo_harness import Report

SEED = 20261122
KILLS = 60


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """The run of the gate, in a process of its own: whoever forks must have no threads."""
    file = tmp_path_factory.mktemp("zalo") / "report"
    order = ["-m", "tests.crash.zalo", "--kills", str(KILLS), "--seed", str(SEED)]
    order += ["--report", str(file)]
    done = subprocess.run([sys.executable, *order], cwd=ROOT, capture_output=True, text=True)
    print(done.stdout, done.stderr[-3000:])
    assert file.exists(), f"the harness ended with {done.returncode}"
    found: list[Report] = pickle.loads(file.read_bytes())
    return found


def test_no_kill_loses_doubles_or_asks_again_and_nothing_is_stuck(reports: list[Report]) -> None:
    assert [report.database for report in reports] == ["SQLite", "PostgreSQL"]
    for report in reports:
        assert report.findings.sound, "\n".join(report.lines())
        assert report.findings.kills >= KILLS * 9 // 20, report.lines()


def test_every_crash_point_on_the_way_to_zalo_and_back_is_reached(reports: list[Report]) -> None:
    named = {name for name in named_points() if name.startswith(ON_ZALO)}
    for report in reports:
        assert named - report.points == set()
