"""What a piece of picture, video or text takes, by how it is made; and measured pieces against their predictions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import quantity
from ui.figures.axes import decades, log_axis
from ui.figures.frames import PlainFigure
from ui.figures.pieces import line_through, spans, within
from ui.theme import TEXT_PX, Mode, Palette, palette, template_dict

MARKS: Final = {"diffusion": ("circle", "●"), "blocks": ("diamond", "◆"), "tokens": ("square", "■")}
"""Mark of a way to make something: plotly's name, and the glyph for words."""

_ROW_PX: Final = 58
_HEAD_PX: Final = 40
_AXIS_PX: Final = 42
_SCATTER_PX: Final = 460


@dataclass(frozen=True, slots=True)
class Item:
    """A row: its group, way (a key of `MARKS`), name, and energy with its range [J]."""

    group: str
    way: str
    name: str
    low: float
    central: float
    high: float


@dataclass(frozen=True, slots=True)
class Point:
    """A measured piece: its words, energies measured and predicted [J], and the key of who measured."""

    words: str
    measured: float
    predicted: float
    source: str


def pieces_figure(items: Sequence[Item], mode: Mode) -> go.Figure:
    """Draw the pieces, one row each."""
    return PlainFigure(pieces_dict(items, mode))


def pieces_dict(items: Sequence[Item], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    groups = list(dict.fromkeys(item.group for item in items))
    tops, at = {}, 0.0
    rows: list[float] = []
    for group in groups:
        tops[group] = at
        at += _HEAD_PX
        for item in items:
            if item.group == group:
                rows.append(at)
                at += _ROW_PX
    ordered = [item for group in groups for item in items if item.group == group]
    low = math.log10(min(item.low for item in items)) - 0.15
    high = math.log10(max(item.high for item in items)) + 0.15
    ranges = [(item.low, item.high, top + 38.0) for item, top in zip(ordered, rows, strict=True)]
    height = at + _AXIS_PX
    return {
        "data": [
            spans("range", ranges, colours.machine_soft, 9),
            {
                "type": "scatter",
                "name": "pieces",
                "mode": "markers",
                "x": [item.central for item in ordered],
                "y": [top + 38.0 for top in rows],
                "marker": {"symbol": [MARKS[item.way][0] for item in ordered], "size": 15, "opacity": 1,
                           "color": colours.machine, "line": {"width": 2, "color": colours.ground}},
                "hovertext": [_words(item) for item in ordered],
                "hoverinfo": "text",
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _AXIS_PX},
            "xaxis": _joules_axis(low, high, "", colours),
            "yaxis": {"range": [at, 0], "visible": False},
            "annotations": [
                *(
                    {"text": f"<b>{escape(group)}</b>", "font": {"size": TEXT_PX, "color": colours.ink},
                     "xref": "paper", "x": 0, "xanchor": "left", "yref": "y", "y": top + 24.0, "yanchor": "middle"}
                    for group, top in tops.items()
                ),
                *(
                    {"text": escape(item.name), "font": {"size": TEXT_PX, "color": colours.muted},
                     "xref": "paper", "x": 0, "xanchor": "left", "yref": "y", "y": top + 16.0, "yanchor": "middle"}
                    for item, top in zip(ordered, rows, strict=True)
                ),
                *(
                    {"text": f"<b>{quantity(item.central, 'J', 2)}</b>",
                     "font": {"size": TEXT_PX, "color": colours.ink},
                     "xref": "paper", "x": 1, "xanchor": "right", "yref": "y", "y": top + 16.0, "yanchor": "middle"}
                    for item, top in zip(ordered, rows, strict=True)
                ),
            ],
        },
    }  # fmt: skip


def _joules_axis(low: float, high: float, title: str, colours: Palette) -> dict[str, Any]:
    return log_axis((low, high), decades(low, high), lambda tick: quantity(tick, "J", 1), title, colours, grid=True)


def _words(item: Item) -> str:
    span = f"{quantity(item.low, 'J', 2)} to {quantity(item.high, 'J', 2)}"
    return f"<b>{escape(item.name)}</b><br>{quantity(item.central, 'J', 2)} ({span})"


def pieces_alt(items: Sequence[Item]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{item.group}, {item.name}: {quantity(item.central, 'J', 2)} ({quantity(item.low, 'J', 2)} to "
        f"{quantity(item.high, 'J', 2)})"
        for item in items
    )
    return f"Predicted energy on a log axis. {said}."


def measured_figure(points: Sequence[Point], factor: float, mode: Mode) -> go.Figure:
    """Draw predicted against measured; a band holds what is within ``factor``."""
    return PlainFigure(measured_dict(points, factor, mode))


def measured_dict(points: Sequence[Point], factor: float, mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    values = [value for point in points for value in (point.measured, point.predicted)]
    low, high = min(values) / 2.5, max(values) * 2.5
    ends = (math.log10(low), math.log10(high))
    return {
        "data": [
            within(factor, low, high, colours) | {"name": "band", "line": {"width": 0, "color": colours.band}},
            line_through("exact", [low, high], [low, high], {"color": colours.neutral, "width": 2}, clip=True),
            {
                "type": "scatter",
                "name": "cases",
                "mode": "markers",
                "x": [point.measured for point in points],
                "y": [point.predicted for point in points],
                "marker": {"size": 10, "color": colours.machine, "opacity": 0.75,
                           "line": {"width": 1, "color": colours.ground}},
                "hovertext": [
                    f"{point.words}<br>{quantity(point.measured, 'J', 2)} measured, "
                    f"{quantity(point.predicted, 'J', 2)} predicted"
                    for point in points
                ],
                "hoverinfo": "text",
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": _SCATTER_PX,
            "margin": {"l": 66, "r": 14, "t": 14, "b": 58},
            "xaxis": _joules_axis(*ends, "measured", colours),
            "yaxis": _joules_axis(*ends, "", colours),
            "annotations": [
                {"text": "predicted", "font": {"size": TEXT_PX, "color": colours.muted}, "xref": "paper", "x": 0,
                 "xanchor": "left", "xshift": 8, "yref": "paper", "y": 1, "yanchor": "top", "yshift": -4},
                {"text": f"grey: within {factor:g} times", "font": {"size": TEXT_PX, "color": colours.muted},
                 "xref": "paper", "x": 1, "xanchor": "right", "xshift": -8, "yref": "paper", "y": 0,
                 "yanchor": "bottom", "yshift": 6},
            ],
        },
    }  # fmt: skip


def measured_alt(points: Sequence[Point], factor: float, what: str) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    within = sum(1 / factor <= point.predicted / point.measured <= factor for point in points)
    low, high = min(point.measured for point in points), max(point.measured for point in points)
    return (
        f"Predicted against measured energy of {len(points)} {what} on log axes, from {quantity(low, 'J', 2)} to "
        f"{quantity(high, 'J', 2)}: {within} within {factor:g} times."
    )
