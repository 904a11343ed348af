"""Gains of sparsity on paper beside what was measured, a row each; speed and energy are told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import plotly.graph_objects as go

from efficiency.say import significant
from ui.figures.frames import PlainFigure
from ui.figures.pieces import spans
from ui.legend import legend, mark
from ui.theme import SMALL_PX, TEXT_PX, Mode, Palette, palette, template_dict

_ROW_PX: Final = 74
_AXIS_PX: Final = 40
_TICKS: Final = (0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Gain:
    """One published gain.

    Attributes
    ----------
    name : str
        What is sparse, and how much.
    paper : float
        What the share of work left would give [1].
    measured, low, high : float
        What was found, and its range [1].
    what : {"speed", "energy"}
        What was measured.
    where : str
        The setting it holds in.
    key : str
        Record or source that it stands in.
    """

    name: str
    paper: float
    measured: float
    low: float
    high: float
    what: str
    where: str
    key: str


def gains_figure(gains: Sequence[Gain], mode: Mode) -> go.Figure:
    """Draw each gain on paper as a ring and as measured as a dot."""
    return PlainFigure(gains_dict(gains, mode))


def gains_dict(gains: Sequence[Gain], mode: Mode) -> dict[str, Any]:
    """The same figure as plain data, which tests validate in full."""
    colours = palette(mode)
    rows = [_ROW_PX * row + 58.0 for row in range(len(gains))]
    gaps = [(gain.measured, gain.paper, row) for gain, row in zip(gains, rows, strict=True)]
    ranges = [(gain.low, gain.high, row) for gain, row in zip(gains, rows, strict=True) if gain.high > gain.low]
    depth = _ROW_PX * len(gains)
    return {
        "data": [
            spans("gap", gaps, colours.neutral_soft, 3),
            spans("range", ranges, colours.machine_soft, 9),
            _paper(gains, rows, colours),
            *(_dots(gains, rows, what, colours) for what in ("speed", "energy")),
        ],
        "layout": {
            "template": template_dict(mode),
            "height": depth + _AXIS_PX,
            "margin": {"l": 0, "r": 0, "t": 0, "b": _AXIS_PX},
            "xaxis": {
                "type": "log",
                "domain": [0.02, 0.97],
                "range": [math.log10(0.55), math.log10(14)],
                "tickmode": "array",
                "tickvals": list(_TICKS[1:]),
                "ticktext": ["no gain", *(f"{tick:g}×" for tick in _TICKS[2:])],
                "tickfont": {"color": colours.muted, "size": TEXT_PX},
            },
            "yaxis": {"range": [depth, 0], "visible": False},
            "shapes": [
                {"type": "line", "xref": "x", "x0": 1, "x1": 1, "yref": "y", "y0": row - 11, "y1": row + 11,
                 "line": {"color": colours.neutral, "width": 2}, "layer": "below"}
                for row in rows
            ],
            "annotations": [note for row, gain in enumerate(gains) for note in _row(row, gain, colours)],
        },
    }  # fmt: skip


def gains_alt(gains: Sequence[Gain]) -> str:
    """Say the figure's numbers in words, for a screen reader."""
    said = "; ".join(
        f"{gain.name}: {factor(gain.paper)} on paper, {factor(gain.measured)} measured in {gain.what} ({gain.where})"
        for gain in gains
    )
    return f"Gains of sparsity on paper and as measured. {said}."


def legend_html(mode: Mode) -> str:
    """Say what the marks mean."""
    colours = palette(mode)
    return legend(
        mark(colours.limit, "○", "on paper: one over the share of work left"),
        mark(colours.machine, "●", "measured energy"),
        mark(colours.machine, "◇", "measured speed, which is not energy"),
    )


def factor(value: float) -> str:
    """Say a factor.

    >>> factor(1.27), factor(10.0), factor(2.0)
    ('1.3×', '10×', '2×')
    """
    return f"{significant(value, 2).removesuffix('.0')}×"


def _paper(gains: Sequence[Gain], rows: Sequence[float], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": "paper",
        "mode": "markers",
        "x": [gain.paper for gain in gains],
        "y": list(rows),
        "marker": {"symbol": "circle-open", "size": 14, "opacity": 1, "color": colours.limit,
                   "line": {"width": 2.5, "color": colours.limit}},
        "hovertext": [f"on paper {factor(gain.paper)}" for gain in gains],
        "hoverinfo": "text",
    }  # fmt: skip


def _dots(gains: Sequence[Gain], rows: Sequence[float], what: str, colours: Palette) -> dict[str, Any]:
    found = [(gain, row) for gain, row in zip(gains, rows, strict=True) if gain.what == what]
    symbol = "circle" if what == "energy" else "diamond-open"
    return {
        "type": "scatter",
        "name": what,
        "mode": "markers",
        "x": [gain.measured for gain, _ in found],
        "y": [row for _, row in found],
        "marker": {"symbol": symbol, "size": 14, "opacity": 1, "color": colours.machine,
                   "line": {"width": 2.5, "color": colours.machine}},
        "hovertext": [f"<b>{escape(gain.name)}</b><br>{factor(gain.measured)} in {gain.what}" for gain, _ in found],
        "hoverinfo": "text",
    }  # fmt: skip


def _row(row: int, gain: Gain, colours: Palette) -> list[dict[str, Any]]:
    common = {"xref": "paper", "yref": "y", "yanchor": "middle"}
    return [
        common
        | {
            "text": f"<b>{escape(gain.name)}</b>",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "x": 0,
            "xanchor": "left",
            "y": _ROW_PX * row + 14,
        },
        common
        | {
            "text": f"{factor(gain.measured)} of {factor(gain.paper)}",
            "font": {"size": TEXT_PX, "color": colours.ink},
            "x": 1,
            "xanchor": "right",
            "y": _ROW_PX * row + 36,
        },
        common
        | {
            "text": escape(gain.where),
            "font": {"size": SMALL_PX, "color": colours.muted},
            "x": 0,
            "xanchor": "left",
            "y": _ROW_PX * row + 36,
        },
    ]
