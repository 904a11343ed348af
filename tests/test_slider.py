"""The in-figure slider in a real browser: address, arrow keys, reruns. On a page of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.quiet import eventually
from tests.servers import ROOT, dashboard
from ui.slider import watch_slider

PAGE = """
import time
from types import SimpleNamespace
import streamlit as st
from ui.figures.ladder import ladder_figure
from ui.slider import watch_slider
from ui.theme import CONFIG

systems = [
    SimpleNamespace(key=f"system-{n}", label=f"System {n}", year=1990 + n, power_w=100 * 4.0**n,
                    low_w=80 * 4.0**n, high_w=120 * 4.0**n, kind="reported")
    for n in range(15)
]
keys = [system.key for system in systems]
place = st.query_params.get("at")
active = keys.index(place) if place in keys else 7
mode = "dark" if st.toggle("dark") else "light"
if st.toggle("slow"):
    mode = "dark"
    time.sleep(2)
st.text(f"server has {place}")
watch_slider("ladder", "at", keys, "System")
figure = ladder_figure([], systems, active, mode)
st.plotly_chart(figure, key="ladder", theme=None, config=dict(CONFIG))
if st.button("router"):
    st.query_params.from_dict({"v": "1", "at": keys[active], "more": "yes"})
"""
CHART = ".st-key-ladder .js-plotly-plot"
QUIET_MS = 900


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("slider")
    (folder / "page.py").write_text(PAGE, encoding="utf-8")
    options = {
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", value)]
    variables = {"PYTHONPATH": str(ROOT)}
    with dashboard(folder / "log.txt", *flags, folder=folder, script="page.py", variables=variables) as url:
        yield url


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.goto(f"{address}/?v=1&odd=a%20b,c&at=system-3")
    expect(opened.locator(f"{CHART}[role=slider]")).to_be_visible()
    yield opened
    context.close()


def position(page: Page) -> int:
    return page.evaluate(f"document.querySelector('{CHART}').layout.sliders[0].active")


def query(page: Page) -> str:
    return page.url.partition("?")[2]


def press(page: Page, *keys: str) -> None:
    page.focus(CHART)
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(60)


def drag_to(page: Page, share: float) -> None:
    rail = page.locator(".slider-rail-touch-rect").bounding_box()
    assert rail is not None
    height = rail["y"] + rail["height"] / 2
    page.mouse.move(rail["x"] + 12, height)
    page.mouse.down()
    page.mouse.move(rail["x"] + 10 + (rail["width"] - 20) * share, height, steps=9)
    page.mouse.up()
    page.wait_for_timeout(QUIET_MS)


def rerun(page: Page, name: str) -> None:
    page.evaluate(f"document.querySelector('{CHART}').dataset.old = 'yes'")
    page.get_by_text(name, exact=True).click()
    page.wait_for_timeout(600)
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    expect(page.locator(f"{CHART}[role=slider]")).to_be_visible()


def test_starts_where_the_link_says(page: Page) -> None:
    assert position(page) == 3
    assert query(page) == "v=1&odd=a%20b,c&at=system-3"


def test_the_address_keeps_its_other_parameters_as_spelled(page: Page) -> None:
    page.evaluate(
        """() => {
            const replace = history.replaceState.bind(history);
            window.written = [];
            history.replaceState = (state, title, address) => {
                window.written.push(address);
                replace(state, title, address);
            };
        }"""
    )
    drag_to(page, 1)
    assert page.evaluate("window.written[0]") == "/?v=1&odd=a%20b,c&at=system-14"


def test_arrow_keys_reach_every_step(page: Page) -> None:
    press(page, "Home")
    seen = []
    for _ in range(15):
        seen.append(position(page))
        press(page, "ArrowRight")
    assert seen == list(range(15))
    assert position(page) == 14
    press(page, "ArrowLeft", "ArrowLeft")
    assert position(page) == 12
    press(page, "End")
    assert position(page) == 14


def test_a_key_redraws_the_figure_and_tells_a_screen_reader(page: Page) -> None:
    press(page, "Home")
    assert eventually(page, lambda: "5 brains" in page.locator(f"{CHART} .textpoint").all_text_contents())
    chart = page.locator(CHART)
    assert chart.get_attribute("aria-valuetext") == "System 0, 1990"
    assert chart.get_attribute("aria-valuenow") == "0"
    assert chart.get_attribute("aria-valuemax") == "14"
    assert chart.get_attribute("aria-label") == "System"


def test_keys_with_a_modifier_are_left_to_the_browser(page: Page) -> None:
    press(page, "Shift+ArrowRight", "Control+ArrowRight")
    assert position(page) == 3


def test_a_keyboard_visitor_sees_where_the_focus_is(page: Page) -> None:
    page.keyboard.press("Tab")
    press(page, "ArrowRight")
    assert page.evaluate(f"document.querySelector('{CHART}').style.outlineStyle") == "solid"
    page.evaluate(f"document.querySelector('{CHART}').blur()")
    assert page.evaluate(f"document.querySelector('{CHART}').style.outlineStyle") == ""


def test_a_release_reaches_the_server_without_a_run_of_the_page(page: Page) -> None:
    drag_to(page, 5 / 14)
    assert query(page).endswith("at=system-5")
    # The page has not run again, and its chart is the same element.
    assert page.get_by_text("server has system-3").count() == 1
    rerun(page, "router")
    assert page.get_by_text("server has system-5").count() == 1
    assert query(page) == "v=1&at=system-5&more=yes"
    assert position(page) == 5


def test_a_new_figure_starts_at_the_position_and_is_watched_again(page: Page) -> None:
    drag_to(page, 9 / 14)
    rerun(page, "dark")
    assert page.locator(f"{CHART}[data-old=yes]").count() == 0, "the chart was meant to be drawn afresh"
    assert position(page) == 9
    press(page, "ArrowRight")
    page.wait_for_url("**at=system-10")
    page.reload()
    expect(page.locator(f"{CHART}[role=slider]")).to_be_visible()
    assert position(page) == 10


def test_a_move_is_not_undone_by_a_run_that_began_before(page: Page) -> None:
    page.evaluate(f"document.querySelector('{CHART}').dataset.old = 'yes'")
    page.get_by_text("slow", exact=True).click()
    expect(page.locator(".stApp[data-test-script-state=running]")).to_be_attached()
    press(page, "ArrowRight", "ArrowRight", "ArrowRight")
    assert position(page) == 6
    expect(page.locator(f"{CHART}[data-old=yes]")).to_have_count(0)
    expect(page.locator(f"{CHART}[aria-valuenow='6']")).to_be_visible()
    page.wait_for_url("**at=system-6")
    page.wait_for_timeout(QUIET_MS)
    rerun(page, "router")
    expect(page.get_by_text("server has system-6")).to_be_visible()
    assert position(page) == 6


def test_moving_adds_nothing_to_the_history(page: Page) -> None:
    # Streamlit respells an odd address when the server first answers, and that is one entry.
    drag_to(page, 4 / 14)
    before = page.evaluate("history.length")
    press(page, *["ArrowRight"] * 9)
    page.wait_for_url("**&at=system-13")
    assert page.evaluate("history.length") == before
    press(page, *["ArrowLeft"] * 10)
    page.wait_for_url("**&at=system-3")
    page.wait_for_timeout(QUIET_MS)
    assert page.evaluate("history.length") == before


def test_the_watcher_takes_no_room(page: Page) -> None:
    between = page.evaluate(
        """() => {
            const start = document.querySelector("[data-testid=stMain]");
            const main = start.querySelector("[data-testid=stVerticalBlock]");
            const blocks = [...main.children]
                .map((child) => child.getBoundingClientRect()).filter((box) => box.height > 0);
            return blocks.slice(1).map((box, index) => box.top - blocks[index].bottom);
        }"""
    )
    assert len(between) >= 3
    assert max(between) - min(between) < 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a b", "at", ["x"]), "chart_key is 'a b'"),
        (("chart", "at", []), "values has 0 entries"),
        (("chart", "at", ["x", "x"]), "values has 2 entries"),
        (("chart", "at", ["x y"]), "holds 'x y'"),
        (("chart", "a&t", ["x"]), "holds 'a&t'"),
    ],
)
def test_what_cannot_work_is_refused(arguments: tuple, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        watch_slider(*arguments)


@pytest.mark.parametrize(
    ("path", "chart", "key", "sections"),
    [
        ("context", "context", "ArrowRight", 1),
        ("generation", "generation", "ArrowRight", 1),
        ("scaling", "isoflop", "ArrowRight", 2),
        ("failures", "failures", "ArrowRight", 2),
        ("distillation", "ways", "ArrowRight", 2),
        ("budget", "budget", "ArrowLeft", 2),
    ],
)
def test_what_depends_on_the_slider_follows_it(
    browser: Browser, server: str, path: str, chart: str, key: str, sections: int
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{server}/{path}")
    slider = page.locator(f".st-key-{chart} .js-plotly-plot[role=slider]")
    expect(slider).to_be_visible()
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()

    def said() -> list[str]:
        return page.locator("h1, h2, table").all_inner_texts()

    before = said()
    slider.focus()
    for _ in range(3):
        page.keyboard.press(key)
    assert eventually(page, lambda: sum(map(str.__ne__, said(), before)) >= sections)
    page.wait_for_timeout(QUIET_MS)
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    after = said()
    page.reload()
    expect(slider).to_be_visible()
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    assert eventually(page, lambda: said() == after)
    context.close()
