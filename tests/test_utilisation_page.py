"""The page on utilisation: its figures say the model's numbers, and its slider needs no server."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.choices import PAGE_CHOICES
from efficiency.link import State, encode, parameters
from efficiency.run_table import HOURS, REPORTED, published_run
from efficiency.say import quantity, significant
from efficiency.scenario import Scenario
from efficiency.utilisation import STEPS, published_runs, worth_runs
from tests.odd_words import odd_words
from tests.scenarios import examples, scenarios
from tests.test_failures_page import numbers
from tests.test_pages import ROOT, address, extreme, run, texts
from ui import utilisation
from ui.figures.rail import MAXIMUM_FRAMES
from ui.figures.utilisation import power_alt, power_dict
from ui.figures.utilisation_counts import counts_alt, counts_dict, percent
from ui.figures.utilisation_runs import SYMBOLS, runs_alt, runs_dict
from ui.theme import PALETTES

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = str(ROOT / "pages" / "utilisation.py")
RUN = "llama31_405b"


def open_page(state: State | None = None) -> AppTest:
    app = run(encode(state or State()))
    app.switch_page(PAGE).run()
    return app.run()


@pytest.mark.parametrize(
    "state",
    [
        State(),
        extreme(low=True),
        extreme(low=False),
        State(choices={"ut_at": "0.7", "ut_run": "gpt3", "ut_axis": "chips"}),
    ],
    ids=["default", "low", "high", "linked"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_number_is_the_model_s() -> None:
    said = texts(open_page()).replace("\u00a0", " ")
    _, central, _ = utilisation.saving_of(Scenario(), RUN)
    assert f'<span class="tw-machine">{100 * central:.0f} % less energy</span>, not 20 %' in said
    assert "21 of 26 published FLOP" in said


def figures(scenario: Scenario, key: str, mode: str) -> list[dict]:
    stops, own = utilisation.stops_of(scenario, key), utilisation.own_of(scenario, key)
    return [
        power_dict(stops, own, 3, mode),
        *(runs_dict(utilisation.dots_of(axis), *utilisation.AXES[axis], mode) for axis in utilisation.AXES),
        counts_dict(utilisation.count_rows(), mode),
    ]


@pytest.mark.parametrize("mode", PALETTES)
@pytest.mark.parametrize("key", [RUN, "gpt3", "gopher"])
def test_figures_are_valid(key: str, mode: str) -> None:
    for figure in figures(Scenario(), key, mode):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    figure = figures(Scenario(), RUN, "light")[0]
    assert len(figure["frames"]) == len(STEPS) <= MAXIMUM_FRAMES
    assert [frame["name"] for frame in figure["frames"]] == list(PAGE_CHOICES["ut_at"].options)
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(frame["traces"])
        assert all(set(part) <= {"x", "y", "text"} for part in frame["data"])
    assert utilisation.figure_of(Scenario(), RUN, "0.5", "dark").layout.sliders[0].active == STEPS.index(0.5)


def test_every_published_run_is_drawn_with_its_range() -> None:
    dots = utilisation.dots_of("year")
    assert len(dots) == len(published_runs())
    assert {dot.basis for dot in dots} == set(SYMBOLS)
    for dot, found in zip(dots, published_runs(), strict=True):
        assert found.year < dot.x < found.year + 1
        assert (dot.low, dot.mfu, dot.high) == (found.mfu_low, found.mfu, found.mfu_high)
    said = runs_alt(dots, "year")
    assert "GPT-3 175B 20 % (19.7 to 21.3)" in said
    assert percent(1.0) == "+0 %"
    assert "6 N D" in counts_alt(utilisation.count_rows())


@given(scenarios(), st.sampled_from(worth_runs()))
@examples(25)
def test_every_scenario_and_run_is_drawn(scenario: Scenario, key: str) -> None:
    stops, own = utilisation.stops_of(scenario, key), utilisation.own_of(scenario, key)
    figure = power_dict(stops, own, 0, "dark")
    for frame in figure["frames"]:
        assert all(math.isfinite(x) and x > 0 for x in numbers(frame["data"]))
    for stop in stops:
        assert 0 < stop.low_w <= stop.power_w <= stop.high_w
        assert stop.work_w <= stop.power_w * (1 + 1e-9)
    state = State(scenario, choices={"ut_run": key})
    said = " ".join(
        (
            utilisation.headline_html(scenario, key),
            utilisation.footer(state, key),
            utilisation.gains_headline(key),
            utilisation.gains_html(state, key),
            power_alt(stops, own, 0),
        )
    )
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'href="[^"]*"', "", said))


@pytest.mark.parametrize("key", worth_runs())
def test_headline_and_table_say_what_the_figure_shows(key: str) -> None:
    stops = utilisation.stops_of(Scenario(), key)
    at = {stop.utilisation: stop for stop in stops}
    less = quantity(at[0.4].power_w - at[0.5].power_w, "W", 2)
    assert f"for {less} less" in utilisation.headline_html(Scenario(), key)
    assert f"<td>{less}</td>" in utilisation.gains_html(State(), key)
    one = published_run(key)
    assert f"{significant(one.chips * one.mfu * (1 / 0.4 - 1 / 0.5))} chips fewer" in utilisation.headline_html(
        Scenario(), key
    )
    for part in (utilisation.headline_html(Scenario(), key), *(words for stop in stops for words in stop.words)):
        assert not odd_words(part), part


def test_chips_that_are_reckoned_as_others_keep_their_name() -> None:
    said = utilisation.headline_html(Scenario(), "deepseek_v3")
    assert "2,048 H800s, reckoned as H100s" in said
    assert "reckoned" not in utilisation.headline_html(Scenario(), "llama31_405b")
    assert "from 61 % on at the power limit" in utilisation.footer(State(), "llama31_405b")


def test_hours_that_hold_more_than_the_run_do_not_pass_for_reports() -> None:
    recent = [run for run in published_runs() if run.year >= 2024]
    reported = [run.mfu for run in recent if run.basis == REPORTED]
    said = utilisation.runs_headline()
    assert f"report {100 * min(reported):.0f} to {100 * max(reported):.0f} %" in said
    assert min(run.mfu for run in recent if run.basis == HOURS) < min(reported)
    assert "by their chip hours, down to" in said
