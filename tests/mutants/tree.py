"""Copies of this repository for mutants to live in: nothing here is ever changed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.guards.tree import ROOT, files
from tests.mutants.mutant import Mutant, mutated

# What pytest is always told: no cache and no colours, and one traceback line is enough.
QUIETLY = ("-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "--color=no")
# How long a run that is told to stop may take to put its servers away.
LEAVE_SECONDS = 20.0
# An operator's own settings have no place in a copy.
SECRET = {".env", "postgres.env"}


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of a run of pytest; `status` None: it took too long."""

    status: int | None
    output: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the repository in a folder of its own, with the interpreter it is tested by."""

    root: Path
    python: Path

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Let the copy have the bug while the block runs. Raises DoesNotApply."""
        after = mutated(mutant, self.root)
        before = {path: path.read_bytes() for path in after}
        try:
            for path, text in after.items():
                _write(path, text.encode())
            yield
        finally:
            for path, data in before.items():
                _write(path, data)

    def test(self, order: Sequence[str], *, seconds: float) -> Ran:
        """Run pytest with `order` for at most so many seconds."""
        command = [str(self.python), "-m", "pytest", *QUIETLY, *order]
        # A session of its own: whatever a test has started ends with it.
        process = subprocess.Popen(
            command,
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": "", "TMPDIR": str(self._rubbish())},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return Ran(None, _ended(process))
        finally:
            _kill(process.pid)
        return Ran(process.returncode, output)

    def _rubbish(self) -> Path:
        """Return where a run may leave files: a server that outlives it stops without them."""
        folder = self.root.with_name(f"{self.root.name}.tmp")
        folder.mkdir(exist_ok=True)
        return folder


def copied(folder: Path) -> Copy:
    """Copy the repository as it stands (compiled catalogues too) into `folder`."""
    for path in files():
        if path.name not in SECRET:
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    environment = Path(sys.prefix)
    (folder / ".venv").symlink_to(environment, target_is_directory=True)
    return Copy(folder, folder / ".venv" / "bin" / "python")


def _write(path: Path, data: bytes) -> None:
    """Write a source file, and forget what was compiled of it: two writes may share a second."""
    path.write_bytes(data)
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)


def _ended(process: subprocess.Popen[str]) -> str:
    """End a run that takes too long, first in the way in which it puts its servers away."""
    process.send_signal(signal.SIGINT)
    try:
        output, _ = process.communicate(timeout=LEAVE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process.pid)
        output, _ = process.communicate()
    return output


def _kill(session: int) -> None:
    """Kill what is left of the processes that one run has started."""
    with suppress(ProcessLookupError):
        os.killpg(session, signal.SIGKILL)
