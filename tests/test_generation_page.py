"""The page on generation: its finding, its figures, its slider, and every setting."""

from __future__ import annotations

import math
import re

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from efficiency.block_diffusion import SETTLED, advantage
from efficiency.choices import PAGE_CHOICES
from efficiency.generation import METRICS, shipped
from efficiency.link import State, encode
from efficiency.say import times as times_words
from efficiency.scenario import Scenario
from tests.scenarios import examples, states
from tests.test_context_page import numbers
from tests.test_pages import address, run, texts
from ui import generation
from ui.address import choice_key
from ui.figures.crossing import crossing_dict
from ui.figures.generation import measured_alt, measured_dict, pieces_alt, pieces_dict
from ui.figures.rail import MAXIMUM_FRAMES
from ui.theme import PALETTES


@pytest.mark.parametrize("mode", PALETTES)
def test_every_figure_is_valid(mode: str) -> None:
    figure = crossing_dict(generation.crossing_of(Scenario(), 32.0), 8, mode)  # type: ignore[arg-type]
    drawn = go.Figure(figure)
    assert drawn.layout.sliders[0].active == 8
    assert [frame.name for frame in drawn.frames] == list(PAGE_CHOICES["ge_at"].options)
    assert len(drawn.frames) == len(SETTLED) <= MAXIMUM_FRAMES
    for trace, data in zip(figure["frames"][8]["traces"], figure["frames"][8]["data"], strict=True):
        assert all(figure["data"][trace][name] == values for name, values in data.items())
    go.Figure(pieces_dict(generation.items_of(State()), mode))  # type: ignore[arg-type]
    for metric in METRICS:
        go.Figure(measured_dict(generation.points_of(metric), 2.0, mode))  # type: ignore[arg-type]


def test_the_finding_is_the_model_s() -> None:
    said = texts(run(encode(State()), "generation"))
    gain = advantage(Scenario(), 32.0, 4.0).gain[1]
    assert f'<span class="tw-machine">{times_words(gain, "html")} less</span>' in said
    assert "conversations on" in said
    assert "Computed, not measured" in said
    assert "No source measured energy" in said


def test_more_than_a_block_cannot_be_settled() -> None:
    state = State(choices={"ge_block": "8", "ge_at": "32"})
    assert generation.settled_of(state) == 8.0
    assert "all 8 of a block" in generation.crossing_of(Scenario(), 8.0).stops[-1].label
    assert "settles 8" in generation.headline_html(state)


def test_experts_and_bad_gains_are_said() -> None:
    experts = State(Scenario(model="qwen3_30b_a3b"), choices={"ge_at": "2"})
    assert "more energy</span> at any number" in generation.headline_html(experts)
    always = State(Scenario(), choices={"ge_block": "4", "ge_at": "4"})
    assert "less" in generation.headline_html(always)


def test_a_chip_without_pictures_says_so() -> None:
    state = State(Scenario(chip="northpole"))
    assert "cannot be predicted for this chip" in generation.pieces_headline(state)
    assert "picture" in pieces_alt(generation.items_of(state))
    said = generation.pieces_footer(state)
    assert "Denoised" not in said and "Denoised" in generation.pieces_footer(State())
    assert re.search(r"one of these pictures in [\d,]+ minutes", said)


def test_choices_change_the_page_and_stand_in_the_link() -> None:
    app = run("", "generation")
    app.segmented_control(key=choice_key("ge_metric")).set_value("energy_per_video").run()
    assert not app.exception
    assert address(app)["ge_metric"] == "energy_per_video"
    assert "measured videos are predicted" in texts(app)


def test_measured_points_are_the_shipped_cases() -> None:
    for metric in METRICS:
        points = generation.points_of(metric)
        assert len(points) == sum(row.metric == metric for row in shipped())
        within = sum(0.5 <= point.predicted / point.measured <= 2.0 for point in points)
        assert generation.measured_headline(metric).startswith(f"{within} of {len(points)} measured")
        assert f"{within} within 2 times" in measured_alt(points, 2.0, "pieces")


def test_quality_stands_beside_what_is_settled() -> None:
    table = generation.quality_html(State())
    for said in ("73.5 %", "72.3 %", "6.5 to 14", "727 to 1,479 tokens/s", "369 to 737 tokens/s", "17.5"):
        assert said in table, said
    assert "45 to 44 %" in generation.quality_headline()


@given(states(), st.sampled_from(list(PALETTES)))
@examples(20)
def test_every_state_is_drawn_and_said(state: State, mode: str) -> None:
    block = generation.block_of(state)
    figure = crossing_dict(generation.crossing_of(state.scenario, block), generation.position(state), mode)  # type: ignore[arg-type]
    for part in (*figure["data"], *(one for frame in figure["frames"] for one in frame["data"])):
        assert all(math.isfinite(x) and x >= 0 for x in numbers([part.get("x", []), part.get("y", [])]))
    assert all(math.isfinite(x) for x in numbers(pieces_dict(generation.items_of(state), mode)["data"]))  # type: ignore[arg-type]
    said = " ".join(
        (
            generation.headline_html(state),
            generation.footer(state),
            generation.alt_words(state),
            generation.pieces_headline(state),
            generation.pieces_footer(state),
            generation.quality_html(state),
        )
    )
    assert not re.search(r"\b(nan|inf|None)\b", re.sub(r'href="[^"]*"', "", said))
