"""The page on parallel fit: its finding, its figures, its slider, and every scenario."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from efficiency.catalogue import chip_labels
from efficiency.link import State, encode, parameters
from efficiency.parallel import STEPS
from efficiency.parallel_points import points
from efficiency.scenario import Scenario
from tests.reruns import assert_quick
from tests.scenarios import examples, scenarios
from tests.test_pages import LINKED, ROOT, address, extreme, texts
from ui import parallel, parallel_batch, parallel_brain, parallel_waiting
from ui.address import session_key
from ui.figures.parallel import Bar, Step, instruction_alt, instruction_dict, share
from ui.figures.parallel_batch import Serving, batch_alt, batch_dict
from ui.figures.parallel_pairs import pairs_alt, pairs_dict
from ui.figures.parallel_points import points_alt, points_dict
from ui.figures.parallel_waiting import amdahl_alt, amdahl_dict, usage_alt, usage_dict
from ui.theme import PALETTES, Mode

if TYPE_CHECKING:
    from playwright.sync_api import Browser

MODES: tuple[Mode, ...] = tuple(PALETTES)
PAGE = ROOT / "pages" / "parallel.py"


def run(link: str = "") -> AppTest:
    """Open the page as a visitor with this address does, and run it twice."""
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    app.switch_page(str(PAGE)).run()
    return app.run()


def numbers(figure: go.Figure) -> list[float]:
    """Every number that a figure draws."""
    found: list[float] = []
    for part in (*figure.data, *(trace for frame in figure.frames for trace in frame.data)):
        for values in (part.x, part.y, getattr(part, "base", None)):
            found += [float(v) for v in (() if values is None else values) if v is not None]
    return found


@pytest.mark.parametrize("state", [State(), extreme(low=True), extreme(low=False), LINKED])
def test_page_runs_twice_and_keeps_its_address(state: State) -> None:
    app = run(encode(state))
    assert not app.exception
    assert not app.warning
    assert len(app.get("plotly_chart")) == 6
    assert all(chart.proto.alt for chart in app.get("plotly_chart"))
    assert address(app) == parameters(state)
    assert "nan" not in re.sub(r"<[^>]+>", " ", texts(app)).lower().split()


def test_the_finding_stands_first_in_the_machine_s_colour() -> None:
    first = next(e.proto.body for e in run().get("html") if "<h1" in e.proto.body)
    assert '<span class="tw-machine">17 times</span>' in first
    assert "2,000" in first
    assert "in theory" in first, "a theoretical gain says so"
    assert "both at FP16" in first


def test_the_link_s_position_is_where_the_slider_starts() -> None:
    app = run(encode(State(choices={"pf_at": "matrix"})))
    assert address(app)["pf_at"] == "matrix"
    figure = parallel.instruction_figure_of("h100", "matrix", "light")
    assert figure.layout.sliders[0].active == list(STEPS).index("matrix")
    assert figure.data[1].x == figure.frames[list(STEPS).index("matrix")].data[1].x
    assert "Slider at 73 at once: matrix instruction" in app.get("plotly_chart")[0].proto.alt


def test_another_chip_changes_the_page() -> None:
    app = run()
    before = texts(app)
    app.selectbox(key=session_key("chip")).set_value("k20x").run()
    assert not app.exception
    assert "has no 16-bit arithmetic of its own" in texts(app)
    assert texts(app) != before


def test_a_rerun_is_quick() -> None:
    assert_quick(run())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("chip", ["h100", "k20x", "wse3"])
def test_the_hero_figure_moves_the_instruction_alone(chip: str, mode: Mode) -> None:
    bars = (parallel.steps(chip), parallel.published(chip), parallel.other_format(chip))
    figure = go.Figure(instruction_dict(*bars, 3, mode))
    assert len(figure.frames) == len(STEPS) <= 41
    assert {tuple(frame.traces) for frame in figure.frames} == {(0, 1, 2)}, "Plotly clears bars that a frame leaves out"
    first, last = figure.frames[0].data[1], figure.frames[-1].data[1]
    assert first.x[:2] == last.x[:2]
    assert first.x[2] > last.x[2] == 0
    assert [step.args[0][0] for step in figure.layout.sliders[0].steps] == list(STEPS)
    assert all(math.isfinite(x) and x >= 0 for x in numbers(figure))
    labels = " ".join(note.text for note in figure.layout.annotations)
    assert "INT8, another format" in labels
    alt = instruction_alt(*bars, 3)
    assert all(bar.label in alt for bar in (*bars[1], *bars[2]))


def test_words_between_published_points_say_so() -> None:
    known = {step.key: step.known for step in parallel.steps("h100")}
    assert known["1"] == known["matrix"] == "published"
    assert known["8"] == "between published points"
    assert known["1024"] == "beyond published points"
    assert known["fixed"] == "by definition"


def test_a_share_is_said_of_any_bar() -> None:
    assert share(Bar("a", "a", (1.0, 0.0, 1.0))) == "50 % instruction"
    assert Step("a", "a", (1.0, 2.0, 3.0), "published").total_j == 6.0


@pytest.mark.parametrize("mode", MODES)
def test_every_other_figure_is_valid_and_says_its_numbers(mode: Mode) -> None:
    scenario = Scenario()
    usage = parallel_waiting.usage_values(scenario)
    jobs = parallel_waiting.jobs("h100")
    serving = parallel_batch.serving(scenario)
    for built in (
        usage_dict(*usage, mode),
        amdahl_dict(jobs, mode),
        batch_dict(*serving, mode),
        points_dict(points(), mode),
        pairs_dict(parallel_batch.pair_clouds(), mode),
    ):
        figure = go.Figure(built)
        assert figure.layout.template.layout.font.family
        assert all(math.isfinite(x) for x in numbers(figure))
        sizes = [note.font.size for note in figure.layout.annotations]
        assert min(sizes) >= 14
    assert "GPT-3" in usage_alt(*usage)
    assert "0.1 % serial" in amdahl_alt(jobs)
    assert "A token read takes" in batch_alt(*serving)
    assert "NorthPole over GPUs" in points_alt(points())
    assert "pairs" in pairs_alt(parallel_batch.pair_clouds())


def test_gains_of_different_kinds_have_different_marks() -> None:
    gains = go.Figure(points_dict(points(), "light")).data[1]
    by_how = {point.how: symbol for point, symbol in zip(points(), gains.marker.symbol, strict=True)}
    assert len(set(by_how.values())) == len(by_how)
    assert by_how["measured"] == "circle"
    legend = parallel.points_legend_html("light")
    assert all(word in legend for word in ("theory", "measured", "design study", "peak rates"))


def test_measured_pairs_are_on_the_page_with_their_error() -> None:
    assert len(parallel_batch.batch_pairs()) > 100
    assert sum(len(cloud.measured) for cloud in parallel_batch.pair_clouds()) == len(parallel_batch.batch_pairs())
    assert re.search(r"half of the 1,271 predicted effects lie within \d+ %", parallel_batch.pairs_footer())
    assert (
        "wrong for 1 of the 616 beyond 10 %, and right for all 507 whose interval leaves"
        in parallel_batch.pairs_footer()
    )
    assert re.search(r"doubled batch saves \d\d %", parallel_batch.pairs_headline())


def test_a_batch_that_saves_nothing_is_said() -> None:
    assert Serving((1.0, 2.0), (1.0, 2.0), (1.0, 1.0)).best() == 0
    assert "take" in parallel_batch.batch_headline(Scenario())


@examples(40)
@given(scenarios(), st.sampled_from(list(STEPS)), st.sampled_from(MODES))
def test_every_slider_position_of_every_scenario_draws(scenario: Scenario, at: str, mode: Mode) -> None:
    state = State(scenario, choices={"pf_at": at})
    figures = (
        parallel.instruction_figure_of(scenario.chip, at, mode),
        parallel_waiting.usage_figure_of(scenario, mode),
        parallel_waiting.amdahl_figure_of(scenario.chip, mode),
        parallel_batch.batch_figure_of(scenario, mode),
    )
    for figure in figures:
        drawn = numbers(figure)
        assert np.isfinite(drawn).all()
        assert min(drawn) >= 0
    said = " ".join(
        (
            parallel.headline_html(scenario.chip),
            parallel.token_sentence(scenario),
            parallel.instruction_footer(state),
            parallel_waiting.usage_headline(scenario),
            parallel_waiting.amdahl_headline(scenario.chip),
            parallel_waiting.amdahl_footer(scenario.chip),
            parallel_batch.batch_headline(scenario),
            parallel_batch.batch_footer(state),
            parallel_brain.brain_headline(scenario),
            parallel_brain.brain_html(state),
        )
    )
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'href="[^"]*"', "", said))


def test_a_gain_of_nothing_is_not_called_one_time_less() -> None:
    for chip in chip_labels():
        said = parallel.token_sentence(Scenario(system="own", chip=chip)).replace("\u00a0", " ")
        assert not re.search(r"(?<![\d.])(1|1\.0\d?) times less|(?<![\d.])0 %", said), chip


def test_every_chip_has_a_headline() -> None:
    for chip in chip_labels():
        assert "17 times" in parallel.headline_html(chip)


def test_the_slider_leaves_the_published_bars(server: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{server}/parallel?pf_at=8")
    label = page.locator(".st-key-parallel .slider-label").first
    expect(label).to_have_text("8 at once")
    bars = page.locator(".st-key-parallel .barlayer .trace").first.locator(".point path")
    expect(bars).to_have_count(15)
    page.locator(".st-key-parallel .js-plotly-plot[role=slider]").press("End")
    expect(label).to_have_text("No instruction: fixed function")
    expect(page).to_have_url(re.compile("pf_at=fixed"))
    expect(bars).to_have_count(15)
    page.close()
