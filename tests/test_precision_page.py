"""The page *Precision*: its finding, its figures, its switch, and a slider that asks nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import parse_qsl

import plotly.graph_objects as go
import pytest
from hypothesis import given
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from efficiency.choices import PAGE_CHOICES
from efficiency.link import State, encode, parameters
from efficiency.precision import WIDTHS, at_width, best_width, widths
from efficiency.precision_history import NEWEST, generations, split
from efficiency.precision_quality import equal_quality_growth
from efficiency.say import times
from efficiency.scenario import Scenario
from tests.quiet import eventually
from tests.reruns import assert_quick
from tests.scenarios import examples, scenarios
from tests.test_pages import ROOT, address, extreme, texts
from ui import precision, precision_history, precision_quality
from ui.address import choice_key
from ui.figures.precision import precision_alt, precision_dict
from ui.figures.precision_history import history_alt, history_dict, split_alt, split_dict
from ui.figures.precision_parts import MeasuredPair, growth_alt, growth_dict, pairs_alt, pairs_dict

MODES = ("light", "dark")
EQUAL = replace(State(), choices={"pr_at": "1.58", "pr_quality": "equal"})
LINKED = replace(EQUAL, scenario=Scenario(system="own", chip="b200", workload="training", bits=4.0))
PAIRS = (
    MeasuredPair(8.0, 1.6, 1.5, True, "A mixture on 8 H100"),
    MeasuredPair(256.0, 0.6, 0.7, False, "A dense one on 1 B200"),
)


def run(link: str = "") -> AppTest:
    """Open the page as a visitor with this address does, and run it twice."""
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60)
    for name, value in parse_qsl(link, keep_blank_values=True):
        app.query_params[name] = value
    app.run()
    app.switch_page(str(ROOT / "pages" / "precision.py")).run()
    return app.run()


@pytest.mark.parametrize(
    "state",
    [State(), EQUAL, LINKED, extreme(low=True), extreme(low=False)],
    ids=["default", "equal", "linked", "low", "high"],
)
def test_the_page_runs_and_keeps_its_address(state: State) -> None:
    app = run(encode(state))
    assert not app.exception
    assert not app.error
    assert address(app) == parameters(state)
    assert "nan" not in re.sub("<[^>]+>", " ", texts(app)).lower().split()


def test_a_rerun_is_quick() -> None:
    assert_quick(run())


def test_the_finding_is_the_model_s_number() -> None:
    said = texts(run())
    saving = times(at_width(Scenario(), 1.0).saving.central)
    assert f'saves <span class="tw-machine">{saving}</span>, not 16</h1>' in said
    assert "537 times cheaper, of it 4.8 times at the same format" in said
    assert "16 × 12.5 × 2.5 × 2 = 1,000" in said
    assert "speed per GPU, not energy" in said
    assert "522 times below" in said


def test_the_switch_asks_for_quality() -> None:
    app = run()
    app.button_group(key=choice_key("pr_quality")).set_value("equal").run()
    assert not app.exception
    best = best_width(Scenario(), equal_quality=True)
    assert f"ends at {best.bits:g} bit" in texts(app)
    assert address(app)["pr_quality"] == "equal"


def test_what_is_measured_and_what_is_calculated_is_said() -> None:
    said = texts(run())
    for words in ("Calculated, per token written", "Filled: measured", "Hollow: predicted", "A narrow setting"):
        assert words in said
    table = precision.costlier_table(Scenario())
    rows = table.split("<tr>")[2:]
    assert rows
    assert all("Measured" in row or "Calculated" in row for row in rows)


def test_every_gain_names_its_setting_and_its_source() -> None:
    rows = precision_quality.gains_table().split("<tr>")[2:]
    assert len(rows) >= 6
    for row in rows:
        assert "href" in row
        assert "speed" in row or "energy" in row
    fp8 = [row for row in rows if "FP8" in row and "energy" in row]
    assert ["0.64 to 0.88×" in fp8[0], "0.76 to 1.1×" in fp8[1], "1 to 1.4×" in fp8[2]] == [True] * 3


def test_the_choices_are_the_widths() -> None:
    assert {float(name) for name in PAGE_CHOICES["pr_at"].options} == set(WIDTHS)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("equal", [False, True])
def test_the_ledger_figure_is_valid_and_starts_where_the_link_says(mode: str, equal: bool) -> None:
    shown = widths(Scenario())
    at = WIDTHS.index(2.0)
    plain = precision_dict(shown, at, equal, mode)
    figure = go.Figure(plain)
    assert figure.layout.sliders[0].active == at
    assert [frame.name for frame in figure.frames] == [f"{bits:g}" for bits in WIDTHS]
    assert len(figure.frames) <= 41
    active = plain["frames"][at]["data"]
    for trace, data in zip(plain["data"], active, strict=True):
        assert all(trace[name] == value for name, value in data.items()), "the figure starts at its frame"
    words = " ".join(figure.data[-1].text)
    assert "2 bit: " in words
    assert ("times the parameters" in words) == equal
    assert min(size for size in figure.data[-1].textfont.size) >= 16


@pytest.mark.parametrize("equal", [False, True])
def test_the_bars_of_a_frame_add_up_to_its_total(equal: bool) -> None:
    shown = widths(Scenario(workload="training"))
    plain = precision_dict(shown, 0, equal, "light")
    for width, frame in zip(shown, plain["frames"], strict=True):
        stacked, single = frame["data"][2], frame["data"][3]
        assert sum(stacked["x"]) == pytest.approx(width.total_at(equal), rel=1e-12)
        assert stacked["x"] == single["x"]
        assert stacked["base"][-1] + stacked["x"][-1] == pytest.approx(width.total_at(equal), rel=1e-12)


@pytest.mark.parametrize("equal", [False, True])
def test_a_bar_that_runs_off_the_scale_is_said_to(equal: bool) -> None:
    shown = widths(Scenario())
    plain = precision_dict(shown, 0, equal, "light")
    right = plain["layout"]["xaxis"]["range"][1]
    said = ["off the scale" in " ".join(frame["data"][-1]["text"]) for frame in plain["frames"]]
    assert said == [width.total_at(equal) > 1.001 * right for width in shown]
    assert said[0]
    assert not all(said)


@pytest.mark.parametrize("workload", ["decode", "prefill", "training"])
def test_the_values_beside_the_parts_add_up_to_the_total_s(workload: str) -> None:
    for frame in precision_dict(widths(Scenario(workload=workload)), 0, False, "light")["frames"]:
        words = frame["data"][-1]["text"]
        total = re.sub("<[^>]+>", "", words[3])
        parts = [word.split("   ")[0] for word in words[4:]]
        assert {part.split(" ")[1] for part in parts} <= {"J", "mJ"}
        joules = [
            float(value.replace(",", "")) * {"J": 1.0, "mJ": 1e-3}[unit]
            for value, unit in (word.split(" ") for word in (total, *parts))
        ]
        assert sum(joules[1:]) == pytest.approx(joules[0], rel=0.06)


@given(scenarios())
@examples(25)
def test_every_scenario_has_a_page(scenario: Scenario) -> None:
    for equal in (False, True):
        said = precision.headline_html(scenario, equal) + precision_alt(widths(scenario), equal)
        precision_dict(widths(scenario), 3, equal, "dark")
        assert "nan" not in said.split()
    said = (
        precision.caption(State(scenario))
        + precision.width_headline(scenario)
        + precision.width_table(scenario)
        + precision.costlier_table(scenario)
        + precision.brain_html(scenario)
    )
    assert "inf" not in said.split()


@pytest.mark.parametrize("mode", MODES)
def test_the_other_figures_are_valid(mode: str) -> None:
    go.Figure(pairs_dict(PAIRS, mode))
    go.Figure(pairs_dict((), mode))
    assert pairs_alt(()) == "No measured pairs."
    assert "1.60 times measured, 1.50 predicted" in pairs_alt(PAIRS)
    rows = precision_quality.growth_rows()
    growth = go.Figure(growth_dict(rows, mode))
    assert list(growth.data[1].x) == [equal_quality_growth(row.bits).central for row in rows]
    assert "2 bit: 6.3 times" in growth_alt(rows)
    limit = precision_history.cmos_limit_j()
    history = go.Figure(history_dict(generations(), limit, mode))
    assert history.data[0].y[0] == pytest.approx(59.7e-12, rel=1e-3)
    assert "60 pJ" in history_alt(generations(), limit)
    splits = [split(chip) for chip in NEWEST]
    bars = go.Figure(split_dict(splits, mode))
    for row, found in enumerate(splits):
        assert 10 ** sum(trace.x[row] for trace in bars.data) == pytest.approx(found.whole.central)
    assert "540 times" in split_alt(splits)


def test_measured_pairs_keep_measured_and_predicted_apart() -> None:
    figure = go.Figure(pairs_dict(PAIRS, "light"))
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["measured, mixture of experts"].y) == [1.6]
    assert list(by_name["measured, dense"].y) == [0.6]
    assert list(by_name["predicted"].y) == [1.5, 0.7]
    assert by_name["predicted"].marker.symbol.endswith("open")


def test_the_slider_shortens_the_bars(browser: Browser, server: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{server}/precision")
    chart = page.locator(".st-key-widths .js-plotly-plot")
    expect(chart).to_have_attribute("aria-valuetext", "8 bit")

    def length_px() -> float:
        """Measure the stacked bar that moves."""
        bars = page.locator(".st-key-widths .barlayer .trace").nth(2).locator("path")
        return sum(one["width"] for one in (bar.bounding_box() for bar in bars.all()) if one)

    before_px = length_px()
    chart.press("End")
    expect(chart).to_have_attribute("aria-valuetext", "1 bit")
    assert eventually(page, lambda: length_px() < 0.7 * before_px)
    expect(page).to_have_url(re.compile("pr_at=1(&|$)"))
    page.close()
