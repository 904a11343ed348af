"""The page on long context: its finding, its figures, its slider, and every setting."""

from __future__ import annotations

import math
import re

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.choices import PAGE_CHOICES
from efficiency.context import CONTEXTS, PENALTIES
from efficiency.context_measured import hybrid_pairs
from efficiency.context_report import tokens_words
from efficiency.link import State, encode
from efficiency.scenario import Scenario
from tests.scenarios import examples, states
from tests.test_pages import address, run, texts
from ui import context
from ui.address import choice_key
from ui.figures.context import Room, room_alt, room_dict
from ui.figures.crossing import Crossing, Line, Stop, crossing_alt, crossing_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES

UNITS = tuple(PAGE_CHOICES["cx_unit"].options)


def numbers(value: object) -> list[float]:
    """List every number in a figure's data."""
    if isinstance(value, dict):
        return [x for item in value.values() for x in numbers(item)]
    if isinstance(value, (list, tuple)):
        return [x for item in value for x in numbers(item)]
    return [float(value)] if isinstance(value, (int, float)) else []


def shown(state: State) -> Crossing:
    return context.crossing_of(context.setting_of(state), state.choices["cx_unit"])


@pytest.mark.parametrize("mode", PALETTES)
@pytest.mark.parametrize("unit", UNITS)
def test_the_hero_figure_is_valid_and_moves_only_what_changes(mode: str, unit: str) -> None:
    figure = crossing_dict(shown(State(choices={"cx_unit": unit})), 3, mode)  # type: ignore[arg-type]
    drawn = go.Figure(figure)
    assert drawn.layout.sliders[0].active == 3
    assert [frame.name for frame in drawn.frames] == list(context.PENALTY_STEPS)
    assert list(PAGE_CHOICES["cx_penalty"].options) == list(context.PENALTY_STEPS)
    assert len(drawn.frames) == len(PENALTIES) <= MAXIMUM_FRAMES
    for trace, data in zip(figure["frames"][3]["traces"], figure["frames"][3]["data"], strict=True):
        assert set(data) <= {"x", "y", "text"}
        for name, values in data.items():
            assert figure["data"][trace][name] == values
    heights = [x for trace in figure["data"] for x in numbers(trace.get("y", []))]
    assert all(math.isfinite(x) and x > 0 for x in heights)


@pytest.mark.parametrize("mode", PALETTES)
def test_what_fits_is_drawn(mode: str) -> None:
    for heads in PAGE_CHOICES["cx_heads"].options:
        rooms = context.rooms_of(context.setting_of(State(choices={"cx_heads": heads, "cx_window": "half"})))
        go.Figure(room_dict(CONTEXTS, rooms, mode))  # type: ignore[arg-type]
        assert sum(room.chosen for room in rooms) >= 1
        assert rooms[-1].state
        assert len({room.short for room in rooms}) == len(rooms)
    assert "MHA" in room_alt(CONTEXTS, rooms, "8 H100s")
    one = (Room("a", "a", tuple(1.0 for _ in CONTEXTS), True, True),)
    go.Figure(room_dict(CONTEXTS, one, mode))  # type: ignore[arg-type]


def test_the_finding_is_the_model_s() -> None:
    state = State()
    said = texts(run(encode(state), "context"))
    found = context.found_of(state)
    assert f'<span class="tw-machine">{tokens_words(found.central)} tokens</span> of context on' in said
    assert f"Between {tokens_words(found.low)} and {tokens_words(found.high)}" in said
    assert "Computed, not measured" in said
    assert "No published measurement" in said


def test_choices_change_the_finding_and_stand_in_the_link() -> None:
    app = run("", "context")
    before = texts(app)
    app.segmented_control(key=choice_key("cx_unit")).set_value("request").run()
    assert not app.exception
    assert address(app)["cx_unit"] == "request"
    assert texts(app) != before
    penal = run(encode(State(choices={"cx_penalty": "10", "cx_paid": "size", "cx_heads": "one"})), "context")
    assert "10 times the compute in training" in texts(penal)
    assert "no context up to 10 million" in texts(penal) or "tokens</span> of context on" in texts(penal)
    assert address(penal)["cx_penalty"] == "10"


def test_no_crossover_and_any_crossover_are_said() -> None:
    never = State(Scenario(batch=1.0, movement="in_memory"), choices={"cx_heads": "one", "cx_kv": "4",
                  "cx_penalty": "10", "cx_paid": "size", "cx_served": "1e12"})  # fmt: skip
    said = context.headline_html(never)
    assert "no context up to 10 million" in said or "tokens" in said
    line = Line("a", "solid", 0)
    stop = Stop("1", "one", ((1.0, 2.0),), (0.0, 0.0, math.inf), None, ("x", "y"))
    shape = Crossing(
        (1.0, 10.0), ((1.0, "1"), (10.0, "10")), "x", "y", "J", ((line, (2.0, 1.0)),), (line,), (stop,), "h"
    )
    figure = crossing_dict(shape, 0, "light")
    go.Figure(figure)
    assert figure["data"][0]["x"] == [1.0, 1.0, 10.0, 10.0], "a range without ends is drawn to the edges"
    assert "A slider moves through 1 positions" in crossing_alt(shape, 0, "")


def test_measured_hybrids_are_the_table_s() -> None:
    table = context.measured_html()
    assert len(hybrid_pairs()) == 3
    assert table.count("Nemotron") == 3
    assert "0.48 J" in table
    assert "1.6 times its size" in table


@given(states(), st.sampled_from(list(PALETTES)))
@examples(20)
def test_every_state_is_drawn_and_said(state: State, mode: str) -> None:
    figure = crossing_dict(shown(state), context.position(state), mode)  # type: ignore[arg-type]
    for part in (*figure["data"], *(one for frame in figure["frames"] for one in frame["data"])):
        assert all(math.isfinite(x) and x >= 0 for x in numbers([part.get("x", []), part.get("y", [])]))
    rooms = context.rooms_of(context.setting_of(state))
    assert all(math.isfinite(x) for x in numbers(room_dict(CONTEXTS, rooms, mode)["data"]))  # type: ignore[arg-type]
    said = " ".join(
        (
            context.headline_html(state),
            context.footer(state),
            context.room_headline(context.setting_of(state)),
            context.room_footer(state),
            context.quality_html(state),
            context.alt_words(state),
        )
    )
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'href="[^"]*"', "", said))
