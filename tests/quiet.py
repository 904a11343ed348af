"""Waiting for a page in a real browser to have nothing more to say to its server."""

from __future__ import annotations

from playwright.sync_api import Page


def wait_until_quiet(page: Page, sent: list[int]) -> None:
    """Wait until a page has loaded and has told the server nothing for a second; ``sent`` grows with each message."""
    page.wait_for_load_state("networkidle")
    told = -1
    while told != len(sent):
        told = len(sent)
        page.wait_for_timeout(1000)
