"""One interleaved run: rounds of ours and of theirs in turn, and the median of the ratios."""

import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median

Round = Callable[[], Awaitable[int]]
Prepare = Callable[[], Awaitable[None]]
Cpu = Callable[[], Awaitable[float]]


async def own_cpu() -> float:
    """Return the CPU seconds of this process: all threads, user and system."""
    return time.process_time()


async def _nothing() -> None:
    """Most sides need no preparing."""


@dataclass(frozen=True, slots=True)
class Side:
    """Something measured: `prepare` is not counted, `play` is, and returns how many turns it did.

    `cpu` tells the CPU seconds used so far by the process that does the work.
    """

    play: Round
    prepare: Prepare = _nothing
    cpu: Cpu = own_cpu


@dataclass(frozen=True, slots=True)
class Measured:
    """CPU per turn of each round in microseconds, and turns per second of the wall clock."""

    cpu: Sequence[float]
    speed: Sequence[float]

    @property
    def us(self) -> float:
        """The median CPU time of a turn in microseconds."""
        return median(self.cpu)

    @property
    def per_second(self) -> float:
        """The median of turns per second."""
        return median(self.speed)

    def against(self, other: "Measured") -> float:
        """Return the median of the ratios, round by round."""
        return median(a / b for a, b in zip(self.cpu, other.cpu, strict=True))


async def interleaved(sides: Sequence[Side], rounds: int) -> list[Measured]:
    """Play every side `rounds` times in turn, after one round that does not count."""
    found: list[list[tuple[float, float]]] = [[] for _ in sides]
    for number in range(rounds + 1):
        if number == 1:
            # What start-up built is never garbage; servers say so too (bot/serve.py).
            gc.freeze()
        for side, results in zip(sides, found, strict=True):
            result = await _measured(side)
            if number:
                results.append(result)
    return [Measured([c for c, _ in rows], [s for _, s in rows]) for rows in found]


async def _measured(side: Side) -> tuple[float, float]:
    await side.prepare()
    gc.collect()
    began, used = time.perf_counter(), await side.cpu()
    turns = await side.play()
    used, lasted = await side.cpu() - used, time.perf_counter() - began
    return used / turns * 1e6, turns / lasted
