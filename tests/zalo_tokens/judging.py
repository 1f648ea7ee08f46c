"""What Zalo saw, held against what the parties wrote down."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Use:
    """A refresh token shown to Zalo: by whom, when (seconds since 1970), Zalo's error or 0."""

    token: int
    who: str
    at: float
    error: int

    @property
    def pid(self) -> int:
        """The process that showed it."""
        return int(self.who.partition(".")[0])


@dataclass(slots=True)
class Said:
    """What the parties wrote: deaths by process, and events."""

    died: dict[int, tuple[float, str]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)

    def count(self, event: str) -> int:
        """Return how often something happened."""
        return sum(one["event"] == event for one in self.events)

    def unclear(self, use: Use, until: float) -> bool:
        """Tell whether who used a token then wrote that no answer came, before `until`."""
        return any(
            one["event"] == "zalo_token_unclear"
            and one["who"] == use.who
            and use.at - 0.01 <= one["at"] <= until
            for one in self.events
        )


def read_said(log: Path, killed: dict[int, float]) -> Said:
    """Return what is in the log; `killed` are the deaths that came from outside."""
    said = Said({pid: (at, "outside") for pid, at in killed.items()})
    for line in log.read_text("utf-8").splitlines():
        if not line.startswith("{"):
            said.events.append({"event": "failed", "error": line})
            continue
        one = json.loads(line)
        one.setdefault("at", 0.0)
        if "timestamp" in one:
            one["at"] = datetime.fromisoformat(one["timestamp"]).timestamp()
        if one["event"] == "died":
            said.died[one["pid"]] = one["at"], one["point"]
        said.events.append(one)
    return said


@dataclass(slots=True)
class Verdict:
    """The figures of a race, and in words everything that must not be."""

    figures: dict[str, int]
    points: Counter[str]
    wrong: list[str]


def judge(ledger: dict[str, Any], said: Said) -> Verdict:
    """Return what came of it."""
    uses = [Use(*one) for one in ledger["shown"]]
    by_token: dict[int, list[Use]] = defaultdict(list)
    for use in uses:
        by_token[use.token].append(use)
    wrong = [fault for shown in by_token.values() for fault in _twice(shown, said)]
    lost = _lost(by_token)
    refused = {use.token for use in uses if use.error}
    alarms, repeated = _alarms(said)
    again = ledger["consents"] - 1
    if not len(refused) == len(lost) == alarms == again:
        wrong.append(
            f"{len(lost)} grants were lost, {len(refused)} tokens refused, {alarms} alarms, "
            f"{again} times consented again"
        )
    wrong += repeated
    wrong += [f"a secret in an address: {leak}" for leak in ledger["leaks"]]
    wrong += [str(one) for one in said.events if one["event"] in ("failed", "loop_failed")]
    figures = {
        "messages": ledger["sent"],
        "stale": ledger["refused"],
        "renewed": sum(not use.error for use in uses),
        "askings": len(uses),
        "kills": len(said.died),
        "taken over": said.count("zalo_token_answer_lost"),
        "unclear": said.count("zalo_token_unclear"),
        "grants lost": len(lost),
        "alarms": alarms,
    }
    return Verdict(figures, Counter(point for _, point in said.died.values()), wrong)


def _twice(shown: list[Use], said: Said) -> list[str]:
    """Return how a token had two users: a second one comes only after the first is out of it."""
    faults = []
    for first, second in pairwise(shown):
        dead = said.died.get(first.pid)
        # What was on its way when its sender died may reach Zalo a little later.
        if dead is not None and dead[0] <= second.at:
            continue
        if not said.unclear(first, second.at):
            faults.append(f"token {first.token} had two users: {first.who}, {second.who}")
    return faults


def _alarms(said: Said) -> tuple[int, list[str]]:
    """Return how many alarms there were, and those raised again though who raised them lived on.

    An alarm is known by the version of the pair it is about.
    """
    raised: dict[int, dict[str, Any]] = {}
    faults = []
    for one in said.events:
        if one["event"] != "zalo_consent_needed":
            continue
        first = raised.setdefault(one["version"], one)
        dead = said.died.get(int(first["who"].partition(".")[0]))
        if first is not one and (dead is None or dead[0] > one["at"]):
            faults.append(f"the alarm of version {one['version']} was raised twice")
    return len(raised), faults


def _lost(by_token: dict[int, list[Use]]) -> list[int]:
    """Return the pairs that Zalo gave and nobody kept: the next use of the old one was refused."""
    return [
        token
        for token, shown in by_token.items()
        if any(not use.error for use in shown) and any(use.error for use in shown)
    ]
