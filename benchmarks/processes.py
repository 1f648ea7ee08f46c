"""Child processes of the benchmarks: they print their port, and tell their CPU time when asked."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Process:
    """A running child that serves on 127.0.0.1:`port`."""

    port: int
    process: asyncio.subprocess.Process

    async def cpu(self) -> float:
        """Return the CPU seconds it has used so far: all threads, user and system."""
        assert self.process.stdin is not None, "children are asked through their input"
        assert self.process.stdout is not None, "children answer through their output"
        self.process.stdin.write(b"cpu\n")
        await self.process.stdin.drain()
        return float(await self.process.stdout.readline())


@asynccontextmanager
async def child(module: str, *arguments: str) -> AsyncIterator[Process]:
    """Run `python -m module` while the block runs; closing its input ends it."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdin=pipe, stdout=pipe
    )
    assert process.stdin is not None, "asked for above"
    assert process.stdout is not None, "asked for above"
    try:
        line = await process.stdout.readline()
        yield Process(int(line), process)
    finally:
        process.stdin.close()
        await process.wait()


async def until_closed(port: int) -> None:
    """In the child: print `port`, then answer each input line with the CPU time, until the end."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(f"{time.process_time()}\n")
        sys.stdout.flush()
