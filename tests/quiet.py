"""Waiting in a real browser: for a page to have nothing more to say, or for something to become true."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sized

from playwright.sync_api import Locator, Page

PATIENCE_S = 30

LOOK_ONCE = """
{
  const ask = matchMedia.bind(window);
  window.matchMedia = (query) => {
    const list = ask(query);
    const now = () => ask(query).matches;
    const listen = list.addEventListener.bind(list);
    let looks = 0;
    Object.defineProperty(list, "matches", { get: () => (looks += 1) && now() });
    list.addEventListener = (kind, act) => listen(kind, (event) => looks < 2 && act(event));
    return list;
  };
}
"""
"""A script for a page: who looks twice whether a media query holds is told of no change.

Chromium does so only where the second look falls between a change and its event, which no test hits on purpose.
"""


def wait_until_quiet(page: Page, sent: Sized) -> None:
    """Wait until a page has loaded and has told the server nothing for a second; ``sent`` grows with each message."""
    page.wait_for_load_state("networkidle")
    told = -1
    while told != len(sent):
        told = len(sent)
        page.wait_for_timeout(1000)


def eventually(page: Page, holds: Callable[[], object], patience_s: float = PATIENCE_S) -> bool:
    """Tell whether something becomes true while the page goes on; a busy machine draws late."""
    deadline_s = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline_s:
            return False
        page.wait_for_timeout(50)
    return True


def redrawn(picture: Locator, seen: Collection[str], patience_s: float = PATIENCE_S) -> bool:
    """Tell whether a picture comes to look like none of those seen before."""
    return eventually(picture.page, lambda: picture.inner_html() not in seen, patience_s)


def keep_moves_open(page: Page) -> None:
    """Let Plotly never say that a move has ended, as it does of one that another interrupts."""
    page.evaluate(
        """() => {
          const plotly = window.Plotly || window.moduleName;
          const animate = plotly.animate;
          plotly.animate = (...move) => {
            animate(...move).catch(() => null);
            return new Promise(() => null);
          };
        }"""
    )
