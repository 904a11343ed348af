"""A figure as data for plotly.js in pages of our own: its slider taken out, to be an ordinary range input beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.io.json import to_json_plotly

from ui.light_page import without_slider
from ui.markup import in_script, plain_text
from ui.theme import CONFIG


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure as a script takes it.

    Attributes
    ----------
    json : str
        Data, layout, frames and config, fit to stand inside a script element.
    height_px : int
        Without the room that the slider took.
    labels : tuple of str
        What each step of the slider says; empty without one.
    moves : tuple of list
        What ``Plotly.animate`` is given for each step.
    """

    json: str
    height_px: int
    labels: tuple[str, ...]
    moves: tuple[list[Any], ...]


def drawing(figure: go.Figure) -> Drawing:
    """Take the slider out of a figure; the figure stays as it is."""
    plain = figure.to_dict()
    # What the figure was made from is shared with the dashboard's: it is read, never changed.
    layout, sliders = without_slider(plain["layout"]), plain["layout"].get("sliders", ())
    steps = sliders[0]["steps"] if sliders else ()
    bars = any(trace["type"] == "bar" for trace in plain["data"])
    return Drawing(
        json=in_script(
            to_json_plotly({"frames": [], **plain, "layout": layout, "config": {**CONFIG, "responsive": False}})
        ),
        height_px=int(layout["height"]),
        labels=tuple(plain_text(step["label"]) for step in steps),
        moves=tuple(_move(*step["args"], bars) for step in steps),
    )


def _move(frame: Any, options: dict[str, Any], bars: bool) -> list[Any]:
    """Give what a step animates. Without a redraw plotly.js takes away the bars that a frame does not move."""
    return [frame, {**options, "frame": {**options["frame"], "redraw": bars}}]
