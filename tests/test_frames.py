"""Figures whose frames stay plain data are the figures they would be otherwise."""

from __future__ import annotations

import json
from copy import deepcopy

import plotly.graph_objects as go
import plotly.io
import pytest

from efficiency.link import State
from ui.figures.frames import SlidingFigure
from ui.views import views

PLAIN = {
    "data": [{"type": "bar", "x": [1, 2]}, {"type": "scatter", "y": [3.0]}],
    "layout": {"height": 100, "title": {"text": "a"}},
    "frames": [
        {"name": "one", "data": [{"type": "bar", "x": [3, 4]}], "traces": [0]},
        {"name": "two", "data": [{"type": "bar", "x": [5]}]},
    ],
}


def test_it_is_sent_and_read_as_any_figure() -> None:
    before = deepcopy(PLAIN)
    figure, usual = SlidingFigure(PLAIN), go.Figure(deepcopy(PLAIN), _validate=False)
    assert figure.frames == usual.frames
    assert figure.data == usual.data
    assert json.loads(plotly.io.to_json(figure, validate=False)) == json.loads(usual.to_json())
    assert figure.plain is PLAIN
    assert before == PLAIN, "what is shared is not changed"


def test_without_frames_none_are_sent() -> None:
    assert "frames" not in SlidingFigure({"data": [], "layout": {}}).to_dict()
    assert SlidingFigure({"data": [], "layout": {}}).frames == ()


@pytest.mark.parametrize("name", [name for name, view in views().items() if view.slider])
def test_figures_with_sliders_are_made_so(name: str) -> None:
    figure = views()[name].figure(State(), "light")
    assert isinstance(figure, SlidingFigure), "making objects of all frames takes most of such a figure's time"
    before = json.dumps(plotly.io.to_json(figure, validate=False))
    assert figure.frames
    assert json.dumps(plotly.io.to_json(figure, validate=False)) == before
