"""What several tests need: the running dashboard, a browser, the material beside the checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browsers import find_browser
from tests.servers import ROOT, dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSER_ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


IN_REAL_TIME = {"browser", "served"}
"""Fixtures of tests that depend on how fast this machine draws pages or starts servers."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try once more what depends on time: on two cores that four browsers share, a fault fails twice."""
    for item in items:
        if IN_REAL_TIME & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a test was tried once more: what fails only now and then may never be seen again."""
    for report in terminalreporter.stats.get("rerun", ()):
        terminalreporter.section(f"tried once more: {report.nodeid}, {report.when}")
        terminalreporter.write_line(report.longreprtext)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the real dashboard as ``make run`` does, for this machine only; give its address."""
    with dashboard(tmp_path_factory.mktemp("server") / "log.txt") as url:
        yield url


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Give the path of a Chromium; ``make test`` sees to it that there is one."""
    path = find_browser()
    if path is None:
        pytest.fail("No browser found; `make browser` installs one.")
    return path


@pytest.fixture(scope="session")
def browser(browser_path: str) -> Iterator[Browser]:
    """Give a browser that speaks to nobody but the pages it opens.

    Playwright's event loop then runs in this thread for the rest of the session: a test that needs
    ``asyncio.run`` has to use a thread of its own.
    """
    from playwright.sync_api import expect, sync_playwright

    # Playwright's own five seconds are short on two cores that several browsers share.
    expect.set_options(timeout=60_000)

    arguments = list(BROWSER_ARGUMENTS)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium's sandbox does not start as root.
        arguments.append("--no-sandbox")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser_path, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """Give the folder of shared material beside the checkout, where there is one."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no folder named shared beside this checkout")
    return folder
