"""The dashboard in a real browser: what a stranger sees, moves, and passes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from efficiency.gap import evaluate
from efficiency.link import State, encode, parameters
from efficiency.say import times
from efficiency.scenario import Scenario
from tests.edges import cut_words, words_and_edges
from tests.quiet import eventually, redrawn, wait_until_quiet
from ui.answers import system_steps
from ui.views import views

BUDGET_BYTES = 2_500_000
PLOTS = ".js-plotly-plot .main-svg"
SLIDERS = [name for name, view in views().items() if view.slider]


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open an address in a fresh browser; on leaving, there must be no console error and no foreign request."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(path: str = "/", **settings: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | settings)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: complaints.append(str(e)))
        page.on(
            "request",
            lambda r: None if _is_ours(r.url, server) else complaints.append(f"request to {r.url}"),
        )
        page.on("websocket", lambda w: None if _is_ours(w.url, server) else complaints.append(w.url))
        page.goto(server + path)
        expect(page.locator("h1.tw-headline")).to_be_visible()
        return page

    yield go
    for context in contexts:
        context.close()
    assert not complaints


def _is_ours(url: str, server: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("data", "blob") or parts.netloc == urlsplit(server).netloc


def headline(page: Page) -> str:
    """Read the finding as a person does."""
    return page.locator("h1.tw-headline").inner_text()


def numbers(page: Page) -> list[str]:
    """Read the values beside the bars of the hero figure."""
    expect(page.locator(f".st-key-gap {PLOTS}").first).to_be_visible()
    return [text for text in page.locator(".st-key-gap text").all_text_contents() if "×" in text]


def address(page: Page) -> dict[str, str]:
    """Read the address bar's parameters."""
    found = parse_qs(urlsplit(page.url).query, keep_blank_values=True)
    return {name: values[0] for name, values in found.items()}


def ladder_position(page: Page) -> int:
    """Ask the ladder's figure where its slider stands."""
    expect(page.locator(f".st-key-ladder {PLOTS}").first).to_be_visible()
    return int(page.evaluate("document.querySelector('.st-key-ladder .js-plotly-plot').layout.sliders[0].active || 0"))


def drag_ladder(page: Page, share: float) -> None:
    """Drag the ladder's slider by hand to a share of its rail."""
    rail = page.locator(".st-key-ladder .slider-rail-touch-rect")
    rail.scroll_into_view_if_needed()
    box = rail.bounding_box()
    grip = page.locator(".st-key-ladder .slider-grip-rect").bounding_box()
    assert box and grip
    page.mouse.move(grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
    page.mouse.down()
    for step in range(1, 9):
        from_x = grip["x"] + grip["width"] / 2
        to_x = box["x"] + share * box["width"]
        page.mouse.move(from_x + (to_x - from_x) * step / 8, box["y"] + box["height"] / 2)
    page.mouse.up()


def ladder_text(page: Page) -> str:
    """Read all words of the ladder's figure."""
    return " ".join(page.locator(".st-key-ladder text").all_text_contents())


def test_a_stranger_sees_the_number_first(visit: Callable[..., Page]) -> None:
    page = visit()
    said = times(evaluate(Scenario()).yardstick("compute").central)
    assert said in headline(page)
    assert re.match(r"Brain-scale compute on H100s\s+takes", headline(page))
    box = page.locator("h1.tw-headline").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 250
    assert len(numbers(page)) == 8
    expect(page).to_have_url(re.compile(re.escape(encode(State()))))


def test_the_slider_in_the_figure_moves_figure_and_address_and_the_link_carries_it(
    visit: Callable[..., Page],
) -> None:
    page = visit()
    ladder_position(page)
    before = ladder_text(page)
    drag_ladder(page, 0.1)
    expect(page).not_to_have_url(re.compile("ladder=colossus_1&"))
    position = ladder_position(page)
    step = system_steps()[position]
    assert address(page)["ladder"] == step.key
    assert step.key != State().ladder
    assert ladder_text(page) != before
    assert step.label in ladder_text(page)

    other = visit(page.url.split("/", 3)[3].join(["/", ""]))
    assert ladder_position(other) == position
    assert headline(other) == headline(page)
    assert numbers(other) == numbers(page)
    assert step.label in ladder_text(other)
    assert address(other) == address(page)


def test_the_slider_stays_where_it_is_when_a_control_moves(visit: Callable[..., Page]) -> None:
    page = visit()
    ladder_position(page)
    drag_ladder(page, 0.1)
    expect(page).not_to_have_url(re.compile("ladder=colossus_1&"))
    position = ladder_position(page)
    before = headline(page)
    slider = page.locator(".st-key-scenario_utilisation input")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator("h1.tw-headline")).not_to_have_text(before)
    expect(page).to_have_url(re.compile("util=0.45(&|$)"))
    assert ladder_position(page) == position
    assert address(page)["ladder"] == system_steps()[position].key


def test_arrow_keys_move_the_slider_in_the_figure(visit: Callable[..., Page]) -> None:
    page = visit()
    position = ladder_position(page)
    chart = page.locator(".st-key-ladder .js-plotly-plot")
    expect(chart).to_have_attribute("tabindex", "0")
    chart.focus()
    page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile("ladder=colossus_1&"))
    assert ladder_position(page) == position + 1


@pytest.mark.parametrize("name", SLIDERS)
def test_a_drag_never_calls_the_server(browser: Browser, server: str, name: str) -> None:
    view = views()[name]
    assert view.slider is not None
    first, last = view.slider.values[0], view.slider.values[-1]
    page = browser.new_page(viewport={"width": 1280, "height": 1200})
    sent: list[int] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(len(frame))))
    page.goto(f"{server}/{'' if view.page == 'gap' else view.page}?{view.slider.parameter}={first}")
    rail = page.locator(f".st-key-{view.key} .slider-rail-touch-rect")
    expect(rail).to_be_visible()
    picture = page.locator(f".st-key-{view.key} .js-plotly-plot")
    for _ in range(3):
        wait_until_quiet(page, sent)
        rail.hover()
        box = rail.bounding_box()
        assert box
        page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2)
        page.mouse.down()
        calm = len(sent)
        seen = set()
        for share in (0.2, 0.4, 0.6, 0.8):
            page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
            redrawn(picture, seen, patience_s=5)
            seen.add(picture.inner_html())
        # On a busy machine something else may want to be said meanwhile; a slider would speak up every time.
        if len(sent) == calm:
            break
        page.mouse.up()
    assert len(seen) == 4, "the picture follows the hand"
    assert len(sent) == calm, "and asks nobody"
    page.mouse.move(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"{view.slider.parameter}={re.escape(last)}(&|$)"))
    page.close()


def test_a_link_opens_the_same_state_in_another_browser(visit: Callable[..., Page]) -> None:
    state = State(
        Scenario(system="own", chip="b200", chip_count=8.0, bits=8.0, pue=1.1, brain_flop_per_s=3e15), "summit"
    )
    pages = [visit("/?" + encode(state)) for _ in range(2)]
    assert headline(pages[0]) == headline(pages[1])
    assert "B200s" in headline(pages[0])
    assert numbers(pages[0]) == numbers(pages[1])
    for page in pages:
        assert address(page) == parameters(state)


def test_back_returns_to_the_state_before(visit: Callable[..., Page]) -> None:
    page = visit()
    first = headline(page)
    slider = page.locator(".st-key-scenario_utilisation input")
    slider.focus()
    slider.press("ArrowRight")
    expect(page.locator("h1.tw-headline")).not_to_have_text(first)
    expect(page).to_have_url(re.compile("util=0.45(&|$)"))
    page.go_back()
    expect(page.locator("h1.tw-headline")).to_have_text(first)
    assert address(page)["util"] == "0.4"


def test_reload_keeps_the_state(visit: Callable[..., Page]) -> None:
    page = visit("/?v=1&chip=mi300x&bits=8")
    said, where = headline(page), address(page)
    page.reload()
    expect(page.locator("h1.tw-headline")).to_have_text(said)
    assert address(page) == where


def test_going_to_the_sources_and_back_keeps_the_state(visit: Callable[..., Page]) -> None:
    page = visit("/?v=1&chip=b200")
    page.get_by_test_id("stTopNavSection").filter(has_text="Trust").click()
    page.get_by_role("menuitem", name="Sources", exact=True).click()
    expect(page.locator("h1.tw-headline")).to_contain_text("sources")
    expect(page.locator("[data-testid=stDataFrame]").first).to_be_visible()
    expect(page).to_have_url(re.compile("chip=b200(&|$)"))
    assert urlsplit(page.url).path == "/sources"


def go_to(page: Page, section: str, name: str) -> None:
    page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    page.get_by_role("menuitem", name=name, exact=True).click()


def test_what_is_set_stays_set_on_the_way_through_the_pages(visit: Callable[..., Page]) -> None:
    """A control that one page alone draws, then a slider in a figure of another, then a third page."""
    # A list closes when the page scrolls, so nothing needs to.
    page = visit("/precision", viewport={"width": 1280, "height": 2000})
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    home = page.get_by_test_id("stTopNavLink").filter(has_text="The gap")
    home.click()
    expect(page.locator(f".st-key-ledger {PLOTS}").first).to_be_visible()
    wait_until_quiet(page, sent)
    page.get_by_role("combobox", name="Ledger counts").click()
    page.get_by_role("option", name="Training").click()
    expect(page).to_have_url(re.compile("work=training(&|$)"))
    go_to(page, "Levers", "Precision")
    slider = page.get_by_role("slider", name="Width of the numbers")
    expect(page).to_have_url(re.compile("pr_at=8(&|$)"))
    slider.press("ArrowRight")
    expect(page).to_have_url(re.compile("pr_at=6(&|$)"))
    # The server hears of it a moment later.
    wait_until_quiet(page, sent)
    go_to(page, "Levers", "Sparsity")
    expect(page.locator("h1.tw-headline")).to_be_visible()
    expect(page).to_have_url(re.compile("/sparsity.*pr_at="))
    assert {name: address(page)[name] for name in ("work", "pr_at")} == {"work": "training", "pr_at": "6"}
    home.click()
    expect(page.get_by_role("combobox", name="Ledger counts")).to_have_value("Training")


def test_a_broken_link_opens_with_a_notice(visit: Callable[..., Page]) -> None:
    page = visit("/?v=1&bits=seven&chip=%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.get_by_text("bits=seven")).to_be_visible()
    assert address(page) == parameters(State())


@pytest.mark.parametrize(
    "scenario",
    [
        Scenario(),
        Scenario(run="llama4_maverick", copies=1e10, events="every_step", brain_bit="delivered", channel="racks"),
        Scenario(brain_flop_per_s=1e11, brain_scope="body", machine_scope="chip"),
    ],
    ids=["default", "long words", "machine ahead"],
)
def test_no_word_in_the_hero_figure_is_cut(visit: Callable[..., Page], scenario: Scenario) -> None:
    page = visit("/?" + encode(State(scenario)), viewport={"width": 360, "height": 844})
    numbers(page)
    page.evaluate("document.fonts.ready")
    for width in (360, 390, 1280, 1920):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_function(
            """() => {
                const [figure, drawn] = ['.js-plotly-plot', '.main-svg'].map(
                    (name) => document.querySelector(`.st-key-gap ${name}`).getBoundingClientRect().width);
                return Math.abs(figure - drawn) < 1 && figure > 0.5 * innerWidth;
            }"""
        )
        assert len(words_and_edges(page, "gap")) > 20
        assert eventually(page, lambda: not cut_words(page, "gap")), (width, cut_words(page, "gap"))


@pytest.mark.parametrize("width", [390, 1280])
def test_values_keep_clear_of_the_brain_s_line(visit: Callable[..., Page], width: int) -> None:
    page = visit(viewport={"width": width, "height": 844})
    numbers(page)
    gaps = page.evaluate(
        """() => {
            const lines = [...document.querySelectorAll('.st-key-gap .scatterlayer .js-line')];
            const brain = lines.find((line) => line.style.stroke === 'rgb(232, 116, 59)').getBoundingClientRect();
            const values = [...document.querySelectorAll('.st-key-gap .textpoint text')];
            return values.map((value) => {
                const box = value.getBoundingClientRect();
                return Math.max(box.left - brain.right, brain.left - box.right);
            });
        }"""
    )
    assert len(gaps) == 8
    # Each box begins with a space of half a letter's height.
    assert min(gaps) >= 2


def test_a_row_s_link_shows_as_many_records_as_it_says(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_text("The numbers behind each row").click()
    link = page.locator(".tw-table a").nth(3)
    said = link.inner_text()
    # A pointer could miss what still slides open.
    link.press("Enter")
    expect(page.get_by_text(f"{said} used by Compute")).to_be_visible()
    expect(page).to_have_url(re.compile("find=used(:|%3A)compute(&|$)"))
    page.get_by_role("button", name=re.compile("All .* records")).click()
    expect(page.get_by_text("used by Compute")).to_have_count(0)


def test_the_first_visit_fits_the_budget(browser: Browser, server: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    sizes: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    devtools.on(
        "Network.webSocketFrameReceived", lambda event: sizes.append(len(event["response"]["payloadData"]) * 3 / 4)
    )
    devtools.send("Network.enable")
    page.goto(server)
    for key in ("gap", "ladder", "ledger"):
        expect(page.locator(f".st-key-{key} {PLOTS}").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    fonts = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert any("Inter" in family for family in fonts)
    assert 1_000_000 < sum(sizes) <= BUDGET_BYTES, f"{sum(sizes) / 1e6:.2f} MB"
    context.close()


@pytest.mark.parametrize("query", ["", "theme=light"])
def test_the_room_s_light_may_change(visit: Callable[..., Page], query: str) -> None:
    page = visit(f"/?{query}", color_scheme="light")
    letters = page.locator(".st-key-gap .xtick text").first
    expect(letters).to_have_css("fill", "rgb(26, 29, 35)")
    top = page.locator("h1.tw-headline").bounding_box()
    page.emulate_media(color_scheme="dark")
    if query:
        # A link that asks for a theme keeps it.
        page.wait_for_timeout(1500)
        expect(letters).to_have_css("fill", "rgb(26, 29, 35)")
    else:
        expect(letters).to_have_css("fill", "rgb(236, 238, 242)")
        expect(page.locator(".stApp")).to_have_css("background-color", "rgb(15, 18, 24)")
    assert page.locator("h1.tw-headline").bounding_box() == top


def test_on_a_phone_the_menu_gives_way_to_the_page(visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    sidebar = page.locator(".stSidebar")
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    page.get_by_role("link", name="Precision", exact=True).tap()
    expect(page).to_have_url(re.compile("/precision"))
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    # A sidebar left open does not lie over what a later link shows.
    page.get_by_test_id("stExpandSidebarButton").tap()
    expect(sidebar).to_have_attribute("data-collapsed", "false")
    page.reload()
    expect(page.locator("h1.tw-headline")).to_be_visible()
    expect(sidebar).to_have_attribute("data-collapsed", "true")
