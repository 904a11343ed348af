"""Published gains on one axis: theory, nameplates, designs and measurements each with a mark of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final, Protocol

import plotly.graph_objects as go

from efficiency.say import factor
from ui.figures.frames import PlainFigure
from ui.figures.pieces import row_words, spans
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

MARKS: Final = {"theory": ("diamond-open", "◇"), "peak": ("square-open", "□"), "design": ("circle-open", "○")}
"""Hollow marks, by how a gain was found; what is measured is a filled circle."""
MEASURED: Final = ("circle", "●")
_ROW_PX: Final = 66
_BOTTOM_PX: Final = 34


class Point(Protocol):
    """A gain in energy with its range, how it was found, and where it holds."""

    name: str
    gain: float
    low: float
    high: float
    how: str
    narrow: str


def points_figure(points: Sequence[Point], mode: Mode) -> go.Figure:
    """Draw one row for each gain."""
    return PlainFigure(points_dict(points, mode))


def points_dict(points: Sequence[Point], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    low = min(0.5, *(point.low for point in points)) / 1.25
    high = max(point.high for point in points) * 2
    ticks = [10.0**n for n in range(math.ceil(math.log10(high)))]
    depth = _ROW_PX * len(points)
    ranges = [(point.low, point.high, _place(index)) for index, point in enumerate(points) if point.high > point.low]
    return {
        "data": [
            spans("ranges", ranges, colours.machine_soft, 9),
            {
                "type": "scatter",
                "name": "gains",
                "mode": "markers",
                "x": [point.gain for point in points],
                "y": [_place(index) for index in range(len(points))],
                "marker": {
                    "symbol": [_mark(point.how)[0] for point in points],
                    "size": 13,
                    "color": colours.machine,
                    "line": {"width": 2.5, "color": colours.machine},
                    "opacity": 1,
                },
                "hovertext": [f"<b>{escape(p.name)}</b><br>{gain_text(p)}<br>{escape(p.narrow)}" for p in points],
                "hoverinfo": "text",
            },
            {
                "type": "scatter",
                "name": "words",
                "mode": "text",
                # Beside the whole range, on the side that has room.
                "x": [point.low if _is_right(point, high) else max(point.high, 1.02) for point in points],
                "y": [_place(index) for index in range(len(points))],
                "text": [f"   <b>{gain_text(point)}</b>   " for point in points],
                "textposition": ["middle left" if _is_right(point, high) else "middle right" for point in points],
                "textfont": {"size": TEXT_PX, "color": colours.ink},
                "hoverinfo": "skip",
            },
        ],
        "layout": {
            "template": template_dict(mode),
            "height": depth + _BOTTOM_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _BOTTOM_PX},
            "xaxis": {
                "type": "log",
                "range": [math.log10(low), math.log10(high)],
                "tickvals": ticks,
                "ticktext": [f"{tick:,.0f}×" for tick in ticks],
                "tickfont": {"size": SMALL_PX, "color": colours.muted},
            },
            # One unit is one pixel, counted down from the first row.
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": [_even(index, colours) for index in range(len(points))],
            "annotations": [note for index, point in enumerate(points) for note in _row(index, point, colours)],
        },
    }


def points_alt(points: Sequence[Point]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(f"{point.name} {gain_text(point)} ({point.how}; {point.narrow})" for point in points)
    return f"Published gains in energy, log axis. {said}."


def gain_text(point: Point) -> str:
    """Say a gain, with its range where it has one."""
    if point.high > point.low:
        return f"{factor(point.low)} to {factor(point.high)} times"
    return f"{factor(point.gain)} times"


def _mark(how: str) -> tuple[str, str]:
    return MARKS.get(how, MEASURED)


def _is_right(point: Point, high: float) -> bool:
    return point.gain > 4 * math.sqrt(high)


def _place(index: int) -> float:
    return _ROW_PX * index + 50.0


def _even(index: int, colours: Palette) -> dict[str, Any]:
    """Where nothing is gained, beside the mark of a row."""
    return {
        "type": "line",
        "layer": "below",
        "x0": 1,
        "x1": 1,
        "y0": _place(index) - 8,
        "y1": _place(index) + 8,
        "line": {"color": colours.neutral, "width": 2},
    }


def _row(index: int, point: Point, colours: Palette) -> list[dict[str, Any]]:
    return [
        row_words(0, _ROW_PX * index + 12, escape(point.name), TEXT_PX, colours.ink),
        row_words(0, _ROW_PX * index + 31, escape(point.narrow), SMALL_PX, colours.muted),
    ]
