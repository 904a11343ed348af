"""The page on sparsity: figures are valid, say the model's numbers, and stand where the link says."""

from __future__ import annotations

import math

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from efficiency.choices import PAGE_CHOICES
from efficiency.link import State, encode, parameters
from efficiency.scenario import Scenario
from efficiency.sparsity import STEPS, saving
from efficiency.spiking import active_share
from tests.reruns import assert_quick
from tests.scenarios import examples, scenarios
from tests.test_pages import ROOT, address, extreme, run, texts
from ui import sparsity, sparsity_quality
from ui.figures.rail import MAXIMUM_FRAMES
from ui.figures.sparsity import best, density_alt, density_dict, row_text, times_less
from ui.figures.sparsity_experts import pairs_alt, pairs_dict, touched_alt, touched_dict
from ui.figures.sparsity_gains import gains_alt, gains_dict
from ui.figures.sparsity_spikes import spikes_alt, spikes_dict
from ui.theme import PALETTES

PAGE = str(ROOT / "pages" / "sparsity.py")
MODES = pytest.mark.parametrize("mode", PALETTES)


def open_page(state: State | None = None) -> AppTest:
    app = run(encode(state or State()))
    app.switch_page(PAGE).run()
    return app.run()


def numbers(value: object) -> list[float]:
    """List every number in a figure's data."""
    if isinstance(value, dict):
        return [x for item in value.values() for x in numbers(item)]
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in numbers(item)]
    return [float(value)] if isinstance(value, (int, float)) else []


def figures(scenario: Scenario, mode: str = "light") -> list[dict]:
    lines = [sparsity.lines_of(scenario, equal) for equal in (False, True)]
    touched = (sparsity.touched_lines(), sparsity.touched_batches(), float(scenario.batch))
    return [
        *(density_dict(each, STEPS, 3, active_share(), mode) for each in lines),
        pairs_dict(sparsity.pair_groups(), mode),
        touched_dict(*touched, mode),
        spikes_dict(sparsity.spikes_of(scenario), mode),
        gains_dict(sparsity_quality.gains(), mode),
    ]


@pytest.mark.parametrize(
    "state",
    [
        State(),
        extreme(low=True),
        extreme(low=False),
        State(Scenario(model="deepseek_v3", batch=1.0, bits=8.0), choices={"sp_at": "0.01", "sp_quality": "equal"}),
    ],
    ids=["default", "low", "high", "linked"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_number_is_the_model_s() -> None:
    said = texts(open_page())
    central = saving(Scenario(), "skipped", active_share()[1])[1]
    assert f'<span class="tw-machine">{central:.1f} times</span>, not 100' in said
    assert "Between" in said
    assert "<script" not in said


def test_a_rerun_is_quick() -> None:
    assert_quick(open_page())


@MODES
def test_figures_are_valid(mode: str) -> None:
    for figure in figures(Scenario(), mode):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    lines = sparsity.lines_of(Scenario(), False)
    figure = density_dict(lines, STEPS, 0, active_share(), "light")
    assert len(figure["frames"]) == len(STEPS) <= MAXIMUM_FRAMES
    assert [frame["name"] for frame in figure["frames"]] == sparsity.step_names() == list(PAGE_CHOICES["sp_at"].options)
    moved = figure["frames"][0]["traces"]
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(moved)
        assert all(set(part) <= {"x", "y", "text"} for part in frame["data"])
    for active, step in enumerate(STEPS):
        shown = density_dict(lines, STEPS, active, active_share(), "light")
        assert shown["layout"]["sliders"][0]["active"] == active
        assert shown["data"][moved[0]]["x"] == [step] * len(lines)


def test_bars_add_up_to_what_is_said() -> None:
    for line in sparsity.lines_of(Scenario(), False):
        for index, parts in enumerate(line.parts):
            assert all(part >= 0 for part in parts)
            assert line.total_j(index) == pytest.approx(sum(parts))


@given(scenarios(), st.booleans())
@examples(25)
def test_every_position_of_every_scenario_is_drawn(scenario: Scenario, equal_quality: bool) -> None:
    lines = sparsity.lines_of(scenario, equal_quality)
    figure = density_dict(lines, STEPS, 0, active_share(), "dark")
    assert all(math.isfinite(x) for x in numbers(figure["data"]))
    for frame in figure["frames"]:
        assert all(math.isfinite(x) and x >= 0 for x in numbers(frame["data"]))
    spikes = spikes_dict(sparsity.spikes_of(scenario), "dark")
    assert all(math.isfinite(x) for x in numbers(spikes["data"]))
    assert "nan" not in sparsity.headline_html(scenario)


def test_a_kind_is_silent_where_nobody_has_shown_it() -> None:
    lines = sparsity.lines_of(Scenario(), False)
    at = STEPS.index(0.1)
    said = {line.key: row_text(line, STEPS, at) for line in lines}
    assert said["two_four"] == "shown to 50 % only"
    assert "J" in said["experts"]
    assert best(lines, STEPS, at).key == "experts"
    assert times_less(0.5) == "2 times more"


def test_measured_pairs_are_the_model_s_and_the_text_says_their_worst() -> None:
    groups = sparsity.pair_groups()
    assert {round(1 / group.multiply_adds, 1) for group in groups} >= {9.9, 4.5}
    assert sum(len(group.measured) for group in groups) >= 40
    worst = max(max(group.measured) for group in groups)
    assert f"{worst:.1f} times the energy" in sparsity.experts_headline()
    assert all(group.multiply_adds < min(group.measured) for group in groups), "FLOPs promise more than energy keeps"


def test_speed_and_energy_are_told_apart() -> None:
    found = sparsity_quality.gains()
    assert {gain.what for gain in found} == {"speed", "energy"}
    assert all((gain.what == "energy") == ("pairs" in gain.where) for gain in found)
    assert all(gain.low <= gain.measured <= gain.high for gain in found)
    state = State()
    said = sparsity_quality.gains_footer(state) + sparsity.spikes_footer(state)
    assert "{" not in said
    assert "lowest latency" in said
    assert "before silicon" in said
    assert "static power at one operating point" in said


def test_quality_tables_say_the_records() -> None:
    table = sparsity_quality.quality_html(State())
    assert "66.7 %" in table
    assert "40.4 % → 60.4 %" in table
    brain = sparsity_quality.brain_html(State())
    assert "190 kW" in brain
    assert "3 MW" in brain


def test_alternatives_say_the_numbers() -> None:
    lines = sparsity.lines_of(Scenario(), False)
    assert "shown to 50 % only" in density_alt(lines, STEPS, STEPS.index(0.1), active_share())
    assert "of the energy" in pairs_alt(sparsity.pair_groups())
    assert "Mixtral" in touched_alt(sparsity.touched_lines(), sparsity.touched_batches(), 64.0)
    assert "break-even" in spikes_alt(sparsity.spikes_of(Scenario()))
    assert "on paper" in gains_alt(sparsity_quality.gains())
