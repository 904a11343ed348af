"""The deck in a real browser: keys, clickers, fingers, reload, notes, and a file with the network off."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from efficiency.link import decode
from tests.quiet import LOOK_ONCE, eventually, keep_moves_open, redrawn
from tests.test_server import ask
from ui.drawings import drawing
from ui.markup import plain_text
from ui.stories import read, shipped

STORY = "twenty-watts"
STEPS = read(shipped()[STORY]).steps
LAST = len(STEPS)
ROOM = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
LEAST_TOUCH_PX = 44
# Sixteen, but for what a browser rounds.
LEAST_LETTER_PX = 15.9
SLIDING = next(number for number, step in enumerate(STEPS, start=1) if step.view.name == "precision/widths")


@pytest.fixture
def stage(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Open an address on a fresh screen; on leaving, nothing must have been complained about or asked for elsewhere."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def go(address: str, **settings: Any) -> Page:
        context = browser.new_context(**ROOM | settings)
        context.add_init_script(LOOK_ONCE)
        contexts.append(context)

        def watch(page: Page) -> None:
            page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
            page.on("pageerror", lambda e: complaints.append(str(e)))
            page.on("request", lambda r: None if is_own(r.url) else complaints.append(f"request to {r.url[:200]}"))

        context.on("page", watch)
        page = context.new_page()
        page.goto(address if "://" in address else server + address)
        return page

    def is_own(url: str) -> bool:
        return url.startswith((server, "file:", "data:", "blob:", "about:"))

    yield go
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def saved(server: str, tmp_path: Path) -> str:
    """Save the deck as a file; give its address on the disk."""
    path = tmp_path / "deck.html"
    path.write_bytes(ask(server, f"/present?story={STORY}&download=1").body)
    return path.as_uri()


def step_of(page: Page) -> int:
    return int(page.locator("#counter").inner_text().split(" / ")[0])


def wait_for_figure(page: Page, step: int) -> None:
    expect(page.locator(f"#step-{step} .chart[data-drawn] .main-svg").first).to_be_visible()


def picture_of(page: Page, step: int) -> str:
    return page.locator(f"#step-{step} .chart").inner_html()


# Steps


@pytest.mark.parametrize(("on", "back"), [("ArrowRight", "ArrowLeft"), ("PageDown", "PageUp"), ("Space", "Backspace")])
def test_keys_and_clickers_go_through_all_steps_and_back(stage: Callable[..., Page], on: str, back: str) -> None:
    page = stage(f"/present?story={STORY}")
    wait_for_figure(page, 1)
    for step in range(2, LAST + 1):
        page.keyboard.press(on)
        assert step_of(page) == step
        expect(page.locator(f"#step-{step} h1")).to_be_visible()
        assert parse_qs(urlsplit(page.url).query)["step"] == [str(step)]
    page.keyboard.press(on)
    assert step_of(page) == LAST
    wait_for_figure(page, LAST)
    for step in range(LAST - 1, 0, -1):
        page.keyboard.press(back)
        assert step_of(page) == step
    page.keyboard.press(back)
    assert step_of(page) == 1
    expect(page.locator(".step.current")).to_have_count(1)


def test_quick_keys_are_not_lost_though_figures_are_not_drawn_yet(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}")
    for _ in range(LAST - 1):
        page.keyboard.press("PageDown")
    assert step_of(page) == LAST
    wait_for_figure(page, LAST)
    # Whoever hears the page hears the sentence.
    expect(page.locator("#said")).to_have_text(f"Step {LAST}: {plain_text(STEPS[-1].sentence)}")


def test_every_figure_is_drawn_and_fits_the_screen(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}")
    for step in range(1, LAST + 1):
        wait_for_figure(page, step)
        page.wait_for_timeout(50)
        chart = page.locator(f"#step-{step} .chart").bounding_box()
        place = page.locator(f"#step-{step} .place").bounding_box()
        assert chart and place
        assert chart["height"] <= place["height"] + 1
        assert chart["width"] <= place["width"] + 1
        assert chart["height"] > 250
        page.keyboard.press("PageDown")


LETTERS = """() => {
  const chart = document.querySelector(".step.current .chart");
  const scale = Number((chart.style.transform.match(/scale\\(([\\d.]+)/) || [0, 1])[1]);
  const shown = (one) => one.textContent.trim() && one.getBoundingClientRect().width;
  const size = (one) => scale * parseFloat(getComputedStyle(one).fontSize);
  return [...chart.querySelectorAll("text")].filter(shown).map((one) => [size(one), one.textContent]);
}"""


@pytest.mark.parametrize("story", sorted(shipped()))
def test_every_letter_can_be_read_from_the_back_row(stage: Callable[..., Page], story: str) -> None:
    """On a small projector no figure is shrunk until its words are lost."""
    page = stage(f"/present?story={story}")
    for step in range(1, len(read(shipped()[story]).steps) + 1):
        if step > 1:
            page.keyboard.press("PageDown")
        wait_for_figure(page, step)
        found = page.evaluate(LETTERS)
        assert found, step
        assert min(found)[0] >= LEAST_LETTER_PX, (step, min(found))


def test_reload_stays_on_the_step(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}")
    for _ in range(6):
        page.keyboard.press("ArrowRight")
    page.reload()
    assert step_of(page) == 7
    wait_for_figure(page, 7)


@pytest.mark.parametrize(("asked", "shown"), [("7", 7), ("0", 1), ("99", LAST), ("x", 1), ("", 1), ("2.4", 2)])
def test_a_link_opens_its_step(stage: Callable[..., Page], asked: str, shown: int) -> None:
    page = stage(f"/present?story={STORY}&step={asked}")
    assert step_of(page) == shown


def test_home_end_and_buttons(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}")
    page.keyboard.press("End")
    assert step_of(page) == LAST
    page.keyboard.press("Home")
    assert step_of(page) == 1
    page.get_by_label("Step on").click()
    assert step_of(page) == 2
    page.get_by_label("Step back").click()
    assert step_of(page) == 1


# Escape


def test_escape_leads_to_the_dashboard_in_the_step_s_state(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}")
    for _ in range(SLIDING - 1):
        page.keyboard.press("PageDown")
    page.keyboard.press("Escape")
    expect(page.locator("h1.tw-headline")).to_be_visible()
    where = urlsplit(page.url)
    step = STEPS[SLIDING - 1]
    assert where.path == f"/{step.view.page}"
    assert decode(where.query) == (step.state, ())
    page.go_back()
    expect(page.locator("#counter")).to_have_text(f"{SLIDING} / {LAST}")


def test_escape_takes_the_slider_along(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}")
    wait_for_figure(page, SLIDING)
    page.keyboard.press("ArrowUp")
    slider = STEPS[SLIDING - 1].view.slider
    assert slider
    wanted = slider.values[int(page.locator(f"#step-{SLIDING} input").input_value())]
    page.keyboard.press("Escape")
    page.wait_for_url("**/precision?**")
    assert parse_qs(urlsplit(page.url).query)[slider.parameter] == [wanted]


def test_who_only_looked_in_goes_back_to_where_he_was(stage: Callable[..., Page]) -> None:
    page = stage("/stage?v=1&chip=b200")
    page.get_by_role("link", name="Present").first.click()
    wait_for_figure(page, 1)
    page.keyboard.press("Escape")
    page.wait_for_url("**/stage?**")
    assert parse_qs(urlsplit(page.url).query)["chip"] == ["b200"]


# Sliders


def test_a_slider_moves_the_picture(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}")
    wait_for_figure(page, SLIDING)
    before, said = picture_of(page, SLIDING), page.locator(f"#step-{SLIDING} output").inner_text()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"#step-{SLIDING} output")).not_to_have_text(said)
    assert eventually(page, lambda: picture_of(page, SLIDING) != before)
    assert step_of(page) == SLIDING
    # With the slider in focus, arrows are its own; a clicker still turns pages.
    slider = page.locator(f"#step-{SLIDING} input")
    slider.focus()
    at = slider.input_value()
    page.keyboard.press("ArrowRight")
    assert slider.input_value() != at
    assert step_of(page) == SLIDING
    page.keyboard.press("PageDown")
    assert step_of(page) == SLIDING + 1


def test_dragging_redraws_while_it_goes_on_and_lets_the_keys_go(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}")
    wait_for_figure(page, SLIDING)
    box = page.locator(f"#step-{SLIDING} input").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, middle)
    page.mouse.down()
    seen = set()
    for part in (0.1, 0.5, 0.9):
        page.mouse.move(box["x"] + box["width"] * part, middle, steps=3)
        eventually(page, lambda: picture_of(page, SLIDING) not in seen, patience_s=5)
        seen.add(picture_of(page, SLIDING))
    assert len(seen) == 3
    page.mouse.up()
    page.keyboard.press("ArrowRight")
    assert step_of(page) == SLIDING + 1


def test_a_link_and_a_reload_keep_the_slider(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}")
    slider = STEPS[SLIDING - 1].view.slider
    assert slider
    wait_for_figure(page, SLIDING)
    start = page.locator(f"#step-{SLIDING} output").inner_text()
    page.keyboard.press("ArrowUp")
    said = page.locator(f"#step-{SLIDING} output").inner_text()
    headline = page.locator(f"#step-{SLIDING} h1").inner_text()
    position = page.locator(f"#step-{SLIDING} input").input_value()
    page.keyboard.press("q")
    link = page.get_by_label("Link to this step").input_value()
    page.keyboard.press("q")
    assert parse_qs(urlsplit(link).query)["slider"] == [slider.values[int(position)]]
    page.wait_for_url(link)

    def stands(other: Page) -> None:
        chart = other.locator(f"#step-{SLIDING} .chart")
        expect(chart).to_have_attribute("data-position", position)
        expect(other.locator(f"#step-{SLIDING} output")).to_have_text(said)
        assert other.locator(f"#step-{SLIDING} h1").inner_text() == headline
        assert step_of(other) == SLIDING

    page.reload()
    stands(page)
    other = page.context.new_page()
    other.goto(link)
    stands(other)
    # Another step has a slider of its own; one that stands where the story has it needs no mention.
    page.keyboard.press("PageDown")
    assert "slider" not in parse_qs(urlsplit(page.url).query)
    page.keyboard.press("PageUp")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"#step-{SLIDING} output")).to_have_text(start)
    page.wait_for_url(lambda url: "slider" not in parse_qs(urlsplit(url).query))


def test_a_slider_s_place_that_does_not_exist_is_named(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}&slider=nowhere")
    slider = STEPS[SLIDING - 1].view.slider
    assert slider
    expect(page.locator(".notice")).to_contain_text("slider=nowhere; allowed here are " + ", ".join(slider.values))
    wait_for_figure(page, SLIDING)
    page.keyboard.press("ArrowUp")
    expect(page.locator(".notice")).to_have_count(0)
    still = next(number for number, step in enumerate(STEPS, 1) if step.view.slider is None)
    page.goto(page.url.split("&step=")[0] + f"&step={still}&slider=2")
    expect(page.locator(".notice")).to_contain_text("this step has no slider")


# The speaker


def test_notes_follow_in_a_second_window_and_lead(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step=3")
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    expect(notes.locator(".note")).to_have_text(STEPS[2].note)
    page.keyboard.press("PageDown")
    expect(notes.locator(".note")).to_have_text(STEPS[3].note)
    expect(notes.locator(".bar b").first).to_have_text(f"4 / {LAST}")
    notes.keyboard.press("PageDown")
    expect(page.locator("#counter")).to_have_text(f"5 / {LAST}")
    notes.get_by_label("Step back").click()
    expect(page.locator("#counter")).to_have_text(f"4 / {LAST}")
    # A window opened afresh finds out where the deck stands.
    notes.reload()
    expect(notes.locator(".note")).to_have_text(STEPS[3].note)
    page.keyboard.press("PageDown")
    expect(notes.locator(".bar b").first).to_have_text(f"5 / {LAST}")
    for light in ("dark", "light"):
        notes.emulate_media(color_scheme=light)  # type: ignore[arg-type]
        expect(notes.locator(f"html[data-scheme={light}]")).to_be_attached()


def test_notes_say_what_stands_over_the_figure(stage: Callable[..., Page]) -> None:
    told = next(number for number, step in enumerate(STEPS, 1) if len(set(step.sentences)) > 1)
    page = stage(f"/present?story={STORY}&step={told}")
    headline = page.locator(f"#step-{told} h1")
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    expect(notes.locator(".now")).to_have_text(headline.inner_text())
    before = headline.inner_text()
    for key in ("ArrowUp", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
        expect(notes.locator(".now")).to_have_text(headline.inner_text())
        if headline.inner_text() != before:
            break
    else:
        raise AssertionError("no place of the slider has a sentence of its own")
    notes.reload()
    expect(notes.locator(".now")).to_have_text(headline.inner_text())


def test_the_code_is_large_and_has_the_step_s_link(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step=4")
    page.keyboard.press("q")
    box = page.locator("dialog svg").bounding_box()
    assert box and min(box["width"], box["height"]) > 500
    assert page.get_by_label("Link to this step").input_value() == page.url
    page.keyboard.press("PageDown")
    assert step_of(page) == 4
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    assert urlsplit(page.url).path == "/present"
    for _ in range(2):
        page.keyboard.press("q")
    expect(page.locator("dialog")).to_be_hidden()


def test_the_code_leads_to_what_stands_on_the_stage(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}")
    parameter = STEPS[SLIDING - 1].view.slider.parameter  # type: ignore[union-attr]

    def code() -> tuple[str, str]:
        page.keyboard.press("q")
        told = page.locator("dialog p.muted").first.inner_text()
        drawn = page.locator("dialog svg path").last.get_attribute("d")
        leads = page.get_by_role("link", name="Numbers and sources of this figure").get_attribute("href")
        page.keyboard.press("q")
        assert leads and told.endswith(leads) and drawn
        return told, drawn

    before = code()
    page.keyboard.press("ArrowUp")
    after = code()
    assert before[0] != after[0] and before[1] != after[1]
    phone = page.context.new_page()
    phone.goto(after[0])
    said = page.locator(f"#step-{SLIDING} output").inner_text()
    expect(phone.locator("#position")).to_have_text(said)
    assert parameter in parse_qs(urlsplit(after[0]).query)


def test_black_and_full_screen(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step=4")
    page.keyboard.press("b")
    expect(page.locator("#step-4 h1")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#step-4 h1")).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement === null")
    assert step_of(page) == 4


def test_controls_hide_and_come_back(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}", reduced_motion="reduce")
    nav = page.locator("footer nav")
    expect(page.locator("body.quiet")).to_be_attached(timeout=6000)
    assert nav.evaluate("nav => getComputedStyle(nav).opacity") == "0"
    page.mouse.move(200, 200)
    assert nav.evaluate("nav => getComputedStyle(nav).opacity") == "1"


@pytest.mark.parametrize(("motion", "seconds"), [("reduce", "0s"), ("no-preference", "0.16s")])
def test_motion_is_as_the_reader_wants_it(stage: Callable[..., Page], motion: str, seconds: str) -> None:
    page = stage(f"/present?story={STORY}", reduced_motion=motion)
    expect(page.locator(".step.current")).to_be_visible()
    assert page.locator(".step.current").evaluate("one => getComputedStyle(one).transitionDuration") == seconds


def test_the_room_s_light_may_change(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step={SLIDING}", color_scheme="light")
    expect(page.locator(f"#step-{SLIDING} .chart[data-drawn=light]")).to_be_attached()
    keep_moves_open(page)
    words = page.locator(f"#step-{SLIDING} output")
    before = words.inner_text()
    page.keyboard.press("ArrowUp")
    expect(words).not_to_have_text(before)
    said = words.inner_text()
    page.emulate_media(color_scheme="dark")
    expect(page.locator(f"#step-{SLIDING} .chart[data-drawn=dark]")).to_be_attached()
    expect(words).to_have_text(said)
    expect(page.locator("html")).to_have_css("background-color", "rgb(15, 18, 24)")
    # And the next ones follow.
    expect(page.locator(f"#step-{SLIDING + 1} .chart[data-drawn=dark]")).to_be_attached()


def test_another_screen_fits_the_figure_anew(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}&step=2")
    wait_for_figure(page, 2)
    before = page.locator("#step-2 .chart").bounding_box()
    page.set_viewport_size({"width": 1920, "height": 1080})

    def fits() -> bool:
        after, place = (page.locator(f"#step-2 .{name}").bounding_box() for name in ("chart", "place"))
        assert before and after and place
        return after["width"] > 1.3 * before["width"] and after["height"] <= place["height"] + 1

    assert eventually(page, fits)


# A phone


def test_a_phone_shows_it_and_a_finger_turns_the_page(stage: Callable[..., Page]) -> None:
    page = stage(f"/present?story={STORY}", **PHONE)
    wait_for_figure(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for one in page.locator("footer :is(button, a):visible, .step.current :is(button, input)").all():
        box = one.bounding_box()
        assert box and box["height"] >= LEAST_TOUCH_PX and box["width"] >= LEAST_TOUCH_PX, one.inner_text()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    line = page.context.new_cdp_session(page)
    for kind, x in (("touchStart", 330), ("touchMove", 200), ("touchMove", 60), ("touchEnd", None)):
        points = [] if x is None else [{"x": x, "y": 300}]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    expect(page.locator("#counter")).to_have_text(f"2 / {LAST}")
    page.get_by_label("Step on").tap()
    expect(page.locator("#counter")).to_have_text(f"3 / {LAST}")
    for step in range(3, LAST + 1):
        wait_for_figure(page, step)
        section = page.locator(f"#step-{step}")
        assert section.evaluate("one => one.scrollWidth - one.clientWidth") <= 0, STEPS[step - 1].view.name
        view, state = STEPS[step - 1].view, STEPS[step - 1].state
        if view.staged:
            # The one for a wide screen sets words beside each other that would meet here.
            wanted = drawing(view.figure(state, "light")).height_px
            assert section.locator(".main-svg").first.get_attribute("height") == str(wanted)
            assert section.locator(".place").bounding_box()["height"] == wanted  # type: ignore[index]
        for words in section.locator("h1, .legend span:visible, output").all():
            box = words.bounding_box()
            assert box and box["x"] + box["width"] <= 390, words.inner_text()
        page.keyboard.press("PageDown")


# One file, no network


def test_the_file_tells_the_whole_story_with_the_network_off(stage: Callable[..., Page], saved: str) -> None:
    page = stage(saved, offline=True)
    for step in range(1, LAST + 1):
        assert step_of(page) == step
        wait_for_figure(page, step)
        slider = page.locator(f"#step-{step} input")
        if slider.count():
            chart = page.locator(f"#step-{step} .chart")
            before = chart.inner_html()
            start = int(slider.input_value())
            page.keyboard.press("ArrowDown" if start else "ArrowUp")
            expect(chart).to_have_attribute("data-position", str(start - 1 if start else 1))
            assert redrawn(chart, {before}), STEPS[step - 1].view.name
            page.wait_for_url(lambda url: "slider=" in urlsplit(url).fragment)
            assert slider.input_value() == chart.get_attribute("data-position")
        page.keyboard.press("ArrowRight")
    for _ in range(LAST - 7):
        page.keyboard.press("ArrowLeft")
    page.reload()
    assert step_of(page) == 7
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert step_of(page) == 7, "Escape would lead to a server that a file may not reach"
    assert page.evaluate("document.fonts.check('16px Inter')")


def test_the_file_s_notes_follow_with_the_network_off(stage: Callable[..., Page], saved: str) -> None:
    page = stage(saved, offline=True)
    with page.context.expect_page() as opened:
        page.keyboard.press("n")
    notes = opened.value
    expect(notes.locator(".note")).to_have_text(STEPS[0].note)
    page.keyboard.press("PageDown")
    expect(notes.locator(".note")).to_have_text(STEPS[1].note)
    notes.keyboard.press("PageDown")
    expect(page.locator("#counter")).to_have_text(f"3 / {LAST}")


def test_a_step_needs_no_server_and_little_time(stage: Callable[..., Page]) -> None:
    """Best of all steps: a busy machine is not the deck's fault."""
    page = stage(f"/present?story={STORY}")
    wait_for_figure(page, 1)
    page.context.set_offline(True)
    times = []
    for step in range(2, LAST + 1):
        start = time.monotonic()
        page.keyboard.press("PageDown")
        assert step_of(page) == step
        times.append(time.monotonic() - start)
        wait_for_figure(page, step)
    assert min(times) < 0.15
    assert sorted(times)[len(times) // 2] < 1.0


def test_a_story_of_ones_own_is_loaded_shown_and_saved(stage: Callable[..., Page], tmp_path: Path, server: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('title = "Mine"\n[[steps]]\npage = "gap/laddr"\nsentence = "x"\n')
    page = stage("/stage")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text(re.compile("Line 3, page: is 'gap/laddr'"))).to_be_visible()
    path = tmp_path / "better.toml"
    path.write_text('title = "Mine"\n[[steps]]\npage = "gap/ladder"\nsentence = "<b>{One brain}</b>"\nnote = "n"\n')
    page.locator("input[type=file]").set_input_files(path)
    heading = page.get_by_role("heading", name="Mine")
    expect(heading).to_be_visible()
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Present").last.click()
    own = opened.value
    expect(own.locator("h1")).to_have_text("<b>20 W</b>")
    wait_for_figure(own, 1)
    own.reload()
    expect(own.locator("#counter")).to_have_text("1 / 1")
    with page.expect_download() as download:
        page.get_by_role("link", name="Save as one file").last.click()
    assert download.value.suggested_filename == "mine.html"
