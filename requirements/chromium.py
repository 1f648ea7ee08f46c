"""Find the Chromium that the browser tests drive; on Debian, as root, install it when it is absent.

    python3 requirements/chromium.py        prints its path

Standard library only, like `install.py`.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without a font the pictures show boxes; Liberation carries the Vietnamese letters.
PACKAGES = ("chromium", "fonts-liberation")


def find_chromium() -> str | None:
    """Return the path of the first known browser on PATH, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def is_debian_root() -> bool:
    """Tell whether Debian packages can be installed by this process."""
    return os.geteuid() == 0 and Path("/etc/debian_version").exists()


def install_chromium() -> bool:
    """Install Debian's Chromium, its package lists first; tell whether every step succeeded."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES])
    print(f"Installing {' '.join(PACKAGES)} with apt-get ...", file=sys.stderr, flush=True)
    return all(
        subprocess.run(
            ["apt-get", *step], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        ).returncode
        == 0
        for step in steps
    )


def main() -> int:
    """Print the browser's path and return 0; without one print what to do and return 1."""
    if find_chromium() is None and is_debian_root() and not install_chromium():
        print("apt-get could not install Chromium (see above).", file=sys.stderr)
        return 1
    path = find_chromium()
    if path is None:
        print(
            "The browser tests need Chromium on PATH: `sudo apt install chromium`, or any of "
            f"{', '.join(NAMES)}.",
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
