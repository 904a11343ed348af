"""The page on clusters: figures are valid, say the model's numbers, and stand where the link says."""

from __future__ import annotations

import math
import re

import plotly.graph_objects as go
import pytest
from hypothesis import given
from streamlit.testing.v1 import AppTest

from efficiency.choices import CHIP_STEPS, PAGE_CHOICES
from efficiency.cluster import Cluster, cluster_range_w
from efficiency.cluster_systems import named_systems
from efficiency.facts import sources
from efficiency.link import State, encode, parameters
from efficiency.scenario import Scenario
from tests.odd_words import odd_words
from tests.scenarios import examples, states
from tests.test_pages import address, extreme, run, texts
from tests.test_sparsity_page import numbers
from ui import cluster
from ui.figures.cluster import NAMED, map_alt, map_dict, power_text
from ui.figures.cluster_parts import parts_alt, parts_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES

MODES = pytest.mark.parametrize("mode", PALETTES)


def open_page(state: State | None = None) -> AppTest:
    return run(encode(state or State()), "cluster")


def drawn(state: State, mode: str = "light") -> dict:
    names = cluster.step_names()
    at = names.index(state.choices["cl_count"])
    return map_dict(named_systems(), cluster.brain(), cluster.steps_of(state), at, state.scenario.system, mode)


@pytest.mark.parametrize(
    "state",
    [
        State(),
        extreme(low=True),
        extreme(low=False),
        State(Scenario(chip="b200", pue=1.1), choices={"cl_count": "5000", "cl_host": "0.5", "cl_grid": "ireland"}),
    ],
    ids=["default", "low", "high", "linked"],
)
def test_page_runs_and_keeps_its_address(state: State) -> None:
    app = open_page(state)
    assert not app.exception
    assert not app.warning
    assert address(app) == parameters(state)


def test_the_first_number_is_the_largest_site_s() -> None:
    said = texts(open_page())
    assert (
        'the largest AI site is estimated at <span class="tw-machine">751 MW</span>, as much as 38 million brains'
        in said
    )
    assert "In 2012 Titan, the fastest of its year, drew 8.2 MW" in said
    assert "<script" not in said


@MODES
def test_figures_are_valid(mode: str) -> None:
    for figure in (drawn(State(), mode), parts_dict(cluster.parts_of(State()), mode)):
        go.Figure(figure)
        assert all(math.isfinite(x) for x in numbers(figure["data"]))
        assert len(figure["data"]) <= 16


def test_the_slider_has_frames_of_changed_data_only() -> None:
    figure = drawn(State())
    assert len(figure["frames"]) == len(CHIP_STEPS) <= MAXIMUM_FRAMES
    assert [frame["name"] for frame in figure["frames"]] == list(PAGE_CHOICES["cl_count"].options)
    moved = figure["frames"][0]["traces"]
    for frame in figure["frames"]:
        assert len(frame["data"]) == len(moved)
        assert all(set(part) <= {"x", "y", "text"} for part in frame["data"])
    for name in ("1", "10000000"):
        shown = drawn(State(choices={"cl_count": name}))
        assert shown["layout"]["sliders"][0]["active"] == cluster.step_names().index(name)


def test_every_step_says_the_model_s_power() -> None:
    state = State(Scenario(chip="b200", pue=1.2), choices={"cl_work": "50", "cl_network": "0.1"})
    for chips, step in zip(CHIP_STEPS, cluster.steps_of(state), strict=True):
        found = cluster_range_w(Cluster("b200", chips, 0.5, None, 0.1, 1.2))
        assert (step.low_w, step.power_w, step.high_w) == pytest.approx(tuple(found), rel=1e-9)
    assert power_text(cluster.steps_of(State())[15]) == "118 MW (110 to 160)"


@given(states())
@examples(20)
def test_every_choice_is_drawn(state: State) -> None:
    figure = drawn(state, "dark")
    for frame in figure["frames"]:
        assert all(math.isfinite(x) and x >= 0 for x in numbers(frame["data"]))
    assert all(part >= 0 for part in cluster.parts_of(state))
    said = cluster.parts_headline(state) + cluster.systems_html(state) + cluster.map_footer(state)
    assert "nan" not in said
    assert "{" not in said


def test_no_stop_of_the_slider_reads_oddly() -> None:
    for chip in ("h100", "k20x", "northpole", "tpu_v5p"):
        for grid in ("ireland", "world"):
            for step in cluster.steps_of(State(Scenario(chip=chip), choices={"cl_grid": grid})):
                said = " ".join((step.chips, power_text(step), *step.beside))
                assert not odd_words(said), said
                assert "all of it" not in said


def test_what_is_not_counted_at_16_bits_says_so() -> None:
    table = cluster.systems_html(State())
    assert table.count("counted by 8-bit peaks, halved") == 4
    assert "at 32 bits" in table
    assert "1.2 GW planned, not seen at its source" in table
    assert "1 GW claimed, not seen at its source" in table


def test_each_site_says_how_it_is_known_and_by_whom() -> None:
    table = cluster.systems_html(State())
    for one in named_systems():
        assert one.label.replace("&", "&amp;") in table
        assert all(sources()[key].url.replace("&", "&amp;") in table for key in one.sources)
    for word in ("★ measured", "● reported", "○ estimated", "◇ announced"):
        assert word in table
    assert set(NAMED) <= {one.key for one in named_systems()}


def test_alternatives_say_the_numbers() -> None:
    said = map_alt(named_systems(), cluster.brain(), cluster.steps_of(State()), 15)
    assert "Titan 2012: 8.2 MW reported" in said
    assert "5.9 million brains · 96,000 homes" in said
    assert "chips 53 %" in parts_alt(cluster.parts_of(State()))


def test_what_waits_is_what_is_chosen() -> None:
    usual = cluster.parts_footer(State())
    bare = cluster.parts_footer(State(choices={"cl_host": "0", "cl_network": "0"}))
    assert "hosts at half their power, the network on" in usual
    assert "hosts at" not in bare and "the network on" not in bare
    found = [int(re.search(r"draws (\d+) %", said).group(1)) for said in (usual, bare)]  # type: ignore[union-attr]
    assert found[0] > found[1]
