"""What is taken away, in a real browser: the dialog by keyboard, slides, a figure's file without a network."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect

from efficiency.link import State, encode
from efficiency.own_table import template
from tests.quiet import eventually, redrawn
from tests.test_share import random_state
from ui import exports
from ui.answers import gap_of
from ui.markup import plain_text
from ui.text import headline_html
from ui.views import views

CHART = ".js-plotly-plot .main-svg"
DESK = {"viewport": {"width": 1280, "height": 800}, "accept_downloads": True}
PNG_SIZE = (1920, 1080)
LARGEST_FILE = 2_000_000


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open an address; on leaving, nothing must have been complained about, and nobody else asked."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(path: str = "/", **settings: object) -> Page:
        context = browser.new_context(**DESK | settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on(
            "request",
            lambda r: (
                None if r.url.startswith((server, "data:", "blob:")) else complaints.append(f"request to {r.url}")
            ),
        )
        page.goto(server + path)
        expect(page.locator(CHART).first).to_be_visible()
        return page

    yield go
    for context in contexts:
        context.close()
    assert not complaints


def open_dialog(page: Page, tab: str = "Link") -> None:
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("tab", name=tab).click()


def saved(page: Page, name: str, folder: Path) -> tuple[Download, Path]:
    with page.expect_download() as waited:
        page.get_by_role("dialog").get_by_role("button", name=name).click()
    path = folder / waited.value.suggested_filename
    waited.value.save_as(path)
    return waited.value, path


def test_the_dialog_by_keyboard(visit: Callable[..., Page]) -> None:
    page = visit("/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Share").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.get_by_role("tab", name="Link").focus()
    page.keyboard.press("Tab")
    reached = []
    for _ in range(6):
        reached.append(page.evaluate("document.activeElement.ariaLabel ?? ''"))
        if reached[-1] == "Copy: This page in this state":
            break
        page.keyboard.press("Tab")
    assert "Copy: This page in this state" in reached
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_without_a_clipboard_the_text_is_selected(visit: Callable[..., Page]) -> None:
    page = visit()
    page.evaluate("delete Navigator.prototype.clipboard; document.execCommand = () => false")
    open_dialog(page)
    page.get_by_role("button", name="Copy: This page in this state").click()
    expect(page.get_by_text("Press Ctrl+C or ⌘C")).to_be_visible()
    field = page.get_by_role("textbox", name="This page in this state")
    assert field.evaluate("one => one.selectionEnd - one.selectionStart === one.value.length")


@pytest.mark.parametrize(
    ("path", "figure"), [("/", "The power ladder"), ("/error", ""), ("/movement", "What a token moves")]
)
def test_a_slide_is_drawn_in_the_browser(visit: Callable[..., Page], tmp_path: Path, path: str, figure: str) -> None:
    page = visit(path)
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    if figure:
        page.get_by_role("combobox", name="Figure").click()
        page.get_by_role("option", name=figure).click()
    page.get_by_role("tab", name="Picture").click()
    _, file = saved(page, "PNG picture", tmp_path)
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == PNG_SIZE
    assert len(data) > 30_000
    _, file = saved(page, "SVG picture", tmp_path)
    text = file.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert (root.get("width"), root.get("height")) == ("1920", "1080")
    assert "data:font/woff2;base64," in text
    assert not re.search(r'(?:href|src)="https?:', text)
    said = "".join(root.itertext())
    view = next(v for v in views().values() if (v.title == figure if figure else v.name == "error/points"))
    assert plain_text(view.headline(State())) in said.replace("\u00a0", " ")
    assert "Twenty Watts" in said and "ata 20" in said
    assert len(root.findall(".//{http://www.w3.org/2000/svg}path")) > 5


def test_a_figure_s_file_works_without_a_network(visit: Callable[..., Page], browser: Browser, tmp_path: Path) -> None:
    page = visit("/movement")
    open_dialog(page, "Numbers and file")
    download, file = saved(page, "The figure as a file", tmp_path)
    assert download.suggested_filename == "twenty-watts-movement-roofline.html"
    assert file.stat().st_size <= LARGEST_FILE
    complaints: list[str] = []
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
    try:
        alone = context.new_page()
        alone.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        alone.on("pageerror", lambda e: complaints.append(str(e)))
        alone.on(
            "request", lambda r: complaints.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None
        )
        alone.goto(file.as_uri())
        expect(alone.locator("#chart[data-drawn] .main-svg").first).to_be_visible()
        expect(alone.locator("h1")).to_have_text(re.compile(r"moving bytes"))
        before = alone.locator("#chart").inner_html()
        alone.locator("#slider").focus()
        for _ in range(3):
            alone.keyboard.press("ArrowRight")
        expect(alone.locator("#position")).to_contain_text("512")
        assert redrawn(alone.locator("#chart"), {before})
        expect(alone.locator("a.button")).to_have_attribute("href", re.compile("^http://127.0.0.1.*mv_batch=512"))
        assert not complaints
    finally:
        context.close()


def test_numbers_are_saved(visit: Callable[..., Page], tmp_path: Path) -> None:
    page = visit()
    open_dialog(page, "Numbers and file")
    _, file = saved(page, "Numbers as JSON", tmp_path)
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["link"] == page.url
    _, file = saved(page, "Numbers as CSV", tmp_path)
    assert file.read_text(encoding="utf-8").startswith("figure,name,low,central,high,unit,sources")


def test_a_slider_s_place_is_shared(visit: Callable[..., Page]) -> None:
    page = visit("/movement")
    chart = page.locator(".st-key-roofline .js-plotly-plot")
    # A move while the page still asks for its first runs is undone by them.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    chart.focus()
    chart.press("ArrowRight")
    expect(page).to_have_url(re.compile("mv_batch=128"))
    open_dialog(page)
    assert "mv_batch=128" in page.get_by_role("textbox", name="This page in this state").input_value()
    assert "mv_batch=128" in page.get_by_role("textbox", name="The same in short").input_value()


def test_a_link_pasted_into_a_fresh_browser_says_the_same(visit: Callable[..., Page]) -> None:
    draw = random.Random(7)
    for _ in range(4):
        state = random_state(draw)
        expected = plain_text(headline_html(gap_of(state.scenario)).partition("</h1>")[0])
        for link in (encode(state), exports.encode_short(state)):
            page = visit(f"/?{link}")
            heading = page.locator("h1.tw-headline")
            shown = plain_text(heading.inner_html())
            assert shown.replace("\u00a0", " ") == expected.replace("\u00a0", " ")
            assert state.theme == "auto" or f"embed_options={state.theme}_theme" in page.url
            page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_link_is_seen_in_its_theme(visit: Callable[..., Page], theme: str) -> None:
    other = {"light": "dark", "dark": "light"}[theme]
    page = visit(f"/?{encode(State(theme=theme))}", color_scheme=other)
    ground = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(15, 18, 24)"}[theme]
    paper = page.locator(f"{CHART}").first.evaluate("one => one.style.background")
    assert ground in paper
    phone = page.context.new_page()
    phone.goto(page.url.split("/?")[0] + "/view?page=gap&fig=gap&theme=" + theme)
    expect(phone.locator(f"#chart[data-drawn={theme}]")).to_be_visible()
    assert phone.evaluate("getComputedStyle(document.documentElement).backgroundColor") == ground


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080), (390, 844)])
def test_the_dialog_fits_every_screen(visit: Callable[..., Page], size: tuple[int, int]) -> None:
    page = visit("/", viewport={"width": size[0], "height": size[1]})
    open_dialog(page, "Code")
    picture = page.locator(".st-key-share_code img")
    expect(picture).to_be_visible()

    def large_and_whole() -> bool:
        box = picture.bounding_box()
        least = min(size[0] - 90, size[1] - 420)
        return box is not None and least <= box["width"] <= size[0] and box["height"] <= size[1]

    # The dialog grows into its place.
    assert eventually(page, large_and_whole), picture.bounding_box()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_table_of_one_s_own_is_used_in_this_session_alone(visit: Callable[..., Page]) -> None:
    page = visit("/")
    page.get_by_role("link", name="Your own").first.click()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": b"kind,name\nchip,X\n"})
    expect(page.get_by_text("The first row must hold the columns")).to_be_visible()
    chooser.set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": template().encode()})
    page.get_by_role("button", name="Use it").first.click()
    expect(page.get_by_text("yours, not checked: chip X1")).to_be_visible()
    page.get_by_role("link", name="The gap").first.click()
    expect(page.locator("h1.tw-headline")).to_contain_text("your X1 chips")
    own = page.url
    assert "chip=own_" in own
    # A second visitor brings other numbers under the same name at the same time.
    rival = visit("/")
    rival.get_by_role("link", name="Your own").first.click()
    slower = template().replace("650,,,W", "6.5,,,kW")
    rival.locator("input[type=file]").set_input_files(
        {"name": "mine.csv", "mimeType": "text/csv", "buffer": slower.encode()}
    )
    rival.get_by_role("button", name="Use it").first.click()
    expect(rival.get_by_role("button", name="In use")).to_be_visible()
    rival.get_by_role("link", name="See the gap with it").click()
    expect(rival.locator("h1.tw-headline")).to_contain_text("your X1 chips")
    page.get_by_role("button", name="Share").click()
    expect(page.get_by_text("No link carries what was brought")).to_contain_text("instead of the chip X1")
    page.keyboard.press("Escape")
    theirs, ours = (one.locator("h1.tw-headline").inner_text() for one in (rival, page))
    assert theirs != ours
    assert rival.url.split("chip=")[1][:36] != own.split("chip=")[1][:36]
    other = visit(f"/{own.split('/', 3)[3]}")
    expect(other.get_by_text("brought into a session of their own")).to_be_visible()
    expect(other.locator("h1.tw-headline")).to_contain_text("H100s")
