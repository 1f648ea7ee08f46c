"""docs/operate.md and the container files say what the program does, all of it, nothing else."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client.parser import text_string_to_metric_families

from bot.settings import Settings
from handlers.alarms import ALARMS, runbook
from handlers.watch import PARTS
from tests.guards.tree import ROOT, modules, parse
from tests.talk import Talk
from tests.world import World

PAGE = (ROOT / "docs" / "operate.md").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
# What an operator need not hear at night, though somebody should read it.
NO_ALARM = {
    "turn_failed", "turn_unread", "turn_unsayable", "conversation_unreadable", "photo_failed",
    "far_photo_failed",
}  # fmt: skip


def logged(*levels: str) -> set[str]:
    """Return the events that the program logs at these levels, as far as they are plain words."""
    return {
        node.args[0].value
        for path in modules("bot", "handlers", "storage")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in levels
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "log"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_each_alarm_is_raised_somewhere_and_has_its_place_in_the_runbook() -> None:
    raised = logged("error", "warning", "critical") | {*PARTS.values()}
    raised |= {"stuck_conversation", "clock_back", "link_guessing"}  # by the watch, as values
    assert set(ALARMS) <= raised
    (section,) = re.findall(r"(?ms)^## Alarms$(.*?)^## ", PAGE)
    headings = re.findall(r"(?m)^### (\w+)$", section)
    assert headings == list(ALARMS)
    for body in re.split(r"(?m)^### ", section)[1:]:
        assert "Do: " in body, body.splitlines()[0]
    assert runbook("dead_letter") == "docs/operate.md#dead_letter"


def test_each_error_that_is_logged_is_an_alarm_or_known_not_to_be() -> None:
    assert logged("error", "critical") - set(ALARMS) - NO_ALARM == set()


async def test_the_table_of_metrics_is_what_is_served(world: World) -> None:
    async with Talk(world) as talk:
        await talk.client.get("/chat/screens")  # refused: there is no session yet
        served = (await talk.client.get("/metrics")).text
    families = {
        name: family
        for family in text_string_to_metric_families(served)
        if family.name.startswith("khaihoc_")
        for name in [f"{family.name}_total" if family.type == "counter" else family.name]
    }
    (table,) = re.findall(r"(?s)<!-- metrics -->\n(.*?)\n<!-- /metrics -->", PAGE)
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    shown = {first.strip(" `"): set(re.findall(r"`(\w+)`", labels)) for first, labels, _ in rows}
    assert set(shown) == set(families)
    for name, family in families.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert labels <= shown[name], name


def compose() -> dict[str, Any]:
    """Return compose.yaml as read."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


def test_compose_has_a_database_one_migration_one_web_and_two_workers() -> None:
    services = compose()["services"]
    assert list(services) == ["database", "migrate", "web", "worker"]
    database, migrate, web, worker = services.values()
    assert database["image"].startswith("postgres:")
    assert "pg_isready" in database["healthcheck"]["test"][1]
    assert (migrate["command"][-1], migrate["restart"]) == ("migrate", "no")
    assert migrate["depends_on"]["database"]["condition"] == "service_healthy"
    assert web["command"][-2:] == ["--roles", "web"]
    assert worker["command"][-2:] == ["--roles", "turns,deliveries,jobs"]
    assert worker["deploy"]["replicas"] == 2
    for one in (web, worker):
        assert one["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert web["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in database


def test_everything_of_ours_in_compose_is_read_only_and_nobody() -> None:
    for name, one in compose()["services"].items():
        if name == "database":
            continue
        assert one["read_only"] is True
        assert one["user"] == "10001"
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert [volume.split(":")[1] for volume in one["volumes"]] == ["/data"]
        assert "environment" not in one


def test_no_secret_stands_in_compose_or_in_the_image() -> None:
    text = (ROOT / "compose.yaml").read_text("utf-8")
    set_here = re.findall(r"(?i)\b\w*(?:password|secret|token|database_url)\w*\s*[:=]\s*\S+", text)
    assert set_here == []
    assert re.findall(r"(?i)(?:secret|token|password)\w*=", DOCKERFILE) == []
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[1] == "*", "everything is left out that is not named"
    git = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"/.env", "/postgres.env"} <= set(git)


def test_the_image_installs_the_hashed_lock_and_runs_as_nobody() -> None:
    stages = re.split(r"(?m)^FROM ", DOCKERFILE)[1:]
    assert [stage.split()[0] for stage in stages] == ["python:3.12-slim"] * 2
    assert "--require-hashes --only-binary :all: -r requirements/server.lock" in stages[0]
    assert re.findall(r"(?m)^USER (.*)$", stages[1]) == ["10001"]
    assert stages[1].index("USER 10001") < stages[1].index("CMD")
    assert 'CMD ["python", "-m", "bot", "run"]' in stages[1]
    assert "VOLUME /data" in stages[1]
    assert "/health/live" in stages[1]
    named = set(re.findall(r"KHAIHOC_(\w+)=", DOCKERFILE))
    assert named <= {name.upper() for name in Settings.model_fields}


def copied() -> Iterator[str]:
    """Yield what the Dockerfile copies into the image."""
    for line in re.findall(r"(?m)^COPY (?!--from)(.*)$", DOCKERFILE):
        yield from line.split()[:-1]


def test_what_the_image_holds_is_enough_to_run(tmp_path: Path) -> None:
    allowed = (ROOT / ".dockerignore").read_text("utf-8")
    for name in copied():
        assert f"!{name}\n" in allowed, name
        source, target = ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    run = subprocess.run(
        [sys.executable, "-B", "-m", "bot", "check"],
        cwd=tmp_path,
        env={"KHAIHOC_VAR_DIR": f"{tmp_path}/data", "KHAIHOC_SECRET_KEY": "k" * 40},
        capture_output=True,
        text=True,
        timeout=60,
    )
    lines = {line.split()[0]: line for line in run.stdout.splitlines()}
    assert run.stderr == ""
    assert "run `make migrate`" in lines["database"]
    assert [name for name, line in lines.items() if "NOT OK" in line] == ["database"]


@pytest.mark.parametrize("section", ["One machine", "Several processes", "Upgrade", "Watch"])
def test_the_page_has_the_section(section: str) -> None:
    assert f"\n## {section}\n" in PAGE
