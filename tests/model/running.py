"""Many sequences: blocks of one seed each on one stage, until enough or the time is up."""

import contextlib
import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, reproduce_failure, seed, settings
from hypothesis.errors import DidNotReproduce
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Machine
from tests.model.several import Several
from tests.model.stage import Stage
from tests.model.zalo_machine import ZaloMachine
from tests.model.zalo_stage import ZaloStage

CHANNELS = ("web", "zalo_bot", "zalo_oa")
ENGINES = ("sqlite", "postgresql")
# Sequences of one seed: a program of their own, and what hypothesis remembers.
BLOCK = 200
_BLOB = re.compile(r"reproduce_failure\('[^']*', b'([^']*)'\)")


@dataclass(frozen=True, slots=True)
class Asked:
    """What to run; `replay` is one sequence as hypothesis packs it."""

    sequences: int = 200
    steps: int = 20
    seed: int = 1
    engine: str = "sqlite"
    minutes: float = 600.0
    replay: str = ""
    shrink: bool = True
    processes: int = 1
    channel: str = "web"


@dataclass(slots=True)
class Figures:
    """What was run."""

    engine: str
    sequences: int = 0
    steps: int = 0
    restarts: int = 0
    kills: int = 0
    processes: int = 1
    first: int = 0
    channel: str = "web"
    divergences: list[str] = field(default_factory=list)

    @property
    def line(self) -> str:
        """The figure in one line."""
        killed = f" ({self.kills} by kill -9)" if self.processes > 1 else ""
        by = f", {self.processes} processes" if self.processes > 1 else ""
        at = "" if self.channel == "web" else f", {self.channel}"
        return (
            f"model: {self.sequences} sequences, {self.steps} steps, {self.restarts} restarts"
            f"{killed}, {len(self.divergences)} divergences on {self.engine}{by}{at}"
        )


def run(asked: Asked, say: Callable[[str], None]) -> Figures:
    """Run what was asked; the first divergence ends it, said with the line that replays it."""
    figures = Figures(asked.engine, processes=asked.processes, channel=asked.channel)
    until = time.monotonic() + asked.minutes * 60
    number = asked.seed
    while figures.sequences < asked.sequences and not figures.divergences:
        many = min(BLOCK, asked.sequences - figures.sequences)
        say(f"seed {number}: {many} sequences of {asked.steps} steps on {asked.engine}")
        _block(asked, number, many, until, figures, say)
        number += 1
        if time.monotonic() > until:
            break
    return figures


def _block(
    asked: Asked, number: int, many: int, until: float, figures: Figures, say: Callable[[str], None]
) -> None:
    stage = _stage(asked)
    kind: type[Machine] = Machine if asked.channel == "web" else ZaloMachine

    class Counted(kind):  # type: ignore[valid-type, misc]
        """The machine on this block's stage."""

        sequences = first = 0

        def teardown(self) -> None:
            """Count, beside what every sequence checks at its end."""
            type(self).sequences += 1
            try:
                super().teardown()
            finally:
                if self.broken and not self.first:
                    type(self).first = self.sequences

    Counted.stage = stage
    Counted.__name__ = "Machine"
    machine = seed(number)(Counted)
    if asked.replay:
        machine = reproduce_failure(hypothesis.__version__, asked.replay.encode())(machine)
    try:
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            run_state_machine_as_test(machine, settings=_settings(many, asked))
    except DidNotReproduce:
        say("this sequence does not diverge: the defect is mended, or was a matter of moments")
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        told = "\n".join([printed.getvalue(), *getattr(error, "__notes__", ()), repr(error)])
        figures.divergences.append(told)
        figures.first = figures.sequences + Counted.first
        say(told)
        say(_again(asked, number, many, told))
    finally:
        figures.sequences += Counted.sequences
        figures.steps += Counted.steps
        figures.restarts += stage.restarts
        figures.kills += stage.kills
        stage.close()


def _stage(asked: Asked) -> Stage:
    if asked.channel != "web":
        return ZaloStage.open(asked.engine, channel=asked.channel)
    if asked.processes == 1:
        return Stage.open(asked.engine)
    return Several.open(asked.engine, processes=asked.processes)


def _settings(many: int, asked: Asked) -> settings:
    return settings(
        max_examples=many,
        stateful_step_count=asked.steps,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=True,
        report_multiple_bugs=False,
        verbosity=Verbosity.normal,
        phases=(Phase.generate, Phase.shrink) if asked.shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def _again(asked: Asked, number: int, many: int, told: str) -> str:
    """Return the line that runs the very sequence again, or its whole block where it is unsure."""
    whole = f"python -m tests.model --seed {number} --steps {asked.steps} --engine {asked.engine}"
    whole += f" --processes {asked.processes}" if asked.processes > 1 else ""
    whole += f" --channel {asked.channel}" if asked.channel != "web" else ""
    blob = _BLOB.search(told)
    if blob is None:
        return f"replay: {whole} --sequences {many}"
    return f"replay: {whole} --sequences 1 --replay {blob[1]}"
