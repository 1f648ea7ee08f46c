"""Install a hashed lock into `.venv`: the one step before the program; standard library only.

    python3 requirements/install.py core|server|dev|bench

Each lock holds those before it; `server` is `core` and what PostgreSQL needs. Nothing is installed
twice: `.venv/installed` keeps the SHA-256 of every lock that is in. uv is used when it is on PATH,
else pip; a failure is not tried again.
The types are quoted so that a Python 3.6 gets as far as its clear line.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

OLDEST = (3, 11)
LOCKS = ("core", "server", "dev", "bench")
HERE = Path(__file__).resolve().parent
VENV = HERE.parent / ".venv"


class CannotInstall(Exception):
    """The installation stops here; the text is the one line for the person at the terminal."""


def check_version(version: "tuple[int, int]") -> None:
    """Raise CannotInstall unless `version` (major, minor) is new enough."""
    if version < OLDEST:
        wanted, found = (".".join(map(str, v)) for v in (OLDEST, version))
        raise CannotInstall(
            f"Python {wanted} or newer is needed, this is {found}: "
            "install one, then `make PYTHON=/path/to/python3 ...`."
        )


def fingerprint(locks: Path, name: str) -> str:
    """Return the SHA-256 of the lock `name` in hex; a changed lock has another one."""
    return hashlib.sha256((locks / f"{name}.lock").read_bytes()).hexdigest()


def is_installed(venv: Path, locks: Path, name: str) -> bool:
    """Tell whether exactly the present lock `name` is in `venv` and its interpreter still runs."""
    stamp = venv / "installed"
    if not stamp.is_file() or not python_in(venv).exists():
        return False
    return f"{name} {fingerprint(locks, name)}" in stamp.read_text("ascii").splitlines()


def python_in(venv: Path) -> Path:
    """Return the path of the interpreter of `venv`."""
    return venv / "bin" / "python"


def make_venv(venv: Path, uv: "str | None") -> None:
    """Create `venv` with this interpreter unless it is there; without uv it also gets pip."""
    if not python_in(venv).exists():
        shutil.rmtree(venv, ignore_errors=True)
        with_uv = [uv or "", "venv", "--quiet", "--python", sys.executable]
        run([*(with_uv if uv else [sys.executable, "-m", "venv", "--without-pip"]), str(venv)])
    if not uv and not has_module(python_in(venv), "pip"):
        if not has_module(python_in(venv), "ensurepip"):
            shutil.rmtree(venv, ignore_errors=True)
            raise CannotInstall(
                "This Python has no ensurepip module: `apt install python3-venv`, "
                "then run the same command again."
            )
        run([str(python_in(venv)), "-m", "ensurepip", "--default-pip"], quiet=True)


def has_module(python: Path, name: str) -> bool:
    """Tell whether the interpreter `python` can import the module `name`."""
    return subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0


def install(venv: Path, locks: Path, name: str) -> None:
    """Put the lock `name` into `venv`, every file checked against its hash; stamp it when done."""
    uv = shutil.which("uv")
    make_venv(venv, uv)
    (venv / "installed").unlink(missing_ok=True)
    lock = str(locks / f"{name}.lock")
    python = str(python_in(venv))
    print(f"Installing requirements/{name}.lock with {'uv' if uv else 'pip'} ...", flush=True)
    if uv:
        run([uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock])
    else:
        quiet = ["--quiet", "--disable-pip-version-check"]
        run([python, "-m", "pip", "install", *quiet, "--require-hashes", "-r", lock])
    done = LOCKS[: LOCKS.index(name) + 1]
    stamp = "".join(f"{lock} {fingerprint(locks, lock)}\n" for lock in done)
    (venv / "installed").write_text(stamp, "ascii")


def run(command: "Sequence[str]", *, quiet: bool = False) -> None:
    """Run `command`; its own words go to the terminal. Raise CannotInstall when it fails."""
    environment: Mapping[str, str] = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    output = subprocess.DEVNULL if quiet else None
    if subprocess.run(command, env=environment, stdout=output).returncode:
        raise CannotInstall(f"Not installed (see above). The step that failed: {' '.join(command)}")


def main(arguments: "Sequence[str]") -> int:
    """Install what the one argument names; return the exit status of contract.md (0, 1, 2)."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(f"usage: python3 requirements/install.py {'|'.join(LOCKS)}", file=sys.stderr)
        return 2
    try:
        check_version(sys.version_info[:2])
        if not is_installed(VENV, HERE, arguments[0]):
            install(VENV, HERE, arguments[0])
    except CannotInstall as refused:
        print(refused, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
