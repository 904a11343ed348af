"""For everybody: axe-core on every page, words for figures, keys for sliders, reach on a phone, calm motion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from efficiency.link import State
from tests.servers import ROOT
from ui.light_page import address
from ui.share import TABS
from ui.theme import PALETTES
from ui.views import View, views

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
CHECKS = Path(__file__).with_name("access_checks.js").read_text(encoding="utf-8")
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
SCHEMES = tuple(PALETTES)
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
HALL: ViewportSize = {"width": 1920, "height": 1080}
TALLEST = 6000
GRAVE = ("serious", "critical")
GLYPH_CONTRAST = 3.0
"""What WCAG 2.2 asks of a mark that is no letter (1.4.11), such as the dashes of a legend; axe-core asks 4.5."""
LEAST_NUMBERS = 4
"""In a text alternative: what the figure shows, not only how long its axes are."""
LIGHT_PAGES = ("gap/gap", "gap/ladder", "distillation/reach", "error/points", "levers/levers")


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a browser that asks for less motion; all pages share what it has loaded."""
    made = browser.new_context(viewport=DESK, reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture
def open_page(context: BrowserContext, server: str) -> Iterator[Callable[..., Page]]:
    """Open an address on a screen of some size, in a light or a dark room."""
    opened: list[Page] = []

    def go(path: str, size: ViewportSize = DESK, **media: Any) -> Page:
        page = context.new_page()
        opened.append(page)
        page.set_viewport_size(size)
        page.emulate_media(**{"reduced_motion": "reduce", "color_scheme": "light"} | media)
        page.goto(server + path)
        return page

    yield go
    for page in opened:
        page.close()


def violations(page: Page, **options: Any) -> list[str]:
    """Run axe-core over a page; say each grave violation by its rule, place and text."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE)
    found = page.evaluate(
        "options => axe.run(document, options)", {"resultTypes": ["violations"], "preload": False} | options
    )
    return [
        f"{rule['id']} ({node['impact']}) at {node['target']}: {node['html']}\n{node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
        if node["impact"] in GRAVE and not is_visible_glyph(rule["id"], node)
    ]


def is_visible_glyph(rule: str, node: dict[str, Any]) -> bool:
    """Tell whether a complaint is about the contrast of a mark that is no letter, and stands out enough for one."""
    if rule != "color-contrast" or re.search(r"\w", re.sub(r"<[^>]*>", "", node["html"])):
        return False
    return bool(node["any"][0]["data"]["contrastRatio"] >= GLYPH_CONTRAST)


def check(page: Page, name: str, *arguments: str) -> Any:
    """Evaluate one of our own checks in a page."""
    if not page.evaluate("() => Boolean(window.accessChecks)"):
        page.evaluate(CHECKS)
    return page.evaluate("([name, given]) => accessChecks[name](...given)", [name, list(arguments)])


def wrong(page: Page, name: str, *arguments: str) -> list[str]:
    """Say what one of our own checks finds; it must have had something to look at."""
    found = check(page, name, *arguments)
    return list(found["wrong"]) if found["count"] else [f"{name} found nothing to look at"]


def figures_of(name: str) -> list[View]:
    return [view for view in views().values() if view.page == name]


def wait_until_ready(page: Page, name: str) -> None:
    """Wait for a page's words, its figures and the end of its run."""
    expect(page.locator("h1.tw-headline")).to_be_visible()
    for view in figures_of(name):
        expect(page.locator(f".st-key-{view.key} .main-svg").first).to_be_attached()
    settle(page)


def settle(page: Page) -> None:
    """Wait until no run and no movement is going on and the page has been painted."""
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_attached()
    page.wait_for_function(
        "() => document.getAnimations().every(a => a.playState !== 'running' || a.effect.getTiming().iterations > 99)"
    )
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def unfold(page: Page) -> None:
    """Open everything that is folded up, and make the screen as high as the page: what is not on it is not checked."""
    page.evaluate("() => document.querySelectorAll('details:not([open]) > summary').forEach(e => e.click())")
    # Some of it is worked out only then.
    page.wait_for_function(
        "() => [...document.querySelectorAll('details[open] [data-testid=stExpanderDetails]')]"
        ".every(e => e.querySelector('.stElementContainer'))"
    )
    settle(page)
    height = page.locator(".stMain").evaluate("e => e.scrollHeight")
    page.set_viewport_size({"width": DESK["width"], "height": min(TALLEST, height)})
    settle(page)


def turn_dark(page: Page) -> None:
    """Let the room grow dark; our colours and the figures follow with the next run of the page."""
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.locator("body").press("r")
    ground = PALETTES["dark"].ground.lstrip("#")
    said = f"rgb({', '.join(str(int(ground[at : at + 2], 16)) for at in (0, 2, 4))})"
    page.wait_for_function(
        """([colour, ground]) => [...document.querySelectorAll('.stApp style')]
                .some(style => style.textContent.includes(colour))
            && [...document.querySelectorAll('.js-plotly-plot')].every(e => {
                const drawn = e.querySelector('.main-svg');
                return drawn && getComputedStyle(drawn).backgroundColor === ground;
            })""",
        arg=[PALETTES["dark"].machine, said],
        timeout=60_000,
    )
    settle(page)


def silent_figures(page: Page, name: str) -> list[str]:
    """Name the figures whose text alternative is not the one with their numbers."""
    said = {
        view.name: page.locator(f".st-key-{view.key} [role=figure]").get_attribute("aria-label")
        for view in figures_of(name)
    }
    wanted = {key: views()[key].alt(State()) for key in said}
    return [
        f"{key} says {text}"
        for key, text in said.items()
        if text != wanted[key] or len(re.findall(r"\d[\d.,]*", wanted[key])) < LEAST_NUMBERS
    ]


def too_wide(page: Page) -> list[str]:
    """Say whether a page moves sideways, or its headline begins or ends beyond the screen."""
    beyond = page.locator(".stMain").evaluate("e => e.scrollWidth - e.clientWidth")
    box, size = page.locator("h1.tw-headline").bounding_box(), page.viewport_size
    assert box and size
    inside = box["x"] >= 0 and box["x"] + box["width"] <= size["width"]
    return [] if beyond <= 0 and inside else [f"{beyond} px beyond, headline at {box}"]


def deaf_sliders(page: Page, name: str) -> list[str]:
    """Name the figures whose slider does not follow the arrow keys into the address."""
    deaf = []
    for view in figures_of(name):
        if view.slider is None:
            continue
        chart = page.locator(f".st-key-{view.key} .js-plotly-plot")
        chart.focus()
        at = view.position(State())
        by, key = (1, "ArrowRight") if at + 1 < len(view.slider.values) else (-1, "ArrowLeft")
        said = chart.get_attribute("aria-valuetext")
        page.keyboard.press(key)
        moved = re.compile(rf"[?&]{view.slider.parameter}={re.escape(view.slider.values[at + by])}(&|$)")
        expect(page).to_have_url(moved)
        now = chart.get_attribute("aria-valuenow"), chart.get_attribute("aria-valuetext")
        if now[0] != str(at + by) or now[1] in (said, "", None):
            deaf.append(f"{view.name}: {key} says {now} after {said}")
    return deaf


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_for_everybody(open_page: Callable[..., Page], name: str) -> None:
    """One visit: light on a desk, then dark, then on a phone and in a hall."""
    page = open_page("/" if name == "gap" else f"/{name}")
    wait_until_ready(page, name)
    found = {"text alternatives": silent_figures(page, name), "width of a desk": too_wide(page)}
    unfold(page)
    found["light"] = violations(page)
    faint = ["faintLetters"] if figures_of(name) else []
    found["letters, light"] = [line for one in faint for line in wrong(page, one)]
    found["keys"] = deaf_sliders(page, name)
    turn_dark(page)
    found["dark"] = violations(page, runOnly=["color-contrast"])
    found["letters, dark"] = [line for one in faint for line in wrong(page, one)]
    page.set_viewport_size(PHONE)
    settle(page)
    found["phone"] = violations(page, rules={"color-contrast": {"enabled": False}})
    found["reach on a phone"] = [*wrong(page, "outOfReach", ".stMain"), *wrong(page, "outOfReach", "header")]
    found["width of a phone"] = too_wide(page)
    page.set_viewport_size(HALL)
    settle(page)
    found["width of a hall"] = too_wide(page)
    assert {where: lines for where, lines in found.items() if lines} == {}


def test_the_sidebar_of_a_phone_is_for_everybody(open_page: Callable[..., Page]) -> None:
    page = open_page("/", size=PHONE)
    wait_until_ready(page, "gap")
    page.get_by_test_id("stExpandSidebarButton").click()
    expect(page.locator(".stSidebar[data-collapsed=false]")).to_be_visible()
    page.get_by_role("button", name=re.compile("View .* more")).click()
    fold = page.get_by_role("button", name="Levers", exact=True)
    for key, state in (("Enter", "false"), ("Space", "true")):
        fold.press(key)
        expect(fold).to_have_attribute("aria-expanded", state)
    page.evaluate("() => document.querySelectorAll('.stSidebar details:not([open]) > summary').forEach(e => e.click())")
    settle(page)
    found = {"reach": wrong(page, "outOfReach", ".stSidebar"), "light": violations(page)}
    turn_dark(page)
    found["dark"] = violations(page, runOnly=["color-contrast"])
    assert {where: lines for where, lines in found.items() if lines} == {}
    page.get_by_role("button", name="Collapse sidebar").click()
    expect(page.locator(".stSidebar[data-collapsed=true]")).to_be_attached()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_share_dialog_and_menus_are_for_everybody(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page("/precision?v=1&bits=seven", color_scheme=scheme)
    wait_until_ready(page, "precision")
    page.get_by_test_id("stTopNavSection").filter(has_text="Scale").click()
    expect(page.get_by_role("menuitem", name="Clusters", exact=True)).to_be_visible()
    found = {"menu and notice": violations(page)}
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share").first.click()
    for tab in TABS:
        page.get_by_role("tab", name=tab, exact=True).click()
        settle(page)
        found[tab] = violations(page)
    assert {where: lines for where, lines in found.items() if lines} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_light_page_is_for_everybody(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page("/healthz", size=PHONE, color_scheme=scheme)
    found = {}
    for name in LIGHT_PAGES:
        page.goto(urljoin(page.url, address(views()[name], State())))
        expect(page.locator(f"#chart[data-drawn={scheme}]")).to_be_visible()
        expect(page.get_by_role("img", name=views()[name].alt(State()), exact=True)).to_be_visible()
        page.evaluate("() => document.querySelectorAll('details').forEach(e => (e.open = true))")
        found[name] = violations(page)
    assert {where: lines for where, lines in found.items() if lines} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_story_is_for_everybody(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page("/present?story=five-minutes", color_scheme=scheme)
    expect(page.locator(".step.current .chart[data-drawn]")).to_be_visible()
    found = {"step": violations(page)}
    page.keyboard.press("q")
    expect(page.locator("dialog[open]")).to_be_visible()
    found["code"] = violations(page)
    assert {where: lines for where, lines in found.items() if lines} == {}


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_motion_is_as_the_reader_wants_it(open_page: Callable[..., Page], motion: str, moves: bool) -> None:
    page = open_page("/", reduced_motion=motion)
    wait_until_ready(page, "gap")
    assert (check(page, "slowestChange") > 0.001) is moves
