"""How long a page takes to answer: a rerun on the server, and in the browser a control against an in-figure slider.

``python -m benchmarks.pages`` prints medians and ratios of one run. It starts the dashboard on this machine only and
stops it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from ui.menu import MENU, PAGES

ROOT = Path(__file__).resolve().parent.parent
ROUTER = ROOT / "ui" / "main.py"
RERUNS = 15
MOVES = 20

# Called before a move, with the picture to watch and the event that starts the clock. Resolves with the time from that
# event to the frame painted after the picture's last change; null if it never changes. The whole document is observed,
# because a rerun may put a new picture in the place of the old one.
_WATCH = """
([selector, starts]) => {
  window.__measured = new Promise((resolve) => {
    let began = null, painted = null, timer = null;
    const concerns = (node) => node.nodeType === 1 && (node.closest(selector) || node.querySelector(selector));
    const end = () => { observer.disconnect(); window.removeEventListener(starts, begin, true);
      resolve(painted === null ? null : painted - began); };
    const begin = () => { if (began === null) began = performance.now(); };
    const observer = new MutationObserver((changes) => {
      if (began === null || !changes.some((c) => (c.target.nodeType === 1 ? c.target : c.target.parentElement)
            ?.closest(selector) || [...c.addedNodes].some(concerns))) return;
      requestAnimationFrame(() => { painted = performance.now(); });
      clearTimeout(timer);
      timer = setTimeout(end, 300);
    });
    window.addEventListener(starts, begin, true);
    observer.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    timer = setTimeout(end, 4000);
  });
}
"""


def trivial() -> None:
    """Draw one slider and one chart: the yardstick for the pages."""
    import plotly.graph_objects as go
    import streamlit as st

    height = st.slider("height", 0, 1000, 1, key="height")
    st.plotly_chart(go.Figure({"data": [{"type": "bar", "y": [height, 2, 3]}]}))


def rerun_ms(app: AppTest, change: Callable[[AppTest, int], Any], reruns: int = RERUNS) -> float:
    """Return the median time of a rerun after one control has changed to a value not seen before [ms]."""
    app.run()
    app.run()
    times = []
    for step in range(reruns):
        change(app, step)
        start = time.perf_counter()
        app.run()
        times.append((time.perf_counter() - start) * 1e3)
        if app.exception:
            raise RuntimeError(app.exception[0].value)
    return statistics.median(times)


def _move_utilisation(app: AppTest, step: int) -> None:
    options = app.select_slider(key="scenario_utilisation").options
    app.select_slider(key="scenario_utilisation").set_value(_value(options[3 + step]))


def _value(words: str) -> float:
    return float(words.removesuffix(" %")) / 100


def server_table() -> list[tuple[str, float]]:
    """Measure every page's rerun, and a trivial page's."""
    rows = [
        (
            "a trivial page with one chart",
            rerun_ms(
                AppTest.from_function(trivial, default_timeout=60),
                lambda app, step: app.slider(key="height").set_value(step + 2),
            ),
        )
    ]
    for name, title in (page for pages in MENU.values() for page in pages.items()):
        app = AppTest.from_file(str(ROUTER), default_timeout=60)
        app.run()
        app.switch_page(str(PAGES / f"{name}.py"))
        rows.append((title, rerun_ms(app, _move_utilisation)))
    return rows


@contextmanager
def dashboard() -> Iterator[str]:
    """Start the dashboard as ``make run`` does; give its address; stop it."""
    import subprocess

    from tests.servers import free_port
    from ui.announce import wait_until_up

    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    process = subprocess.Popen(
        [*command, "--server.address", "127.0.0.1"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not wait_until_up(f"http://127.0.0.1:{port}", patience_s=60):
            raise RuntimeError("the dashboard did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def browser_table(moves: int = MOVES) -> list[tuple[str, float]]:
    """Measure, in a browser, from the hand's move to the redrawn chart."""
    from playwright.sync_api import sync_playwright

    from tests.browsers import find_browser
    from tests.conftest import BROWSER_ARGUMENTS

    with dashboard() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=[*BROWSER_ARGUMENTS, "--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 2600})
        page.goto(url)
        for key in ("gap", "ladder", "ledger"):
            page.locator(f".st-key-{key} .js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
        page.wait_for_load_state("networkidle")
        sidebar, figure = [], []
        for step in range(moves):
            sidebar.append(_sidebar_move(page, step))
            figure.append(_figure_move(page, step))
        browser.close()
    return [
        ("a sidebar control released", statistics.median(filter(None, sidebar))),
        ("one step of an in-figure slider", statistics.median(filter(None, figure))),
    ]


def _sidebar_move(page: Any, step: int) -> float | None:
    slider = page.locator(".st-key-scenario_utilisation")
    track = slider.locator("[role=group]").bounding_box()
    grip = slider.locator("[data-testid=stSliderThumbValue]").locator("xpath=..").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * (0.25 + 0.5 * ((step * 7) % 11) / 11), grip["y"] + 3, steps=3)
    page.evaluate(_WATCH, [".st-key-gap .main-svg", "pointerup"])
    page.mouse.up()
    measured: float | None = page.evaluate("window.__measured")
    return measured


def _figure_move(page: Any, step: int) -> float | None:
    rail = page.locator(".st-key-ladder .slider-rail-touch-rect").bounding_box()
    grip = page.locator(".st-key-ladder .slider-grip-rect").bounding_box()
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    page.evaluate(_WATCH, [".st-key-ladder .scatterlayer", "mousemove"])
    page.mouse.move(rail["x"] + rail["width"] * (0.1 + 0.8 * ((step * 7) % 11) / 11), rail["y"] + rail["height"] / 2)
    measured: float | None = page.evaluate("window.__measured")
    page.mouse.up()
    page.wait_for_timeout(400)
    return measured


def main() -> None:
    """Print both tables."""
    rows = server_table()
    base = rows[0][1]
    print(f"{'rerun on the server (AppTest, median)':<40}{'ms':>8}{'ratio':>9}")
    for name, milliseconds in rows:
        print(f"{name:<40}{milliseconds:>8.1f}{milliseconds / base:>8.1f}x")
    (control_name, control_ms), (slider_name, slider_ms) = browser_table()
    print(f"\n{'from the hand to the redrawn chart':<40}{'ms':>8}{'ratio':>9}")
    print(f"{control_name:<40}{control_ms:>8.0f}{control_ms / slider_ms:>8.1f}x")
    print(f"{slider_name:<40}{slider_ms:>8.0f}{1:>8.1f}x")


if __name__ == "__main__":
    main()
