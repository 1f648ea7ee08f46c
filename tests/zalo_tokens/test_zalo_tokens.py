"""An hour of many processes and kills on both databases: no token has two users, ever."""

import pickle
import subprocess
import sys

import pytest

from tests.guards.tree import ROOT
from tests.zalo_tokens.judging import Said, Use, judge
from tests.zalo_tokens.running import Report

SEED = 20261122


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Report]:
    """The race of the gate, in a process of its own: whoever forks must have no threads."""
    file = tmp_path_factory.mktemp("tokens") / "report"
    order = ["-m", "tests.zalo_tokens", "--seed", str(SEED), "--report", str(file)]
    done = subprocess.run([sys.executable, *order], cwd=ROOT, capture_output=True, text=True)
    print(done.stdout, done.stderr[-3000:])
    assert file.exists(), f"the race ended with {done.returncode}"
    found: list[Report] = pickle.loads(file.read_bytes())
    return found


def test_each_refresh_token_is_used_once_or_there_is_exactly_one_alarm(
    reports: list[Report],
) -> None:
    assert [report.database for report in reports] == ["SQLite", "PostgreSQL"]
    for report in reports:
        assert report.sound, "\n".join(report.lines())
        figures = report.verdict.figures
        assert figures["alarms"] == figures["grants lost"]
        assert figures["kills"] >= 3, report.lines()
        assert min(figures["messages"], figures["renewed"]) > 0, report.lines()
    assert (reports[1].asked.processes, reports[1].asked.hours) == (16, 1.0)


ALARM = {"event": "zalo_consent_needed", "version": 1, "who": "11.0", "at": 7.1}
LEDGER = {"consents": 1, "leaks": [], "sent": 0, "refused": 0}


def uses(*shown: Use) -> dict[str, object]:
    """Return what Zalo says when these were shown to it."""
    return {**LEDGER, "shown": [[one.token, one.who, one.at, one.error] for one in shown]}


def test_two_users_of_one_token_are_found_out() -> None:
    first, second = Use(1, "10.0", 5.0, 0), Use(1, "11.0", 5.1, -14020)
    found = judge({**uses(first, second), "consents": 2}, Said(events=[ALARM]))
    assert found.wrong == ["token 1 had two users: 10.0, 11.0"]


def test_a_second_use_after_a_death_is_right_only_with_its_one_alarm() -> None:
    first, second = Use(1, "10.0", 5.0, 0), Use(1, "11.0", 7.0, -14020)
    died = {10: (5.2, "zalo_token.answered")}
    once = {**uses(first, second), "consents": 2}
    assert judge(once, Said(died, [ALARM])).wrong == []
    for events in ([], [ALARM, {**ALARM}]):
        assert len(judge(once, Said(died, events)).wrong) == 1
    late = {10: (7.5, "outside")}
    assert judge(once, Said(late, [ALARM])).wrong == ["token 1 had two users: 10.0, 11.0"]
