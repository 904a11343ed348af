"""The page on data movement: its figures in full, its sentences, and every position of its slider."""

from __future__ import annotations

import re
from dataclasses import replace

import plotly.graph_objects as go
import pytest
from hypothesis import given

from efficiency.choices import PAGE_CHOICES
from efficiency.hierarchy import levels
from efficiency.link import State, encode, parameters
from efficiency.near_memory import published
from efficiency.scenario import Scenario
from tests.reruns import assert_quick
from tests.scenarios import examples, scenarios
from tests.test_pages import PAGES, address, extreme, run, texts
from ui import movement, movement_brain, movement_built
from ui.figures.movement import roofline_alt, roofline_dict
from ui.figures.movement_flow import flow_alt, flow_dict
from ui.figures.movement_ladder import energy_words, ladder_alt, ladder_dict
from ui.figures.movement_published import published_alt, published_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES, SMALL_PX

MODES = tuple(PALETTES)


def roofline(scenario: Scenario, at: int = 0, mode: str = "light") -> go.Figure:
    """Validate the hero figure in full."""
    view = movement.view_of(scenario)
    return go.Figure(
        roofline_dict(movement.roofs_of(view), movement.stops_of(view), view.marks, at, mode)  # type: ignore[arg-type]
    )


def test_the_choices_are_the_slider_s_stops() -> None:
    assert tuple(PAGE_CHOICES["mv_batch"].options) == movement.STOPS
    assert PAGE_CHOICES["mv_batch"].default == f"{float(Scenario().batch):.0f}"
    assert len(movement.STOPS) <= MAXIMUM_FRAMES


@pytest.mark.parametrize("mode", MODES)
def test_every_figure_is_valid(mode: str) -> None:
    figure = roofline(Scenario(), 6, mode)
    assert figure.layout.sliders[0].active == 6
    assert [frame.name for frame in figure.frames] == list(movement.STOPS)
    go.Figure(ladder_dict(levels(), 2e-14, mode))  # type: ignore[arg-type]
    go.Figure(published_dict(published(), mode))  # type: ignore[arg-type]
    for width in PAGE_CHOICES["mv_flow"].options:
        go.Figure(flow_dict(movement.flows_of(Scenario()), width, mode))  # type: ignore[arg-type]


def test_a_frame_changes_what_moves_and_nothing_else() -> None:
    figure = roofline(Scenario(), 3)
    frame = figure.frames[3]
    for trace, data in zip(frame.traces, frame.data, strict=True):
        for name in ("x", "y", "text"):
            if getattr(data, name) is not None:
                assert list(getattr(data, name)) == list(getattr(figure.data[trace], name))
    assert len(figure.data) - len(frame.traces) == 3, "roof, path and other workloads stand still"


def test_a_wrong_position_is_refused() -> None:
    with pytest.raises(ValueError, match="allowed are 0 to 12"):
        roofline(Scenario(), 13)


def test_no_text_is_smaller_than_allowed() -> None:
    figure = roofline(Scenario())
    sizes = [note.font.size for note in figure.layout.annotations]
    assert min(sizes) >= SMALL_PX


def test_the_alternatives_say_the_numbers_without_markup() -> None:
    view = movement.view_of(Scenario())
    said = (
        roofline_alt(movement.roofs_of(view), movement.stops_of(view), view.marks, 6),
        ladder_alt(levels()),
        flow_alt(movement.flows_of(Scenario())),
        published_alt(published()),
    )
    for text in said:
        assert "<" not in text
        assert re.search(r"\d", text)
    assert "64 conversations at once: Bound by memory" in said[0]
    assert all(energy_words(level) in said[1] for level in levels())


def test_the_headline_follows_the_chosen_workload() -> None:
    writing, reading = (
        movement.headline_html(movement.view_of(Scenario(workload=workload))) for workload in ("decode", "prefill")
    )
    assert "Writing a token" in writing
    assert "Reading a token" in reading
    assert movement.view_of(Scenario()).ratio > 3 * movement.view_of(Scenario(workload="prefill")).ratio
    view = movement.view_of(Scenario())
    assert view.low < view.ratio < view.high


def test_batch_is_said_to_get_there_or_not() -> None:
    assert "a cache of its own" in movement.reach_sentence(movement.view_of(Scenario()))
    assert "are enough" in movement.reach_sentence(movement.view_of(Scenario(chip="wse3", model="deepseek_v3")))
    still = Scenario(movement="in_memory", context_tokens=1.0)
    assert "whatever the batch" in movement.reach_sentence(movement.view_of(still))


def test_instructions_are_not_called_arithmetic() -> None:
    said = movement.flow_headline(Scenario(movement="on_chip", execution="scalar"))
    share = re.search(r"(\d+) % of what that costs the chips is arithmetic, (\d+) % the instructions", said)
    assert share
    assert int(share[1]) < int(share[2])
    assert "the instructions" not in movement.flow_headline(Scenario())


def test_a_chip_whose_memory_is_near_gains_nothing() -> None:
    assert "next to nothing on WSE-3 chips" in movement_built.gains_headline(Scenario(chip="wse3"))


def test_theory_and_publications_are_kept_apart() -> None:
    theory, built = movement_built.gains_table(Scenario()), movement_built.claims_table()
    assert "Computed here" in theory
    assert "Published gain" in built
    assert "lowest latency of a GPU" in built
    assert "73×" in built


def test_measured_pairs_stand_beside_their_predictions() -> None:
    assert len(movement_built.batch_pairs()) > 50
    assert "Predicted (90 %)" in movement_built.pairs_table()
    assert "wrong for 1 of the 616 beyond 10 %, and right for all 507 whose" in movement_built.pairs_sentence()


def test_the_brain_s_split_is_drawn_by_booking() -> None:
    bars = movement_brain.brain_bars("light")
    assert bars.count('role="img"') == 4
    assert "a booking of ours" in bars
    assert "0.6 to 35 times" in movement_brain.brain_headline()


@given(scenarios())
@examples(40)
def test_every_position_of_the_slider_is_whole_for_every_scenario(scenario: Scenario) -> None:
    view = movement.view_of(scenario)
    for stop in movement.stops_of(view):
        assert min(stop.parts) >= 0
        assert 0 < sum(stop.parts) < float("inf")
        assert "nan" not in f"{stop.detail}{stop.parts_said}"
    for text in (
        movement.headline_html(view),
        movement.flow_headline(scenario),
        movement_built.gains_table(scenario),
        movement_built.cost_sentence(view),
    ):
        assert not re.search(r"\b(nan|inf)\b", text)
    roofline_dict(movement.roofs_of(view), movement.stops_of(view), view.marks, 0, "dark")
    flow_dict(movement.flows_of(scenario), "joules", "dark")


@pytest.mark.parametrize("low", [True, False])
def test_the_figure_is_valid_at_the_ends(low: bool) -> None:
    roofline(extreme(low).scenario)
    go.Figure(flow_dict(movement.flows_of(extreme(low).scenario), "bytes", "light"))


def test_the_page_says_its_finding_and_keeps_its_link() -> None:
    state = State(Scenario(chip="b200"), choices={"mv_batch": "512", "mv_flow": "bytes"})
    app = run(encode(state), "movement")
    assert not app.exception
    assert address(app) == parameters(state)
    first = next(element.proto.body for element in app.get("html") if "<h1" in element.proto.body)
    assert "B200s spend" in first
    said = texts(app)
    for finding in ("257 multiplications", "In theory:", "As published:", "As measured:", "0.6 to 35 times"):
        assert finding in said
    assert "movement" in PAGES


def test_a_rerun_is_quick() -> None:
    assert_quick(run("", "movement"))


def test_the_slider_s_place_is_where_the_figure_starts() -> None:
    figure = movement.roofline_figure_of(Scenario(), "512", "light")
    assert figure.layout.sliders[0].active == movement.STOPS.index("512")
    assert replace(Scenario(), batch=512.0).batch == 512.0
