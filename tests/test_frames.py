"""Figures that stay plain data are the figures they would be otherwise."""

from __future__ import annotations

import json
from copy import deepcopy

import plotly.graph_objects as go
import plotly.io
import pytest

from efficiency.link import State
from ui.figures.frames import PlainFigure
from ui.views import views

PLAIN = {
    "data": [{"type": "bar", "x": [1, 2]}, {"type": "scatter", "y": [3.0]}],
    # plotly gives a figure without a template its own.
    "layout": {"height": 100, "title": {"text": "a"}, "template": {"layout": {"font": {"size": 16}}}},
    "frames": [
        {"name": "one", "data": [{"type": "bar", "x": [3, 4]}], "traces": [0]},
        {"name": "two", "data": [{"type": "bar", "x": [5]}]},
    ],
}


def test_it_is_sent_and_read_as_any_figure() -> None:
    before = deepcopy(PLAIN)
    figure, usual = PlainFigure(PLAIN), go.Figure(deepcopy(PLAIN), _validate=False)
    assert figure.frames == usual.frames
    assert figure.data == usual.data
    assert json.loads(plotly.io.to_json(figure, validate=False)) == json.loads(usual.to_json())
    assert figure.plain is PLAIN
    assert before == PLAIN, "what is shared is not changed"


def test_without_frames_none_are_sent() -> None:
    assert "frames" not in PlainFigure({"data": [], "layout": {}}).to_dict()
    assert PlainFigure({"data": [], "layout": {}}).frames == ()


def test_an_attribute_that_no_figure_has_is_not_made_up() -> None:
    with pytest.raises(AttributeError):
        PlainFigure(PLAIN).nothing  # noqa: B018
    assert PlainFigure(PLAIN).layout.height == 100


@pytest.mark.parametrize("name", views())
def test_all_figures_are_made_so(name: str) -> None:
    figure = views()[name].figure(State(), "light")
    assert isinstance(figure, PlainFigure), "making objects takes most of a figure's time"
    before = plotly.io.to_json(figure, validate=False)
    assert figure.data
    assert bool(figure.frames) == bool(views()[name].slider)
    assert plotly.io.to_json(figure, validate=False) == before


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.slider])
def test_a_slider_jumps_instead_of_gliding(name: str) -> None:
    """Nothing glides, so that figures keep still for those who ask for less motion."""
    (slider,) = views()[name].figure(State(), "light").layout.sliders
    moves = [step.args[1] for step in slider.steps]
    assert {move["frame"]["duration"] for move in moves} == {0}
    assert {move["transition"]["duration"] for move in (slider, *moves)} == {0}
