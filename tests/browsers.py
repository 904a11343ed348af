"""Find a browser for the tests that look at the dashboard as a person does, or install one.

``python -m tests.browsers`` is what ``make test`` calls.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

COMMANDS = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def _candidates() -> Iterator[str]:
    if named := os.environ.get("TWENTY_WATTS_BROWSER"):
        yield named
    yield from filter(None, map(shutil.which, COMMANDS))
    yield from PLACES
    # Asked in a process of its own: playwright's event loop would stay in this one.
    question = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as playwright: print(playwright.chromium.executable_path)"
    )
    answer = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True)
    yield answer.stdout.strip()


def _runs(path: str) -> bool:
    """Tell whether it starts at all: Ubuntu's package is a note that says where to get another."""
    if not path or not Path(path).is_file():
        return False
    try:
        finished = subprocess.run([path, "--version"], capture_output=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return finished.returncode == 0


def find_browser() -> str | None:
    """Return the path of a Chromium that runs, if there is one."""
    return next(filter(_runs, _candidates()), None)


def _install() -> None:
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if as_root and shutil.which("apt-get"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], env=quiet)
        if find_browser():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"])


def main() -> None:
    """Make sure that there is a browser, or say in one line what is missing."""
    if find_browser():
        return
    _install()
    if not find_browser():
        sys.exit("No browser for the tests: install chromium or google-chrome, or set TWENTY_WATTS_BROWSER to one.")


if __name__ == "__main__":
    main()
